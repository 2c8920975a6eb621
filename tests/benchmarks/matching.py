"""Matching leads to accounts: how right it is on labelled pairs, beside the plain baseline, and how fast."""

import csv
import hashlib
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rapidfuzz.distance import JaroWinkler

from connector.routing.accounts import STRONG, WEAK, Account, best_match, index, name_similarity
from connector.routing.normal.companies import company_key

Pair = tuple[str, str, bool]
Score = Callable[[str, str], float]

_SYLLABLES = (
    "ba",
    "cor",
    "del",
    "fen",
    "gra",
    "hol",
    "kin",
    "lum",
    "mar",
    "nor",
    "pel",
    "quin",
    "ros",
    "tor",
)
_TRADES = (
    "Systems",
    "Logistics",
    "Energy",
    "Bank",
    "Foods",
    "Software",
    "Media",
    "Group",
    "Metals",
    "Health",
)
_FORMS = ("GmbH", "AG", "Inc.", "Ltd", "S.A.", "B.V.", "LLC", "& Co. KG")
_COUNTRIES = ("DE", "US", "GB", "FR", "NL", "AT", "CH")


def main(*, short: bool = False) -> None:
    """Print precision, recall and F1 on the labelled pairs, and the rate on made-up companies."""
    _judge_names()
    leads, accounts = (500, 2_500) if short else (10_000, 50_000)
    _measure_rate(leads, accounts)


def _judge_names() -> None:
    folder = os.environ.get("CONNECTOR_DATA")
    table = Path(folder or ".") / "company_matching/finance_name_pairs.csv"
    if not folder or not table.exists():
        print("matching: labelled pairs left out; CONNECTOR_DATA names no folder with company_matching/")
        return
    chosen_on, judged_on = halves(pairs(table))
    print(f"matching: {len(judged_on)} labelled pairs of names; thresholds chosen on {len(chosen_on)} others")
    cut = best_cut(plain_likeness, chosen_on)
    print(_line(f"Jaro-Winkler without legal form from {cut:.2f}", rates(plain_likeness, judged_on, cut)))
    for name, at_least in (("weak", WEAK), ("strong", STRONG)):
        print(_line(f"{name}, from {at_least}", rates(likeness, judged_on, at_least)))


def pairs(table: Path) -> list[Pair]:
    """The labelled pairs: two names, and whether they mean one company."""
    with table.open(encoding="utf-8", newline="") as lines:
        return [(row["name1"], row["name2"], row["is_match"] == "1") for row in csv.DictReader(lines)]


def halves(labelled: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """The pairs to choose on and those to judge on, divided by what they are and not by dice."""

    def judged(pair: Pair) -> bool:
        return hashlib.sha256(f"{pair[0]}|{pair[1]}".encode()).digest()[-1] % 2 == 1

    return [pair for pair in labelled if not judged(pair)], [pair for pair in labelled if judged(pair)]


def likeness(one: str, other: str) -> float:
    """What the product says of two names."""
    return name_similarity(one, other)[0]


def plain_likeness(one: str, other: str) -> float:
    """The plain baseline: Jaro-Winkler on names without their legal form."""
    return JaroWinkler.similarity(company_key(one) or one, company_key(other) or other)


def rates(score: Score, labelled: Sequence[Pair], at_least: float) -> tuple[float, float, float]:
    """Precision, recall and F1 of taking the pairs that score at least so much."""
    taken = [same for one, other, same in labelled if score(one, other) >= at_least]
    right, wanted = sum(taken), sum(same for _, _, same in labelled)
    precision, recall = right / max(1, len(taken)), right / max(1, wanted)
    return precision, recall, 2 * right / max(1, len(taken) + wanted)


def best_cut(score: Score, labelled: Sequence[Pair]) -> float:
    """The threshold with the best F1, to the hundredth."""
    return max((cut / 100 for cut in range(50, 101)), key=lambda cut: rates(score, labelled, cut)[2])


def _line(name: str, measured: tuple[float, float, float]) -> str:
    precision, recall, f1 = measured
    return f"  {name:<44} precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}"


def _measure_rate(lead_count: int, account_count: int) -> None:
    dice = random.Random(8)
    accounts = list(companies(dice, account_count))
    start = time.process_time()
    known = index(accounts)
    built = time.process_time() - start
    leads = [_lead_of(dice, dice.choice(accounts)) for _ in range(lead_count)]
    start = time.process_time()
    found = [best_match(known, *lead) for lead, _ in leads]
    took = time.process_time() - start
    given = [(match.account.id, id) for match, (_, id) in zip(found, leads, strict=True) if match]
    right = sum(account == id for account, id in given)
    print(f"  {lead_count} leads x {account_count} accounts, half of the leads without a domain:")
    print(f"  {lead_count / took:,.0f} leads a second of one core; index in {built:.1f} s;")
    print(f"  {right} to their own account, {len(given) - right} to another, the rest to none")


def companies(dice: random.Random, count: int) -> Iterator[Account]:
    """Made-up companies with a domain each."""
    for number in range(count):
        name, country, brand = some_company(dice)
        yield Account(f"{number:06d}", name, country, f"{brand}{number}.com")


def some_company(dice: random.Random) -> tuple[str, str, str]:
    """A name with its legal form, a country, and the name's first word in lower case."""
    brand = "".join(dice.choice(_SYLLABLES) for _ in range(dice.randint(2, 4))).title()
    name = f"{brand} {dice.choice(_TRADES)} {dice.choice(_FORMS)}"
    return name, dice.choice(_COUNTRIES), brand.lower()


def _lead_of(dice: random.Random, account: Account) -> tuple[tuple[str, str | None, str | None], str]:
    """Somebody at the account, who typed its name in one of several ways; every other has no domain."""
    words = account.name.split()
    name = dice.choice(
        (account.name, account.name.upper(), " ".join(words[:2]), f"{words[0]} {words[1]} Limited")
    )
    if dice.random() < 0.2:
        place = dice.randrange(2, len(words[0]))
        name = name[:place] + name[place + 1 :]
    return (name, account.country, account.domain if dice.random() < 0.5 else None), account.id

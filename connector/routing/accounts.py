"""Whether a lead's company is one that is known already: by domain, else by name and country."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler, Levenshtein

from connector.routing.normal.companies import company_key
from connector.routing.normal.domains import base_name, registrable
from connector.routing.normal.tables import names_by_code

STRONG = 0.9
"""Names from here on mean one company: of 5,360 labelled pairs, no wrong one and 56 % of the right ones."""

WEAK = 0.5
"""Names from here on are worth a look: on pairs not fitted to, 95 % of these were right, and 87 % found."""

_BELOW_STRONG = STRONG - 0.01
_ALL_BUT_NEUTRAL = 0.95
_MOST_WORDS = 12
LOOKED_AT = 5
LIKELY = 0.7
"""How many names are compared in full: the most alike by Jaro-Winkler, from this likeness on."""


@dataclass(frozen=True, slots=True)
class Account:
    """A company that is known: `domain` in any spelling, `country` as alpha-2, `contacts` people at it."""

    id: str
    name: str
    country: str | None = None
    domain: str | None = None
    contacts: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """An account that a lead belongs to, how that was found, and what speaks for and against it."""

    account: Account
    kind: Literal["domain", "name"]
    score: float
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Known:
    """An account with what is compared."""

    account: Account
    words: tuple[str, ...]
    base_name: str | None


@dataclass(frozen=True, slots=True)
class Index:
    """Known accounts by domain, by base name of the domain, and by how their names begin."""

    by_domain: Mapping[str, Sequence[_Known]]
    by_base_name: Mapping[str, Sequence[_Known]]
    by_opening: Mapping[str, Mapping[str, Sequence[_Known]]]


def index(accounts: Iterable[Account]) -> Index:
    """Accounts ready to be searched; their order does not matter. Linear but for sorting their ids."""
    by_domain: defaultdict[str, list[_Known]] = defaultdict(list)
    by_base_name: defaultdict[str, list[_Known]] = defaultdict(list)
    by_opening: defaultdict[str, defaultdict[str, list[_Known]]] = defaultdict(lambda: defaultdict(list))
    for account in sorted(accounts, key=lambda account: account.id):
        domain = registrable(account.domain or "")
        base = domain.partition(".")[0] if domain else None
        key = company_key(account.name) or ""
        known = _Known(account, _words(key), base)
        if domain and base:
            by_domain[domain].append(known)
            by_base_name[base].append(known)
        if key:
            by_opening[opening(key)][key].append(known)
    return Index(by_domain, by_base_name, by_opening)


def best_match(
    known: Index, company: str | None, country: str | None, domain: str | None, at_least: float = STRONG
) -> Match | None:
    """The account of a lead with this company name, country (alpha-2) and corporate domain, or None.

    A shared domain decides, and among several accounts the one with the most contacts. A name decides from
    `at_least` on; it reaches STRONG only with the same country or the same brand in the domain, and not when
    the domains are of different brands or another account has the same claim.
    """
    site = registrable(domain or "")
    key = company_key(company or "") or ""
    if site and site in known.by_domain:
        return _by_domain(known.by_domain[site], key, country, site)
    found = sorted(_by_name(known, key, country, base_name(site or "")), key=_rank) if key else []
    if not found:
        return None
    best = _doubted(found)
    return best if best.score >= at_least else None


def all_matches(
    known: Index, company: str | None, country: str | None, domain: str | None, at_least: float = WEAK
) -> list[Match]:
    """Every account that this company may be, best first: unlike `best_match`, several may be right at once.

    All with the domain are certain; the others go by their names, from `at_least` on.
    """
    site = registrable(domain or "")
    key = company_key(company or "") or ""
    same = known.by_domain.get(site, ()) if site else ()
    certain = [Match(each.account, "domain", 1.0, {"domain": site}) for each in same]
    taken = {match.account.id for match in certain}
    named = sorted(_by_name(known, key, country, base_name(site or "")), key=_rank) if key else []
    return [*certain, *(m for m in named if m.score >= at_least and m.account.id not in taken)]


def blocks(company: str | None, domain: str | None) -> tuple[str, ...]:
    """The keys under which companies are compared: two that share none are never one company.

    They are the registrable domain, its base name, and how the company's name begins.
    """
    site = registrable(domain or "")
    key = company_key(company or "")
    return (
        *((f"d:{site}", f"b:{site.partition('.')[0]}") if site else ()),
        *((f"n:{opening(key)}",) if key else ()),
    )


def name_similarity(one: str, other: str) -> tuple[float, dict[str, Any]]:
    """How sure it is, from 0 to 1, that two names mean one company, and what that rests on.

    A logistic score of three signs that people go by: how many letters both begin with, whether one is the
    other shortened, and which telling words they share. Its weights were fitted on labelled pairs of real
    companies, rounded, and judged on other pairs; `make bench` shows how it does.
    """
    return _alike(_words(company_key(one) or ""), _words(company_key(other) or ""))


def _by_domain(accounts: Sequence[_Known], key: str, country: str | None, site: str) -> Match:
    words = _words(key)

    def rank(known: _Known) -> tuple[Any, ...]:
        elsewhere = country is None or known.account.country != country
        return (-known.account.contacts, elsewhere, -_alike(words, known.words)[0], known.account.id)

    evidence = {"domain": site, "accounts_with_domain": len(accounts)}
    return Match(min(accounts, key=rank).account, "domain", 1.0, evidence)


def _by_name(known: Index, key: str, country: str | None, base: str | None) -> Iterable[Match]:
    """The accounts of the same brand, and those whose names are most alike, each with its score."""
    names = known.by_opening.get(opening(key), {})
    likely = process.extract(
        key, names.keys(), scorer=JaroWinkler.similarity, limit=LOOKED_AT, score_cutoff=LIKELY
    )
    candidates = [each for name, _, _ in likely for each in names[name]]
    brand = known.by_base_name.get(base, ()) if base else ()
    words = _words(key)
    for each in dict.fromkeys([*candidates, *brand]):
        yield _weighed(each, words, country, base)


def _weighed(known: _Known, words: Sequence[str], country: str | None, base: str | None) -> Match:
    """What country and domain say to two names that are alike."""
    score, evidence = _alike(words, known.words)
    where = _compared(country, known.account.country)
    brand = _compared(base, known.base_name)
    if brand == "same" and score >= WEAK:
        score = max(score, STRONG)
    elif where != "same" or brand == "different":
        score = min(score, _BELOW_STRONG)
    return Match(known.account, "name", round(score, 4), {**evidence, "country": where, "brand": brand})


def _compared(one: str | None, other: str | None) -> str:
    if one is None or other is None:
        return "unknown"
    return "same" if one == other else "different"


def _rank(match: Match) -> tuple[Any, ...]:
    """Best first: score, then a country that agrees, then contacts; the id only makes it repeatable."""
    return (-match.score, match.evidence["country"] != "same", -match.account.contacts, match.account.id)


def _doubted(found: Sequence[Match]) -> Match:
    """The best of ranked matches; below STRONG when others have the same claim."""
    best, *others = found
    rivals = [match.account.id for match in others if _rank(match)[:-1] == _rank(best)[:-1]]
    if not rivals:
        return best
    return Match(best.account, best.kind, min(best.score, _BELOW_STRONG), {**best.evidence, "rivals": rivals})


def opening(key: str) -> str:
    """Names with the same first letter and next two consonants are compared: `muller` with `mueller`."""
    letters = key.replace(" ", "")
    return (letters[0] + "".join(letter for letter in letters[1:] if letter not in "aeiou"))[:3]


def _alike(one: Sequence[str], other: Sequence[str]) -> tuple[float, dict[str, Any]]:
    """The score of two names, as `_words` takes them apart, and its evidence."""
    (_, letters, short), (_, longer, long) = sorted((len("".join(w)), "".join(w), w) for w in (one, other))
    if not letters:
        return 0.0, {}
    same = _same(short, long)
    if same:
        return same
    begun = _shared_opening(letters, longer)
    shortened = _is_short_of(letters, longer)
    shared, left_over = _aligned(short, long)
    # A lone word that is only the beginning of the other's is no sign: Vinci is not Vincit.
    telling = 0.0 if len(short) == 1 and long[0].startswith(letters) and letters not in long else 1.0
    words = telling * min(2.0, sum(shared.values()))
    score = 1 / (1 + math.exp(4.6 - 0.32 * min(begun, 12) - 2.8 * shortened - 1.5 * words))
    if any(word not in _lists()["neutral"] for word in left_over):
        score = min(score, _BELOW_STRONG)
    evidence = {"opening": letters[:begun], "shortened": shortened}
    return score, {**evidence, "words": sorted(shared), "left_over": left_over}


def _same(short: Sequence[str], long: Sequence[str]) -> tuple[float, dict[str, Any]] | None:
    """Names of the same letters, or the same but for words such as "group"; one common word is no name."""
    neutral = _lists()["neutral"]
    core, other = ([word for word in words if word not in neutral] for words in (short, long))
    whole = "".join(short) == "".join(long)
    if not whole and (not core or "".join(core) != "".join(other)):
        return None
    words = list(short) if whole else core
    score = 1.0 if whole else _ALL_BUT_NEUTRAL
    telling = len(words) > 1 or _weight(words[0]) == 1
    return score if telling else _BELOW_STRONG, {"same": " ".join(words)}


def _words(key: str) -> tuple[str, ...]:
    """The words of a key, as `company_key` makes it, in full and without "and"."""
    full = _full_words()
    words = [full.get(word, word) for word in key.split()]
    return tuple([word for word in words if word != "and"][:_MOST_WORDS])


def _aligned(short: Sequence[str], long: Sequence[str]) -> tuple[dict[str, float], list[str]]:
    """Words of the shorter name that the longer has too, with their weights; words that have no fellow."""
    free = list(long)
    shared: dict[str, float] = {}
    left_over: list[str] = []
    for word in short:
        likeness, fellow = max(((_word_likeness(word, other), other) for other in free), default=(0.0, ""))
        if likeness:
            free.remove(fellow)
            shared[word] = likeness * min(_weight(word), _weight(fellow))
        else:
            left_over.append(word)
    return shared, left_over + [word for word in free if not any(_word_likeness(word, w) for w in short)]


def _word_likeness(one: str, other: str) -> float:
    """1 for the same word, less for one cut off, misspelt by a letter or contracted; else 0."""
    if one == other:
        return 1.0
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if len(short) >= 2 and long.startswith(short):
        return 0.9
    if len(short) >= 4 and short[0] == long[0] and Levenshtein.distance(short, long, score_cutoff=1) <= 1:
        return 0.9
    return 0.7 if len(short) >= 3 and _is_short_of(short, long) else 0.0


def _is_short_of(short: str, long: str) -> bool:
    """Whether the letters of `short` come in `long` in this order, as `mgmt` in management."""
    rest = iter(long)
    return short[0] == long[0] and all(letter in rest for letter in short)


def _shared_opening(one: str, other: str) -> int:
    differs = (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differs, min(len(one), len(other)))


def _weight(word: str) -> float:
    return 0.3 if len(word) == 1 or word in _lists()["common"] or word in _lists()["neutral"] else 1.0


@cache
def _lists() -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for kind, words in names_by_code("company_words.tsv"):
        found[kind].update(words)
    return {kind: frozenset(words) for kind, words in found.items()}


@cache
def _full_words() -> Mapping[str, str]:
    return {short: full for full, shorts in names_by_code("short_words.tsv") for short in shorts}

"""Ruling on deal registrations: how many a second, whether the cost grows in line, and how sure it is."""

import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.model.lead import Ref, Value
from connector.model.registration import Registration, Right, State
from connector.routing.accounts import Account
from connector.routing.registration.conflicts import Rights, collisions
from connector.routing.registration.settings import DealRegistrationSettings
from connector.routing.registration.terms import Terms
from connector.store import Store, StoreSettings
from connector.store import registrations as book
from connector.store import rights as customers
from connector.sync.registrar import Registrar, keys_of
from tests.benchmarks.matching import companies, halves, pairs
from tests.builders import a_policy, partner
from tests.routing.registration.builders import a_registration, claim

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def main(short: bool) -> None:
    """Print the rate for two sizes, and the precision of what is decided without a person."""
    accounts = 2_000 if short else 50_000
    few, many = (400, 800) if short else (10_000, 20_000)
    each = {count: _measure(count, accounts) for count in (few, many)}
    print(f"  {many / few:.0f} times as many took {many * each[many] / (few * each[few]):.2f} times as long;")
    _judge()


def _measure(count: int, account_count: int) -> float:
    """Print the rate; how long one registration took, in seconds of processor time."""
    dice = random.Random(12)
    accounts = list(companies(dice, account_count))
    terms = Terms.of(DealRegistrationSettings(), a_policy("".join(partner(f"p{n}") for n in range(50))))
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(StoreSettings(url="sqlite:///bench.db"), Path(folder))
        deals = (
            Right("vendor_deal_open", f"deal sf:{a.id}", None, a.name, a.domain, a.country) for a in accounts
        )
        with store.transaction() as session:
            customers.keep(session, deals, keys_of)
            book.take_in(session, "sf", [*_registrations(dice, count, accounts)])
        start, cpu = time.perf_counter(), time.process_time()
        ends = _registrar(terms, store).rule()
        took, busy = time.perf_counter() - start, time.process_time() - cpu
        store.close()
    states = {name: ends[name] for name in ("approved", "conflict", "under_review", "returned")}
    print(f"  {count:,} registrations beside {account_count:,} open deals, on SQLite, one core:")
    print(
        f"  {count / took:,.0f} a second ({1000 * took / count:.2f} ms each, {busy:.0f} s of processor); "
        f"{states}"
    )
    return busy / count


def _registrar(terms: Terms, store: Store) -> Registrar:
    return Registrar(
        terms, store, {}, frozenset({"sf"}), timedelta(), "bench", lambda: NOW, lambda ask: ask()
    )


def _registrations(dice: random.Random, count: int, accounts: list[Account]) -> Iterator[Registration]:
    """A quarter for customers of the vendor, a quarter of these with a domain; the rest for new ones."""
    fresh = companies(dice, count)
    for number in range(count):
        known = number % 4 == 0
        account = dice.choice(accounts) if known else next(fresh)
        fields: dict[str, Value] = {
            "partner": f"P{dice.randrange(50)}",
            "company": account.name,
            "country": account.country,
        }
        if number % 2:
            fields["domain"] = f"{number}.{account.domain}" if known else f"new{number}.com"
        at = NOW - timedelta(days=30) + timedelta(seconds=number)
        yield Registration(Ref("sf", f"{number:06d}"), at, at, State.SUBMITTED, fields=fields)


def _judge() -> None:
    """On labelled pairs: one is registered, the other claims; what is turned down without a person?"""
    folder = os.environ.get("CONNECTOR_DATA")
    table = Path(folder or ".") / "company_matching/finance_name_pairs.csv"
    if not folder or not table.exists():
        print("  labelled pairs left out; CONNECTOR_DATA names no folder with company_matching/")
        return
    _, judged_on = halves(pairs(table))
    terms = Terms.of(DealRegistrationSettings(), a_policy(partner("anna") + partner("bert")))
    for where, country in (("in the same country", "DE"), ("without a country", None)):
        found: Counter[tuple[str, bool]] = Counter()
        for one, other, same in judged_on:
            right = Right("registration", "sf:2", "bert", one, None, country, at=NOW, state=State.APPROVED)
            mine = claim(terms, a_registration(company=other, country=country, submitted=NOW))
            met = collisions(terms, mine, NOW + timedelta(hours=1), Rights.of([right]))
            verdict = "none" if not met else "strong" if met[0].strong else "weak"
            found[verdict, same] += 1
        _tell(f"{len(judged_on)} labelled pairs {where}", found)


def _tell(title: str, found: Counter[tuple[str, bool]]) -> None:
    strong, wrong = found["strong", True], found["strong", False]
    precision = f"precision {strong / (strong + wrong):.4f}" if strong + wrong else "nothing"
    right = strong + found["weak", True] + found["none", True]
    print(f"  {title}: turned down {strong + wrong} ({precision}), {strong} of {right} that are the same;")
    print(
        f"  {found['weak', True]} of these go to a person, and {found['weak', False]} that are not the same"
    )

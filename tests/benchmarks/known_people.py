"""Knowing people and companies again: how long a lead is looked for among ever more that partners have."""

import random
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import process_time
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from connector.model.identity import Identity
from connector.model.known import Known
from connector.model.lead import Ref
from connector.model.snapshot import Snapshot
from connector.routing.identity import identify
from connector.routing.policy import Policy
from connector.routing.relatives import relatives_of
from connector.store import Store, StoreSettings
from connector.store.identities import Reach, who_is_known
from connector.store.tables import AssignmentRow, IdentityRow
from tests.benchmarks.matching import some_company
from tests.builders import a_lead, a_policy, partner
from tests.conftest import NOW

BATCH = 200
DAYS = 365
REACH = Reach(NOW - timedelta(days=180), NOW - timedelta(days=180))
FREE = ("gmail.com", "gmx.de", "yahoo.com", "web.de")


def main(*, short: bool = False) -> None:
    """Print milliseconds a lead, in batches of 200, for growing numbers of leads given within a year."""
    policy = a_policy(partner("anna") + '[[route]]\nname = "all"\n')
    print(f"one in four people by free mail; a tenth come back; batches of {BATCH}, SQLite")
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(StoreSettings(url="sqlite:///bench.db"), Path(folder))
        filled = 0
        for count in (2_000, 20_000) if short else (10_000, 100_000, 1_000_000):
            _fill(store, policy, filled, count)
            filled = count
            _measured(store, policy, count, batches=1)  # statements are compiled once
            print(f"{count:9,} leads given: " + _measured(store, policy, count, batches=2 if short else 10))
        store.close()


def _person(policy: Policy, number: int) -> Identity:
    """The same person for the same number; one in three is of one of 20,000 companies, a few of a giant."""
    dice = random.Random(number)
    of = dice.random()
    company = random.Random(
        0 if of < 0.001 else dice.randrange(20_000) if of < 0.33 else dice.randrange(10**9)
    )
    name, country, brand = some_company(company)
    host = dice.choice(FREE) if dice.random() < 0.25 else f"{brand}{company.randrange(10**6)}.com"
    email = f"person{number}@{host}"
    return identify(policy, a_lead(number, email=email, company=name, country=country, last_name="Doe"))


def _fill(store: Store, policy: Policy, start: int, end: int, size: int = 10_000) -> None:
    for first in range(start, end, size):
        numbers = range(first, min(end, first + size))
        with store.transaction() as session:
            session.execute(insert(IdentityRow), list(_identities(policy, numbers)))
            session.execute(insert(AssignmentRow), [_assignment(number) for number in numbers])


def _identities(policy: Policy, numbers: range) -> Iterator[dict[str, Any]]:
    for number in numbers:
        who = _person(policy, number)
        parts = {name: getattr(who, name) for name in ("email", "domain", "company", "country")}
        yield {
            "crm": "sf",
            "id": str(number),
            **parts,
            "brand": who.branded,
            "begins": who.begins,
            "given_at": _given(number),
        }


def _given(number: int) -> Any:
    return NOW - timedelta(days=random.Random(-number).uniform(0, DAYS))


def _assignment(number: int) -> dict[str, Any]:
    return {
        "crm": "sf",
        "lead_id": str(number),
        "decision_id": number,
        "ledger": "live",
        "partner": "anna",
        "owner": "user:anna@x.example",
        "turns": [],
        "since": _given(number),
        "open": number % 3 > 0,
        "ended_because": None if number % 3 else "won",
    }


def _measured(store: Store, policy: Policy, count: int, batches: int) -> str:
    looked, found, spent_in_store, spent = 0, 0, 0.0, 0.0
    for batch in range(batches):
        dice = random.Random(batch)
        numbers = [dice.randrange(count) if dice.random() < 0.1 else 10**8 + n for n in range(BATCH)]
        leads = {Ref("hubspot", f"{batch}-{n}"): _person(policy, number) for n, number in enumerate(numbers)}
        with store.transaction() as session:
            start = process_time()
            known = _known(session, leads)
            spent_in_store += process_time() - start
        snapshot = Snapshot(NOW, known=known)
        for ref, who in leads.items():
            relatives = relatives_of(policy, snapshot, ref, who)
            found += relatives.person is not None or relatives.company is not None
        spent += process_time() - start
        looked += len(leads)
    each, store_part = 1000 * spent / looked, 1000 * spent_in_store / looked
    return f"{each:6.2f} ms a lead, of which {store_part:.2f} in the database; {found} of {looked} known"


def _known(session: Session, leads: dict[Ref, Identity]) -> Known:
    return who_is_known(session, "live", leads, REACH)

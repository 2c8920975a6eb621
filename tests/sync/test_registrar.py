"""Ruling as a line: whoever was first wins, in whatever order and batches registrations arrive."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from connector.model.lead import Ref
from connector.model.registration import Registration, Right, State
from connector.store import Store, StoreSettings
from connector.store import registrations as book
from connector.store import rights as customers
from connector.store.registration_reading import filed, history
from connector.store.tables import (
    AssignmentRow,
    OutboxRow,
    RegistrationEventRow,
    RegistrationRow,
    RightKeyRow,
    RightRow,
)
from connector.sync import registrar
from connector.sync.registrar import Registrar
from tests.conftest import NOW, Clock
from tests.routing.registration.builders import terms

PARTNERS = ("Anna", "Bert", "Carl")
COMPANIES = ("Globex GmbH", "Initech AG")


def a_registrar(store: Store, clock: Clock) -> Registrar:
    live = frozenset({"salesforce", "hubspot"})
    return Registrar(terms(), store, {}, live, timedelta(), "hash", clock, lambda ask: ask())


def take(store: Store, *seen: Registration) -> None:
    with store.transaction() as session:
        for each in seen:
            book.take_in(session, each.ref.crm, [each])


def one(number: int, second: float, partner: str, company: str, **more: object) -> Registration:
    at = NOW - timedelta(hours=1) + timedelta(seconds=second)
    fields = {"partner": partner, "company": company, "country": "DE", **more}
    crm = ("salesforce", "hubspot")[number % 2]
    return Registration(Ref(crm, f"{number:06d}"), at, at, State.SUBMITTED, fields=fields)  # type: ignore[arg-type]


def states(store: Store) -> dict[str, str]:
    with store.transaction() as session:
        return {str(each.seen.ref): each.life.state.value for each in filed(session) if each.life}


submissions = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(PARTNERS), st.sampled_from(COMPANIES)), max_size=8
)


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples; `ruled` empties it."""
    opened = Store.open(StoreSettings(url="sqlite:///c.db"), tmp_path_factory.mktemp("store"))
    yield opened
    opened.close()


def ruled(store: Store, order: Sequence[Registration], batch: int) -> dict[str, str]:
    """What registrations come to that arrive in this order and are ruled in batches of this size."""
    with store.transaction() as session:
        for table in (RegistrationRow, RegistrationEventRow, RightRow, RightKeyRow, OutboxRow):
            session.execute(delete(table))
    take(store, *order)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registrar, "BATCH", batch)
        a_registrar(store, Clock()).rule()
    return states(store)


@settings(max_examples=20)
@given(submissions, st.randoms(use_true_random=False), st.integers(1, 4))
def test_the_order_and_the_batches_in_which_they_are_taken_in_change_nothing(
    emptied: Store, given_: list[tuple[int, str, str]], dice: Random, size: int
) -> None:
    every = [one(number, *submission) for number, submission in enumerate(given_)]
    mixed = list(every)
    dice.shuffle(mixed)
    found = ruled(emptied, every, 2000)
    assert ruled(emptied, mixed, size) == found
    by_ref = {str(each.ref): each.fields for each in every}
    approved = [by_ref[ref] for ref, state in found.items() if state == "approved"]
    for company in COMPANIES:
        mine = {fields["partner"] for fields in approved if fields["company"] == company}
        assert len(mine) <= 1, "one customer, two partners"


def test_nothing_is_ruled_twice(store: Store) -> None:
    clock = Clock()
    take(store, one(1, 0, "Anna", "Globex GmbH"), one(2, 5, "Bert", "Globex GmbH"))
    line = a_registrar(store, clock)
    assert line.rule() == {"submitted": 2, "approved": 1, "conflict": 1}
    assert line.rule() == {}
    clock.advance(hours=1)
    assert line.rule() == {}


def test_when_the_first_is_rejected_the_second_has_its_place(store: Store) -> None:
    clock = Clock()
    first, second = one(1, 0, "Anna", "Globex GmbH"), one(2, 5, "Bert", "Globex GmbH")
    take(store, first, second)
    line = a_registrar(store, clock)
    line.rule()
    clock.advance(hours=1)
    take(store, Registration(first.ref, first.submitted_at, clock(), State.REJECTED, fields=first.fields))
    line.rule()
    assert states(store) == {"hubspot:000001": "rejected", "salesforce:000002": "approved"}


def test_when_the_first_is_won_the_second_stays_in_conflict_until_a_person_takes_that_back(
    store: Store,
) -> None:
    clock = Clock()
    first, second = one(1, 0, "Anna", "Globex GmbH"), one(2, 5, "Bert", "Globex GmbH")
    take(store, first, second)
    line = a_registrar(store, clock)
    line.rule()
    for state, others in ((State.CONVERTED, "conflict"), (State.WITHDRAWN, "approved")):
        clock.advance(hours=1)
        take(store, replace(first, status=state, changed_at=clock()))
        line.rule()
        assert states(store) == {"hubspot:000001": state.value, "salesforce:000002": others}


def test_the_limit_of_open_ones_counts_within_a_batch(store: Store) -> None:
    line = a_registrar(store, Clock())
    line.terms = terms("open_at_once = { gold = 2 }")
    names = ("Globex GmbH", "Initech AG", "Umbrella SE")
    take(store, *(one(number, number, "Anna", name) for number, name in enumerate(names)))
    line.rule()
    assert sorted(states(store).values()) == ["approved", "approved", "rejected"]


def test_a_merged_record_hands_its_approval_to_the_one_that_lives_on(store: Store) -> None:
    clock = Clock()
    first, second = one(1, 0, "Anna", "Globex GmbH"), one(3, 5, "Anna", "Globex GmbH")
    take(store, first, second)
    line = a_registrar(store, clock)
    line.rule()
    assert states(store) == {"hubspot:000001": "approved", "hubspot:000003": "returned"}
    clock.advance(hours=1)
    merged = Registration(
        second.ref, second.submitted_at, clock(), State.RETURNED, fields=second.fields, absorbed=("000001",)
    )
    take(store, merged)
    line.rule()
    assert states(store) == {"hubspot:000001": "withdrawn", "hubspot:000003": "approved"}
    with store.transaction() as session:
        assert [event.name for event in history(session, second.ref)][-1] == "inherited"


def test_a_review_for_a_lead_ends_its_wait_when_nobody_has_the_lead(store: Store) -> None:
    clock = Clock()
    lead = Right("lead", "lead hubspot:7", "bert", "Globex GmbH", None, "DE", at=NOW - timedelta(days=1))
    with store.transaction() as session:
        customers.keep(session, [lead], registrar.keys_of, {lead.ref: 0})
        session.add(an_assignment())
    take(store, one(1, 0, "Anna", "Globex GmbH"))
    line = a_registrar(store, clock)
    line.rule()
    assert list(states(store).values()) == ["conflict"]
    with store.transaction() as session:
        session.execute(update(AssignmentRow).values(open=False))
    line.rule()
    assert list(states(store).values()) == ["approved"]


def an_assignment() -> AssignmentRow:
    """Bert has lead 7 of HubSpot."""
    since = NOW - timedelta(days=1)
    owner = "user:bert@x.example"
    return AssignmentRow(
        crm="hubspot",
        lead_id="7",
        decision_id=1,
        ledger="live",
        partner="bert",
        owner=owner,
        turns=[],
        since=since,
        open=True,
    )


def test_a_review_for_a_closed_deal_is_escalated_in_its_own_time(store: Store) -> None:
    clock = Clock()
    deal = Right("vendor_deal_closed", "deal hubspot:7", None, "Globex GmbH", None, "US", at=NOW)
    with store.transaction() as session:
        customers.keep(session, [deal], registrar.keys_of)
    take(store, one(1, 0, "Anna", "Globex GmbH"))
    line = a_registrar(store, clock)
    line.rule()
    for _ in range(3):
        clock.advance(days=1)
        line.rule()
    with store.transaction() as session:
        names = [event.name for event in history(session, Ref("hubspot", "000001"))]
    assert names == ["submitted", "under_review", "reviewer_reminded", "escalated"]

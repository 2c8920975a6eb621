"""What the store tells decisions of leads that were given earlier, on both dialects."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from connector.model.decision import Decision, Outcome
from connector.model.lead import Lead
from connector.model.progress import Progress
from connector.model.recall import Recall
from connector.model.snapshot import Snapshot
from connector.store import Store
from connector.store.decisions import Ruling, end_assignments, give_back, record
from connector.store.endings import keep_progress, merge_away
from connector.store.given import Loads, load
from connector.store.intake import take_in
from connector.store.snapshot import snapshot
from connector.store.waiting import Waiting
from tests.builders import leads
from tests.conftest import NOW

ALL = Recall(frozenset({"anna", "bert"}), frozenset({"all"}), owners=True, back=timedelta(days=31))
LATER = NOW + timedelta(hours=1)


def given(store: Store, lead: Lead, partner: str = "anna", owner: str = "user:Anna@x.example") -> None:
    decision = Decision(lead.ref, NOW, Outcome.ASSIGNED, owner=owner, partner=partner, route="all")
    with store.transaction() as session:
        take_in(session, "salesforce", [lead], NOW)
        record(session, "live", "hash", [Ruling(decision, ())])


def known(session: Session, *again: Lead, recall: Recall = ALL, ledger: str = "live") -> Snapshot:
    return snapshot(session, ledger, LATER, [Waiting(lead, None, None, None) for lead in again], recall)


def test_leads_are_counted_by_partner_owner_and_route(store: Store) -> None:
    one, two, three = leads(3)
    given(store, one)
    given(store, two, owner="user:anna@X.example")
    given(store, three, "bert", "user:b")
    with store.transaction() as session:
        found = known(session)
    anna, bert = ("anna", "user:anna@x.example"), ("bert", "user:b")
    assert found.load == {"anna": 2, "bert": 1}
    assert found.load_of_owner == {anna: 2, bert: 1}
    assert found.given == {"anna": [NOW, NOW], "bert": [NOW]}
    assert found.given_to_owner == {anna: [NOW, NOW], bert: [NOW]}
    assert found.given_by_route == {"all": [NOW, NOW, NOW]}


def test_what_is_open_is_known_at_any_moment_of_a_run_without_counting_again(store: Store) -> None:
    """Leads given, passed on, ended by somebody else and given in the other ledger between two batches."""
    loads, taken = Loads(), leads(6)

    def agree(ledger: str = "live") -> dict[str, int]:
        with store.transaction() as session:
            assert loads.of(session, ledger) == load(session, ledger)
            return dict(loads.of(session, ledger))

    assert agree() == {}
    for lead in taken[:4]:
        given(store, lead)
    assert agree() == {"anna": 4}
    given(store, taken[0], "bert", "user:b")
    with store.transaction() as session:
        end_assignments(session, [taken[1].ref], LATER, "converted")
        give_back(session, "salesforce", taken[2].ref.id, LATER, "gone")
    assert agree() == {"anna": 1, "bert": 1}
    with store.transaction() as session:
        end_assignments(session, [taken[1].ref], LATER, "won")
        take_in(session, "salesforce", [taken[4]], NOW)
        tried = Decision(taken[4].ref, NOW, Outcome.ASSIGNED, owner="user:b", partner="bert")
        record(session, "shadow", "hash", [Ruling(tried, ())])
    assert agree() == {"anna": 1, "bert": 1}
    assert agree("shadow") == {"bert": 1}
    given(store, taken[5], "bert", "user:b")
    assert agree() == {"anna": 1, "bert": 2}
    assert agree("shadow") == {"bert": 1}


def test_open_deals_weigh_for_the_partner_that_converted_the_lead(store: Store) -> None:
    taken = leads(4)
    one, two, three, _ = taken
    for lead, partner in zip(taken, ("anna", "anna", "bert", "anna"), strict=True):
        given(store, lead, partner)
    with store.transaction() as session:
        for lead, how in ((one, "converted"), (two, "won"), (three, "converted")):
            end_assignments(session, [lead.ref], LATER, how)
        deals = {
            lead.ref.id: Progress(open_deals=count) for lead, count in zip(taken, (3, 5, 1, 7), strict=True)
        }
        keep_progress(session, "salesforce", deals, LATER)
    with store.transaction() as session:
        assert known(session, recall=Recall(deal_weight=500)).deals == {"anna": 1500, "bert": 500}
        assert known(session, recall=Recall(deal_weight=500), ledger="shadow").deals == {}
        assert known(session, recall=Recall()).deals is None
        found = known(session, recall=Recall(deal_weight=333))
    assert (found.load, found.busy("anna"), found.busy("bert")) == ({"anna": 1}, 1999, 333)


def test_only_what_is_asked_for_is_read(store: Store) -> None:
    given(store, leads(1)[0])
    with store.transaction() as session:
        nothing = known(session, recall=Recall())
        by_route = known(session, recall=Recall(routes=frozenset({"all"}), back=timedelta(days=1)))
        too_old = known(session, recall=Recall(frozenset({"anna"}), back=timedelta(minutes=30)))
        shadow = known(session, ledger="shadow")
    assert (nothing.given, nothing.load_of_owner, nothing.load) == ({}, {}, {"anna": 1})
    assert (by_route.given, by_route.given_by_route) == ({}, {"all": [NOW]})
    assert too_old.given == {}
    assert (shadow.given, shadow.load, shadow.given_by_route) == ({}, {}, {})


@pytest.mark.parametrize(
    ("because", "code"),
    [
        ("declined", "declined_before"),
        ("breached", "held_before"),
        ("recycled", "held_before"),
        ("recalled", "held_before"),
        ("released", "held_before"),
        ("taken_over", "held_before"),
        ("decided_again", None),
        ("changed_by_person", None),
        ("won", None),
        ("closed", None),
    ],
)
def test_whether_a_partner_had_a_lead_before_depends_on_how_it_ended(
    store: Store, because: str, code: str | None
) -> None:
    lead, other = leads(2)
    given(store, lead)
    given(store, other)
    with store.transaction() as session:
        end_assignments(session, [lead.ref], NOW, because)
    with store.transaction() as session:
        found = known(session, lead, other)
        assert known(session, lead, ledger="shadow").had_before == {}
    assert found.had_before == ({lead.ref: {"anna": code}} if code else {})


def test_who_once_declined_is_remembered_as_such(store: Store) -> None:
    (lead,) = leads(1)
    for because in ("declined", "breached"):
        given(store, lead)
        with store.transaction() as session:
            end_assignments(session, [lead.ref], NOW, because)
    with store.transaction() as session:
        assert known(session, lead).had_before == {lead.ref: {"anna": "declined_before"}}


def test_a_merged_record_brings_along_who_had_it(store: Store) -> None:
    old, new = leads(2)
    given(store, old)
    with store.transaction() as session:
        end_assignments(session, [old.ref], NOW, "declined")
        take_in(session, "salesforce", [new], NOW)
        merge_away(session, old.ref, new.ref.id, NOW, "hash")
    with store.transaction() as session:
        assert known(session, new).had_before == {new.ref: {"anna": "declined_before"}}


@pytest.mark.parametrize(("because", "counts"), [("changed_by_person", 0), ("gone", 0), ("declined", 1)])
def test_a_lead_that_never_reached_its_partner_counts_for_no_cap(
    store: Store, because: str, counts: int
) -> None:
    (lead,) = leads(1)
    given(store, lead)
    with store.transaction() as session:
        give_back(session, "salesforce", lead.ref.id, NOW, because)
    with store.transaction() as session:
        found = known(session)
    assert (len(found.given["anna"]), len(found.given_by_route["all"])) == (counts, counts)
    assert found.load == {}


def test_the_open_assignment_of_a_lead_that_is_decided_again_is_known(store: Store) -> None:
    lead, other = leads(2)
    given(store, lead)
    given(store, other)
    with store.transaction() as session:
        found = known(session, lead)
    assert found.holding == {lead.ref: ("anna", "user:anna@x.example")}
    found.apply(Decision(lead.ref, LATER, Outcome.ASSIGNED, owner="user:b", partner="bert", route="all"))
    given_now = found.load, found.load_of_owner
    again = Decision(lead.ref, LATER, Outcome.ASSIGNED, owner="user:b", partner="bert", route="all")
    with store.transaction() as session:
        record(session, "live", "hash", [Ruling(again, ())])
    with store.transaction() as session:
        after = known(session)
    assert (+given_now[0], +given_now[1]) == (after.load, after.load_of_owner)

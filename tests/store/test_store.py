"""What the store promises, on both dialects."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from connector.model.command import WriteAssignment
from connector.model.cursor import Cursor
from connector.model.decision import Decision, Outcome, Turn
from connector.model.lead import Lead
from connector.model.recall import Recall
from connector.routing.rotation import next_turn
from connector.store import Store, StoreSettings, outbox, reading
from connector.store.decisions import (
    Ruling,
    end_assignments,
    give_back,
    hold_again,
    ledger_balance,
    record,
    redecide_shadowed,
)
from connector.store.engine import StoreUnusable
from connector.store.intake import read_cursor, take_in, wake, write_cursor
from connector.store.outbox import Failure
from connector.store.snapshot import snapshot
from connector.store.waiting import waiting
from tests.builders import a_lead, leads
from tests.conftest import NOW
from tests.takers import a_taker

CRMS = ["salesforce"]
TAKER = a_taker()


def assign(lead: Lead, partner: str = "anna", credits: dict[str, int] | None = None) -> Ruling:
    entry = credits if credits is not None else dict(next_turn({"anna": 1, "bert": 1}, {}).entry)
    decision = Decision(
        lead.ref,
        NOW,
        Outcome.ASSIGNED,
        owner_before=lead.owner,
        owner=f"user:{partner}@x.example",
        partner=partner,
        route="all",
        turns=(Turn("r", partner, entry),) if entry else (),
    )
    values = {"owner": decision.owner, "partner": partner.title()}
    return Ruling(decision, (WriteAssignment(lead.ref, lead.owner, values),))


def hold(lead: Lead, minutes: int = 5) -> Ruling:
    again = NOW + timedelta(minutes=minutes)
    return Ruling(Decision(lead.ref, NOW, Outcome.HELD, route="all", look_again_at=again), ())


def took_in(store: Store, *taken: Lead) -> None:
    """What was read, and what seemed moved right after our own write read once more."""
    with store.transaction() as session:
        take_in(session, "salesforce", taken, NOW, sure={lead.ref.id: NOW for lead in taken})


def recorded(store: Store, *rulings: Ruling, ledger: str = "live") -> None:
    with store.transaction() as session:
        record(session, ledger, "hash", rulings)


def waiting_ids(store: Store) -> list[str]:
    with store.transaction() as session:
        return [item.lead.ref.id for item in waiting(session, CRMS, 100)]


def books(session: Session) -> list[tuple[str, int, int]]:
    return [(line.partner, line.turns, line.units) for line in reading.credits(session, "live")]


def loads(session: Session) -> dict[str, int]:
    return dict(snapshot(session, "live", NOW, []).load)


def test_both_turns_of_a_decision_are_booked_and_given_back_together(store: Store) -> None:
    (lead,) = leads(1)
    took_in(store, lead)
    ruling = assign(lead)
    owners = Turn("owners:anna@salesforce", "user:b", {"user:a": 1, "user:b": -1}, of="owners")
    turns = (*ruling.decision.turns, owners)
    recorded(store, replace(ruling, decision=replace(ruling.decision, turns=turns)))
    with store.transaction() as session:
        after = {(line.rotation, line.partner): line.turns for line in reading.credits(session, "live")}
        assert {who for who, count in after.items() if count} == {("r", "anna"), (owners.rotation, "user:b")}
        assert ledger_balance(session) == {("live", "r"): 0, ("live", owners.rotation): 0}
        give_back(session, "salesforce", lead.ref.id, NOW, "declined")
    with store.transaction() as session:
        assert {(line.turns, line.units) for line in reading.credits(session, "live")} == {(0, 0)}


def test_what_was_read_waits_in_order_of_creation(store: Store) -> None:
    took_in(store, *reversed(leads(5)))
    assert waiting_ids(store) == ["000001", "000002", "000003", "000004", "000005"]


def test_reading_the_same_page_twice_changes_nothing(store: Store) -> None:
    took_in(store, *leads(3))
    recorded(store, *(assign(lead) for lead in leads(3)))
    with store.transaction() as session:
        again = take_in(session, "salesforce", leads(3), NOW)
    assert (again.new, again.changed, again.kept) == (0, 0, 3)
    assert waiting_ids(store) == []


def test_a_page_and_its_cursor_are_kept_together_or_not_at_all(store: Store) -> None:
    def fails() -> None:
        with store.transaction() as session:
            take_in(session, "salesforce", leads(1), NOW)
            write_cursor(session, "salesforce", Cursor(NOW, NOW, "000001"))
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        fails()
    with store.transaction() as session:
        assert read_cursor(session, "salesforce") is None
    assert waiting_ids(store) == []


def test_a_cursor_reads_back_with_its_time_zone(store: Store) -> None:
    cursor = Cursor(NOW, NOW + timedelta(minutes=1), "000007")
    with store.transaction() as session:
        write_cursor(session, "salesforce", Cursor(NOW))
        write_cursor(session, "salesforce", cursor)
    with store.transaction() as session:
        assert read_cursor(session, "salesforce") == cursor


def test_load_is_counted_from_open_assignments(store: Store) -> None:
    took_in(store, *leads(3))
    first, second, third = leads(3)
    recorded(store, assign(first), assign(second, "bert"), assign(third))
    with store.transaction() as session:
        assert loads(session) == {"anna": 2, "bert": 1}


def test_credits_add_up_to_zero_and_a_returned_turn_is_as_if_never_taken(store: Store) -> None:
    took_in(store, *leads(2))
    first, second = leads(2)
    recorded(store, assign(first))
    with store.transaction() as session:
        before = books(session)
    recorded(store, assign(second))
    with store.transaction() as session:
        parcel = outbox.take(session, "salesforce", NOW, 10, TAKER)[1]
        outbox.yield_to_person(session, parcel, "user:rep@x.example", NOW, "hash")
    with store.transaction() as session:
        assert books(session) == before
        assert set(ledger_balance(session).values()) == {0}
        assert loads(session) == {"anna": 1}
        kept = reading.lead(session, second.ref)
        assert kept is not None
        assert kept.owner == "user:rep@x.example"
        assert [d.outcome for d in reading.decisions_of(session, second.ref)] == [
            Outcome.ASSIGNED,
            Outcome.LEFT_ALONE,
        ]


def test_our_own_write_coming_back_is_no_news(store: Store) -> None:
    (lead,) = leads(1)
    took_in(store, lead)
    recorded(store, assign(lead))
    with store.transaction() as session:
        outbox.settle(session, outbox.take(session, "salesforce", NOW, 10, TAKER), NOW)
    took_in(store, a_lead(1, owner="user:Anna@x.example", created=lead.created_at, partner="Anna"))
    assert waiting_ids(store) == []


def test_our_own_write_is_recognised_even_before_it_is_settled(store: Store) -> None:
    (lead,) = leads(1)
    took_in(store, lead)
    recorded(store, assign(lead))
    took_in(store, a_lead(1, owner="user:anna@x.example", created=lead.created_at, partner="Anna"))
    assert waiting_ids(store) == []


def test_a_lead_given_back_exactly_as_it_came_is_decided_again(store: Store) -> None:
    (lead,) = leads(1)
    took_in(store, lead)
    recorded(store, assign(lead))
    with store.transaction() as session:
        outbox.settle(session, outbox.take(session, "salesforce", NOW, 10, TAKER), NOW)
    took_in(store, lead)
    assert waiting_ids(store) == ["000001"]


@pytest.mark.parametrize(
    ("owner", "partner"),
    [("user:rep@x.example", "Anna"), ("user:anna@x.example", "Bert"), ("queue:Intake", None)],
)
def test_a_lead_that_a_person_moved_is_decided_again(store: Store, owner: str, partner: str | None) -> None:
    (lead,) = leads(1)
    took_in(store, lead)
    recorded(store, assign(lead))
    with store.transaction() as session:
        outbox.settle(session, outbox.take(session, "salesforce", NOW, 10, TAKER), NOW)
    took_in(store, a_lead(1, owner=owner, created=lead.created_at, partner=partner))
    assert waiting_ids(store) == ["000001"]


def test_an_edit_of_a_given_lead_is_kept_but_not_decided_again(store: Store) -> None:
    (lead,) = leads(1)
    took_in(store, lead)
    recorded(store, assign(lead))
    took_in(store, a_lead(1, created=lead.created_at, company="New name"))
    assert waiting_ids(store) == []
    with store.transaction() as session:
        kept = reading.lead(session, lead.ref)
    assert kept is not None
    assert kept.fields == {"company": "New name"}


def test_a_held_lead_waits_again_when_its_time_comes_or_it_changes(store: Store) -> None:
    first, second = leads(2)
    took_in(store, first, second)
    recorded(store, hold(first), hold(second, 60))
    with store.transaction() as session:
        wake(session, CRMS, NOW + timedelta(minutes=5))
    assert waiting_ids(store) == ["000001"]
    took_in(store, a_lead(2, created=second.created_at, email="now@known.example"))
    assert waiting_ids(store) == ["000001", "000002"]
    with store.transaction() as session:
        hold_again(session, [hold(first, 30).decision])
    assert waiting_ids(store) == ["000002"]


def test_a_newer_decision_replaces_what_was_not_sent(store: Store) -> None:
    (lead,) = leads(1)
    took_in(store, lead)
    recorded(store, assign(lead))
    recorded(store, assign(lead, "bert"))
    with store.transaction() as session:
        parcels = outbox.take(session, "salesforce", NOW, 10, TAKER)
        assert [parcel.command.values["partner"] for parcel in parcels] == ["Bert"]
        assert loads(session) == {"bert": 1}
        assert reading.outbox_by_state(session)["salesforce", "superseded"] == 1


def test_a_write_under_way_is_sent_again_after_a_crash(store: Store) -> None:
    took_in(store, *leads(2))
    recorded(store, *(assign(lead) for lead in leads(2)))
    with store.transaction() as session:
        assert len(outbox.take(session, "salesforce", NOW, 10, TAKER)) == 2
    with store.transaction() as session:
        assert outbox.take(session, "salesforce", NOW, 10, TAKER) == []
        assert outbox.resume(session, "salesforce", lambda name: name == TAKER.name) == 2
        assert [parcel.attempts for parcel in outbox.take(session, "salesforce", NOW, 10, TAKER)] == [2, 2]


def test_a_postponed_write_waits_for_its_time_and_a_parked_one_for_a_person(store: Store) -> None:
    took_in(store, *leads(3))
    recorded(store, *(assign(lead) for lead in leads(3)))
    with store.transaction() as session:
        one, two, three = outbox.take(session, "salesforce", NOW, 10, TAKER)
        outbox.postpone(session, one, NOW + timedelta(minutes=1), Failure("busy"))
        outbox.postpone(session, two, NOW + timedelta(minutes=1), Failure("down"), counted=False)
        outbox.park(session, three, Failure("no such owner"))
    with store.transaction() as session:
        assert outbox.take(session, "salesforce", NOW, 10, TAKER) == []
        assert [row.error for row in reading.parked(session)] == ["no such owner"]
        assert reading.next_due(session) == NOW + timedelta(minutes=1)
    with store.transaction() as session:
        due = outbox.take(session, "salesforce", NOW + timedelta(minutes=1), 10, TAKER)
        assert [parcel.attempts for parcel in due] == [2, 1]


def test_a_record_that_is_gone_gives_its_turn_back(store: Store) -> None:
    (lead,) = leads(1)
    took_in(store, lead)
    recorded(store, assign(lead))
    with store.transaction() as session:
        (parcel,) = outbox.take(session, "salesforce", NOW, 10, TAKER)
        outbox.gone(session, parcel, NOW, "hash")
    with store.transaction() as session:
        assert loads(session) == {}
        assert {line.units for line in reading.credits(session, "live")} == {0}
        assert reading.leads_by_state(session) == {("salesforce", "decided", "gone", "live"): 1}


def test_shadow_keeps_a_ledger_of_its_own_and_going_live_decides_again(store: Store) -> None:
    (lead,) = leads(1)
    took_in(store, lead)
    recorded(store, Ruling(assign(lead).decision, ()), ledger="shadow")
    with store.transaction() as session:
        assert loads(session) == {}
        assert reading.credits(session, "live") == []
        assert reading.outbox_by_state(session) == {}
        assert redecide_shadowed(session, CRMS) == 1
    assert waiting_ids(store) == ["000001"]


def test_calls_are_counted_by_day_and_purpose(store: Store) -> None:
    store.add_calls("salesforce", "2026-11-02", {"pull": 2})
    store.add_calls("salesforce", "2026-11-02", {"pull": 1, "write": 4})
    store.add_calls("salesforce", "2026-11-03", {"pull": 1})
    with store.transaction() as session:
        assert reading.calls(session) == {"salesforce": {"pull": 4, "write": 4}}


def test_opening_again_finds_everything(store: Store, store_settings: StoreSettings, tmp_path: Path) -> None:
    took_in(store, *leads(2))
    again = Store.open(store_settings, tmp_path)
    assert waiting_ids(again) == ["000001", "000002"]
    again.close()


def test_a_sqlite_file_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    store = Store.open(StoreSettings(url="sqlite:///new.db"), tmp_path)
    assert (tmp_path / "new.db").stat().st_mode & 0o077 == 0
    store.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "is no database address"),
        ("sqlite:////nowhere/at/all.db", "cannot be opened"),
        ("postgresql+psycopg://user:hunter2@127.0.0.1:1/x", "cannot be opened"),
    ],
)
def test_a_database_that_cannot_be_opened_says_why(tmp_path: Path, url: str, message: str) -> None:
    with pytest.raises(StoreUnusable, match=message) as caught:
        Store.open(StoreSettings(url=url), tmp_path)
    assert "hunter2" not in str(caught.value)


def test_a_capped_partners_leads_of_the_month_are_counted_unless_they_never_reached_it(store: Store) -> None:
    taken = leads(4)
    took_in(store, *taken)
    recorded(store, *(assign(lead) for lead in taken[:3]), assign(taken[3], "bert"))
    with store.transaction() as session:
        give_back(session, "salesforce", taken[0].ref.id, NOW, "changed_by_person")
        end_assignments(session, [taken[1].ref], NOW, "decided_again")
    anna = Recall(frozenset({"anna"}), back=timedelta(days=31))
    with store.transaction() as session:
        assert snapshot(session, "live", NOW, [], anna).given == {"anna": [NOW, NOW]}
        assert snapshot(session, "live", NOW, []).given == {}
        assert snapshot(session, "shadow", NOW, [], anna).given == {}
        assert snapshot(session, "live", NOW + timedelta(days=32), [], anna).given == {}

"""Who has which write under way, and what a person does about those that are stuck; on both dialects."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from connector.model.decision import Outcome
from connector.model.lead import Ref
from connector.store import Store, outbox, reading, stuck
from connector.store.endings import park_overruled
from connector.store.intake import take_in
from connector.store.outbox import TAKEN_OVER_AFTER, Failure, Parcel
from connector.store.steady import SteadyClock, agreed
from connector.store.tables import OutboxRow
from tests.builders import a_lead, leads
from tests.conftest import NOW, Clock
from tests.store.test_store import assign, loads, recorded, took_in
from tests.takers import a_taker

CRM = "salesforce"
ONE, OTHER = a_taker("host/1/a"), a_taker("host/2/b")


def taken(store: Store, taker: outbox.Taker = ONE, most: int = 10, minutes: int = 0) -> list[Parcel]:
    with store.transaction() as session:
        return outbox.take(session, CRM, NOW + timedelta(minutes=minutes), most, taker)


def ids(parcels: list[Parcel]) -> list[str]:
    return [parcel.command.ref.id for parcel in parcels]


def states(session: Session) -> dict[str, int]:
    return {state: count for (_, state), count in reading.outbox_by_state(session).items()}


def test_two_daemons_never_have_the_same_write(store: Store) -> None:
    took_in(store, *leads(5))
    recorded(store, *(assign(lead) for lead in leads(5)))
    assert ids(taken(store, ONE, 3)) == ["000001", "000002", "000003"]
    assert ids(taken(store, OTHER)) == ["000004", "000005"]
    assert taken(store, ONE) == []


def test_a_daemon_that_starts_steals_nothing_from_one_that_is_at_work(store: Store) -> None:
    took_in(store, *leads(2))
    recorded(store, *(assign(lead) for lead in leads(2)))
    taken(store, ONE, 1)
    with store.transaction() as session:
        assert outbox.resume(session, CRM, lambda name: name == OTHER.name) == 0
    assert ids(taken(store, OTHER)) == ["000002"]


def test_what_a_silent_daemon_had_under_way_is_taken_over_and_it_may_no_longer_send(store: Store) -> None:
    clock = Clock()
    slow, quick = a_taker("host/1/a", clock), a_taker("host/2/b", clock)
    took_in(store, *leads(2))
    recorded(store, *(assign(lead) for lead in leads(2)))
    had = taken(store, slow)
    clock.now += TAKEN_OVER_AFTER
    assert ids(taken(store, quick)) == ids(had)
    with store.transaction() as session:
        assert not outbox.keep(session, had, slow, sends=True)
        assert outbox.still(session, had, slow) == set()


def test_a_daemon_that_tells_of_itself_keeps_what_it_has(store: Store) -> None:
    clock = Clock()
    slow, quick = a_taker("host/1/a", clock), a_taker("host/2/b", clock)
    took_in(store, *leads(1))
    recorded(store, assign(leads(1)[0]))
    had = taken(store, slow)
    for _ in range(3):
        clock.now += TAKEN_OVER_AFTER - timedelta(seconds=1)
        with store.transaction() as session:
            assert outbox.keep(session, had, slow)
        assert taken(store, quick) == []


def test_an_earlier_write_that_is_postponed_or_parked_holds_later_ones_of_its_record_back(
    store: Store,
) -> None:
    lead = leads(1)[0]
    took_in(store, lead)
    recorded(store, assign(lead))
    (parcel,) = taken(store)
    with store.transaction() as session:
        session.add(
            OutboxRow(
                crm=CRM,
                lead_id=lead.ref.id,
                decision_id=parcel.decision_id,
                values={"status": "Accepted"},
                next_at=NOW,
                created_at=NOW,
            )
        )
    assert taken(store, OTHER) == []
    with store.transaction() as session:
        outbox.postpone(session, parcel, NOW + timedelta(minutes=9), Failure("busy"))
    assert taken(store, OTHER, minutes=5) == []
    (again,) = taken(store, OTHER, minutes=9)
    with store.transaction() as session:
        outbox.park(session, again, Failure("no"))
    assert taken(store, minutes=60) == []
    with store.transaction() as session:
        stuck.retry(session, [again.id], NOW)
    (first,) = taken(store)
    assert first.id == parcel.id
    with store.transaction() as session:
        outbox.settle(session, [first], NOW)
    assert [p.command.values for p in taken(store)] == [{"status": "Accepted"}]


def test_a_write_under_way_that_fails_after_a_newer_decision_is_not_sent_again(store: Store) -> None:
    lead = leads(1)[0]
    took_in(store, lead)
    recorded(store, assign(lead, "anna"))
    (old,) = taken(store)
    with store.transaction() as session:
        outbox.keep(session, [old], ONE, sends=True)
    recorded(store, assign(lead, "bert"))
    assert taken(store, OTHER) == []
    with store.transaction() as session:
        outbox.postpone(session, old, NOW, Failure("no answer"))
    (new,) = taken(store, OTHER)
    assert new.command.values["partner"] == "Bert"
    assert new.ours == {"user:anna@x.example"}


def test_what_an_answered_write_left_is_told_to_a_decision_that_had_not_seen_it(store: Store) -> None:
    lead = leads(1)[0]
    took_in(store, lead)
    recorded(store, assign(lead, "anna"))
    (old,) = taken(store)
    with store.transaction() as session:
        outbox.keep(session, [old], ONE, sends=True)
    recorded(store, assign(lead, "bert"))
    with store.transaction() as session:
        outbox.settle(session, [old], NOW + timedelta(seconds=5))
    (new,) = taken(store)
    assert new.ours == {"user:anna@x.example"}
    with store.transaction() as session:
        outbox.settle(session, [new], NOW + timedelta(seconds=9))
    later = assign(lead, "anna")
    recorded(store, later)
    with store.transaction() as session:
        session.scalars(select(OutboxRow)).all()[-1].created_at = NOW + timedelta(minutes=1)
    assert taken(store)[0].ours == frozenset()


def test_a_person_sees_what_is_stuck_and_since_when(store: Store) -> None:
    took_in(store, *leads(3))
    recorded(store, *(assign(lead) for lead in leads(3)))
    one, two, _ = taken(store)
    with store.transaction() as session:
        outbox.park(session, one, Failure("inactive user", "INACTIVE_OWNER_OR_USER", "activate the user"))
        outbox.settle(session, [two], NOW)
        (write,) = stuck.listed(session, ["parked"])
        assert (write.ref, write.partner, write.code) == (
            Ref(CRM, "000001"),
            "anna",
            "INACTIVE_OWNER_OR_USER",
        )
        assert write.fix == "activate the user"
        assert stuck.backlogs(session) == {CRM: stuck.Backlog(waiting=1, oldest=NOW, parked=1)}
        assert stuck.listed(session, ["parked"], crm="hubspot") == []


def test_a_retried_write_starts_anew_and_only_what_failed_is_retried(store: Store) -> None:
    took_in(store, *leads(2))
    recorded(store, *(assign(lead) for lead in leads(2)))
    one, two = taken(store)
    with store.transaction() as session:
        outbox.park(session, one, Failure("no"))
        outbox.settle(session, [two], NOW)
        done = stuck.retry(session, [one.id, two.id, 99], NOW)
    assert done.ids == (one.id,)
    assert done.refused == {
        two.id: "is settled; only parked and postponed ones are retried",
        99: "is not known",
    }
    assert [parcel.attempts for parcel in taken(store)] == [1]


def test_dropping_a_write_that_never_came_leaves_the_lead_alone_and_gives_the_turn_back(store: Store) -> None:
    lead = leads(1)[0]
    took_in(store, lead)
    recorded(store, assign(lead))
    (parcel,) = taken(store)
    with store.transaction() as session:
        outbox.park(session, parcel, Failure("no"))
        done = stuck.drop(session, [parcel.id], NOW, "sam@office", "left the programme", "hash")
    assert done.given_back == (lead.ref,)
    with store.transaction() as session:
        assert states(session) == {"superseded": 1}
        assert loads(session) == {}
        assert {line.units for line in reading.credits(session, "live")} == {0}
        last = reading.decisions_of(session, lead.ref)[-1]
        assert last.outcome is Outcome.LEFT_ALONE
        assert last.reasons[0].facts == {"by": "sam@office", "because": "left the programme"}
        (write,) = stuck.listed(session, ["superseded"])
        assert write.error == "dropped by sam@office: left the programme"
    assert taken(store) == []


def test_dropping_a_write_of_a_lead_that_is_with_its_partner_leaves_it_there(store: Store) -> None:
    lead = leads(1)[0]
    took_in(store, lead)
    recorded(store, assign(lead))
    (parcel,) = taken(store)
    with store.transaction() as session:
        outbox.settle(session, [parcel], NOW)
        park_overruled(session, lead.ref, NOW)
        (write,) = stuck.listed(session, ["parked"])
        done = stuck.drop(session, [write.id], NOW, "sam@office", "it is right there", "hash")
        assert done.given_back == ()
        assert loads(session) == {"anna": 1}


def test_the_tug_of_war_can_be_taken_up_again(store: Store) -> None:
    lead = leads(1)[0]
    took_in(store, lead)
    recorded(store, assign(lead))
    for _ in range(2):
        with store.transaction() as session:
            outbox.settle(session, outbox.take(session, CRM, NOW, 10, ONE), NOW)
        back = a_lead(1, owner="user:auto@x.example", created=lead.created_at, partner="Anna")
        with store.transaction() as session:
            overruled = take_in(session, CRM, [back], NOW, sure={lead.ref.id: NOW}).overruled
        if not overruled:
            recorded(store, assign(back))
    assert overruled == (lead.ref,)
    with store.transaction() as session:
        park_overruled(session, lead.ref, NOW)
        (write,) = stuck.listed(session, ["parked"])
        assert "switch the automation off" in (write.fix or "")
        assert stuck.retry(session, [write.id], NOW).ids == (write.id,)
    (parcel,) = taken(store)
    assert parcel.command.values == {"owner": "user:anna@x.example"}
    assert parcel.command.owner_before == "user:auto@x.example"


def test_daemons_agree_on_a_time_that_no_jump_of_a_clock_moves(store: Store) -> None:
    wall, ticks = Clock(), [0.0]
    mine = SteadyClock(wall, lambda: ticks[0])
    ahead = SteadyClock(lambda: NOW + timedelta(minutes=2), lambda: ticks[0])

    def time(clock: SteadyClock) -> timedelta:
        with store.transaction() as session:
            return agreed(session, clock) - NOW

    assert time(mine) == timedelta()
    wall.advance(hours=5)
    ticks[0] += 60
    assert time(mine) == timedelta(minutes=1)
    wall.advance(hours=-50)
    assert time(ahead) == timedelta(minutes=3)
    ticks[0] += 60
    assert time(mine) == timedelta(minutes=3)
    assert time(ahead) == timedelta(minutes=4)
    assert time(mine) == timedelta(minutes=4)

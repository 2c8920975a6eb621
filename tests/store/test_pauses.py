"""Pauses are kept for all daemons, with who and why; on both dialects."""

from datetime import timedelta

from connector.model.pause import Pause, PauseKind, Pauses
from connector.store import Store, outbox, pauses
from connector.store.snapshot import snapshot
from tests.builders import leads
from tests.conftest import NOW
from tests.store.test_store import assign, recorded, took_in
from tests.takers import a_taker

CRM = "salesforce"


def pause(store: Store, kind: PauseKind, name: str = "", hours: int | None = None) -> None:
    until = NOW + timedelta(hours=hours) if hours else None
    with store.transaction() as session:
        pauses.pause(session, Pause(kind, name, NOW, until, "sam@office", "stocktaking"))


def resume(store: Store, kind: PauseKind, name: str = "") -> int:
    with store.transaction() as session:
        return pauses.resume(session, kind, name, NOW + timedelta(minutes=1), "eva@office")


def paused(store: Store, hours: float = 0) -> Pauses:
    with store.looking() as session:
        return pauses.paused(session, NOW + timedelta(hours=hours))


def sendable(store: Store) -> list[str]:
    with store.transaction() as session:
        return [p.command.ref.id for p in outbox.take(session, CRM, NOW, 10, a_taker())]


def test_a_pause_lasts_until_its_time_or_until_it_is_resumed(store: Store) -> None:
    pause(store, "partner", "anna", hours=2)
    pause(store, "route", "all")
    assert paused(store) == Pauses(partners=frozenset({"anna"}), routes=frozenset({"all"}))
    assert paused(store, 2) == Pauses(routes=frozenset({"all"}))
    assert resume(store, "route", "all") == 1
    assert resume(store, "route", "all") == 0
    assert paused(store, 2) == Pauses()


def test_a_second_pause_takes_the_place_of_the_first(store: Store) -> None:
    pause(store, "crm", CRM)
    pause(store, "crm", CRM, hours=1)
    assert paused(store).stops(CRM)
    assert not paused(store, 1).stops(CRM)


def test_pausing_everything_leaves_single_pauses_as_they_are_and_resuming_ends_all(store: Store) -> None:
    pause(store, "partner", "anna")
    pause(store, "all")
    assert paused(store).stops("whatever")
    assert paused(store).partners == {"anna"}
    assert resume(store, "all") == 2
    assert paused(store) == Pauses()


def test_what_is_paused_is_known_to_decisions(store: Store) -> None:
    pause(store, "partner", "anna")
    pause(store, "route", "dach")
    with store.transaction() as session:
        state = snapshot(session, "live", NOW, [])
    assert state.paused_partners == {"anna"}
    assert state.paused_routes == {"dach"}


def test_what_was_decided_before_waits_for_the_end_of_the_pause(store: Store) -> None:
    one, two, _ = leads(3)
    took_in(store, *leads(3))
    recorded(store, assign(one, "anna"), assign(two, "bert"))
    pause(store, "partner", "anna")
    assert sendable(store) == ["000002"]
    pause(store, "crm", CRM)
    resume(store, "partner", "anna")
    assert sendable(store) == []
    resume(store, "crm", CRM)
    pause(store, "route", "all")
    assert sendable(store) == []
    resume(store, "route", "all")
    assert sendable(store) == ["000001"]

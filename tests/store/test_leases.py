"""One holder at a time, tokens that only grow, and a fence that lets nobody pass who has lost it."""

import pytest
from sqlalchemy import update
from sqlmodel import col

from connector.store import Store
from connector.store.leases import Lease, LeaseLost, fence, give_up, held, take
from connector.store.tables import LeaseRow
from connector.sync.daemons import Daemon
from connector.sync.leases import Leases


def taken(store: Store, holder: str, seconds: float = 60, over: bool = False) -> Lease | None:
    with store.aside() as session:
        return take(session, "read crm", holder, seconds, lambda other: over)


def passes(store: Store, lease: Lease | None) -> bool:
    assert lease
    try:
        with store.transaction() as session:
            fence(session, lease)
    except LeaseLost:
        return False
    return True


def runs_out(store: Store) -> None:
    with store.transaction() as session:
        session.execute(update(LeaseRow).where(col(LeaseRow.name) == "read crm").values(until=1.0))


def test_one_holder_at_a_time(store: Store) -> None:
    first = taken(store, "a")
    assert first
    assert taken(store, "b") is None
    assert taken(store, "a") == first
    with store.looking() as session:
        (lease,) = held(session)
    assert (lease.name, lease.holder) == ("read crm", "a")
    assert 50 < lease.left <= 60


def test_a_lease_that_ran_out_is_taken_over_and_its_fence_closes(store: Store) -> None:
    first = taken(store, "a")
    assert passes(store, first)
    runs_out(store)
    assert passes(store, first), "nobody has taken it over yet"
    runs_out(store)
    second = taken(store, "b")
    assert second
    assert first
    assert second.token > first.token
    assert not passes(store, first)
    assert passes(store, second)


def test_whoever_passes_the_fence_keeps_the_lease(store: Store) -> None:
    first = taken(store, "a")
    runs_out(store)
    assert passes(store, first)
    assert taken(store, "b") is None


def test_the_token_grows_though_the_lease_comes_back(store: Store) -> None:
    first = taken(store, "a")
    runs_out(store)
    taken(store, "b")
    runs_out(store)
    third = taken(store, "a")
    assert first
    assert third
    assert third.token == first.token + 2
    assert not passes(store, first)


def test_a_holder_that_is_over_or_gives_up_is_not_waited_for(store: Store) -> None:
    taken(store, "a")
    assert taken(store, "b", over=True)
    with store.aside() as session:
        give_up(session, "b")
    assert taken(store, "c")


def test_what_was_done_behind_a_closed_fence_is_not_committed(store: Store) -> None:
    first = taken(store, "a")
    runs_out(store)
    taken(store, "b")
    assert first

    def stale_work() -> None:
        with store.transaction() as session:
            session.add(LeaseRow(name="stale"))
            session.flush()
            fence(session, first)

    with pytest.raises(LeaseLost):
        stale_work()
    with store.looking() as session:
        assert session.get(LeaseRow, "stale") is None


def test_a_run_of_this_host_that_ended_is_known_to_be_over(store: Store) -> None:
    here = Daemon("here", 999_999_999, "old")
    assert Leases(store, here).take("decide")
    assert Leases(store, Daemon("elsewhere", 1, "x")).take("decide") is None
    assert Leases(store, Daemon.here("here")).take("decide")

"""One holder at a time, tokens that only grow, and a fence that lets nobody pass who has lost it."""

from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlmodel import col

from connector.reports.summary import summarize
from connector.reports.tables import plain, summary_tables
from connector.store import Store, StoreSettings, engine
from connector.store.engine import StoreTrouble
from connector.store.leases import Lease, LeaseLost, daemons, fence, give_up, held, take
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


def test_signs_of_life_keep_what_is_done_alone_while_nothing_is_to_be_done(store: Store) -> None:
    one, two = Leases(store, Daemon("one", 1, "x"), 60), Leases(store, Daemon("two", 2, "y"), 60)
    assert one.take("read crm")
    runs_out(store)
    one.give_sign("hash")
    assert two.take("read crm") is None
    runs_out(store)
    assert two.take("read crm")
    one.give_sign("hash")  # takes nothing back
    assert two.take("read crm")


def test_a_report_tells_who_is_at_work_and_does_what(store: Store) -> None:
    one, two = Leases(store, Daemon("one", 1, "x"), 60), Leases(store, Daemon("two", 2, "y"), 60)
    one.give_sign("new")
    two.give_sign("old")
    two.take("decide")
    with store.looking() as session:
        summary = summarize(session, {}, "live")
    assert [(line.name, line.alone) for line in summary.daemons] == [
        ("one/1/x", ()),
        ("two/2/y", ("decide",)),
    ]
    assert all(0 <= line.silent <= line.up < 60 for line in summary.daemons)
    told = plain(summary_tables(summary))
    assert "two/2/y" in told
    assert "They go by different rules" in told
    one.give_up()
    with store.looking() as session:
        assert [line.name for line in daemons(session)] == ["two/2/y"]


def test_a_sign_of_life_does_not_wait_for_its_own_process_nor_for_others(store: Store) -> None:
    if store.engine.dialect.name == "sqlite":
        pytest.skip("one writer by nature; one daemon")
    leases = Leases(store, Daemon("one", 1, "x"))
    leases.take("decide")
    with store.transaction():
        leases.give_sign("hash")


def test_a_database_that_fails_in_the_middle_is_one_sentence(store: Store) -> None:
    def break_it() -> None:
        with store.transaction() as session:
            if store.engine.dialect.name == "postgresql":
                session.execute(select(func.pg_terminate_backend(func.pg_backend_pid())))
            session.execute(text("PRAGMA query_only = ON"))
            session.add(LeaseRow(name="x"))

    with pytest.raises(StoreTrouble, match=r"the database failed: .+; nothing is lost"):
        break_it()


@pytest.mark.parametrize(("many", "state"), [(False, "idle in transaction"), (True, "active")])
def test_a_process_that_was_stopped_in_the_middle_of_writing_loses_its_locks(
    postgres: StoreSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: bool, state: str
) -> None:
    """Between two statements, and where PostgreSQL's own timeout does not look: among many sent at once."""
    store, stopped = Store.open(postgres, tmp_path), Store.open(postgres, tmp_path)

    def stops_there() -> None:
        with stopped.transaction() as session:
            wire: Any = session.connection().connection.driver_connection
            with wire.pipeline() if many else nullcontext():
                wire.execute("UPDATE lease SET token = token")
                wire.pgconn.send_flush_request() if many else None
                wire.pgconn.flush()
                others_go_on(wire.info.backend_pid)
            session.execute(select(LeaseRow))

    def others_go_on(pid: int) -> None:
        wanted = text("SELECT state FROM pg_stat_activity WHERE pid = :pid AND wait_event = 'ClientRead'")
        with store.looking() as session:
            while session.scalars(wanted, {"pid": pid}).first() != state:
                session.execute(text("SELECT pg_stat_clear_snapshot()"))
        assert store.end_stopped() == 0
        monkeypatch.setattr(engine, "LONGEST_PAUSE", timedelta())
        assert store.end_stopped() == 1
        with store.transaction() as other:
            assert other.scalars(select(LeaseRow)).all() == []

    with pytest.raises(StoreTrouble):
        stops_there()
    stopped.close()
    store.close()

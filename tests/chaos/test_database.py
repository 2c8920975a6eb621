"""The database fails in the middle of everything: nothing lost, nothing twice."""

import os
import resource
import signal
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from connector.sandbox.server import Sandbox
from connector.store import StoreSettings
from tests.chaos.cutter import Cutter
from tests.chaos.nursery import Nursery
from tests.chaos.run import Fire, eventually
from tests.chaos.tally import Tally
from tests.chaos.test_several_daemons import at_work, herd
from tests.conftest import a_server


def ended(fire: Fire, pids: list[int]) -> None:
    """The daemons outlived it, said why they failed in one sentence, and stop when asked."""
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    for pid in pids:
        assert fire.nursery.wait(pid) == 0, fire.log()
    assert "Traceback" not in fire.log()


def socket_of(url: str) -> str:
    """The socket at which a server on this machine listens."""
    host = make_url(url).query["host"]
    return f"{host}/.s.PGSQL.5432"


@pytest.mark.parametrize("cuts", [6, pytest.param(150, marks=pytest.mark.chaos)])
def test_a_connection_lost_in_the_middle_of_a_commit_costs_nothing(
    postgres: StoreSettings, nursery: Nursery, sandbox: Sandbox, tmp_path: Path, tally: Tally, cuts: int
) -> None:
    """Whether the commit came to pass or not: the daemon does not know and need not."""
    address = make_url(postgres.url)
    with Cutter(socket_of(postgres.url), every=13) as cutter:
        url = f"postgresql+psycopg://{address.username}@127.0.0.1:{cutter.port}/{address.database}"
        fire = Fire(tmp_path, nursery, sandbox, url, tally)
        fire.arrive(3)
        cutter.cutting = False
        pids = herd(fire, 2)
        at_work(fire, 2)
        cutter.cutting = True

        def enough() -> bool:
            fire.arrive(2)
            time.sleep(0.05)
            return min(cutter.cuts.values()) * 2 >= cuts

        eventually(enough, 20 + cuts)
        cutter.cutting = False
        ended(fire, pids)
        fire.quiet(5)
        fire.proven()
        for moment, count in cutter.cuts.items():
            tally.faults[f"connection cut {moment} COMMIT"] += count
        assert min(cutter.cuts.values()) * 2 >= cuts


@pytest.mark.parametrize("times", [2, pytest.param(12, marks=pytest.mark.chaos)])
def test_a_database_that_is_restarted_or_crashes_costs_nothing(
    nursery: Nursery, sandbox: Sandbox, tmp_path: Path, tally: Tally, times: int
) -> None:
    with a_server() as server:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        fire = Fire(tmp_path, nursery, sandbox, url, tally)
        fire.arrive(3)
        assert nursery.wait(fire.start()) == 0, fire.log()
        pids = herd(fire, 2)
        at_work(fire, 2)
        for number in range(times):
            before = fire.sandbox.board.calls.total()
            fire.arrive(20)
            eventually(lambda before=before: fire.sandbox.board.calls.total() > before + 3)  # type: ignore[misc]
            crash = number % 2 == 1
            restart(server, crash=crash)
            tally.faults["database crashed" if crash else "database restarted"] += 1
        time.sleep(1.5)  # real processes: a cycle each, of one second, on the database that is back
        ended(fire, pids)
        fire.quiet(5)
        fire.proven()
        assert fire.log().count("cycle.failed") > 0


def restart(server: Any, *, crash: bool) -> None:
    """Stop the server as an administrator does, or as a crash does, and start it again."""
    if crash:
        os.kill(server.get_pid(), signal.SIGQUIT)
        server.get_postmaster_info().process.wait(20)
    else:
        server.stop()
    server.ensure_postgres_running()


def test_a_database_that_may_only_be_read_for_a_while_costs_nothing(
    postgres: StoreSettings, nursery: Nursery, sandbox: Sandbox, tmp_path: Path, tally: Tally
) -> None:
    """As when a standby has not been promoted yet."""
    fire = Fire(tmp_path, nursery, sandbox, postgres.url, tally)
    fire.arrive(3)
    assert nursery.wait(fire.start()) == 0, fire.log()
    only_reading(postgres, "on")
    fire.arrive(20)
    assert nursery.wait(fire.start()) == 1
    pids = herd(fire, 2)
    at_work(fire, 2)
    eventually(lambda: fire.log().count("read-only transaction") >= 3)
    only_reading(postgres, "off")
    tally.faults["database read-only"] += 1
    time.sleep(1.5)  # real processes: a cycle each, of one second
    ended(fire, pids)
    fire.quiet(5)
    fire.proven()


def only_reading(settings: StoreSettings, word: str) -> None:
    address = make_url(settings.url)
    with psycopg.connect(settings.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"ALTER DATABASE {address.database} SET default_transaction_read_only = {word}")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


WAL_SEGMENT = 16 * 1024 * 1024
PAGE = 8192


@pytest.mark.parametrize("room", [12, pytest.param(1, marks=pytest.mark.chaos)])
def test_a_full_disk_under_postgresql_costs_nothing(
    nursery: Nursery, sandbox: Sandbox, tmp_path: Path, tally: Tally, room: int
) -> None:
    """No file of the server may grow beyond some size, and one table has only a few pages left to that; later
    there is room again."""
    with a_server() as server:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        fire = Fire(tmp_path, nursery, sandbox, url, tally)
        fire.arrive(3)
        assert nursery.wait(fire.start()) == 0, fire.log()
        nearly_full(server.get_uri(), room)
        fire.arrive(300)
        largest(server, WAL_SEGMENT)
        assert nursery.wait(fire.start()) == 1
        assert "could not extend" in fire.log()
        assert "make room on its disk" in fire.log()
        assert "error ignored" not in fire.log(), "the driver says nothing besides"
        pids = herd(fire, 2)
        at_work(fire, 2)
        eventually(lambda: "cycle.failed" in fire.log())  # said once; the other may have nothing to write
        largest(server, resource.RLIM_INFINITY)
        tally.faults["disk full"] += 1
        time.sleep(1.5)  # real processes: a cycle each, of one second
        ended(fire, pids)
        fire.quiet(3)
        fire.proven()


def largest(server: Any, size: int) -> None:
    """Start the server anew so that it may not write beyond so many bytes of a file.

    A segment of the log is 16 MiB; with less than that the server could not even say that it has no room.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        restart(server, crash=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def nearly_full(url: str, room: int) -> None:
    """Let the outbox be so long that only a few pages are left to the largest size of a file."""
    padding = (
        "INSERT INTO outbox (crm, lead_id, about, decision_id, values, follows, rivals, ordered, state,"
        " attempts, next_at, sent, created_at, note)"
        " SELECT 'padding', 'x', 'lead', 0, '{}', false, '[]', false, 'settled', 0, now(), true, now(),"
        " repeat('x', 7900) FROM generate_series(1, %s)"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE outbox ALTER note SET STORAGE PLAIN")
        while (left := pages_left(connection) - room) > 0:
            connection.execute(padding, (left,))


def pages_left(connection: Any) -> int:
    (size,) = connection.execute("SELECT pg_relation_size('outbox')").fetchone()
    return (WAL_SEGMENT - int(size)) // PAGE

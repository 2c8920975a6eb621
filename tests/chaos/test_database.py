"""The database fails in the middle of everything: nothing lost, nothing twice."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from connector.sandbox.server import Sandbox
from connector.store import StoreSettings
from tests.chaos.cutter import Cutter
from tests.chaos.nursery import Nursery
from tests.chaos.run import Fire, Tally
from tests.chaos.test_one_daemon import nursery, proven_without_kills
from tests.chaos.test_several_daemons import herd
from tests.conftest import a_server

__all__ = ["nursery"]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox([], []) as running:
        yield running


def ended(fire: Fire, pids: list[int]) -> None:
    """The daemons outlived it, said why they failed in one sentence, and stop when asked."""
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    for pid in pids:
        assert fire.nursery.wait(pid) == 0, fire.log()
    assert "Traceback" not in fire.log()


def until(happened: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something to happen."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def socket_of(url: str) -> str:
    """The socket at which a server on this machine listens."""
    host = make_url(url).query["host"]
    return f"{host}/.s.PGSQL.5432"


@pytest.mark.parametrize("cuts", [6, pytest.param(150, marks=pytest.mark.chaos)])
def test_a_connection_lost_in_the_middle_of_a_commit_costs_nothing(
    postgres: StoreSettings, nursery: Nursery, sandbox: Sandbox, tmp_path: Path, cuts: int
) -> None:
    """Whether the commit came to pass or not: the daemon does not know and need not."""
    address = make_url(postgres.url)
    with Cutter(socket_of(postgres.url), every=13) as cutter:
        url = f"postgresql+psycopg://{address.username}@127.0.0.1:{cutter.port}/{address.database}"
        fire = Fire(tmp_path, nursery, sandbox, url, Tally())
        fire.arrive(3)
        cutter.cutting = False
        pids = herd(fire, 2)
        until(lambda: fire.log().count("daemon.started") == 2)
        cutter.cutting = True

        def enough() -> bool:
            fire.arrive(2)
            time.sleep(0.05)
            return min(cutter.cuts.values()) * 2 >= cuts

        until(enough, 20 + cuts)
        cutter.cutting = False
        ended(fire, pids)
        fire.quiet(5)
        proven_without_kills(fire)


@pytest.mark.parametrize("times", [2, pytest.param(12, marks=pytest.mark.chaos)])
def test_a_database_that_is_restarted_or_crashes_costs_nothing(
    nursery: Nursery, sandbox: Sandbox, tmp_path: Path, times: int
) -> None:
    with a_server() as server:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        fire = Fire(tmp_path, nursery, sandbox, url, Tally())
        fire.arrive(3)
        assert nursery.wait(fire.start()) == 0, fire.log()
        pids = herd(fire, 2)
        for number in range(times):
            before = fire.sandbox.board.calls.total()
            fire.arrive(20)
            until(lambda before=before: fire.sandbox.board.calls.total() > before + 3)  # type: ignore[misc]
            restart(server, crash=number % 2 == 1)
        time.sleep(1.5)  # real processes: a cycle each, of one second, on the database that is back
        ended(fire, pids)
        fire.quiet(5)
        proven_without_kills(fire)
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
    postgres: StoreSettings, nursery: Nursery, sandbox: Sandbox, tmp_path: Path
) -> None:
    """As when a standby has not been promoted yet."""
    fire = Fire(tmp_path, nursery, sandbox, postgres.url, Tally())
    fire.arrive(3)
    assert nursery.wait(fire.start()) == 0, fire.log()
    only_reading(postgres, "on")
    fire.arrive(20)
    assert nursery.wait(fire.start()) == 1
    pids = herd(fire, 2)
    until(lambda: fire.log().count("read-only transaction") >= 3)
    only_reading(postgres, "off")
    time.sleep(1.5)  # real processes: a cycle each, of one second
    ended(fire, pids)
    fire.quiet(5)
    proven_without_kills(fire)


def only_reading(settings: StoreSettings, word: str) -> None:
    address = make_url(settings.url)
    with psycopg.connect(settings.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"ALTER DATABASE {address.database} SET default_transaction_read_only = {word}")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_database_file_that_may_only_be_read_for_a_while_costs_nothing(
    nursery: Nursery, sandbox: Sandbox, tmp_path: Path
) -> None:
    fire = Fire(tmp_path, nursery, sandbox, f"sqlite:///{tmp_path}/connector.db", Tally())
    fire.arrive(3)
    assert nursery.wait(fire.start()) == 0, fire.log()
    fire.arrive(20)
    assert nursery.wait(fire.start(CHAOS_ONLY_READING="1")) != 0
    assert "readonly database" in fire.log()
    assert "Traceback" not in fire.log()
    fire.quiet(3)
    proven_without_kills(fire)

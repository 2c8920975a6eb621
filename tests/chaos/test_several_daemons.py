"""Four daemons on one PostgreSQL, killed, stopped and started again: nothing lost, nothing twice."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox.server import Sandbox
from connector.store import StoreSettings
from tests.chaos.nursery import Nursery
from tests.chaos.run import FAULTS, Fire, Tally
from tests.chaos.test_one_daemon import nursery, proven_without_kills, told

__all__ = ["nursery"]


@pytest.fixture
def fire(postgres: StoreSettings, nursery: Nursery, tmp_path: Path) -> Iterator[Fire]:
    with Sandbox([], []) as sandbox:
        yield Fire(tmp_path, nursery, sandbox, postgres.url, Tally())


def herd(fire: Fire, count: int) -> list[int]:
    return [fire.start("run", CHAOS_LEASE="0.5") for _ in range(count)]


def ended(fire: Fire, pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    for pid in pids:  # one that has only just been born knows no better than to die of it
        assert fire.nursery.wait(pid) in (0, -signal.SIGTERM), fire.log()
    assert "Traceback" not in fire.log()
    assert "cycle.failed" not in fire.log()


@pytest.mark.parametrize("daemons", [2, 4])
@pytest.mark.parametrize("rounds", [4, pytest.param(60, marks=pytest.mark.chaos)])
def test_daemons_that_are_killed_and_replaced_cost_nothing(
    fire: Fire, capsys: pytest.CaptureFixture[str], daemons: int, rounds: int
) -> None:
    for fault in FAULTS:
        fire.sandbox.run(fire.sandbox.board.add, fault)
    pids = herd(fire, daemons)
    for calls in range(rounds):
        fire.arrive(10)
        dead = fire.killed_after(calls % 17 + 5, *pids)
        fire.nursery.wait(dead)
        pids.remove(dead)
        pids += herd(fire, 1)
    ended(fire, pids)
    fire.quiet()
    proven_without_kills(fire)
    assert fire.tally.kills["any call"] == rounds
    told(fire.tally, capsys)


def test_a_daemon_that_was_stopped_past_its_lease_changes_nothing_when_it_wakes(fire: Fire) -> None:
    pids = herd(fire, 4)
    for _ in range(6):
        fire.arrive(25)
        stopped = fire.dice.sample(pids, 2)
        for sleeper in stopped:
            os.kill(sleeper, signal.SIGSTOP)
        time.sleep(1.0)  # real processes: the lease of half a second passes on the database's own clock
        for sleeper in stopped:
            os.kill(sleeper, signal.SIGCONT)
    ended(fire, pids)
    fire.quiet()
    proven_without_kills(fire)

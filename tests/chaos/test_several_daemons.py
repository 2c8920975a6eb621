"""Four daemons on one PostgreSQL, killed, stopped and started again: nothing lost, nothing twice."""

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest

from connector.sandbox.server import Sandbox
from connector.store import StoreSettings
from connector.sync.steps import STEPS
from tests.chaos.nursery import Nursery
from tests.chaos.run import BOUND, FAULTS, SOON, Fire, eventually
from tests.chaos.tally import Tally


@pytest.fixture
def fire(postgres: StoreSettings, nursery: Nursery, sandbox: Sandbox, tmp_path: Path, tally: Tally) -> Fire:
    return Fire(tmp_path, nursery, sandbox, postgres.url, tally)


def herd(fire: Fire, count: int) -> list[int]:
    return [fire.start("run", CHAOS_LEASE="0.5", CHAOS_IDLE="3") for _ in range(count)]


def at_work(fire: Fire, count: int) -> None:
    """So many daemons have started by now."""
    eventually(lambda: fire.log().count("daemon.started") >= count)


def halted(fire: Fire, pid: int) -> None:
    """Stop a daemon wherever it happens to be, as when its machine is frozen."""
    os.kill(pid, signal.SIGSTOP)
    fire.tally.faults["daemon stopped"] += 1


def ended(fire: Fire, pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    for pid in pids:  # one that has only just been born knows no better than to die of it
        assert fire.nursery.wait(pid) in (0, -signal.SIGTERM), fire.log()
    log = (fire.folder / "connector.log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    failed = [line for line in log.splitlines() if "cycle.failed" in line]
    assert all("StoreTrouble" in line for line in failed), failed


@pytest.mark.parametrize("daemons", [2, 4])
@pytest.mark.parametrize("rounds", [4, pytest.param(60, marks=pytest.mark.chaos)])
def test_daemons_that_are_killed_and_replaced_cost_nothing(fire: Fire, daemons: int, rounds: int) -> None:
    fire.bad_day()
    pids = herd(fire, daemons)
    for calls in range(rounds):
        fire.arrive(10)
        pids.remove(fire.killed_after(calls % 17 + 5, *pids))
        pids += herd(fire, 1)
    ended(fire, pids)
    fire.quiet()
    fire.proven()
    assert fire.tally.kills == {"any call": rounds}
    assert fire.tally.faults.keys() >= ({fault.kind for fault in FAULTS} if rounds > 4 else SOON)


def test_a_daemon_that_was_stopped_past_its_lease_changes_nothing_when_it_wakes(fire: Fire) -> None:
    pids = herd(fire, 4)
    for _ in range(6):
        fire.arrive(25)
        stopped = fire.dice.sample(pids, 2)
        for sleeper in stopped:
            halted(fire, sleeper)
        time.sleep(1.0)  # real processes: the lease of half a second passes on the database's own clock
        for sleeper in stopped:
            os.kill(sleeper, signal.SIGCONT)
    ended(fire, pids)
    fire.quiet()
    fire.proven()


@pytest.mark.parametrize("rounds", [1, pytest.param(12, marks=pytest.mark.chaos)])
def test_daemons_stopped_past_their_leases_while_others_die_at_every_step(fire: Fire, rounds: int) -> None:
    """Whoever takes over dies as well, at each named step in turn; then the sleepers wake and go on."""
    pids = herd(fire, 2)
    at_work(fire, 2)
    for step in STEPS * rounds:
        fire.arrive(8)
        time.sleep(fire.dice.uniform(0, 0.3))  # real processes: stopped wherever they happen to be
        for sleeper in pids:
            halted(fire, sleeper)
        time.sleep(0.6)  # the lease of half a second passes on the database's own clock
        fire.arrive(2)
        heir = fire.start("run", CHAOS_LEASE="0.5", CHAOS_IDLE="3", CONNECTOR_KILL_AT=f"{step}:1")
        assert fire.nursery.wait(heir) == -signal.SIGKILL
        fire.tally.kills[step] += 1
        for sleeper in pids:
            os.kill(sleeper, signal.SIGCONT)
    ended(fire, pids)
    fire.quiet(5)
    fire.proven()
    assert fire.tally.kills == dict.fromkeys(STEPS, rounds)


def test_turns_are_as_exact_with_four_daemons_as_with_one(fire: Fire, postgres: StoreSettings) -> None:
    """However often the deciding changes hands, at every moment each partner is less than one lead away from
    its share of all leads so far, and never further than one daemon alone could bring it."""
    pids = herd(fire, 4)
    at_work(fire, 4)
    for _ in range(12):
        fire.arrive(20)
        time.sleep(0.3)
        sleeper = fire.dice.choice(pids)
        halted(fire, sleeper)
        time.sleep(0.6)
        os.kill(sleeper, signal.SIGCONT)
    ended(fire, pids)
    fire.quiet(5)
    fire.proven()
    with psycopg.connect(postgres.url.replace("+psycopg", "")) as connection:
        handed_over = connection.execute("SELECT token FROM lease WHERE name = 'decide'").fetchone()
    assert handed_over is not None
    assert handed_over[0] > 4
    assert 0 < fire.tally.furthest <= BOUND + 1e-9

"""One daemon, killed at every named step and after any call, on a bad day: nothing lost, nothing twice."""

import os
import signal
from pathlib import Path

import pytest

from connector.sandbox.server import Sandbox
from connector.store import StoreSettings
from connector.sync.steps import STEPS
from tests.chaos.nursery import Nursery
from tests.chaos.run import FAULTS, SOON, Fire, eventually
from tests.chaos.tally import Tally


def under_fire(fire: Fire, rounds: int) -> None:
    """Kills at every step and after any call, while leads arrive and the CRMs fail."""
    for times in range(1, rounds + 1):
        for step in STEPS:
            fire.arrive(3)
            if not fire.killed_at(step, times % 3 + 1):  # it did not come to pass so often
                fire.arrive(3)
                assert fire.killed_at(step, 1)
    fire.bad_day()
    for calls in range(1, 8 * rounds):
        fire.arrive(3)
        fire.later(300)
        fire.killed_after(calls % 23 + 1, fire.start())
    fire.quiet()


@pytest.mark.parametrize("rounds", [2, pytest.param(25, marks=pytest.mark.chaos)])
def test_kills_cost_nothing(
    store_settings: StoreSettings,
    nursery: Nursery,
    sandbox: Sandbox,
    tmp_path: Path,
    tally: Tally,
    rounds: int,
) -> None:
    fire = Fire(tmp_path, nursery, sandbox, store_settings.url, tally)
    under_fire(fire, rounds)
    fire.proven()
    assert {step: tally.kills[step] for step in STEPS} == dict.fromkeys(STEPS, rounds)
    assert tally.kills["any call"] > 5 * rounds
    assert tally.faults.keys() >= ({fault.kind for fault in FAULTS} if rounds > 2 else SOON)


@pytest.mark.parametrize("pages", [40, 120])
def test_a_full_disk_costs_nothing(fire: Fire, pages: int) -> None:
    """The file may not grow beyond some size; later there is room again."""
    fire.arrive(3)
    fire.quiet(1)
    size = (fire.folder / "connector.db").stat().st_size
    fire.arrive(300)
    pid = fire.start(CHAOS_LARGEST_FILE=str(size + pages * 4096))
    assert fire.nursery.wait(pid) != 0
    assert "Traceback" not in fire.log()
    assert "disk" in fire.log()
    fire.tally.faults["disk full"] += 1
    fire.quiet(3)
    fire.proven()


def test_a_database_file_that_may_only_be_read_for_a_while_costs_nothing(fire: Fire) -> None:
    fire.arrive(3)
    assert fire.nursery.wait(fire.start()) == 0, fire.log()
    fire.arrive(20)
    assert fire.nursery.wait(fire.start(CHAOS_ONLY_READING="1")) != 0
    assert "readonly database" in fire.log()
    assert "Traceback" not in fire.log()
    fire.tally.faults["database read-only"] += 1
    fire.quiet(3)
    fire.proven()


def test_clocks_that_jump_back_and_forth_cost_nothing(fire: Fire) -> None:
    """Between one run and the next."""
    for jump in (0, 7200, -5400, 86_400, -90_000, 60, -3600, 0):
        fire.arrive(10)
        pid = fire.start(CHAOS_AHEAD=str(fire.ahead + jump))
        assert fire.nursery.wait(pid) in (0, 1), fire.log()
        fire.tally.faults["clock jumps"] += jump != 0
    fire.quiet(3)
    fire.proven()


def test_clocks_that_jump_under_a_daemon_that_runs_cost_nothing(fire: Fire) -> None:
    clock = fire.folder / "clock"
    clock.write_text("0", encoding="utf-8")
    pid = fire.start("run", CHAOS_AHEAD=str(clock))
    for jump in (7200, -90_000, 86_400, -3600):
        turned = fire.folder / "turned"
        turned.write_text(str(jump), encoding="utf-8")
        turned.rename(clock)
        before = fire.sandbox.board.calls.total()
        fire.arrive(10)
        eventually(lambda before=before: fire.sandbox.board.calls.total() > before + 8)  # type: ignore[misc]
        fire.tally.faults["clock jumps"] += 1
    os.kill(pid, signal.SIGTERM)
    assert fire.nursery.wait(pid) == 0, fire.log()
    assert "Traceback" not in fire.log()
    fire.quiet(5)
    fire.proven()


def test_the_days_on_which_clocks_change_cost_nothing(fire: Fire) -> None:
    """From before to after both changes of Berlin's clocks, ten minutes at a time."""
    for change in ("2027-03-28T00:30:00+00:00", "2027-10-31T00:30:00+00:00"):
        fire.until(change)
        for _ in range(6):
            fire.arrive(5)
            fire.later(600)
            assert fire.nursery.wait(fire.start()) == 0, fire.log()
        fire.tally.faults["daylight saving changes"] += 1
    fire.quiet(3)
    fire.proven()

"""One daemon, killed at every named step and after any call, on a bad day: nothing lost, nothing twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox.server import Sandbox
from connector.store import StoreSettings
from connector.sync.steps import STEPS
from tests.chaos.nursery import Nursery
from tests.chaos.run import FAULTS, Fire, Tally


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as running:
        yield running


def under_fire(fire: Fire, rounds: int) -> None:
    """Kills at every step and after any call, while leads arrive and the CRMs fail."""
    for times in range(1, rounds + 1):
        for step in STEPS:
            fire.arrive(3)
            fire.killed_at(step, times)
    for fault in FAULTS:
        fire.sandbox.run(fire.sandbox.board.add, fault)
    for calls in range(1, 8 * rounds):
        fire.arrive(3)
        fire.later(300)
        pid = fire.start()
        fire.killed_after(calls % 23 + 1, pid)
        fire.nursery.wait(pid)
    fire.quiet()


def told(tally: Tally, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{tally.told()}")  # noqa: T201  # the totals are what the proof is for


def proven(fire: Fire) -> None:
    found, tally = fire.judged(), fire.tally
    assert found.violations == []
    assert found.leads > 0
    assert found.statuses.keys() == {"Assigned", "Held"}
    assert found.furthest < 1
    assert tally.kills.keys() >= {*STEPS, "any call"}


@pytest.mark.parametrize("rounds", [2, pytest.param(25, marks=pytest.mark.chaos)])
def test_kills_cost_nothing(
    store_settings: StoreSettings,
    nursery: Nursery,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    rounds: int,
) -> None:
    tally = Tally()
    with Sandbox([], []) as sandbox:
        fire = Fire(tmp_path, nursery, sandbox, store_settings.url, tally)
        under_fire(fire, rounds)
        proven(fire)
    if rounds > 2:
        assert tally.faults.keys() >= {fault.kind for fault in FAULTS}
    told(tally, capsys)


@pytest.mark.parametrize("pages", [40, 120])
def test_a_full_disk_costs_nothing(nursery: Nursery, tmp_path: Path, pages: int) -> None:
    """The file may not grow beyond some size; later there is room again."""
    with Sandbox([], []) as sandbox:
        fire = Fire(tmp_path, nursery, sandbox, f"sqlite:///{tmp_path}/connector.db", Tally())
        fire.arrive(3)
        fire.quiet(1)
        size = (tmp_path / "connector.db").stat().st_size
        fire.arrive(300)
        pid = fire.start(CHAOS_LARGEST_FILE=str(size + pages * 4096))
        assert nursery.wait(pid) != 0
        assert "Traceback" not in fire.log()
        fire.quiet(3)
        proven_without_kills(fire)


def test_clocks_that_jump_back_and_forth_cost_nothing(nursery: Nursery, tmp_path: Path) -> None:
    with Sandbox([], []) as sandbox:
        fire = Fire(tmp_path, nursery, sandbox, f"sqlite:///{tmp_path}/connector.db", Tally())
        for jump in (0, 7200, -5400, 86_400, -90_000, 60, -3600, 0):
            fire.arrive(10)
            pid = fire.start(CHAOS_AHEAD=str(fire.ahead + jump))
            assert nursery.wait(pid) in (0, 1), fire.log()
        fire.quiet(3)
        proven_without_kills(fire)


def test_the_days_on_which_clocks_change_cost_nothing(nursery: Nursery, tmp_path: Path) -> None:
    """From before to after both changes of Berlin's clocks, ten minutes at a time."""
    with Sandbox([], []) as sandbox:
        fire = Fire(tmp_path, nursery, sandbox, f"sqlite:///{tmp_path}/connector.db", Tally())
        for change in ("2027-03-28T00:30:00+00:00", "2027-10-31T00:30:00+00:00"):
            fire.until(change)
            for _ in range(6):
                fire.arrive(5)
                fire.later(600)
                assert nursery.wait(fire.start()) == 0, fire.log()
        fire.quiet(3)
        proven_without_kills(fire)


def proven_without_kills(fire: Fire) -> None:
    found = fire.judged()
    assert found.violations == []
    assert found.statuses.keys() == {"Assigned", "Held"}
    assert found.furthest < 1


def test_the_oracle_shares_no_code_with_the_product() -> None:
    text = (Path(__file__).parent / "oracle.py").read_text(encoding="utf-8")
    assert "connector" not in text.replace('"connector', "")

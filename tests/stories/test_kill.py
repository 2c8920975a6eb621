"""kill -9 after any call to a CRM, then a restart: nothing is lost and nothing happens twice."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.commands.demo import _prove
from connector.sandbox.server import Sandbox
from connector.store import reading
from connector.store.decisions import ledger_balance
from connector.store.registration_reading import filed, history
from connector.sync import steps
from tests.chaos.nursery import Nursery
from tests.stories.registrations import Programme
from tests.stories.world import World, opened


class Trap(Counter[tuple[str, str]]):
    """Counts a sandbox's calls and kills a process as soon as the n-th has been answered."""

    def __init__(self, after: int):
        super().__init__()
        self.after = after
        self.pid = 0
        self.sprung = False

    def __setitem__(self, key: Any, value: int) -> None:
        super().__setitem__(key, value)
        if self.pid and not self.sprung and self.total() >= self.after:
            self.sprung = True
            os.kill(self.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as nursery:
        yield nursery


def synced(nursery: Nursery, config: Path, sandbox: Sandbox, after: int | None) -> bool:
    """One `connector sync`, killed after so many calls; whether it was."""
    trap = Trap(after or 10**9)
    sandbox.board.calls = trap
    trap.pid = nursery.start("sync", "--config", str(config), log=config.with_name("told.log"))
    assert nursery.wait(trap.pid) == (-signal.SIGKILL if trap.sprung else 0)
    return trap.sprung


def test_a_kill_after_any_call_costs_nothing(nursery: Nursery, tmp_path: Path) -> None:
    with Sandbox(seed=11, leads=60) as sandbox:
        world = World(sandbox, tmp_path)
        path = world.config().path
        calls = 1
        kills = 0
        while synced(nursery, path, sandbox, calls):
            kills += 1
            calls += 1
        assert kills >= 5
        synced(nursery, path, sandbox, None)
        outcomes = world.outcomes()
        assert "waiting" not in outcomes
        with opened(sandbox, world.config()) as app:
            proof = _prove(app)
            with app.store.transaction() as session:
                assert set(ledger_balance(session).values()) <= {0}
                for ref in reading.decided_refs(session):
                    assert len(reading.decisions_of(session, ref)) == 1
                assert sum(reading.assigned_by(session, "live").values()) == outcomes["assigned"]
                assert {state for _, state in reading.outbox_by_state(session)} == {"settled"}
        assert proof.verified == proof.written > 0
        assert proof.unaccounted == ()


def test_a_kill_at_any_step_of_a_registration_rules_it_once_and_answers_it(
    nursery: Nursery, tmp_path: Path
) -> None:
    with Sandbox(seed=11, leads=12, registrations=6) as sandbox:
        world = World(sandbox, tmp_path)
        path = world.config().path
        for step in steps.OF_REGISTRATIONS:
            assert killed_at(nursery, path, step) == -signal.SIGKILL, step
        assert killed_at(nursery, path, "") == 0
        with opened(sandbox, world.config()) as app, app.store.transaction() as session:
            lives = {each.seen.ref: each.life for each in filed(session)}
            events = {ref: [event.name for event in history(session, ref)] for ref in lives}
            states = Counter(state for _, state in reading.outbox_by_state(session))
        assert set(states) == {"settled"}
        programme = Programme(world)
        for ref, life in lives.items():
            assert life is not None
            assert events[ref] == ["submitted", life.state.value], "ruled once"
            assert programme.status(ref) == life.state.value.replace("_", " ").capitalize()
            assert programme.look(ref, "reason")
        assert len(lives) == 6


def killed_at(nursery: Nursery, config: Path, step: str) -> int:
    """How one `connector sync` ended that a power cut was to hit at a step."""
    told = config.with_name("told.log")
    return nursery.wait(nursery.start("sync", "--config", str(config), log=told, CONNECTOR_KILL_AT=step))

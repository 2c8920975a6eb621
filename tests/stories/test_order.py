"""What comes in overtakes a backlog, on both CRMs."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from connector.app import App
from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import Sandbox
from connector.store import reading
from tests.conftest import NOW
from tests.stories.test_main_job import CRMS, state
from tests.stories.test_nothing_lost import add, of_every_record_type
from tests.stories.world import QuickStop, World

URGENT = 'urgent = { product = "Outage" }'


def change(text: str) -> str:
    return of_every_record_type(text).replace("[order]", f"[order]\n{URGENT}", 1)


@pytest.mark.parametrize("crm", CRMS)
def test_an_urgent_request_overtakes_a_backlog_that_is_still_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crm: str
) -> None:
    """The CRM holds forty leads from before; they are read in pages of five, and each takes a minute."""
    with Sandbox([], [], clock=SandboxClock(NOW)) as sandbox:
        world = World(sandbox, tmp_path, change)
        add(world, crm, 40)
        sandbox.clock.advance(3600)
        stop = QuickStop(sandbox.clock)
        with App(world.config(), now=sandbox.clock, random=Random(1), stop=stop, unhurried=False) as app:
            app.cycle.begin()
            source = app.sources[crm]
            monkeypatch.setattr(type(source), "read_size", 5)
            monkeypatch.setattr(source, "read_changed", slowly(source.read_changed, sandbox))
            app.cycle.run()
            assert 0 < decided(app) < 20
            add(world, crm, 1, start=99, product="Outage")
            sandbox.clock.advance(60)
            app.cycle.run()
            assert decided(app) < 35
            (urgent,) = [ref for ref in of(app, crm) if "Urgent" in reason(world, crm, ref.id)]
            assert urgent
            for _ in range(15):
                sandbox.clock.advance(60)
                app.cycle.run()
            assert decided(app) == 41


def slowly(read: Callable[..., Any], sandbox: Sandbox) -> Callable[..., Any]:
    def answer(*window: Any) -> Any:
        sandbox.clock.advance(60)
        return read(*window)

    return answer


def of(app: App, crm: str) -> list[Any]:
    with app.store.looking() as session:
        return [ref for ref in reading.sample_refs(session, "assigned", 100) if ref.crm == crm]


def decided(app: App) -> int:
    with app.store.looking() as session:
        return len(list(reading.decided_refs(session)))


def reason(world: World, crm: str, lead_id: str) -> str:
    detail: Any = world.on_crm(state(world, crm).detail, lead_id)
    return str(detail.reason)

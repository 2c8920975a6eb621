"""Mass writes and mass moves stop at the limits, on both pretend CRMs, until a person has looked."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import Sandbox
from connector.sync.report import CycleReport
from tests.commands.test_commands import connector
from tests.conftest import NOW
from tests.stories.counting import owner_writes
from tests.stories.test_main_job import OWNER, _owner_id, state
from tests.stories.test_nothing_lost import add, of_every_record_type, record_ids
from tests.stories.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Both CRMs with their people and no leads yet."""
    with Sandbox([], [], clock=SandboxClock(NOW)) as sandbox:
        yield World(sandbox, tmp_path, of_every_record_type)


def limited(writes: int = 20_000, moves: int = 50) -> Callable[[str], str]:
    def change(text: str) -> str:
        text = text.replace("max_writes_per_hour = 20_000", f"max_writes_per_hour = {writes}")
        text = text.replace("max_owner_changes_per_hour = 50", f"max_owner_changes_per_hour = {moves}")
        return of_every_record_type(text)

    return change


def told(world: World, *args: str) -> Any:
    return json.loads(connector(*args, "--config", world.config().path, "--json").stdout)


def run(world: World, cycles: int = 1) -> tuple[list[CycleReport], list[str]]:
    """Cycles, and the events of limits that they logged."""
    with capture_logs() as logs:
        reports = world.run(cycles=cycles)
    return reports, [entry["event"] for entry in logs if entry["event"].startswith("safety.")]


def written(world: World, crm: str) -> int:
    return owner_writes(world.sandbox, crm).total()


@pytest.mark.parametrize("crm", ["salesforce", pytest.param("hubspot", marks=pytest.mark.chaos)])
def test_an_import_of_3000_leads_stops_at_500_writes_an_hour(world: World, crm: str) -> None:
    world.change = limited(writes=500)
    for batch in range(3):
        add(world, crm, 1_000, start=batch * 1_000)
        world.sandbox.clock.advance(1)
    (first, second), events = run(world, 2)
    assert first.decided["assigned"] == 3_000
    assert written(world, crm) == first.delivered["written"] == 500
    assert second.quiet
    assert events == ["safety.limit_reached"]
    synced = connector("sync", "--config", world.config().path)
    assert synced.returncode == 1
    assert "2500 writes are kept back by max_writes_per_hour = 500" in synced.stderr
    assert told(world, "report")["kept_back"] == {"max_writes_per_hour": 2_500}
    shown = told(world, "release")
    assert shown["kept_back"] == sum(shown["by_partner"].values()) == 2_500
    assert len(shown["first"]) == 10
    assert written(world, crm) == 500

    assert told(world, "release", "--writes", "700")["released"] == 700
    world.run()
    assert written(world, crm) == 1_200
    assert told(world, "release", "--all", "--because", "the import is right")["released"] == 1_800
    _, events = run(world, 2)
    assert written(world, crm) == 3_000
    assert events == ["safety.limit_ended"]
    assert set(owner_writes(world.sandbox, crm).values()) == {1}
    assert connector("report", "--config", world.config().path).returncode == 0


PARTNER = {"salesforce": "Partner__c", "hubspot": "partner"}


def mistaken(text: str) -> str:
    """Nordwind's own people among those whose leads are distributed, and no regard to whom a lead names."""
    text = re.sub(r"(?m)^order = \[.*?\]", "order = []", limited()(text))
    return text.replace("take_from = [", 'take_from = ["user:anke.petersen@nordwind-it.example", ').replace(
        'pool = { tier = ["platinum", "gold"], country = ["DE", "AT", "CH"] }',
        'pool = { partners = ["rheintal"] }',
    )


@pytest.mark.parametrize("crm", ["hubspot", pytest.param("salesforce", marks=pytest.mark.chaos)])
def test_a_mistake_that_would_move_200_leads_moves_50_and_new_leads_go_on(world: World, crm: str) -> None:
    add(world, crm, 200)
    ids = record_ids(world, crm)
    world.on_crm(belong_to_nordwind, world, crm, ids)
    add(world, crm, 30, start=200)
    world.sandbox.clock.advance(60)
    world.change = mistaken
    (report,), events = run(world)
    assert report.decided["assigned"] == 230
    assert written(world, crm) == 50 + 30
    assert events == ["safety.limit_reached"]
    shown = connector("release", "--config", world.config().path)
    assert shown.returncode == 1
    assert "150 writes are kept back by max_owner_changes_per_hour = 50" in shown.stdout
    assert "to Rheintal Cloud AG: 150" in shown.stdout
    world.sandbox.clock.advance(2 * 3600)
    world.run(cycles=2)
    assert written(world, crm) == 80
    connector("release", "--all", "--config", world.config().path)
    _, events = run(world)
    assert written(world, crm) == 230
    assert events == ["safety.limit_ended"]


def belong_to_nordwind(world: World, crm: str, ids: list[str]) -> None:
    owner = _owner_id(world, crm, "anke.petersen@nordwind-it.example")
    for record_id in ids:
        fields = {OWNER[crm]: owner, PARTNER[crm]: "Nordwind IT GmbH"}
        state(world, crm).edit(record_id, fields, by="sam.selling@acme.example")


def test_a_person_who_pauses_in_the_middle_of_delivery_stops_it_at_the_next_batch(world: World) -> None:
    """250 leads are two batches for Salesforce; the pause comes with the first."""
    add(world, "salesforce", 250)
    because = ("--because", "the owners are wrong", "--config", world.config().path)

    def meddle(step: str, crm: str, count: int) -> None:
        if step == "deliver" and written(world, "salesforce") == 200:
            assert connector("pause", "crm", "salesforce", *because).returncode == 0

    (report,) = world.run(progress=meddle)
    assert report.delivered["written"] == written(world, "salesforce") == 200
    world.run(cycles=2)
    said = connector("sync", *because[2:]).stdout
    assert "salesforce is paused; connector status says by whom and why" in said
    assert written(world, "salesforce") == 200
    status = told(world, "status")
    assert [(one["kind"], one["because"]) for one in status["pauses"]] == [("crm", "the owners are wrong")]
    assert status["backlog"]["salesforce"]["waiting"] == 50
    connector("resume", "crm", "salesforce", *because[2:])
    world.run()
    assert set(owner_writes(world.sandbox, "salesforce").values()) == {1}
    assert written(world, "salesforce") == 250

"""What is stuck on the way to a CRM, as a person meets it at the command line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.model.lead import Ref
from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import Sandbox
from tests.commands.test_commands import connector, refused
from tests.conftest import NOW
from tests.stories.test_nothing_lost import add, of_every_record_type, retire
from tests.stories.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Sandbox([], [], clock=SandboxClock(NOW)) as sandbox:
        yield World(sandbox, tmp_path, of_every_record_type)


def told(*args: str | Path) -> Any:
    return json.loads(connector(*args, "--json").stdout)


def test_a_parked_write_is_shown_with_its_fix_and_retried_or_given_up(world: World) -> None:
    """An owner is deactivated, so his records are parked; one is dropped, the others come once he is back."""
    add(world, "salesforce", 12)
    world.run(mode="shadow")
    world.on_crm(retire, world, "salesforce", "jonas.weber@rheintal-cloud.example")
    config = world.config().path
    world.run()
    listed = connector("outbox", "list", "--config", config)
    assert listed.returncode == 1
    assert "Fix: activate the owner in the CRM" in " ".join(listed.stdout.split())
    report = told("report", "--config", config)
    writes = told("outbox", "list", "--state", "parked", "--config", config)["writes"]
    parked = [write["id"] for write in writes]
    assert 2 <= len(parked) == report["backlog"]["salesforce"]["parked"] == report["outbox"]["parked"]
    assert {write["partner"] for write in writes} == {"rheintal"}
    assert all("email" not in write["fields"] for write in writes)

    args = ("outbox", "drop", str(parked[0]), "--because", "no longer  ours", "--config", config)
    assert told(*args) == {"done": parked[:1], "given_back": [writes[0]["ref"]], "refused": {}}
    explained = connector("explain", writes[0]["ref"], "--config", config).stdout
    assert "gave the write up: no longer ours" in explained
    assert f"write {parked[0]} is superseded" in refused(
        "outbox", "retry", str(parked[0]), "--config", config, code=1
    )

    world.on_crm(
        world.sandbox.org.store.update,
        "User",
        world.sandbox.org.owner_id("jonas.weber@rheintal-cloud.example"),
        {"IsActive": 1},
    )
    assert told("outbox", "retry", "--all", "--config", config)["done"] == parked[1:]
    (report_after,) = world.run()
    assert report_after.delivered["written"] == len(parked) - 1
    assert connector("outbox", "list", "--config", config).returncode == 0
    for write in writes[1:]:
        detail = world.on_crm(world.sandbox.org.detail, Ref.parse(write["ref"]).id)
        assert detail.card.partner == "Rheintal Cloud AG"  # type: ignore[attr-defined]


def test_retry_asks_which() -> None:
    assert "say --all" in refused("outbox", "retry", code=2)
    assert "--because" in refused("outbox", "drop", "1", code=2)

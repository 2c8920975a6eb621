"""A whole run on the sandbox can be computed again, and one decision that was tampered with stands out."""

import json
import sqlite3
from contextlib import closing
from typing import Any

from click.testing import CliRunner

from connector.__main__ import cli
from tests.stories.world import World


def replayed(world: World, *options: str) -> tuple[int, Any]:
    config = str(world.folder / "config.toml")
    done = CliRunner().invoke(cli, ["replay", "--json", "--config", config, *options])
    return done.exit_code, json.loads(done.output)


def test_a_whole_run_is_replayed_without_a_difference_and_a_planted_one_is_found(world: World) -> None:
    world.run()
    new = [{"last_name": f"L{n}", "email": f"l@late{n}.example", "country": "DE"} for n in range(5)]
    world.on_crm(lambda: world.sandbox.org.add_leads(new, owners="intake"))
    world.sandbox.clock.advance(8 * 3600)
    world.change = lambda text: text.replace('name = "DACH mid-market"', 'name = "Middle of DACH"')
    world.run(cycles=3)
    code, found = replayed(world)
    assert (code, found["different"], found["no_rules"], found["erased"]) == (0, [], 0, 0)
    assert found["same"] > 120
    assert 0 < replayed(world, "--since", "2026-11-02T12:00")[1]["same"] < found["same"]

    with closing(sqlite3.connect(world.folder / "connector.db")) as database, database:
        database.execute("DROP TRIGGER decision_no_update")
        wanted = "SELECT id, crm || ':' || lead_id FROM decision WHERE outcome = 'assigned' LIMIT 1 OFFSET 20"
        decision, ref = database.execute(wanted).fetchone()
        tampered = "UPDATE decision SET data = json_set(data, '$.owner', 'user:me@x.example') WHERE id = ?"
        database.execute(tampered, [decision])
    code, found = replayed(world, "--ref", ref)
    assert code == 1
    (difference,) = found["different"]
    assert difference["ref"] == ref
    assert difference["recorded"] == {"owner": "user:me@x.example"}

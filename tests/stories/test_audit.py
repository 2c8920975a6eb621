"""A whole run on the sandbox can be computed again, and one decision that was tampered with stands out."""

import json
import sqlite3
from contextlib import closing
from typing import Any

from click.testing import CliRunner

from connector.__main__ import cli
from connector.model.decision import Outcome
from connector.sandbox.hubspot.writes import erase
from connector.store import reading
from connector.sync.report import CycleReport
from tests.stories.world import World, opened


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


def test_a_privacy_deletion_in_the_crm_removes_the_persons_data_here(world: World) -> None:
    world.run()
    ref = world.first("assigned", "hubspot")
    with opened(world.sandbox, world.config()) as app:
        with app.store.looking() as session:
            lead = reading.lead(session, ref)
        assert lead is not None
        email = str(lead.fields["email"]).encode()
        assert email in b"".join(file.read_bytes() for file in world.folder.glob("connector.db*"))
        contacts = world.sandbox.portal.table("contacts")
        world.on_crm(lambda: erase(world.sandbox.portal, contacts, contacts.records[int(ref.id)]))
        for _ in range(2):
            world.sandbox.clock.advance(8 * 24 * 3600)
            app.cycle.readings.reconcile("hubspot", CycleReport())
        app.store.forget()
        assert email not in b"".join(file.read_bytes() for file in world.folder.glob("connector.db*"))
        with app.store.looking() as session:
            last = reading.decisions_of(session, ref)[-1]
            assert (last.outcome, reading.sample_refs(session, "gone", 5)) == (Outcome.GONE, [ref])

"""A backup made in the middle of a run is put back, and no record has a second owner for it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner

from connector.__main__ import cli
from connector.app import App
from connector.store import reading
from connector.store.backup import back_up
from connector.store.decisions import ledger_balance
from tests.stories.counting import owner_writes
from tests.stories.world import QuickStop, World, opened

CRMS = ("salesforce", "hubspot")


def arrive(world: World, names: range) -> None:
    new: list[dict[str, str | int | float | bool | None]] = [
        {"last_name": f"L{n}", "email": f"l@late{n}.example", "country": "DE", "sharing_consent": True}
        for n in names
    ]
    world.on_crm(lambda: world.sandbox.org.add_leads(new, owners="intake"))
    world.on_crm(lambda: world.sandbox.portal.add_leads(new, owners="intake"))


def run_with_a_backup_in_the_middle(world: World, path: Path) -> None:
    """The first part of what is to be written is, the rest not yet."""

    def progress(step: str, crm: str, count: int) -> None:
        if step == "deliver" and not path.exists():
            back_up(app.store.engine, path)

    stop = QuickStop(world.sandbox.clock)
    app = App(world.config(), now=world.sandbox.clock, stop=stop, progress=progress)
    with app:
        app.cycle.begin()
        app.cycle.run()


def test_a_backup_from_the_middle_of_a_run_is_put_back_and_nothing_is_lost_or_doubled(world: World) -> None:
    path = world.folder / "backup.db"
    run_with_a_backup_in_the_middle(world, path)
    with closing(sqlite3.connect(path)) as copy:
        states = {row[0] for row in copy.execute("SELECT DISTINCT state FROM outbox")}
    assert states > {"settled"}
    arrive(world, range(10))
    world.sandbox.clock.advance(60)
    world.run(cycles=2)
    before = {crm: owner_writes(world.sandbox, crm) for crm in CRMS}
    for file in world.folder.glob("connector.db*"):
        file.unlink()

    done = CliRunner().invoke(cli, ["restore", str(path), "--config", str(world.folder / "config.toml")])
    assert done.exit_code == 0, done.output
    arrive(world, range(10, 15))
    world.run(cycles=3)
    assert "waiting" not in world.outcomes()
    for crm in CRMS:
        after = owner_writes(world.sandbox, crm)
        assert set(after.values()) == {1}
        assert len(after) == len(before[crm]) + 5
    with opened(world.sandbox, world.config()) as app, app.store.looking() as session:
        assert {state for _, state in reading.outbox_by_state(session)} <= {"settled", "superseded"}
        assert set(ledger_balance(session).values()) == {0}

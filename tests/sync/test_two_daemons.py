"""Two daemons at one store, the one in the middle of something when the other does something else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from connector.sources.base import SourceBusy
from connector.store import Store, reading
from connector.store.decisions import ledger_balance
from connector.sync.cycle import Cycle
from connector.sync.daemons import Daemon
from connector.sync.means import Line
from connector.sync.settings import ScheduleSettings
from tests import csv_crm
from tests.conftest import Clock
from tests.sync.world import CsvWorld, QuickStop


@pytest.fixture
def world(tmp_path: Path, store: Store, clock: Clock) -> CsvWorld:
    return CsvWorld(tmp_path, store, clock)


def another(world: CsvWorld) -> tuple[Cycle, Any]:
    """A second daemon beside the world's own, with a connection to the CRM of its own."""
    source = csv_crm.a_source(world.paths["file"].parent, world.clock)
    cycle = Cycle(
        policy=world.cycle.policy,
        store=world.store,
        lines={"file": Line(source, "csv", live=True)},
        schedule=ScheduleSettings(),
        config_hash="hash",
        now=world.clock,
        random=Random(2),
        stop=QuickStop(world.clock),
        host="other",
        daemon=Daemon("other", 1, "x"),
    )
    return cycle, source


def after(source: Any, method: str, then: Callable[[], object]) -> None:
    """Let something happen right after the CRM has answered, before the answer is used; once."""
    ask = getattr(source, method)

    def answer(*args: Any, **kwargs: Any) -> Any:
        setattr(source, method, ask)
        found = ask(*args, **kwargs)
        then()
        return found

    setattr(source, method, answer)


def refuse_once(source: Any, method: str) -> None:
    """Let the CRM be busy, once, for two minutes."""
    ask = getattr(source, method)

    def answer(*args: Any, **kwargs: Any) -> Any:
        setattr(source, method, ask)
        raise SourceBusy("busy", retry_after=timedelta(minutes=2))

    setattr(source, method, answer)


def test_what_was_read_before_another_daemons_write_moves_no_lead(world: CsvWorld) -> None:
    """The page says that the lead is in the intake; by the time it is taken in, its partner has it."""
    other, _ = another(world)
    world.lead(1)
    refuse_once(world.sources["file"], "write")
    world.run()
    assert world.rows()["000001"]["owner"] == "queue:Intake"
    world.clock.advance(minutes=3)
    world.lead(2)
    after(world.sources["file"], "read_changed", other.run)
    world.run(minutes=0)
    partner = world.rows()["000001"]["partner"]
    assert partner
    for _ in range(20):
        world.run()
    assert [d.outcome.value for d in world.decisions(1)] == ["assigned"]
    assert world.rows()["000001"]["partner"] == partner
    assert sum(world.load().values()) == 2
    with world.store.looking() as session:
        assert set(ledger_balance(session).values()) == {0}


@pytest.mark.parametrize(("moment", "stands"), [("read_back", "ours"), ("write", "theirs")])
def test_a_persons_edit_while_a_write_is_under_way_is_believed_when_that_has_ended(
    world: CsvWorld, moment: str, stands: str
) -> None:
    """Between our look and our write is the gap that no client can close: whoever comes last stands, and both
    the CRM and the store say so."""
    other, _ = another(world)
    world.lead(1)
    world.run(minutes=0)
    world.lead(2)

    def edit_and_let_the_other_read() -> None:
        world.clock.advance(seconds=1)
        world.put({"id": "000002", "owner": "user:rep@x.example", "changed_at": world.clock().isoformat()})
        world.cycle.leave()
        other.run()

    unconditionally(world.sources["file"])
    after(world.sources["file"], moment, edit_and_let_the_other_read)
    world.run()
    for _ in range(20):
        world.run()
        world.clock.advance(minutes=1)
        other.run()
    row, last = world.rows()["000002"], world.decisions(2)[-1]
    if stands == "theirs":
        assert (row["owner"], last.outcome.value) == ("user:rep@x.example", "left_alone")
        assert sum(world.load().values()) == 1
    else:
        assert (row["owner"], last.outcome.value) == (last.owner, "assigned")
        assert sum(world.load().values()) == 2
    with world.store.looking() as session:
        assert set(ledger_balance(session).values()) == {0}


@pytest.mark.parametrize("a_person_came_between", [False, True])
def test_a_write_that_arrives_long_after_it_was_taken_over_heals(
    world: CsvWorld, a_person_came_between: bool
) -> None:
    """It is on its way when its daemon is given up; another one sends the same, and then it arrives as well.
    If a person has moved the lead in between, whoever comes last stands, and the store says so as well."""
    other, _ = another(world)
    source = world.sources["file"]
    unconditionally(source)
    write, arrived = source.write, []

    def late(updates: Any) -> Any:
        source.write = write
        world.clock.advance(minutes=6)  # longer than a daemon may be silent
        world.cycle.leave()
        report = other.run()
        assert report.delivered == {"written": 1}
        if a_person_came_between:
            world.clock.advance(minutes=20)
            edit = {"owner": "user:rep@x.example", "changed_at": world.clock().isoformat()}
            world.put({"id": "000001", **edit})
            other.run()
            assert world.outcomes([1]) == ["left_alone"]
        arrived.append(updates)
        return write(updates)

    source.write = late
    world.lead(1)
    report = world.run()
    assert arrived
    assert not report.delivered
    owner = world.rows()["000001"]["owner"]
    for _ in range(20):
        world.run()
        other.run()
    row, last = world.rows()["000001"], world.decisions(1)[-1]
    assert row["owner"] == owner == "user:anna@x.example"
    assert last.outcome.value == ("left_alone" if a_person_came_between else "assigned")
    assert sum(world.load().values()) == (not a_person_came_between)
    with world.store.looking() as session:
        assert {state for _, state in reading.outbox_by_state(session)} == {"settled"}
        assert sum(line.turns for line in reading.credits(session, "live")) == 1
        assert set(ledger_balance(session).values()) == {0}


def unconditionally(source: Any) -> None:
    """A CRM that cannot refuse a write because the record has changed."""
    write = source.write
    source.write = lambda updates: write([replace(update, unchanged_since=None) for update in updates])

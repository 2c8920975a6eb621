"""Personal data goes when the CRM has let it go, and when the admin says that it is old enough."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from connector.model.lead import Ref
from connector.reports.summary import summarize
from connector.reports.tables import plain, summary_tables
from connector.store import Store, reading
from connector.store.decisions import end_assignments
from connector.store.load_checks import differing
from connector.store.tables import LeadRow
from connector.sync.keeping import A_ROUND, Keeping, let_go, look_for_vanished
from tests import csv_crm
from tests.conftest import Clock
from tests.sync.world import CsvWorld

YEARS = Keeping(over=timedelta(days=730))


@pytest.fixture
def world(tmp_path: Path, store: Store, clock: Clock) -> CsvWorld:
    return CsvWorld(tmp_path, store, clock)


def erased(store: Store) -> set[str]:
    with store.looking() as session:
        return set(session.scalars(select(col(LeadRow.id)).where(col(LeadRow.erased_at).is_not(None))))


def fields(store: Store, number: int) -> object:
    with store.looking() as session:
        lead = reading.lead(session, Ref("file", f"{number:06d}"))
        return lead.fields if lead else None


def remove(world: CsvWorld, *numbers: int) -> None:
    """A privacy deletion: the CRM says nothing of it, the record is just not there."""
    gone = {f"{number:06d}" for number in numbers}
    rows = [row for key, row in csv_crm.read_rows(world.paths["file"]).items() if key not in gone]
    csv_crm.write_rows(world.paths["file"], rows)


def looked(world: CsvWorld, times: int = 1) -> int:
    source = world.sources["file"]
    return sum(
        look_for_vanished(world.store, "file", source.read, 10, world.clock(), "hash") for _ in range(times)
    )


def test_what_is_gone_from_the_crm_is_noticed_within_a_round_and_erased_a_week_later(world: CsvWorld) -> None:
    for number in range(1, 40):
        world.lead(number)
    world.run()
    remove(world, 7, 31)
    assert looked(world, A_ROUND) == 2
    assert world.outcomes([7, 8]) == ["gone", "assigned"]
    assert let_go(world.store, "file", Keeping(), world.clock(), "hash") == 0
    world.clock.advance(days=8)
    assert let_go(world.store, "file", Keeping(), world.clock(), "hash") == 2
    assert erased(world.store) == {"000007", "000031"}
    assert (fields(world.store, 7), bool(fields(world.store, 8))) == ({}, True)
    world.lead(7)
    world.run()
    assert world.outcomes([7]) == ["assigned"]
    assert erased(world.store) == {"000031"}


def test_each_look_asks_for_its_part_only(world: CsvWorld) -> None:
    for number in range(1, 71):
        world.lead(number)
    world.run()
    remove(world, 3, 15, 66)
    assert [looked(world) for _ in range(A_ROUND)] == [1, 1, 0, 0, 0, 0, 1]
    remove(world, 4)
    assert looked(world) == 1


def test_records_that_all_vanish_at_once_are_not_believed_to_be_gone(world: CsvWorld) -> None:
    for number in range(1, 160):
        world.lead(number)
    world.run()
    remove(world, *range(1, 160))
    source = world.sources["file"]
    gone = look_for_vanished(world.store, "file", source.read, 100, world.clock(), "hash")
    assert gone == 0
    assert set(world.outcomes(range(1, 20))) == {"assigned"}


def test_old_leads_are_erased_once_they_are_over(world: CsvWorld) -> None:
    for number in (1, 2, 3):
        world.lead(number)
    world.lead(4, owner="user:rep@x.example")
    world.run()
    with world.store.transaction() as session:
        end_assignments(session, [Ref("file", "000001")], world.clock(), "won")
    world.clock.advance(days=729)
    assert let_go(world.store, "file", YEARS, world.clock(), "hash") == 0
    with world.store.transaction() as session:
        end_assignments(session, [Ref("file", "000002")], world.clock(), "lost")
    world.clock.advance(days=2)
    assert let_go(world.store, "file", Keeping(), world.clock(), "hash") == 0
    assert let_go(world.store, "file", YEARS, world.clock(), "hash") == 2
    assert erased(world.store) == {"000001", "000004"}


def test_the_nightly_look_does_both(world: CsvWorld) -> None:
    for number in range(1, 10):
        world.lead(number)
    world.run()
    remove(world, 2)
    for _ in range(9):
        world.run(minutes=25 * 60)
    assert world.outcomes([2]) == ["gone"]
    for _ in range(8):
        world.run(minutes=25 * 60)
    assert erased(world.store) == {"000002"}


def test_load_is_checked_against_the_crms_own_records_each_night(world: CsvWorld) -> None:
    for number in range(1, 7):
        world.lead(number)
    world.run()
    world.run(minutes=25 * 60)
    with world.store.looking() as session:
        assert differing(session) == []
    # Somebody moved a lead and its change stamp never told: no reading of changes can see it.
    world.put({"id": "000001", "owner": "user:rep@x.example"})
    world.run(minutes=25 * 60)
    with world.store.looking() as session:
        (check,) = differing(session)
        summary = summarize(session, {"anna": "Anna", "bert": "Bert"}, "live")
    assert (check.crm, check.partner, check.ours, check.theirs) == ("file", "anna", 3, 2)
    assert "Open leads that the CRM shows with somebody else" in plain(summary_tables(summary))

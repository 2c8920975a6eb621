"""What is read late, again, or no more: nothing is lost and nothing happens twice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connector.store import Store, reading
from connector.store.decisions import ledger_balance
from connector.sync.report import CycleReport
from tests import csv_crm
from tests.conftest import Clock
from tests.sync.world import CsvWorld


@pytest.fixture
def world(tmp_path: Path, store: Store, clock: Clock) -> CsvWorld:
    return CsvWorld(tmp_path, store, clock)


def test_a_row_that_becomes_visible_late_is_found_by_the_overlap(world: CsvWorld) -> None:
    world.lead(1)
    world.run()
    late = world.clock.now
    world.run()
    world.put(csv_crm.a_row(2, late - timedelta(seconds=30), country="DE"))
    assert world.run().pulled["new"] == 1


def test_a_row_that_becomes_visible_ten_minutes_late_is_found_by_settling(world: CsvWorld) -> None:
    world.lead(1)
    world.run()
    stamp = world.clock.now
    world.run(minutes=10)
    world.put(csv_crm.a_row(2, stamp, country="DE"))
    caught = 0
    for _ in range(15):
        caught += world.run().caught["settled"]
    assert caught == 1
    assert world.outcomes([2]) == ["assigned"]


def test_what_no_reading_saw_is_found_by_the_nightly_reconciliation(world: CsvWorld) -> None:
    world.lead(1)
    world.run()
    stamp = world.clock.now
    world.run(minutes=5 * 60)
    world.put(csv_crm.a_row(2, stamp, country="DE"))
    world.run(minutes=1)
    assert not world.decisions(2)
    report = world.run(minutes=24 * 60)
    assert report.caught["missed"] == 1
    world.run()
    assert world.outcomes([2]) == ["assigned"]
    with world.store.transaction() as session:
        assert reading.first_seen_by(session) == {"pull": 1, "reconcile": 1}


def test_a_deleted_lead_is_gone_and_loads_nobody(world: CsvWorld) -> None:
    world.lead(1)
    world.run()
    assert sum(world.load().values()) == 1
    world.put({"id": "000001", "deleted": "yes", "changed_at": world.clock().isoformat()})
    assert world.run().pulled["ended"] == 1
    assert world.outcomes([1]) == ["gone"]
    assert world.load() == {}


def test_a_survivor_of_a_merge_inherits_the_partner_and_takes_no_turn(world: CsvWorld) -> None:
    world.lead(1)
    world.run()
    partner = world.decisions(1)[-1].partner
    world.lead(2, owner="user:rep@x.example")
    world.run()
    stamp = world.clock().isoformat()
    world.put(
        {"id": "000001", "deleted": "yes", "merged_into": "000002", "changed_at": stamp},
        {"id": "000002", "owner": "queue:Intake", "changed_at": stamp},
    )
    world.run()
    survivor = world.decisions(2)[-1]
    assert (survivor.outcome.value, survivor.partner, survivor.rotation) == ("assigned", partner, None)
    assert world.rows()["000002"]["partner"] == str(partner).title()
    assert world.load() == {partner: 1}
    with world.store.transaction() as session:
        assert set(ledger_balance(session).values()) == {0}


@pytest.mark.parametrize("into", ["000002", None])
def test_a_record_that_vanishes_between_pull_and_write_is_followed_or_given_up(
    world: CsvWorld, into: str | None
) -> None:
    world.lead(1)
    world.lead(2, owner="user:rep@x.example")

    def meddle(step: str, crm: str, count: int) -> None:
        if step == "decide":
            world.put({"id": "000001", "deleted": "yes", "merged_into": into or ""})

    world.cycle.means.progress = meddle
    report = world.run()
    assert report.delivered == ({"merged": 1} if into else {"gone": 1})
    assert world.outcomes([1]) == ["gone"]
    assert world.load() == {}


def test_an_open_lead_that_vanished_unseen_is_found_gone_by_the_reconciliation(world: CsvWorld) -> None:
    world.lead(1)
    world.lead(2)
    world.run()
    rows = world.rows()
    csv_crm.write_rows(world.paths["file"], [rows["000002"]])
    assert world.run(minutes=25 * 60).caught["gone"] == 1
    assert world.outcomes([1, 2]) == ["gone", "assigned"]


def test_a_lead_that_is_over_loads_its_partner_no_more(world: CsvWorld) -> None:
    world.lead(1)
    world.lead(2)
    world.run()
    world.put({"id": "000001", "won": "yes", "amount": "900"})
    assert world.run(minutes=16).caught["over"] == 1
    assert sum(world.load().values()) == 1


def test_an_automation_that_sets_our_owner_back_twice_parks_the_record_and_is_named(world: CsvWorld) -> None:
    world.lead(1)
    world.run()
    delivered = 1
    for _ in range(5):
        stamp = world.clock().isoformat()
        world.put({"id": "000001", "owner": "queue:Intake", "partner": "", "changed_at": stamp})
        delivered += world.run().delivered["written"]
    assert delivered == 2
    with world.store.transaction() as session:
        (parked,) = reading.parked(session)
    assert "sets queue:Intake back whenever" in parked.error


def test_a_person_who_gives_a_lead_back_much_later_has_it_distributed_again(world: CsvWorld) -> None:
    world.lead(1)
    world.run()
    for _ in range(3):
        stamp = world.clock.now + timedelta(minutes=60)
        world.clock.advance(minutes=60)
        world.put({"id": "000001", "owner": "queue:Intake", "partner": "", "changed_at": stamp.isoformat()})
        assert world.run().delivered["written"] == 1


class Killed(Exception):
    """The process ended here."""


class FatalClock(Clock):
    """A clock that ends the process when it is read at a fatal moment."""

    fatal: Callable[[], bool] = staticmethod(lambda: False)

    def __call__(self) -> datetime:
        if self.fatal():
            raise Killed
        return super().__call__()


def test_a_note_is_left_once_even_when_the_write_is_repeated(tmp_path: Path, store: Store) -> None:
    clock = FatalClock()
    world = CsvWorld(tmp_path, store, clock, notes=True)
    world.lead(1)
    clock.fatal = lambda: bool(world.rows()["000001"]["notes"])
    with pytest.raises(Killed):
        world.run()
    clock.fatal = lambda: False
    world.cycle.begin()
    assert world.run().delivered == {"already_there": 1}
    assert world.rows()["000001"]["notes"].count("Assigned") == 1


def test_a_record_that_a_native_sync_ties_to_another_follows_it(
    tmp_path: Path, store: Store, clock: Clock
) -> None:
    world = CsvWorld(tmp_path, store, clock, linked=True)
    for number in range(1, 11):
        world.lead(number)
        world.lead(number, crm="other")
    tie(world, "other")
    world.run()
    world.run()
    turns = 0
    for number in range(1, 11):
        (leader,), (follower,) = world.decisions(number), world.decisions(number, "other")
        assert (leader.outcome.value, follower.outcome.value) == ("assigned", "follows")
        assert leader.partner == follower.partner
        assert not follower.turns
        turns += bool(leader.turns)
        assert world.rows()[f"{number:06d}"]["owner"] == f"user:{leader.partner}@x.example"
        assert world.rows("other")[f"{number:06d}"]["owner"] == "queue:Intake"
        assert world.rows("other")[f"{number:06d}"]["partner"] == str(leader.partner).title()
    assert turns == 10
    assert sum(world.load().values()) == 10
    copied(world)
    quiet = world.run()
    assert not quiet.decided
    assert not quiet.delivered


def test_a_follower_waits_until_its_leader_is_decided(tmp_path: Path, store: Store, clock: Clock) -> None:
    world = CsvWorld(tmp_path, store, clock, linked=True)
    world.lead(1, crm="other")
    tie(world, "other")
    assert world.run().decided == {"held": 1}
    world.lead(1)
    world.run()
    for _ in range(6):
        world.run()
    assert world.outcomes([1], "other") == ["follows"]


def test_a_crm_in_trouble_is_left_in_peace_and_comes_back_by_itself(world: CsvWorld) -> None:
    world.lead(1)
    path = world.paths["file"]
    aside = path.with_suffix(".aside")
    path.rename(aside)
    with capture_logs() as logs:
        reports: list[CycleReport] = [world.run(minutes=0.2) for _ in range(6)]
    assert all("file" in report.troubles for report in reports)
    calls = world.sources["file"].calls.total()
    aside.rename(path)
    assert "file" in world.run(minutes=0.1).troubles
    assert world.sources["file"].calls.total() == calls
    with capture_logs() as later:
        assert world.run(minutes=20).delivered["written"] == 1
    told = [entry["event"] for entry in logs + later if "trouble" in entry["event"]]
    assert told == ["source.trouble_began", "source.trouble_ended"]


def tie(world: CsvWorld, crm: str) -> None:
    """Let every record of a CRM carry the id of the other's, as a native sync does."""
    from dataclasses import replace

    source = world.sources[crm]
    plain = source._lead
    source._lead = lambda row: replace(plain(row), linked=row["id"])


def copied(world: CsvWorld) -> None:
    """The native sync copies the owners over."""
    rows, stamp = world.rows(), world.clock().isoformat()
    world.put(
        *({"id": i, "owner": row["owner"], "changed_at": stamp} for i, row in rows.items()), crm="other"
    )

"""Which leads come first when more wait than can be placed."""

from datetime import timedelta
from pathlib import Path

import pytest

from connector.model.decision import Outcome
from connector.reports.simulation import simulate
from connector.routing.order import in_order
from connector.store import Store, reading
from connector.sync import decide
from tests import csv_crm
from tests.builders import a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW, Clock
from tests.sync.world import CsvWorld

ONE_A_DAY = """
[[partner]]
id = "anna"
name = "Anna"
max_new_leads = [{ leads = 3, per = "day" }]
owners = { file = ["user:anna@x.example"] }
[[route]]
name = "all"
if_nobody_fits = { hold = "30d" }
[score.fit]
points = [{ when = { company = "Steel" }, points = 20 }]
"""
URGENT = '[order]\nurgent = { company = "Outage" }\n'


def assigned(world: CsvWorld) -> list[str]:
    return sorted(key for key, row in world.rows().items() if row["partner"] == "Anna")


@pytest.mark.parametrize("batch", [2, 200])
def test_an_urgent_request_after_a_friday_import_far_beyond_the_caps_goes_first(
    tmp_path: Path, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(decide, "BATCH", batch)
    clock.advance(days=4, hours=14, minutes=40)  # late on Friday, 23:40
    world = CsvWorld(tmp_path, store, clock, toml=ONE_A_DAY + URGENT)
    for number in range(1, 11):
        world.lead(number)
    world.run()
    assert assigned(world) == ["000001", "000002", "000003"]
    world.run(minutes=3)
    world.lead(40, company="Outage")
    world.run()
    assert world.outcomes([10, 40]) == ["held", "held"]
    for _ in range(12):
        world.run(minutes=2)
    day_two = assigned(world)
    assert day_two == ["000001", "000002", "000003", "000004", "000005", "000040"]
    reasons = [reason.code for reason in world.decisions(40)[-1].reasons]
    assert reasons[:2] == ["urgent", "route"]
    assert world.rows()["000040"]["reason"].startswith("Urgent, and before others")


@pytest.mark.parametrize(
    ("by", "expected"),
    [("oldest", [1, 2, 3]), ("newest", [6, 7, 8]), ("score", [2, 4, 6])],
)
def test_leads_that_wait_together_go_by_age_or_score(
    tmp_path: Path, store: Store, clock: Clock, by: str, expected: list[int]
) -> None:
    world = CsvWorld(tmp_path, store, clock, toml=f'{ONE_A_DAY}[order]\nby = "{by}"\n')
    for number in range(1, 9):
        world.lead(number, company="" if number % 2 else "Steel")
        clock.advance(minutes=1)
    world.run()
    assert assigned(world) == [f"{number:06d}" for number in expected]


def test_a_simulation_decides_in_the_same_order() -> None:
    policy = a_policy(
        partner("anna", max_open_leads=1)
        + '[[route]]\nname = "all"\n[order]\nurgent = { company = "Outage" }\nby = "newest"\n'
    )
    leads = [
        a_lead(1, created=NOW),
        a_lead(2, created=NOW + timedelta(hours=1)),
        a_lead(3, created=NOW - timedelta(hours=1), company="Outage"),
    ]
    assert [lead.ref.id for lead in in_order(policy, leads, NOW)] == ["000003", "000002", "000001"]
    assert simulate(policy, a_snapshot(), leads).outcomes[Outcome.ASSIGNED] == 1


def test_new_leads_overtake_a_backfill_that_is_still_being_read(
    tmp_path: Path, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is read in pages of two, each of which takes a minute."""
    world = CsvWorld(
        tmp_path, store, clock, toml=ONE_A_DAY.replace("leads = 3", "leads = 90") + '[order]\nby = "newest"\n'
    )
    world.cycle.means.unhurried = False
    source = world.sources["file"]
    monkeypatch.setattr(type(source), "read_size", 2)
    read = source.read_changed

    def slowly(*window: object) -> object:
        clock.advance(minutes=1)
        return read(*window)

    monkeypatch.setattr(source, "read_changed", slowly)
    for number in range(1, 17):
        world.lead(number)
    world.run(minutes=30)
    assert 0 < len(assigned(world)) < 6
    world.lead(50)
    world.run()
    assert "000050" in assigned(world)
    assert len(assigned(world)) < 12
    for _ in range(10):
        world.run()
    assert len(assigned(world)) == 17
    with store.looking() as session:
        assert reading.first_seen_by(session) == {"pull": 17}
    assert csv_crm.read_rows(world.paths["file"]).keys() == {f"{n:06d}" for n in [*range(1, 17), 50]}

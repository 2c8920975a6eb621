"""A pause reaches every step of the next cycle, and nothing is lost by it."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connector.model.pause import Pause, PauseKind
from connector.store import Store, StoreSettings, alerts, pauses
from tests.conftest import Clock
from tests.sync.world import TOML, CsvWorld


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(StoreSettings(url="sqlite:///:memory:"), tmp_path)


def pause(world: CsvWorld, kind: PauseKind, name: str = "") -> None:
    with world.store.transaction() as session:
        pauses.pause(session, Pause(kind, name, world.clock(), None, "sam", "stocktaking"))


def resume(world: CsvWorld, kind: PauseKind, name: str = "") -> None:
    with world.store.transaction() as session:
        assert pauses.resume(session, kind, name, world.clock(), "sam") == 1


def owners(world: CsvWorld, crm: str = "file") -> list[str]:
    return [row["owner"] for row in world.rows(crm).values()]


def test_a_paused_crm_stands_still_and_the_other_goes_on(tmp_path: Path, store: Store, clock: Clock) -> None:
    world = CsvWorld(tmp_path, store, clock, two=True)
    for crm in ("file", "other"):
        world.lead(1, crm)
    pause(world, "crm", "file")
    report = world.run()
    assert report.paused == {"file"}
    assert owners(world) == ["queue:Intake"]
    assert owners(world, "other") != ["queue:Intake"]
    assert not world.sources["file"].calls
    for _ in range(30):
        world.run()
    assert world.decisions(1) == []
    resume(world, "crm", "file")
    world.run()
    assert owners(world) != ["queue:Intake"]


def test_a_crm_that_is_paused_in_the_middle_is_written_to_no_more(
    tmp_path: Path, store: Store, clock: Clock
) -> None:
    """250 leads are three batches; after the first a person steps in."""
    world = CsvWorld(tmp_path, store, clock)
    for number in range(1, 251):
        world.lead(number)

    def meddle(step: str, crm: str, count: int) -> None:
        if step == "deliver" and count:
            pause(world, "crm", "file")

    world.cycle.means.progress = meddle
    report = world.run()
    assert report.delivered["written"] == 100
    assert owners(world).count("queue:Intake") == 150
    world.cycle.means.progress = lambda step, crm, count: None
    resume(world, "crm", "file")
    assert world.run().delivered["written"] == 150
    assert "queue:Intake" not in owners(world)


def test_a_paused_partner_gets_nothing_new_until_it_is_resumed(
    tmp_path: Path, store: Store, clock: Clock
) -> None:
    world = CsvWorld(tmp_path, store, clock)
    pause(world, "partner", "anna")
    for number in range(1, 5):
        world.lead(number)
    world.run()
    assert world.load() == {"bert": 4}
    resume(world, "partner", "anna")
    for number in range(5, 9):
        world.lead(number)
    world.run()
    assert world.load() == {"anna": 2, "bert": 6}


def test_a_paused_route_holds_and_its_time_of_holding_begins_after_the_pause(
    tmp_path: Path, store: Store, clock: Clock
) -> None:
    toml = TOML + 'if_nobody_fits = { hold = "24h" }\nmust_cover = ["country"]\n'
    world = CsvWorld(
        tmp_path,
        store,
        clock,
        toml=toml.replace('name = "Anna"', 'name = "Anna"\ncountries = ["FR"]').replace(
            'name = "Bert"', 'name = "Bert"\ncountries = ["FR"]'
        ),
    )
    pause(world, "route", "all")
    world.lead(1)
    world.run()
    for _ in range(30):
        world.run(60)
    assert [d.reasons[-1].code for d in world.decisions(1)] == ["route_paused"]
    resume(world, "route", "all")
    world.run(60)
    assert [d.reasons[-1].code for d in world.decisions(1)] == ["route_paused", "nobody_fits"]
    world.run(60 * 23)
    assert world.outcomes([1]) == ["held"]
    world.run(60 * 2)
    assert world.outcomes([1]) == ["fallback"]


def test_a_crms_trouble_is_an_alert_that_begins_and_ends_once(
    tmp_path: Path, store: Store, clock: Clock
) -> None:
    world = CsvWorld(tmp_path, store, clock)
    world.lead(1)
    hidden = world.paths["file"].rename(tmp_path / "hidden.csv")
    with capture_logs() as logs:
        for _ in range(3):
            assert world.run().troubles
    assert [entry["event"] for entry in logs].count("source.trouble_began") == 1
    with store.looking() as session:
        (alert,) = alerts.lasting(session)
    assert (alert.code, alert.subject, alert.facts["step"]) == ("source.trouble", "file", "pull")
    hidden.rename(world.paths["file"])
    world.run(20)
    with store.looking() as session:
        assert alerts.lasting(session) == []

"""A route in shadow decides and records, sends nothing, and takes no turn from the live ones."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connector.model.lead import Ref
from connector.routing.by_hand import Order
from connector.store import Store, StoreSettings, reading
from connector.sync.by_hand import assign
from tests.conftest import Clock
from tests.sync.test_reading import tie
from tests.sync.world import TOML, CsvWorld

TRIED = TOML.replace(
    '[[route]]\nname = "all"\n',
    '[[route]]\nname = "tried"\nmode = "shadow"\nwhen = { country = "FR" }\nrotation = { name = "one" }\n'
    '[[route]]\nname = "all"\nrotation = { name = "one" }\n',
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(StoreSettings(url="sqlite:///:memory:"), tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def world(tmp_path: Path, store: Store, clock: Clock) -> CsvWorld:
    return CsvWorld(tmp_path, store, clock, toml=TRIED)


def leads(world: CsvWorld, numbers: range) -> None:
    """Every other lead is one of the tried route."""
    for number in numbers:
        world.lead(number, country="FR" if number % 2 else "DE")


def turns(world: CsvWorld, ledger: str) -> dict[str, int]:
    with world.store.looking() as session:
        return {line.partner: line.turns for line in reading.credits(session, ledger)}


def restarted(world: CsvWorld, *, live: bool) -> None:
    policy = world.cycle.policy
    routes = tuple(replace(route, shadow=route.shadow and not live) for route in policy.routes)
    world.cycle.means.policy = replace(policy, routes=routes)
    world.cycle.begin()


def test_what_a_tried_route_decides_is_recorded_and_never_sent(world: CsvWorld) -> None:
    leads(world, range(1, 9))
    report = world.run()
    assert report.decided == {"assigned": 4, "in_shadow": 4}
    assert report.delivered == {"written": 4}
    rows = world.rows()
    assert {rows[f"{n:06d}"]["owner"] for n in range(1, 9, 2)} == {"queue:Intake"}
    assert {rows[f"{n:06d}"]["status"] for n in range(1, 9, 2)} == {""}
    assert [world.decisions(n)[0].route for n in (1, 2)] == ["tried", "all"]


def test_it_takes_its_turns_in_a_ledger_of_its_own(world: CsvWorld) -> None:
    leads(world, range(1, 9))
    world.run()
    assert turns(world, "live") == turns(world, "shadow") == {"anna": 2, "bert": 2}
    assert world.load() == {"anna": 2, "bert": 2}


def test_leads_together_come_to_the_same_as_one_by_one(tmp_path: Path, store: Store, clock: Clock) -> None:
    together, single = tmp_path / "together", tmp_path / "single"
    together.mkdir()
    single.mkdir()
    one = CsvWorld(together, store, clock, toml=TRIED)
    leads(one, range(1, 12))
    one.run()
    apart_store = Store.open(StoreSettings(url="sqlite:///:memory:"), tmp_path)
    apart = CsvWorld(single, apart_store, clock, toml=TRIED)
    for number in range(1, 12):
        leads(apart, range(number, number + 1))
        apart.run()
    assert [one.decisions(n)[0].partner for n in range(1, 12)] == [
        apart.decisions(n)[0].partner for n in range(1, 12)
    ]
    apart_store.close()


def test_a_restart_decides_nothing_of_it_again_and_going_live_decides_what_is_unassigned(
    world: CsvWorld,
) -> None:
    leads(world, range(1, 5))
    world.run()
    restarted(world, live=False)
    assert world.run().quiet
    restarted(world, live=True)
    report = world.run()
    assert report.decided == {"assigned": 2}
    assert report.delivered == {"written": 2}
    assert "queue:Intake" not in {row["owner"] for row in world.rows().values()}
    assert turns(world, "live") == {"anna": 2, "bert": 2}


def test_a_record_that_follows_a_lead_of_a_tried_route_is_not_written_to(
    tmp_path: Path, store: Store, clock: Clock
) -> None:
    world = CsvWorld(tmp_path, store, clock, linked=True, toml=TRIED)
    world.lead(1, country="FR")
    world.lead(1, "other", country="FR")
    tie(world, "other")
    world.run()
    world.run()
    assert [d.outcome.value for d in world.decisions(1, "other")] == ["follows"]
    assert world.rows("other")["000001"]["partner"] == ""


def test_a_person_may_give_a_lead_of_a_tried_route_to_somebody_and_that_is_sent(world: CsvWorld) -> None:
    world.lead(1, country="FR")
    world.run()
    order = Order("sam", "asked for")
    assign(
        world.cycle.policy, world.store, Ref("file", "000001"), "bert", order, "live", "hash", world.clock()
    )
    world.run()
    assert world.rows()["000001"]["owner"] == "user:bert@x.example"

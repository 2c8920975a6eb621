"""Leads on offer: who claims first has them, and the others are told why not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from connector.model.decision import Outcome
from connector.routing.progress import Meaning
from connector.store import Store, StoreSettings
from connector.store.tables import OutboxRow
from tests.conftest import Clock
from tests.sync.test_life import steps
from tests.sync.world import CsvWorld, a_daemon

TOML = """
[[partner]]
id = "anna"
name = "Anna"
tier = "gold"
owners = { file = ["user:anna@x.example"] }
[[partner]]
id = "bert"
name = "Bert"
owners = { file = ["user:bert@x.example"] }
[[partner]]
id = "away"
name = "Away"
active = false
owners = { file = ["user:rep@x.example"] }
[[route]]
name = "all"
if_not_claimed = { after = "24h", then = "first_in_list" }
"""


LIMITED = """
[route.pick]
method = "cherry_pick"
most = { open = 2 }
most_by_tier = { gold = { per_day = 1 } }
cool_down = { after_lapses = 1, pause = "2d" }
"""


@pytest.fixture
def world(tmp_path: Path, store: Store, clock: Clock) -> CsvWorld:
    world = CsvWorld(tmp_path, store, clock, toml=TOML + LIMITED)
    world.lead(1)
    world.run()
    assert world.rows()["000001"]["owner"] == "queue:Offers"
    assert world.rows()["000001"]["offered_to"] == "Anna, Bert"
    world.run(minutes=20)
    return world


def claims(world: CsvWorld, number: int = 1, **values: Any) -> None:
    world.put({"id": f"{number:06d}", "changed_at": world.clock().isoformat(), **values})


def settled(world: CsvWorld) -> None:
    for _ in range(4):
        world.run()


def last(world: CsvWorld, number: int = 1) -> tuple[str, str | None]:
    decision = world.decisions(number)[-1]
    return decision.outcome.value, decision.partner


@pytest.mark.parametrize(
    "by", [{"claimed_by": "anna"}, {"claimed_by": "Anna"}, {"owner": "user:anna@x.example"}]
)
def test_a_partner_claims_by_the_field_or_by_taking_the_record(world: CsvWorld, by: dict[str, str]) -> None:
    claims(world, 1, **by)
    settled(world)
    row = world.rows()["000001"]
    assert last(world) == ("assigned", "anna")
    assert (row["owner"], row["partner"], row["claimed_by"]) == ("user:anna@x.example", "Anna", "Anna")
    assert row["offered_to"] == ""
    assert [step.state for step in steps(world)] == ["accepted"]
    assert world.load() == {"anna": 1}


@pytest.mark.parametrize(
    ("by", "why"),
    [
        ({"claimed_by": "Nobody Ltd"}, "Nobody Ltd is no partner here"),
        ({"claimed_by": "Away"}, "away is suspended"),
        ({"owner": "user:rep@x.example"}, "away is suspended"),
    ],
)
def test_a_claim_that_does_not_count_leaves_the_offer_and_says_why(
    world: CsvWorld, by: dict[str, str], why: str
) -> None:
    until = world.decisions(1)[-1].look_again_at
    claims(world, 1, **by)
    settled(world)
    row = world.rows()["000001"]
    assert last(world) == ("offered", None)
    assert (row["owner"], row["claimed_by"], row["offered_to"]) == ("queue:Offers", "", "Anna, Bert")
    assert why in row["reason"]
    assert world.decisions(1)[-1].look_again_at == until
    claims(world, claimed_by="bert")
    settled(world)
    assert last(world) == ("assigned", "bert")


@pytest.mark.parametrize("late", [{"claimed_by": "bert"}, {"owner": "user:bert@x.example"}])
def test_a_claim_that_comes_too_late_is_set_right_and_told_why(world: CsvWorld, late: dict[str, str]) -> None:
    claims(world, claimed_by="anna")
    settled(world)
    claims(world, 1, **late)
    for _ in range(4):
        world.run(minutes=2)
    row = world.rows()["000001"]
    assert (row["owner"], row["claimed_by"], row["partner"]) == ("user:anna@x.example", "Anna", "Anna")
    assert "Anna was first; the claim of" in row["reason"]
    assert len(world.decisions(1)) == 2
    assert world.load() == {"anna": 1}


def test_two_claims_in_one_second_have_one_winner(world: CsvWorld) -> None:
    """One fills in the field while the other takes the record over: what we read first is decided, once."""
    source = world.sources["file"]
    ask: Callable[..., object] = source.read_back

    def answer(*args: object) -> object:
        source.read_back = ask
        claims(world, owner="user:bert@x.example")
        return ask(*args)

    source.read_back = answer
    claims(world, claimed_by="anna")
    settled(world)
    row = world.rows()["000001"]
    assert (row["owner"], row["partner"]) == ("user:anna@x.example", "Anna")
    assert last(world) == ("assigned", "anna")
    assert world.load() == {"anna": 1}


def test_claims_are_limited_by_tier_and_day_and_open_at_once(world: CsvWorld) -> None:
    for number in (2, 3, 4):
        world.lead(number)
    settled(world)
    world.run(minutes=20)
    claims(world, 1, claimed_by="anna")
    claims(world, 2, claimed_by="anna")
    settled(world)
    assert [last(world, n)[1] for n in (1, 2)] == ["anna", None]
    assert "anna has claimed 1 leads today" in world.rows()["000002"]["reason"]
    for number in (2, 3, 4):
        claims(world, number, claimed_by="bert")
    settled(world)
    assert [last(world, n)[1] for n in (2, 3, 4)] == ["bert", "bert", None]
    assert "bert has 2 claims open" in world.rows()["000004"]["reason"]


def test_who_lets_a_claim_lapse_waits_before_the_next(world: CsvWorld) -> None:
    world.lead(2)
    settled(world)
    claims(world, 1, claimed_by="bert")
    settled(world)
    claims(world, 1, partner_answer="Declined")
    settled(world)
    assert last(world, 1)[0] == "offered"
    claims(world, 2, claimed_by="bert")
    settled(world)
    assert last(world, 2) == ("offered", None)
    assert "bert let claims lapse" in world.rows()["000002"]["reason"]


def test_what_one_partner_was_at_work_on_is_a_fresh_lead_on_offer_to_the_next(world: CsvWorld) -> None:
    rules = world.cycle.policy.crms["file"]
    values = {"new": ["New"], "working": ["Working"], "declined": ["Declined"]}
    fresh = replace(rules, meaning=Meaning.of(values))
    world.cycle.means.policy = replace(world.cycle.policy, crms={"file": fresh})
    claims(world, 1, claimed_by="bert")
    settled(world)
    claims(world, 1, partner_answer="Declined")
    world.run()
    with world.store.looking() as session:
        sent = session.scalars(select(OutboxRow).order_by(col(OutboxRow.id).desc())).first()
        assert sent
        assert sent.values["lead_status"] == "New"


def test_what_nobody_claims_in_time_is_given(world: CsvWorld) -> None:
    world.run(minutes=24 * 60)
    decision = world.decisions(1)[-1]
    assert (decision.outcome, decision.partner) == (Outcome.ASSIGNED, "anna")
    assert "not_claimed" in [reason.code for reason in decision.reasons]
    world.run()
    claims(world, claimed_by="bert")
    settled(world)
    assert world.rows()["000001"]["owner"] == "user:anna@x.example"
    assert "Anna was first" in world.rows()["000001"]["reason"]


def test_a_person_who_is_no_partners_takes_an_offer_away(world: CsvWorld) -> None:
    claims(world, owner="queue:Triage")
    settled(world)
    assert last(world) == ("left_alone", None)
    assert world.rows()["000001"]["owner"] == "queue:Triage"


def test_a_claim_on_a_record_that_is_gone_is_nobodys(world: CsvWorld) -> None:
    claims(world, claimed_by="anna", deleted="yes")
    settled(world)
    assert last(world) == ("gone", None)
    assert world.load() == {}


def test_of_four_daemons_one_decides_each_claim(
    tmp_path: Path, store_settings: StoreSettings, store: Store, clock: Clock
) -> None:
    if store_settings.url.startswith("sqlite"):
        pytest.skip("several daemons share a PostgreSQL")
    world = CsvWorld(tmp_path, store, clock, toml=TOML + 'pick = "cherry_pick"')
    numbers = range(1, 41)
    for number in numbers:
        world.lead(number)
    settled(world)
    world.clock.advance(minutes=20)
    world.cycle.leave()
    stores = [Store.open(store_settings, tmp_path) for _ in range(4)]
    cycles = [a_daemon(world, each, number) for number, each in enumerate(stores)]
    for number in numbers:
        claims(world, number, **({"claimed_by": "anna"} if number % 2 else {"owner": "user:bert@x.example"}))
    for _ in range(6):
        threads = [Thread(target=cycle.run) for cycle in cycles]
        for thread in threads:
            thread.start()
        for number in numbers:
            if number % 5 == 0:
                claims(world, number, claimed_by="bert")
        for thread in threads:
            thread.join()
        world.clock.advance(minutes=2)
    rows, load = world.rows(), world.load()
    assert sum(load.values()) == len(numbers) - sum(
        rows[f"{n:06d}"]["owner"] == "queue:Offers" for n in numbers
    )
    for number in numbers:
        decisions = world.decisions(number)
        winners = {d.partner for d in decisions if d.outcome is Outcome.ASSIGNED}
        assert len(winners) <= 1
        row = rows[f"{number:06d}"]
        expected = {"anna": "user:anna@x.example", "bert": "user:bert@x.example", None: "queue:Offers"}
        assert row["owner"] == expected[decisions[-1].partner]
    for each in stores:
        each.close()

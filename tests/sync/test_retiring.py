"""A partner that leaves gets nothing new, keeps what it has, and loses it only when a person says so."""

from pathlib import Path

import pytest

from connector.model.decision import Outcome
from connector.model.lead import Ref
from connector.model.life import Mover
from connector.model.noted import Notes, as_noted
from connector.model.pause import Pause
from connector.model.snapshot import Snapshot
from connector.reports.replay import replay
from connector.routing.pipeline import decide, fold
from connector.routing.reasons import summary
from connector.store import Store, pauses
from connector.store.inputs import batches
from connector.store.life import steps_of
from connector.store.retiring import counts, open_leads, release
from tests.builders import a_lead, a_policy
from tests.conftest import NOW, Clock
from tests.routing.test_pipeline import DACH, TWO
from tests.sync.world import CsvWorld


@pytest.fixture
def world(tmp_path: Path, store: Store, clock: Clock) -> CsvWorld:
    """Two leads each for anna and bert, written."""
    world = CsvWorld(tmp_path, store, clock)
    for number in range(1, 5):
        world.lead(number)
    world.run()
    world.run()
    assert world.load() == {"anna": 2, "bert": 2}
    with store.transaction() as session:
        pauses.pause(session, Pause("retiring", "anna", clock(), None, "sam", "sold"))
    return world


def released(world: CsvWorld) -> int:
    with world.store.transaction() as session:
        return release(session, "anna", Mover("command", "sam"), world.clock())


def test_it_gets_nothing_new_and_keeps_what_it_has_until_that_is_released(world: CsvWorld) -> None:
    for number in (5, 6):
        world.lead(number)
    world.run()
    world.run()
    assert world.load() == {"anna": 2, "bert": 4}
    assert world.decisions(5)[-1].choices[0].refused == {"retiring": ("anna",)}
    with world.store.looking() as session:
        has = [one.ref for one in open_leads(session, "anna")]
        assert counts(session) == {"anna": (2, 0), "bert": (4, 0)}
    assert released(world) == 2
    world.run()
    world.run()
    assert world.load() == {"bert": 6}
    assert {row["owner"] for row in world.rows().values()} == {"user:bert@x.example"}
    assert released(world) == 0
    for ref in has:
        decision = world.decisions(int(ref.id))[-1]
        assert summary(decision).startswith("Released from the partner before, which leaves")
        assert decision.choices[0].refused == {"held_before": ("anna",)}
        with world.store.looking() as session:
            step = steps_of(session, ref)[1]
        assert (step.partner, step.state, step.by, step.who) == ("anna", "released", "command", "sam")
    with world.store.looking() as session:
        assert replay(batches(session), lambda config_hash: world.cycle.policy).different == []


def test_one_that_is_kept_after_all_has_turns_again_but_not_the_leads_that_left_it(world: CsvWorld) -> None:
    released(world)
    with world.store.transaction() as session:
        assert pauses.resume(session, "retiring", "anna", world.clock(), "sam") == 1
    world.run()
    assert world.load() == {"bert": 4}
    world.lead(5)
    world.lead(6)
    world.run()
    assert "anna" in {world.decisions(number)[-1].partner for number in (5, 6)}


def test_leaving_is_no_pause_that_ends_with_the_others(world: CsvWorld) -> None:
    with world.store.transaction() as session:
        pauses.pause(session, Pause("route", "all", world.clock(), None, "sam", "x"))
        assert [one.kind for one in pauses.lasting(session, world.clock())] == ["route"]
        assert pauses.resume(session, "all", "", world.clock(), "sam") == 1
        assert [one.name for one in pauses.leaving(session, world.clock())] == ["anna"]
        assert pauses.paused(session, world.clock()).retiring == {"anna"}


def test_its_rights_no_longer_count_and_the_decision_says_so() -> None:
    policy = a_policy('[standing]\norder = ["partner_on_lead"]\n' + TWO + DACH)
    lead = a_lead(country="DE", partner="Anna")
    decision = decide(policy, Snapshot(NOW, retiring=frozenset({"anna"})), lead)
    assert (decision.outcome, decision.partner) == (Outcome.ASSIGNED, "bert")
    assert "anna is named but retiring" in summary(decision).casefold()
    assert decide(policy, Snapshot(NOW), lead).partner == "anna"


def test_who_left_is_kept_with_decisions_so_that_they_can_be_computed_again() -> None:
    policy, lead = a_policy(TWO + DACH), a_lead(country="DE")
    notes = Notes(Snapshot(NOW, retiring=frozenset({"anna"})))
    (first,) = fold(policy, notes.snapshot, notes.each([lead]))
    again = as_noted(notes.shared, [notes.own(0)])
    assert again.retiring == {"anna"}
    assert decide(policy, again, lead) == first
    assert first.ref == Ref("salesforce", "000001")

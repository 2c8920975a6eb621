"""What a person assigns goes the way of every decision: recorded, booked, written."""

from dataclasses import replace
from pathlib import Path

import pytest

from connector.model.decision import Decision
from connector.model.lead import Ref
from connector.routing.by_hand import Objection, Order
from connector.store import Store, reading
from connector.store.decisions import ledger_balance
from connector.sync.by_hand import UnknownLead, assign
from tests import csv_crm
from tests.conftest import Clock
from tests.sync.world import CsvWorld

MIA = Order("mia@ops", "they met at the fair")
LEAD = Ref("file", "000001")


def given(
    world: CsvWorld, partner: str, order: Order = MIA, ref: Ref = LEAD, ledger: str = "live"
) -> Decision | tuple[Objection, ...]:
    return assign(world.cycle.policy, world.store, ref, partner, order, ledger, "hash", world.clock())


def test_a_lead_assigned_by_hand_is_written_to_the_crm(tmp_path: Path, store: Store, clock: Clock) -> None:
    world = CsvWorld(tmp_path, store, clock)
    world.lead(1)
    world.put(csv_crm.a_row(2, clock()))
    world.run()
    assert (world.rows()["000001"]["partner"], world.rows()["000002"]["owner"]) == ("Anna", "queue:Triage")
    assert isinstance(given(world, "bert", replace(MIA, takes_turn=True)), Decision)
    assert isinstance(given(world, "bert", replace(MIA, anyway=True), Ref("file", "000002")), Decision)
    world.run()
    rows = world.rows()
    assert {row["owner"] for row in rows.values()} == {"user:bert@x.example"}
    assert {row["partner"] for row in rows.values()} == {"Bert"}
    with store.transaction() as session:
        assert reading.assigned_by(session, "live") == {("bert", "all"): 1, ("bert", None): 1}
        assert {line.partner: line.turns for line in reading.credits(session, "live")} == {
            "anna": 1,
            "bert": 1,
        }
        assert set(ledger_balance(session).values()) == {0}
    assert world.decisions(1)[-1].reasons[0].facts == {
        "partner": "bert",
        "who": "mia@ops",
        "because": "they met at the fair",
    }


def test_what_stands_against_it_changes_nothing(tmp_path: Path, store: Store, clock: Clock) -> None:
    world = CsvWorld(tmp_path, store, clock)
    world.lead(1)
    world.run()
    assert not isinstance(given(world, "anna"), Decision)
    with pytest.raises(UnknownLead):
        given(world, "anna", ref=Ref("file", "nobody"))
    assert len(world.decisions(1)) == 1


def test_in_shadow_nothing_is_sent(tmp_path: Path, store: Store, clock: Clock) -> None:
    world = CsvWorld(tmp_path, store, clock)
    world.lead(1)
    world.run()
    found = given(world, "bert", replace(MIA, anyway=True), ledger="shadow")
    assert isinstance(found, Decision)
    with store.transaction() as session:
        assert ("file", "pending") not in reading.outbox_by_state(session)

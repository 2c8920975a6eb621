"""Recorded decisions come out the same when they are computed again."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import toml_rs
from sqlalchemy import func, select, text, update
from sqlmodel import col

from connector.model.decision import Decision, Outcome
from connector.model.lead import Lead, Ref
from connector.reports.replay import Replay, count_others, replay
from connector.routing.by_hand import Order
from connector.routing.policy import Policy, understand_policy
from connector.routing.settings import RoutingSettings
from connector.sources.base import SourceRefused
from connector.store import Store, reading
from connector.store.erasure import erase
from connector.store.inputs import batches, without_inputs
from connector.store.intake import take_in
from connector.store.outbox import take, yield_to_person
from connector.store.stuck import drop, retry
from connector.store.tables import BatchRow, DecisionRow, InputRow
from connector.sync.by_hand import assign
from connector.sync.decide import decide_waiting
from tests.builders import a_policy
from tests.conftest import NOW, Clock
from tests.sync.test_simulation import RULES, a_file
from tests.sync.world import TOML, CsvWorld
from tests.takers import a_taker


def decided(store: Store, policy: Policy, leads: list[Lead], clock: Clock, size: int = 70) -> None:
    """Leads that come and are decided in several cycles; some turns are given back in between."""
    for start in range(0, len(leads), size):
        with store.transaction() as session:
            take_in(session, "salesforce", leads[start : start + size], clock())
        decide_waiting(policy, store, ["salesforce"], "live", "hash", clock, lambda count: None)
        clock.advance(hours=7)
        with store.transaction() as session:
            for parcel in take(session, "salesforce", clock(), size, a_taker())[::5]:
                yield_to_person(session, parcel, "user:rep@x.example", clock(), "hash")


def replayed(store: Store, policy: Policy | None, **period: Any) -> Replay:
    with store.transaction() as session:
        return replay(batches(session, **period), lambda config_hash: policy, period.get("ref"))


@pytest.fixture
def policy() -> Policy:
    return a_policy(RULES)


def test_every_decision_comes_out_the_same(
    store: Store, policy: Policy, clock: Clock, tmp_path: Path
) -> None:
    leads = a_file(tmp_path)[:200]
    decided(store, policy, leads, clock)
    found = replayed(store, policy)
    assert found.different == []
    assert found.same >= len(leads)
    assert (found.erased, found.no_rules) == (0, 0)
    part = replayed(store, policy, since=NOW, until=NOW.replace(hour=23))
    assert 0 < part.same < found.same
    assert replayed(store, policy, ref=leads[7].ref).same == 1


def test_a_decision_that_was_tampered_with_is_found(
    store: Store, policy: Policy, clock: Clock, tmp_path: Path
) -> None:
    decided(store, policy, a_file(tmp_path)[:120], clock)
    with store.transaction() as session:
        row = session.scalars(
            select(DecisionRow).where(col(DecisionRow.outcome) == Outcome.ASSIGNED).offset(20).limit(1)
        ).one()
        ref = Ref(row.crm, row.lead_id)
        other = "anna" if row.data["partner"] != "anna" else "bert"
        on_table = "" if session.get_bind().dialect.name == "sqlite" else " ON decision"
        session.execute(text(f"DROP TRIGGER decision_no_update{on_table}"))
        session.execute(
            update(DecisionRow)
            .where(col(DecisionRow.id) == row.id)
            .values(data={**row.data, "partner": other})
        )
    # Those after it in its batch were decided from what it was said to have left.
    first, *_ = replayed(store, policy).different
    assert first.ref == ref
    assert first.recorded == {"partner": other}


def test_other_rules_are_found_to_decide_otherwise(
    store: Store, policy: Policy, clock: Clock, tmp_path: Path
) -> None:
    decided(store, policy, a_file(tmp_path)[:100], clock)
    stricter = a_policy(RULES.replace("below = 5", "below = 50"))
    found = replayed(store, stricter).different
    assert any(difference.computed.get("outcome") == "rejected" for difference in found)
    assert replayed(store, None).no_rules > 0


def test_inputs_hold_no_more_than_what_was_read(
    store: Store, policy: Policy, clock: Clock, tmp_path: Path
) -> None:
    decided(store, policy, a_file(tmp_path)[:70], clock)
    with store.transaction() as session:
        (batch,) = batches(session)
        assert set(batch.snapshot.load) <= {"anna", "bert", "cora"}
        assert set(batch.snapshot.turns) == set()
        assert session.scalars(select(col(InputRow.data))).first()
        assert session.scalars(select(col(BatchRow.ledger))).all() == ["live"]


def whole(store: Store, policy: Policy, **period: Any) -> Replay:
    """As `connector replay` does it: with what cannot be computed counted."""
    found = replayed(store, policy, **period)
    with store.looking() as session:
        count_others(found, without_inputs(session, **period))
    return found


def accounted(store: Store, found: Replay) -> bool:
    """Whether every decision there is was compared or counted."""
    with store.looking() as session:
        made = session.scalars(select(func.count()).select_from(DecisionRow)).one()
    counted = found.same + found.erased + found.no_rules + found.no_inputs + found.events.total()
    return made == counted + len(found.different)


def test_decisions_by_hand_come_out_the_same(store: Store, clock: Clock, tmp_path: Path) -> None:
    world = CsvWorld(tmp_path, store, clock)
    for number in range(1, 6):
        world.lead(number, country="DE" if number < 5 else "")
    world.run()
    mia = Order("mia@ops", "they met at the fair")
    policy = world.cycle.policy
    orders = {1: replace(mia, takes_turn=True), 5: replace(mia, anyway=True), 3: mia}
    for number, order in orders.items():
        ref = Ref("file", f"{number:06d}")
        assert isinstance(assign(policy, store, ref, "bert", order, "live", "hash", clock()), Decision)
        world.run()
    found = whole(store, policy)
    assert (found.different, found.same, found.no_inputs) == ([], 8, 0)
    suspended = toml_rs.loads(TOML.replace('name = "Bert"', 'name = "Bert"\nactive = false'))
    without_bert = understand_policy(RoutingSettings.model_validate(suspended), policy.crms)
    by_hand = [d for d in whole(store, without_bert).different if "objections" in d.computed]
    assert [d.computed["objections"] for d in by_hand] == [
        ["refused"],
        ["refused", "no_route"],
        ["refused"],
    ]


def test_what_only_notes_an_event_is_counted_by_what_happened(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    world = CsvWorld(tmp_path, store, clock)
    for number in range(1, 8):
        world.lead(number, email=f"l{number}@x{number}.example")
    unwritten = world.sources["file"].write
    world.sources["file"].write = lambda updates: [SourceRefused("no such owner", "X") for _ in updates]
    world.run()
    with store.transaction() as session:
        parked = reading.parked(session)
    assert len(parked) == 7
    with store.transaction() as session:
        drop(session, [parked[0].id], clock(), "mia@ops", "not ours", "hash")
        retry(session, [parked[1].id], clock())
    world.put({"id": "000003", "deleted": "yes", "changed_at": clock().isoformat()})
    world.put({"id": "000004", "deleted": "yes", "merged_into": "000005", "changed_at": clock().isoformat()})
    world.sources["file"].write, read_back = unwritten, world.sources["file"].read_back

    def taken_meanwhile(ids: Any) -> Any:
        world.put({"id": "000002", "owner": "user:rep@x.example"})
        return read_back(ids)

    world.sources["file"].read_back = taken_meanwhile
    world.run()
    with store.transaction() as session:
        erase(session, [Ref("file", "000006")], clock(), "hash")
    found = whole(store, world.cycle.policy)
    assert found.events == {"dropped": 1, "changed_by_person": 1, "gone": 1, "merged": 1}
    assert (found.different, found.erased) == ([], 1)
    assert accounted(store, found)
    assert whole(store, world.cycle.policy, ref=Ref("file", "000003")).events == {"gone": 1}
    assert whole(store, world.cycle.policy, until=NOW).events == {}

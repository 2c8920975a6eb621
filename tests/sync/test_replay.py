"""Recorded decisions come out the same when they are computed again."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlmodel import col

from connector.model.decision import Outcome
from connector.model.lead import Lead, Ref
from connector.reports.replay import Replay, replay
from connector.routing.policy import Policy
from connector.store import Store
from connector.store.inputs import batches
from connector.store.intake import take_in
from connector.store.outbox import take, yield_to_person
from connector.store.tables import BatchRow, DecisionRow, InputRow
from connector.sync.decide import decide_waiting
from tests.builders import a_policy
from tests.conftest import NOW, Clock
from tests.sync.test_simulation import RULES, a_file
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

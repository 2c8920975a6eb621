"""What decisions rested on, kept apart from them: enough to compute each again, and to erase a person."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.data import plain, typed
from connector.model.decision import Decision
from connector.model.lead import Lead, Ref
from connector.model.noted import Notes, as_noted
from connector.model.snapshot import Snapshot
from connector.store.bulk import insert_all
from connector.store.tables import BatchRow, DecisionRow, InputRow


@dataclass(frozen=True, slots=True)
class Made:
    """A recorded decision, with the lead as it was seen then, or None once that is erased.

    `order` is what a person asked for, for a decision by hand.
    """

    decision: Decision
    config_hash: str
    lead: Lead | None
    order: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Decisions made together, in order, and the snapshot from before the first, as far as it was read."""

    snapshot: Snapshot
    made: Sequence[Made]


def keep_inputs(
    session: Session,
    ledger: str,
    at: datetime,
    notes: Notes,
    kept: Sequence[tuple[int, int, Lead]],
    order: Mapping[str, Any] | None = None,
) -> None:
    """Keep what a batch of recorded decisions rested on: each one's id, its place in the batch, its lead.

    `order`, JSON values, is what a person asked for, where the batch is a decision by hand.
    """
    if not kept:
        return
    ids = [decision_id for decision_id, _, _ in kept]
    batch = {
        "at": at,
        "ledger": ledger,
        "first_decision": min(ids),
        "last_decision": max(ids),
        "state": zlib.compress(orjson.dumps(notes.shared), 1),
    }
    batch_id = session.scalars(insert(BatchRow).returning(col(BatchRow.id)), [batch]).one()
    rows = [
        {
            "decision_id": i,
            "batch_id": batch_id,
            "data": {"lead": plain(lead), "own": notes.own(place), **({"order": order} if order else {})},
        }
        for i, place, lead in kept
    ]
    insert_all(session, InputRow, rows)


def batches(
    session: Session,
    since: datetime | None = None,
    until: datetime | None = None,
    ref: Ref | None = None,
    size: int = 100,
) -> Iterator[Batch]:
    """Batches in the order in which they were decided, of a period or with a decision on one lead."""
    wanted = select(BatchRow).order_by(col(BatchRow.id)).limit(size)
    if since is not None:
        wanted = wanted.where(col(BatchRow.at) >= since)
    if until is not None:
        wanted = wanted.where(col(BatchRow.at) < until)
    if ref is not None:
        ids = (
            select(col(InputRow.batch_id))
            .join(DecisionRow, col(DecisionRow.id) == col(InputRow.decision_id))
            .where(col(DecisionRow.crm) == ref.crm, col(DecisionRow.lead_id) == ref.id)
        )
        wanted = wanted.where(col(BatchRow.id).in_(ids))
    after = 0
    while rows := session.scalars(wanted.where(col(BatchRow.id) > after)).all():
        for row in rows:
            yield _batch(session, row)
        after = rows[-1].id


def without_inputs(
    session: Session,
    since: datetime | None = None,
    until: datetime | None = None,
    ref: Ref | None = None,
) -> Iterator[tuple[Decision, bool]]:
    """The decisions for which no inputs are kept, and whether each is erased; of a period or on one lead."""
    kept = exists().where(col(InputRow.decision_id) == col(DecisionRow.id))
    wanted = select(DecisionRow).where(~kept).order_by(col(DecisionRow.id))
    if since is not None:
        wanted = wanted.where(col(DecisionRow.at) >= since)
    if until is not None:
        wanted = wanted.where(col(DecisionRow.at) < until)
    if ref is not None:
        wanted = wanted.where(col(DecisionRow.crm) == ref.crm, col(DecisionRow.lead_id) == ref.id)
    for row in session.scalars(wanted.execution_options(yield_per=1000)):
        yield Decision.from_data(row.data), row.erased_at is not None


def _batch(session: Session, row: BatchRow) -> Batch:
    found = session.execute(
        select(DecisionRow, col(InputRow.data))
        .join(InputRow, col(InputRow.decision_id) == col(DecisionRow.id))
        .where(
            col(DecisionRow.id).between(row.first_decision, row.last_decision),
            col(InputRow.batch_id) == row.id,
        )
        .order_by(col(DecisionRow.id))
    ).all()
    own = [inputs["own"] for _, inputs in found if inputs]
    made = [_made(decision, inputs) for decision, inputs in found]
    return Batch(as_noted(orjson.loads(zlib.decompress(row.state)), own), made)


def _made(row: DecisionRow, inputs: dict[str, Any] | None) -> Made:
    lead = typed(Lead, inputs["lead"]) if inputs and row.erased_at is None else None
    order = inputs.get("order") if inputs else None
    return Made(Decision.from_data(row.data), row.config_hash, lead, order)

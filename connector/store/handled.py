"""The leads that reached partners in a period, and what came of each."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.lead import Ref
from connector.model.life import State
from connector.model.performance import Handled
from connector.store.given import NEVER_REACHED
from connector.store.tables import AssignmentRow, ProgressRow

_REFUSED = frozenset({State.DECLINED, State.EXPIRED})
_OVER = {State.WON: True, State.LOST: False}


def handled(session: Session, since: datetime, until: datetime | None = None) -> Iterator[Handled]:
    """Leads that partners were given since a moment, and before another, in the order in which they were.

    Only live ones: in shadow no partner ever learns of a lead.
    """
    row, progress = AssignmentRow, ProgressRow
    wanted = (
        select(
            col(row.crm),
            col(row.lead_id),
            col(row.partner),
            col(row.state),
            col(row.since),
            col(row.accepted_at),
            col(row.touched_at),
            col(row.ended_at),
            col(row.claimed),
            col(progress.amount),
            col(progress.currency),
        )
        .outerjoin(progress, and_(col(progress.crm) == col(row.crm), col(progress.id) == col(row.lead_id)))
        .where(
            col(row.ledger) == "live",
            col(row.since) >= since,
            col(row.ended_because).is_(None) | col(row.ended_because).not_in(NEVER_REACHED),
        )
        .order_by(col(row.since), col(row.id))
        .execution_options(yield_per=5000)
    )
    if until is not None:
        wanted = wanted.where(col(row.since) < until)
    for found in session.execute(wanted):
        yield _handled(*found)


def _handled(
    crm: str,
    lead_id: str,
    partner: str,
    at: str,
    since: datetime,
    accepted_at: datetime | None,
    touched_at: datetime | None,
    ended_at: datetime | None,
    claimed: bool,
    *money: Any,
) -> Handled:
    state = State(at)
    declined_at = ended_at if state is State.DECLINED else None
    won = _OVER.get(state)
    return Handled(
        Ref(crm, lead_id),
        partner,
        since,
        None if claimed else accepted_at or declined_at,
        touched_at,
        None if claimed else True if accepted_at else False if state in _REFUSED else None,
        state is State.EXPIRED and accepted_at is None,
        won,
        claimed,
        *(money if won else (None, None)),
    )

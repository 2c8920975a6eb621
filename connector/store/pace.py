"""When each step of an assignment came."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.performance import Followed
from connector.store.given import NEVER_REACHED
from connector.store.tables import AssignmentRow, LeadRow


def followed(session: Session, since: datetime, batch: int = 5000) -> Iterator[Followed]:
    """Every live assignment that began since a moment and reached its partner, oldest first.

    One that was decided again before its partner had answered tells nothing of anybody's speed.
    They come one by one, so that none are held in memory.
    """
    row = AssignmentRow
    ended = col(row.ended_because)
    rows = session.execute(
        select(
            col(row.partner),
            col(row.route),
            col(row.since),
            col(LeadRow.created_at),
            col(row.accepted_at),
            col(row.touched_at),
        )
        .join(LeadRow, (col(LeadRow.crm) == col(row.crm)) & (col(LeadRow.id) == col(row.lead_id)))
        .where(
            col(row.ledger) == "live",
            col(row.since) >= since,
            ended.is_(None)
            | (
                ended.not_in(NEVER_REACHED) & ((ended != "decided_again") | col(row.accepted_at).is_not(None))
            ),
        )
        .order_by(col(row.id))
        .execution_options(yield_per=batch)
    )
    for values in rows:
        yield Followed(*cast("Any", values))

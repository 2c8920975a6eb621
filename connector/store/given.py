"""When capped partners were given leads, as far back as a cap can look."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.store.tables import AssignmentRow

_NEVER_REACHED = ("changed_by_person", "gone")
_A_MONTH = timedelta(days=31, hours=2)
"""The longest calendar month, with the hour that clocks may go back in it."""


def given(
    session: Session, ledger: str, partners: Sequence[str], now: datetime
) -> defaultdict[str, list[datetime]]:
    """When each of these partners was given a lead that reached it, oldest first, in the last month."""
    times: defaultdict[str, list[datetime]] = defaultdict(list)
    if not partners:
        return times
    ended = col(AssignmentRow.ended_because)
    rows = session.execute(
        select(col(AssignmentRow.partner), col(AssignmentRow.since))
        .where(
            col(AssignmentRow.ledger) == ledger,
            col(AssignmentRow.partner).in_(partners),
            col(AssignmentRow.since) >= now - _A_MONTH,
            ended.is_(None) | ended.not_in(_NEVER_REACHED),
        )
        .order_by(col(AssignmentRow.since))
    )
    for partner, since in rows:
        times[partner].append(since)
    return times

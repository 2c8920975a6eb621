"""Rate limits that all daemons share, and how many calls a day has seen."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.store.missing import insert_missing
from connector.store.tables import CallRow, LimitRow

LONGEST_QUEUE = timedelta(minutes=10)
"""No daemons, however many, wait that long for their turn at a CRM."""


def reserve(session: Session, account: str, kind: str, rate: float, burst: int, now: datetime) -> timedelta:
    """How long to wait before the next call of a class; the place in the queue is taken.

    `rate` is calls a second, `burst` how many may come at once. This is the generic cell rate algorithm
    (ITU-T I.371): one moment a class is all there is to remember, so one locked row serves all daemons.
    """
    insert_missing(session, LimitRow, account=account, kind=kind, due_at=now)
    row = session.get_one(LimitRow, (account, kind), with_for_update=True)
    gap = timedelta(seconds=1 / rate)
    # A queue of that length means that the clock went back since.
    due = max(row.due_at, now) if row.due_at - now < LONGEST_QUEUE else now
    row.due_at = due + gap
    return max(timedelta(), due - now - gap * (burst - 1))


def calls_on(session: Session, crm: str, day: str) -> int:
    """API calls of a CRM on a day (UTC)."""
    total = select(func.sum(col(CallRow.calls))).where(col(CallRow.crm) == crm, col(CallRow.day) == day)
    return int(session.scalars(total).one() or 0)

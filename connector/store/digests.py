"""What happened to partners' leads in a time, counted for digests."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.life import OPEN, State
from connector.store.tables import AssignmentEventRow, AssignmentRow

STEPS: Mapping[str, str] = {
    State.ACCEPTED: "accepted",
    State.WORKING: "working",
    State.DECLINED: "declined",
    State.EXPIRED: "late",
    State.RECALLED: "taken_back",
    State.CONVERTED: "converted",
    State.WON: "won",
    State.LOST: "lost",
}
"""What a digest calls the leads that came into a state."""

COUNTS = ("new", *STEPS.values(), "open", "to_accept")
"""Everything that is counted of a partner."""


def counted(session: Session, since: datetime, until: datetime) -> dict[str, Counter[str]]:
    """By partner: steps of live assignments after `since` and until a moment, and what is open now."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    event, row = AssignmentEventRow, AssignmentRow
    steps = session.execute(
        select(col(event.partner), col(event.was), col(event.state), func.count())
        .where(col(event.ledger) == "live", col(event.at) > since, col(event.at) <= until)
        .group_by(col(event.partner), col(event.was), col(event.state))
    )
    for partner, was, state, count in steps:
        if was is None:
            found[partner]["new"] += count
        elif was != state and state in STEPS:
            found[partner][STEPS[state]] += count
    now = session.execute(
        select(col(row.partner), col(row.state), func.count())
        .where(col(row.ledger) == "live", col(row.state).in_(OPEN))
        .group_by(col(row.partner), col(row.state))
    )
    for partner, state, count in now:
        found[partner]["open"] += count
        found[partner]["to_accept"] += count if state == State.ASSIGNED else 0
    return dict(found)

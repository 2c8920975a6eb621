"""Look after leads that wait to be accepted: remind in time, and take back what nobody accepted."""

from collections import Counter
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from connector.model.life import CLOCK
from connector.routing.policy import Policy
from connector.store import Store
from connector.store.life import end, remind, unanswered
from connector.store.tables import AssignmentRow

BATCH = 500


def follow_up(policy: Policy, store: Store, crm: str, now: datetime) -> Counter[str]:
    """Everything that is due in one CRM; how many were reminded of and how many taken back.

    What was taken back waits to be decided: the next partner gets it, none that had it, and after
    `try_partners` or when nobody is left the fallback owner.
    """
    done: Counter[str] = Counter()
    ahead = max(
        (before for route in policy.routes for before in route.terms.remind_before), default=timedelta()
    )
    last = 0
    while True:
        with store.transaction() as session:
            rows = unanswered(session, crm, now + ahead, last, BATCH)
            done.update(what for row in rows if (what := _look_after(session, policy, row, now)))
        if not rows:
            return done
        last = rows[-1].id


def _look_after(session: Session, policy: Policy, row: AssignmentRow, now: datetime) -> str | None:
    assert row.accept_by is not None  # noqa: S101  # `unanswered` asks for those
    if row.accept_by <= now:
        end(session, row, "breached", now, CLOCK)
        log = structlog.get_logger()
        log.warning("assignment.breached", crm=row.crm, lead=row.lead_id, partner=row.partner)
        return "breached"
    come = [m for m in policy.terms_of(row.route).reminders(row.since, row.accept_by) if m <= now]
    if len(come) <= row.reminded:
        return None
    # What came due while nothing ran is one reminder, not many.
    row.reminded = len(come) - 1
    local = row.accept_by.astimezone(policy.attendance.of(row.partner).zone)
    remind(session, row, f"Please accept by {local:%Y-%m-%d %H:%M %Z}", now)
    return "reminded"

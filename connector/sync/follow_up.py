"""Look after leads that wait to be accepted: remind in time, and take back what nobody accepted."""

from collections import Counter
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from connector.model.life import CLOCK
from connector.routing.facts import understand
from connector.routing.policy import Policy
from connector.store import Store
from connector.store.intake import as_lead
from connector.store.life import end, remind, stale, unanswered
from connector.store.tables import AssignmentRow

BATCH = 500


def recycle(policy: Policy, store: Store, crm: str, now: datetime) -> int:
    """Take back the leads with which nothing has happened for as long as a rule says; how many."""
    taken = 0
    for rule in policy.recycles:
        last = 0
        while True:
            with store.transaction() as session:
                rows = stale(session, crm, rule.states, now - rule.after, last, BATCH)
                for row, lead in rows:
                    facts = understand(as_lead(lead), now, policy.missing_words, policy.normal)
                    taken += rule.condition.holds(facts) and end(
                        session, row, "recycled", now, CLOCK, rule.name
                    )
            if not rows:
                break
            last = rows[-1][0].id
    return taken


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
            break
        last = rows[-1].id
    done["recycled"] = recycle(policy, store, crm, now)
    return +done


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

"""What time alone brings: reminders, escalation, and the end of reviews, answers and protection."""

from collections.abc import Iterator
from datetime import datetime

from connector.model.decision import Reason
from connector.model.registration import Life, State
from connector.routing.registration.terms import Terms
from connector.routing.registration.walk import Walk


def passed(walk: Walk) -> None:
    """Do what is due now; each reminder is sent once."""
    for at, name in sorted(_due(walk.terms, walk.life)):
        if at > walk.now or name in walk.life.reminded:
            continue
        if name == "end":
            _end(walk)
            return
        _remind(walk, name)


def next_due(terms: Terms, life: Life) -> datetime | None:
    """When time will bring something next."""
    return min((at for at, name in _due(terms, life) if name not in life.reminded), default=None)


def _due(terms: Terms, life: Life) -> Iterator[tuple[datetime, str]]:
    """Every moment that matters in the present state, and the name of what happens then."""
    settings = terms.settings
    if life.state is State.UNDER_REVIEW and life.decide_by:
        remind = terms.remind_reviewer_at(life.since)
        if remind and remind < life.decide_by:
            yield remind, "reviewer_reminded"
        yield life.decide_by, "escalated"
    elif life.state is State.SUBMITTED and life.reasons:
        yield terms.decide_by(life.since), "escalated"  # a CRM that it waits for may stay away
    elif life.state is State.APPROVED and life.protected_until:
        for before in settings.remind_before:
            yield life.protected_until - before, f"ends_in_{int(before.total_seconds())}"
        yield life.protected_until, "end"
    elif life.state is State.RETURNED:
        yield terms.later(life.since, settings.answer_within), "end"


def _end(walk: Walk) -> None:
    """The protection is over, or nobody answered; the customer is free."""
    code = "protection_over" if walk.life.state is State.APPROVED else "not_answered"
    pending = walk.life.extension_pending
    said = "refused" if pending else walk.life.extension_said
    walk.move(State.EXPIRED, Reason(code), extension_pending=False, extension_said=said)


def _remind(walk: Walk, name: str) -> None:
    life = walk.life
    walk.life = life.but(reminded=(*life.reminded, name))
    if name.startswith("ends_in_") and life.protected_until:
        walk.happened("partner_reminded", Reason("ends_soon", {"until": life.protected_until.isoformat()}))
        return
    if name == "escalated":
        settings = walk.terms.settings
        to = settings.escalate_to or life.reviewer or settings.reviewer
        walk.life = walk.life.but(reviewer=to)
        walk.happened("escalated", Reason("escalated", {"to": to}))
        return
    walk.happened(name, Reason("reviewer_reminded", {"reviewer": life.reviewer}))

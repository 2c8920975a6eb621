"""Deal registrations told: as a row of a list, in full, and both sides of a conflict."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from connector.model.decision import Reason
from connector.model.registration import Event, State
from connector.routing.registration.terms import Terms
from connector.routing.registration.words import (
    KINDS,
    LABELS,
    credited_to,
    name_of,
    say,
    say_inside,
    summary,
)
from connector.store.registration_reading import Filed


def line(terms: Terms, filed: Filed) -> dict[str, Any]:
    """One registration as a row of a list."""
    life, fields = filed.life, filed.seen.fields
    partner = terms.partner(life.partner) if life else None
    return {
        "registration": str(filed.seen.ref),
        "partner": partner.name if partner else str(fields.get("partner", "")),
        "customer": str(fields.get("company", "")),
        "state": LABELS[life.state] if life else "New",
        "submitted": filed.seen.submitted_at.isoformat(timespec="minutes"),
        "protected_until": _minute(life.protected_until if life else None),
        "amount": filed.amount,
        "reward": life.reward if life else None,
    }


def _minute(at: datetime | None) -> str | None:
    return at.isoformat(timespec="minutes") if at else None


def shown(terms: Terms, filed: Filed, history: Sequence[Event]) -> str:
    """One registration for the vendor's own people: what it says, where it stands, and its history."""
    told = [f"{filed.seen.ref}  {line(terms, filed)['state']}"]
    told += [f"  {name.replace('_', ' ')}: {value}" for name, value in sorted(filed.seen.fields.items())]
    life = filed.life
    if life:
        told += [f"  because: {say_inside(reason, terms)}" for reason in life.reasons]
        told += [f"  {name}: {value}" for name, value in _dates(terms, filed)]
    return "\n".join([*told, *(f"  {_event(event, terms)}" for event in history)])


def _dates(terms: Terms, filed: Filed) -> Iterator[tuple[str, str]]:
    life = filed.life
    if life is None:
        return
    is_credited = life.state in (State.APPROVED, State.CONVERTED)
    credited = name_of(terms, credited_to(life)) if is_credited else None
    for name, value in (
        ("credited", credited),
        ("decided by", life.reviewer),
        ("to be decided by", _minute(life.decide_by)),
        ("protected until", _minute(life.protected_until)),
        ("lead", life.lead),
        ("reward", life.reward),
    ):
        if value is not None:
            yield name, str(value)


def _event(event: Event, terms: Terms | None = None) -> str:
    words = [say_inside(reason, terms) if terms else say(reason) for reason in event.reasons]
    by = " by a person" if event.by == "person" else ""
    because = f": {'; '.join(words)}" if words else ""
    return f"{event.at.isoformat(timespec='minutes')}  {event.name.replace('_', ' ')}{by}{because}"


def as_data(terms: Terms, filed: Filed, history: Sequence[Event]) -> dict[str, Any]:
    """What `shown` tells, as JSON values."""
    reasons = filed.life.reasons if filed.life else ()
    return {
        **line(terms, filed),
        "fields": dict(filed.seen.fields),
        "because": [say_inside(reason, terms) for reason in reasons],
        **{name.replace(" ", "_"): value for name, value in _dates(terms, filed)},
        "history": [_event_data(event, lambda reason: say_inside(reason, terms)) for event in history],
    }


def _event_data(event: Event, words: Callable[[Reason], str]) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(),
        "event": event.name,
        "by": event.by,
        "state": event.after.value,
        "because": [words(reason) for reason in event.reasons],
    }


def told_data(filed: Filed, history: Sequence[Event]) -> dict[str, Any]:
    """What `told_to` tells, as JSON values."""
    life = filed.life
    return {
        "registration": str(filed.seen.ref),
        "state": life.state.value if life else "new",
        "because": [say(reason) for reason in life.reasons] if life else [],
        "protected_until": _minute(life.protected_until) if life else None,
        "history": [_event_data(event, say) for event in history],
    }


def told_to(filed: Filed, history: Sequence[Event]) -> str:
    """One registration as its own partner may read it: no other partner is named, no score is told."""
    life = filed.life
    if life is None:
        return f"{filed.seen.ref} waits to be looked at."
    told = [f"{filed.seen.ref}  {summary(life, 1000)}"]
    if life.protected_until and life.state in (State.APPROVED, State.CONVERTED):
        told.append(f"  protected until {_minute(life.protected_until)}")
    return "\n".join([*told, *(f"  {_event(event)}" for event in history)])


def other_side(filed: Filed) -> str:
    """A conflict as the partner on its other side may read it."""
    life = filed.life
    reason = next((r for r in life.reasons if r.code == "collides"), None) if life else None
    if life is None or reason is None:
        return "There is no conflict."
    how = {
        State.CONFLICT: "was turned down, because yours came first",
        State.REJECTED: "was turned down, because yours came first",
        State.UNDER_REVIEW: "is with the channel manager, who looks whether it is the same customer",
    }.get(life.state, f"is {LABELS[life.state].lower()}, as a person decided")
    on = filed.seen.submitted_at.date().isoformat()
    what = KINDS[reason.facts["kind"]].replace("another registration", "your registration")
    return f"Another partner's registration of {on} met {what}. It {how}."

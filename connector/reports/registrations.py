"""Deal registrations told: one in full, both sides of a conflict, and what all of them come to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from connector.model.registration import OPEN, Event, State
from connector.routing.registration.terms import Terms
from connector.routing.registration.words import KINDS, LABELS, say, say_inside, summary
from connector.store.registration_reading import Filed

SOON = timedelta(days=14)
"""What ends within this time is told as ending soon."""


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
    partner = terms.partner(life.partner)
    credited = partner.name if partner and life.state in (State.APPROVED, State.CONVERTED) else None
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


@dataclass(slots=True)
class Tally:
    """Registrations of one partner, one tier, or all: how many, how quickly, how well, and for how much."""

    submitted: int = 0
    approved: int = 0
    decided: int = 0
    converted: int = 0
    ended: int = 0
    open: int = 0
    value_open: float = 0
    value_won: float = 0
    reward: float = 0
    hours: list[float] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """As JSON values; rates are None where there is nothing to divide by."""
        return {
            "submitted": self.submitted,
            "open": self.open,
            "approved": self.approved,
            "approval_rate": _rate(self.approved, self.decided),
            "median_hours_to_approval": round(median(self.hours), 2) if self.hours else None,
            "converted": self.converted,
            "win_rate": _rate(self.converted, self.ended),
            "value_open": round(self.value_open, 2),
            "value_won": round(self.value_won, 2),
            "reward": round(self.reward, 2),
        }


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


@dataclass(slots=True)
class Totals:
    """What all registrations come to, by partner and tier, with conflicts by cause and what ends soon."""

    whole: Tally = field(default_factory=Tally)
    by_partner: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_tier: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_state: Counter[str] = field(default_factory=Counter)
    conflicts: Counter[str] = field(default_factory=Counter)
    ending_soon: list[dict[str, Any]] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "all": self.whole.as_data(),
            "by_partner": {name: tally.as_data() for name, tally in sorted(self.by_partner.items())},
            "by_tier": {name: tally.as_data() for name, tally in sorted(self.by_tier.items())},
            "by_state": dict(sorted(self.by_state.items())),
            "conflicts": dict(self.conflicts.most_common()),
            "ending_soon": self.ending_soon,
        }


def totals(terms: Terms, registrations: Iterable[Filed], now: datetime) -> Totals:
    """The figures of registrations, each counted once where it stands now."""
    found = Totals()
    for filed in registrations:
        life = filed.life
        found.by_state[LABELS[life.state] if life else "New"] += 1
        partner = terms.partner(life.partner) if life else None
        name, tier = (partner.name, partner.tier or "none") if partner else ("(unknown)", "none")
        for tally in (found.whole, found.by_partner[name], found.by_tier[tier]):
            _count(tally, filed)
        if life is None:
            continue
        found.conflicts.update(_causes(life.reasons))
        until = life.protected_until
        if life.state is State.APPROVED and until and until - now <= SOON:
            found.ending_soon.append(line(terms, filed))
    return found


def _causes(reasons: Iterable[Any]) -> Iterator[str]:
    return (KINDS[reason.facts["kind"]] for reason in reasons if reason.code == "collides")


def _count(tally: Tally, filed: Filed) -> None:
    tally.submitted += 1
    life, amount = filed.life, filed.amount or 0
    if life is None:
        return
    if life.state in OPEN:
        tally.open += 1
        tally.value_open += amount
    refused = life.state in (State.REJECTED, State.CONFLICT)
    tally.decided += bool(life.approved_at) or refused
    if life.approved_at:
        tally.approved += 1
        tally.hours.append((life.approved_at - filed.seen.submitted_at).total_seconds() / 3600)
        tally.ended += life.state is not State.APPROVED
    if life.state is State.CONVERTED:
        tally.converted += 1
        tally.value_won += amount
        tally.reward += life.reward or 0


def tally_rows(tallies: Mapping[str, Tally]) -> list[tuple[str, ...]]:
    """Tallies as rows of a table, the most submitted first."""
    rows = []
    for name, tally in sorted(tallies.items(), key=lambda item: (-item[1].submitted, item[0])):
        data = tally.as_data()
        rows.append((name, *(_cell(data[column]) for column in COLUMNS)))
    return rows


COLUMNS = (
    "submitted",
    "open",
    "approval_rate",
    "median_hours_to_approval",
    "win_rate",
    "value_open",
    "value_won",
    "reward",
)
"""The figures of a tally that fit on a line."""


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)

"""What all deal registrations come to: how many, how quickly, how well, and for how much."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from connector.model.registration import OPEN, Life, State
from connector.reports.registrations import line
from connector.routing.registration.terms import Terms
from connector.routing.registration.words import KINDS, LABELS, credited_to
from connector.store.registration_reading import Filed

SOON = timedelta(days=14)
"""What ends within this time is told as ending soon."""


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
        partner = terms.partner(_whose(life)) if life else None
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


def _whose(life: Life) -> str | None:
    """Whose figures it is among: a won deal counts for whoever is credited with it."""
    return credited_to(life) if life.state is State.CONVERTED else life.partner


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


def totals_tables(found: Totals) -> RenderableType:
    """The figures for a terminal."""
    by = [*tally_rows({"all": found.whole}), *tally_rows(found.by_tier), *tally_rows(found.by_partner)]
    soon = [(row["registration"], row["partner"], row["protected_until"]) for row in found.ending_soon]
    tables = [
        table_of("Registrations", ["by tier and partner", *COLUMNS], by),
        table_of("By state", ["state", "registrations"], found.by_state.most_common()),
        table_of("Conflicts", ["with", "registrations"], found.conflicts.most_common()),
        table_of("Ending within 14 days", ["registration", "partner", "protected until"], soon),
    ]
    return Group(*(part for table in tables if table.row_count for part in (table, Text())))


def table_of(title: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Table:
    """A table of some rows; None is blank."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    return table

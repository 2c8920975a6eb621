"""What partners make of their leads, period by period, with every count that a rate rests on."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from connector.model.performance import Handled
from connector.routing.normal import Normal
from connector.routing.performance import Rate, Tally, rates, tallies, worth_of

PERIODS: Mapping[str, Callable[[datetime], str]] = {
    "month": lambda at: f"{at:%Y-%m}",
    "quarter": lambda at: f"{at.year}-Q{(at.month + 2) // 3}",
    "year": lambda at: f"{at.year}",
}
"""What a period is called, by its length: the one in which a lead was given."""


@dataclass(frozen=True, slots=True)
class PartnerPerformance:
    """One partner in one period; `rates` by name, None where nothing was given to any partner."""

    period: str
    partner: str
    tally: Tally
    rates: Mapping[str, Rate]

    def as_data(self) -> dict[str, Any]:
        """The line as JSON values; minutes by the clock, value in the base currency."""
        tally = self.tally
        return {
            "period": self.period,
            "partner": self.partner,
            "given": tally.given,
            "claimed": tally.claimed,
            **{f"{name}_rate": _rate_data(rate) for name, rate in self.rates.items()},
            "declined": tally.declined,
            "lapsed": tally.lapsed,
            "responses": len(tally.answered),
            "response_minutes": tally.response_minutes,
            "value_won": float(tally.value),
            "won_without_value": tally.unvalued,
        }


def _rate_data(rate: Rate) -> dict[str, Any]:
    shares = {"rate": rate.raw, "shrunk": rate.shrunk}
    rounded = {name: None if share is None else round(share, 4) for name, share in shares.items()}
    return {"part": rate.part, "whole": rate.whole, **rounded}


def performance(
    leads: Iterable[Handled], normal: Normal, zone: tzinfo, by: str | None = None
) -> list[PartnerPerformance]:
    """Every partner in every period, in order; without `by` there is one, called "all".

    A lead counts in the period in which it was given, whenever its answer came. Rates are shrunk towards the
    average of all partners in the period.
    """
    name = PERIODS[by] if by else lambda at: "all"
    periods: defaultdict[str, list[Handled]] = defaultdict(list)
    for lead in leads:
        periods[name(lead.given_at.astimezone(zone))].append(lead)
    lines: list[PartnerPerformance] = []
    for period, within in sorted(periods.items()):
        found = tallies(within, normal)
        shrunk = rates(found)
        lines += [PartnerPerformance(period, who, found[who], shrunk[who]) for who in sorted(found)]
    return lines


def evidence(leads: Iterable[Handled], normal: Normal) -> list[dict[str, Any]]:
    """The leads that a line rests on, one by one, as JSON values."""
    return [_evidence(lead, worth_of(lead, normal) if lead.won else None) for lead in leads]


def _evidence(lead: Handled, worth: Any) -> dict[str, Any]:
    took = (lead.answered_at - lead.given_at).total_seconds() / 60 if lead.answered_at else None
    return {
        "ref": str(lead.ref),
        "given_at": lead.given_at.isoformat(),
        "answer": _answer(lead),
        "minutes": took,
        "contacted": lead.contacted_at is not None,
        "end": {True: "won", False: "lost", None: None}[lead.won],
        "value": None if worth is None else float(worth),
    }


def _answer(lead: Handled) -> str | None:
    if lead.accepted is None:
        return "claimed" if lead.claimed else None
    return "accepted" if lead.accepted else "lapsed" if lead.lapsed else "declined"


def performance_table(
    lines: Sequence[PartnerPerformance], names: Mapping[str, str], currency: str | None
) -> RenderableType:
    """The lines for a person; `names` are partner names by id."""
    table = Table(title="What partners make of their leads", title_justify="left", box=None, pad_edge=False)
    value = f"won, {currency}" if currency else "won"
    columns = ("partner", "period", "given", "accepted", "answer after", "contacted", "leads won", value)
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place > 1 else "left")
    for line in lines:
        table.add_row(Text(names.get(line.partner, line.partner)), line.period, *_cells(line))
    told = "Rates are of so many leads, with the average of all partners counted like 20 leads more."
    return Group(table, Text(told))


def _cells(line: PartnerPerformance) -> tuple[str, ...]:
    tally = line.tally
    accepted, contacted, won = (_share(line.rates[name]) for name in ("acceptance", "contact", "win"))
    minutes = tally.response_minutes
    answers = "-" if minutes is None else f"{_span(minutes)} of {len(tally.answered)}"
    unvalued = f" + {tally.unvalued} unknown" if tally.unvalued else ""
    return str(tally.given), accepted, answers, contacted, won, f"{tally.value:,.0f}{unvalued}"


def _share(rate: Rate) -> str:
    share = "" if rate.shrunk is None else f" {rate.shrunk:.0%}"
    return f"{rate.part} of {rate.whole}:{share}" if rate.whole else "-"


def _span(minutes: float) -> str:
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def evidence_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The leads behind the lines for a person."""
    table = Table(title="The leads that this rests on", title_justify="left", box=None, pad_edge=False)
    for column in ("lead", "given", "answer", "after", "contacted", "end", "value"):
        table.add_column(column)
    for row in rows:
        after = "" if row["minutes"] is None else _span(row["minutes"])
        contacted = "yes" if row["contacted"] else "no"
        value = "" if row["value"] is None else f"{row['value']:,.0f}"
        told = (row["ref"], row["given_at"][:16], row["answer"] or "none yet", after)
        table.add_row(*told, contacted, row["end"] or "", value)
    return table

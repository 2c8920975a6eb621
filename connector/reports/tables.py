"""A summary as tables for a terminal."""

from collections.abc import Mapping

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from connector.reports.rotations import rotation_table
from connector.reports.summary import Summary
from connector.reports.writes import trouble

_READINGS = {"settle": "settling re-read", "reconcile": "reconciliation"}


def summary_tables(summary: Summary) -> RenderableType:
    """The whole summary for a person."""
    parts: list[RenderableType] = [_counts(summary), Text(), _partners(summary), Text()]
    if summary.rotations:
        parts += [rotation_table(summary.rotations), Text()]
    parts.append(_calls(summary))
    if summary.daemons:
        parts += [Text(), _daemons(summary)]
    if summary.kept_back:
        parts += [Text(), Text("Safety limits keep writes back: look at them with connector release.")]
    if summary.parked:
        parts += [Text(), _parked(summary)]
    if summary.load_differs:
        parts += [Text(), _load_differs(summary)]
    if summary.unexplained:
        parts += [Text(), _unexplained(summary)]
    return Group(*parts)


def plain(renderable: RenderableType, width: int = 110) -> str:
    """What a terminal would show, without colours."""
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get()


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right")
    return table


def _counts(summary: Summary) -> Table:
    table = _table(f"Leads ({summary.ledger})", "outcome", "leads")
    for outcome, count in summary.outcomes.items():
        if count:
            table.add_row(outcome.replace("_", " "), str(count))
        if outcome == "fallback" and summary.fallback_after_partners:
            table.add_row("  of them after partners had them", str(summary.fallback_after_partners))
    if summary.waiting:
        table.add_row("waiting to be decided", str(summary.waiting))
    if summary.in_other_ledger:
        other = "shadow" if summary.ledger == "live" else "live"
        table.add_row(f"decided in the {other} ledger", str(summary.in_other_ledger))
    table.add_row("in all", str(summary.leads))
    for reading, count in summary.first_seen_by.items():
        if reading != "pull":
            table.add_row(f"first seen by the {_READINGS[reading]}", str(count))
    for state, count in summary.outbox.items():
        table.add_row(f"writes {state}", str(count))
    for limit, count in summary.kept_back.items():
        table.add_row(f"writes kept back by {limit}", str(count))
    for state, count in summary.notices.items():
        table.add_row(f"notices {state.replace('_', ' ')}", str(count))
    for crm, backlog in summary.backlog.items():
        if backlog.oldest:
            table.add_row(f"oldest write for {crm} waits since", f"{backlog.oldest:%Y-%m-%d %H:%M} UTC")
    return table


def _partners(summary: Summary) -> Table:
    table = _table("Partners", "partner", "assigned", "by turn", "target", "deviation", "late")
    for line in sorted(summary.by_partner.values(), key=lambda line: -line.assigned):
        table.add_row(
            line.name,
            str(line.assigned),
            str(line.by_turn),
            f"{line.target:.2f}",
            f"{line.deviation:+.2f}",
            str(line.late or "-"),
        )
    return table


def _load_differs(summary: Summary) -> Table:
    names = {partner: line.name for partner, line in summary.by_partner.items()}
    table = _table(
        "Open leads that the CRM shows with somebody else", "crm", "partner", "here", "there", "on"
    )
    for check in summary.load_differs:
        name = names.get(check.partner, check.partner)
        table.add_row(check.crm, name, str(check.ours), str(check.theirs), f"{check.at:%Y-%m-%d %H:%M} UTC")
    return table


def _calls(summary: Summary) -> Table:
    purposes = sorted({purpose for calls in summary.api_calls.values() for purpose in calls})
    table = _table("API calls", "crm", *purposes, "in all")
    for crm, calls in summary.api_calls.items():
        table.add_row(crm, *(str(calls.get(purpose, 0)) for purpose in purposes), str(_total(calls)))
    return table


def _total(calls: Mapping[str, int]) -> int:
    return sum(calls.values())


def _daemons(summary: Summary) -> Table:
    table = _table("Daemons at work", "host/process/run", "up", "last sign", "rules", "does alone")
    for line in summary.daemons:
        alone = ", ".join(line.alone) or "nothing"
        table.add_row(line.name, _ago(line.up), f"{_ago(line.silent)} ago", line.config_hash[:8], alone)
    if len({line.config_hash for line in summary.daemons}) > 1:
        table.caption = "They go by different rules: give all of them the same config."
    return table


def _ago(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def _unexplained(summary: Summary) -> Table:
    table = _table("Values that [crm.NAME.progress] does not explain", "value", "crm", "first lead")
    for row in summary.unexplained:
        table.add_row(row["value"], row["crm"], row["first_lead"])
    return table


def _parked(summary: Summary) -> Table:
    table = _table("Parked writes: each needs a person; then connector outbox retry", "id", "lead", "because")
    for row in summary.parked:
        table.add_row(str(row["id"]), row["ref"], trouble(row["error"], row["fix"]))
    for column in table.columns:
        column.justify = "left"
    return table

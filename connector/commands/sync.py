"""One cycle: pull, decide, deliver."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json, progress_bars

if TYPE_CHECKING:
    from connector.sync.report import CycleReport


@click.command
@CONFIG
@AS_JSON
@click.pass_context
def sync(context: click.Context, config_path: Path, as_json: bool) -> None:
    """Pull what changed, follow up, decide what waits, write back what is due; once."""
    import logging

    from connector.app import App, configure_logs
    from connector.config import load
    from connector.reports.summary import summarize

    config = load(config_path)
    configure_logs(lowest=logging.WARNING)
    with progress_bars() as progress, App(config, progress=progress) as app:
        app.cycle.begin()
        report = app.cycle.run(once=True)
        names = {partner.id: partner.name for partner in config.policy.partners.values()}
        with app.store.looking() as session:
            summary = summarize(session, names, config.settings.mode)
    if as_json:
        print_json(
            {
                "pulled": dict(report.pulled),
                "decided": dict(report.decided),
                "delivered": dict(report.delivered),
                "registrations": dict(report.registrations),
                "followed_up": followed_up(report),
                "paused": sorted(report.paused),
                "troubles": report.troubles,
                "parked": len(summary.parked),
                "kept_back": dict(summary.kept_back),
                "mode": config.settings.mode,
            }
        )
    else:
        _tell(report, config.settings.mode, len(summary.parked))
        for limit, count in summary.kept_back.items():
            most = getattr(config.settings.safety, limit)
            told = f"{count} writes are kept back by {limit} = {most}"
            click.echo(f"{told}; connector release shows them and lets them go", err=True)
    if report.troubles or summary.parked or summary.kept_back:
        context.exit(NEEDS_A_PERSON)


def _tell(report: "CycleReport", mode: str, parked: int) -> None:
    click.echo(f"pulled: {_counts(report.pulled)}")
    click.echo(f"decided: {_counts(report.decided)}")
    if mode == "shadow":
        click.echo('delivered: nothing, since mode is "shadow"')
    else:
        click.echo(f"delivered: {_counts(report.delivered)}")
    if found := followed_up(report):
        click.echo(f"followed up: {_counts(found)}")
    if report.registrations:
        click.echo(f"registrations: {_counts(report.registrations)}")
    for crm in sorted(report.paused):
        click.echo(f"{crm} is paused; connector status says by whom and why")
    for crm, trouble in report.troubles.items():
        click.echo(f"{crm}: {trouble}", err=True)
    if parked:
        click.echo(f"{parked} writes are parked; connector report says why", err=True)


def followed_up(report: "CycleReport") -> dict[str, int]:
    """How many leads partners were reminded of, and how many were taken back and why."""
    return {what: n for what, n in report.caught.items() if what in ("reminded", "breached", "recycled")}


def _counts(counts: Mapping[str, int]) -> str:
    told = (f"{count} {what.replace('_', ' ')}" for what, count in counts.items() if count)
    return ", ".join(told) or "nothing"

"""Check the config, the secrets and the CRMs before anything runs."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json

if TYPE_CHECKING:
    from connector.config import Config


@click.command
@CONFIG
@AS_JSON
@click.option("--offline", is_flag=True, help="Check the file alone; ask no CRM.")
@click.option("--running", is_flag=True, help="Check only that this host's daemon is at work.")
@click.pass_context
def check(context: click.Context, config_path: Path, as_json: bool, offline: bool, running: bool) -> None:
    """Check config.toml, the secrets it names, and that each CRM knows its owners and fields."""
    from connector.app import system_clock
    from connector.config.load import load, warnings

    config = load(config_path)
    if running:
        _check_running(context, config)
        return
    settings = config.settings
    problems = {} if offline else _ask_crms(config_path)
    doubts = [str(warning) for warning in warnings(config, system_clock())]
    if as_json:
        found = {"problems": problems, "warnings": doubts}
        print_json({"config": str(config_path), "hash": config.hash, **found})
    else:
        click.echo(
            f"{config_path}: {len(settings.partner)} partners, {len(settings.route)} routes, "
            f"{len(settings.screen)} screens, mode {settings.mode}"
        )
        for doubt in doubts:
            click.echo(f"warning: {doubt}")
        for crm, troubles in problems.items():
            for problem in troubles:
                click.echo(f"{crm}: {problem}")
            if not troubles:
                click.echo(f"{crm}: ready")
    if any(problems.values()):
        context.exit(NEEDS_A_PERSON)


def _check_running(context: click.Context, config: "Config") -> None:
    """A daemon that has not ended a cycle for three intervals and a minute hangs."""
    from datetime import timedelta

    from connector.app import host_name, system_clock
    from connector.store import Store

    store = Store.open(config.settings.store, config.folder)
    beat = store.last_beat(host_name())
    store.close()
    patience = 3 * config.settings.schedule.pull + timedelta(minutes=1)
    if beat is None or system_clock() - beat > patience:
        click.echo(
            f"no cycle has ended on this host since {beat or 'ever'}; is the daemon at work?", err=True
        )
        context.exit(NEEDS_A_PERSON)
    click.echo(f"the last cycle ended {beat:%Y-%m-%d %H:%M:%S} UTC")


def _ask_crms(config_path: Path) -> dict[str, list[str]]:
    from connector.app import App
    from connector.config import load
    from connector.sources.base import SourceError

    found: dict[str, list[str]] = {}
    with App(load(config_path)) as app:
        for crm, source in app.sources.items():
            try:
                found[crm] = source.problems(app.owners(crm))
            except SourceError as error:
                found[crm] = [str(error)]
    return found

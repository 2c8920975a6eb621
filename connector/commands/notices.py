"""What partners and channel managers were told."""

from pathlib import Path

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json

STATES = ("pending", "sent", "given_up", "dropped")


@click.group
def notices() -> None:
    """What partners and channel managers were told, and what could not be told."""


@notices.command("list")
@CONFIG
@AS_JSON
@click.option("--state", type=click.Choice(STATES), help="Default: all.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="Most to show.")
@click.pass_context
def list_(context: click.Context, config_path: Path, as_json: bool, state: str | None, limit: int) -> None:
    """Show notices, newest first, each with its outcome; exit code 1 if any was given up."""
    from rich.console import Console

    from connector.commands.opened import opened_store
    from connector.reports.notices import as_data, table
    from connector.store.notices import counts, told

    with opened_store(config_path) as (_, store), store.looking() as session:
        found, by_state = told(session, state, limit), counts(session)
    if as_json:
        print_json({"notices": [as_data(one) for one in found], "counts": by_state})
    else:
        Console().print(table(found))
    if by_state.get("given_up"):
        context.exit(NEEDS_A_PERSON)

"""The writes that are not through, and what to do about them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json

if TYPE_CHECKING:
    from connector.store.stuck import Done

STATES = ("pending", "sending", "postponed", "parked", "settled", "superseded")


@click.group
def outbox() -> None:
    """Writes on their way to the CRMs: look at them, send them again, give them up."""


@outbox.command("list")
@CONFIG
@AS_JSON
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Default: all not through.")
@click.option("--crm", help="Of one CRM only.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="Most to show.")
@click.pass_context
def list_(
    context: click.Context,
    config_path: Path,
    as_json: bool,
    states: tuple[str, ...],
    crm: str | None,
    limit: int,
) -> None:
    """Show writes, oldest first; parked ones with what went wrong and the fix.

    Exit code 1 if any is parked.
    """
    from rich.console import Console

    from connector.commands.opened import opened_store
    from connector.reports.writes import as_data, table
    from connector.store.stuck import listed, parked_ids

    with opened_store(config_path) as (_, store), store.transaction() as session:
        found = listed(session, states or STATES[:4], crm, limit)
        parked = parked_ids(session, crm)
    if as_json:
        print_json({"writes": [as_data(write) for write in found], "parked": len(parked)})
    else:
        Console().print(table(found))
    if parked:
        context.exit(NEEDS_A_PERSON)


@outbox.command
@click.argument("ids", nargs=-1, type=int)
@click.option("--all", "all_parked", is_flag=True, help="Every parked write.")
@CONFIG
@AS_JSON
@click.pass_context
def retry(
    context: click.Context, ids: tuple[int, ...], all_parked: bool, config_path: Path, as_json: bool
) -> None:
    """Let parked or postponed writes IDS be sent again with the next cycle."""
    from connector.app import system_clock
    from connector.commands.opened import opened_store
    from connector.store import stuck

    if bool(ids) == all_parked:
        raise click.UsageError("name the writes to retry by their ids, or say --all")
    with opened_store(config_path) as (_, store), store.transaction() as session:
        wanted = stuck.parked_ids(session) if all_parked else ids
        done = stuck.retry(session, wanted, system_clock())
    _tell(context, done, as_json, f"{len(done.ids)} writes are sent again with the next cycle")


@outbox.command
@click.argument("ids", nargs=-1, type=int, required=True)
@click.option("--because", required=True, help="Why; it is kept with the write and the decision.")
@CONFIG
@AS_JSON
@click.pass_context
def drop(
    context: click.Context, ids: tuple[int, ...], because: str, config_path: Path, as_json: bool
) -> None:
    """Give the writes IDS up, for good.

    A lead that never came to its partner is left alone from now on, and the turn is given back.
    """
    from connector.app import host_name, system_clock, user_name
    from connector.commands.opened import opened_store
    from connector.store import stuck

    who, why = f"{user_name()}@{host_name()}", " ".join(because.split())
    with opened_store(config_path) as (config, store), store.transaction() as session:
        done = stuck.drop(session, ids, system_clock(), who, why, config.hash)
    told = f"{len(done.ids)} writes are dropped, {len(done.given_back)} leads left alone and turns given back"
    _tell(context, done, as_json, told)


def _tell(context: click.Context, done: "Done", as_json: bool, told: str) -> None:
    if as_json:
        refused = {str(row_id): f"write {row_id} {why}" for row_id, why in done.refused.items()}
        print_json(
            {"done": list(done.ids), "given_back": list(map(str, done.given_back)), "refused": refused}
        )
    else:
        click.echo(told)
        for row_id, why in done.refused.items():
            click.echo(f"write {row_id} {why}", err=True)
    if done.refused:
        context.exit(NEEDS_A_PERSON)

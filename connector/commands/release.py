"""Let writes go that a safety limit keeps back, after a person has looked."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json

if TYPE_CHECKING:
    from connector.config import Config
    from connector.store.releases import Kept


@click.command
@click.option("--crm", help="Of one CRM only.")
@click.option(
    "--writes", type=click.IntRange(1), help="So many, oldest first; more may follow within the hour."
)
@click.option("--all", "everything", is_flag=True, help="All that are kept back now.")
@click.option("--because", help="Why; it is kept with the release.")
@CONFIG
@AS_JSON
@click.pass_context
def release(
    context: click.Context,
    crm: str | None,
    writes: int | None,
    everything: bool,
    because: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Show what the safety limits keep back; with --writes N or --all, let it go with the next cycle.

    Without either nothing is changed, and the exit code is 1 if anything is kept back.
    """
    from time import monotonic

    from connector.app import host_name, system_clock, user_name
    from connector.commands.opened import opened_store
    from connector.store import releases
    from connector.store.steady import SteadyClock

    if writes and everything:
        raise click.UsageError("say --writes N or --all, not both")
    with opened_store(config_path) as (config, store), store.transaction() as session:
        if crm and crm not in config.settings.crm:
            raise click.ClickException(f"there is no crm {crm!r}; known are {', '.join(config.settings.crm)}")
        kept = releases.kept(session, crm)
        done = None
        if writes or (everything and kept.count):
            clock, by = SteadyClock(system_clock, monotonic), f"{user_name()}@{host_name()}"
            now = system_clock()
            done = releases.release(session, clock, now, by, crm=crm, most=writes, because=because)
    if as_json:
        print_json({**_data(kept), "released": done.writes if done else 0, "more": done.more if done else 0})
    else:
        _show(config, kept)
    if done and not as_json:
        click.echo(f"{done.writes} are let go with the next cycle")
        if done.more:
            click.echo(f"and {done.more} more of those that come within the hour")
    if kept.count and not done:
        context.exit(NEEDS_A_PERSON)


def _data(kept: "Kept") -> dict[str, object]:
    from connector.reports.writes import as_data

    return {
        "kept_back": kept.count,
        "by_limit": dict(kept.by_limit),
        "by_crm": dict(kept.by_crm),
        "by_partner": {partner or "": count for partner, count in kept.by_partner.items()},
        "first": [as_data(write) for write in kept.first],
    }


def _show(config: "Config", kept: "Kept") -> None:
    from rich.console import Console

    from connector.reports.writes import table

    if not kept.count:
        click.echo("nothing is kept back")
        return
    for limit, count in kept.by_limit.items():
        click.echo(f"{count} writes are kept back by {limit} = {getattr(config.settings.safety, limit)}")
    for crm, count in kept.by_crm.items():
        click.echo(f"  for {crm}: {count}")
    for partner, count in kept.by_partner.items():
        known = config.policy.partners.get(partner or "")
        name = known.name if known else partner
        click.echo(f"  {f'to {name}' if name else 'to no partner'}: {count}")
    click.echo("the first of them:")
    Console().print(table(kept.first))

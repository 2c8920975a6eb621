"""Who would get what."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.commands.common import AS_JSON, CONFIG, print_json

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from connector.config import Config
    from connector.model.lead import Lead
    from connector.model.snapshot import Snapshot
    from connector.reports.simulation import Simulation


@click.command
@CONFIG
@AS_JSON
@click.option("--leads", "path", type=click.Path(path_type=Path), help="A CSV file of leads.")
@click.option("--map", "maps", multiple=True, metavar="FIELD=COLUMN", help="A column under another name.")
@click.option("--crm", help="Which crm of the config the leads are in. Default: the first.")
@click.option("--history", is_flag=True, help="The leads that the store knows instead of a file.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="With --history: created from this day on.")
@click.option(
    "--state",
    type=click.Choice(["empty", "current"]),
    default="empty",
    show_default=True,
    help="Whether partners start without leads and turns, or as they are now.",
)
def simulate(
    config_path: Path,
    as_json: bool,
    path: Path | None,
    maps: tuple[str, ...],
    crm: str | None,
    history: bool,
    since: datetime | None,
    state: str,
) -> None:
    """Try the rules on leads: who would get what, and why not. Writes nothing.

    In a file, columns carry the names of the config's fields, such as country and employees, or are mapped;
    id, owner and created_at may be there too. With --history the leads that the store knows are decided
    again, from an empty state each at the moment at which it came; what was edited since counts as it reads
    now.
    """
    from rich.console import Console

    from connector.config import load
    from connector.reports.simulation import simulation_tables

    if (path is None) != history:
        raise click.UsageError("name a file with --leads, or take the store's own with --history")
    config = load(config_path)
    if path is None:
        found = _of_history(config, since.replace(tzinfo=config.policy.zone) if since else None, state)
    else:
        found = _of_file(config, path, maps, crm or next(iter(config.settings.crm)), state)
    if as_json:
        print_json(found.as_data())
    else:
        names = {partner.id: partner.name for partner in config.policy.partners.values()}
        Console().print(simulation_tables(found, names))


def _of_file(config: "Config", path: Path, maps: tuple[str, ...], crm: str, state: str) -> "Simulation":
    from connector.app import system_clock
    from connector.model.snapshot import Snapshot
    from connector.reports.simulation import simulate as simulated
    from connector.store import Store

    now = system_clock()
    leads = leads_of_file(config, path, maps, crm, now)
    if state == "empty":
        return simulated(config.policy, Snapshot(now), leads)
    store = Store.open(config.settings.store, config.folder)
    with store.transaction() as session:
        start = _current(config, session, now)
    store.close()
    return simulated(config.policy, start, leads)


def _of_history(config: "Config", since: datetime | None, state: str) -> "Simulation":
    from connector.app import system_clock
    from connector.model.snapshot import Snapshot
    from connector.reports.simulation import simulate_history
    from connector.store import Store
    from connector.store.history import history

    store = Store.open(config.settings.store, config.folder)
    with store.transaction() as session:
        past = list(history(session, config.settings.mode, since))
        now = system_clock()
        start = Snapshot(now) if state == "empty" else _current(config, session, now)
    store.close()
    return simulate_history(config.policy, start, past, at_arrival=state == "empty")


def _current(config: "Config", session: "Session", now: datetime) -> "Snapshot":
    from connector.sync.decide import known

    return known(config.policy, session, config.settings.mode, now, ())


def leads_of_file(
    config: "Config", path: Path, maps: tuple[str, ...], crm: str, now: datetime
) -> "list[Lead]":
    """The leads of a CSV file as if a crm of the config held them; ClickException when it cannot be read."""
    from connector.reports.lead_file import BadLeadFile, read_leads

    settings = config.settings.crm.get(crm)
    if settings is None:
        raise click.ClickException(f"there is no crm {crm!r}; known are {', '.join(config.settings.crm)}")
    owner = next(iter(settings.take_from), "nobody")
    try:
        return read_leads(path, crm, None if owner == "nobody" else owner, now, maps, settings.read)
    except BadLeadFile as error:
        raise click.ClickException(str(error)) from None

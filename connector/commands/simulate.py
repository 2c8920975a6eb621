"""Who would get what."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.commands.common import AS_JSON, CONFIG, print_json

if TYPE_CHECKING:
    from connector.config import Config
    from connector.model.lead import Lead
    from connector.reports.simulation import Simulation


@click.command
@CONFIG
@AS_JSON
@click.option("--leads", "path", type=click.Path(path_type=Path), required=True, help="A CSV file of leads.")
@click.option("--map", "maps", multiple=True, metavar="FIELD=COLUMN", help="A column under another name.")
@click.option("--crm", help="Which crm of the config the leads are in. Default: the first.")
def simulate(config_path: Path, as_json: bool, path: Path, maps: tuple[str, ...], crm: str | None) -> None:
    """Try the rules on a file of leads: who would get what, and why not. Writes nothing.

    Columns carry the names of the config's fields, such as country and employees, or are mapped; id, owner
    and created_at may be there too. All partners start without a lead and without a turn taken.
    """
    from rich.console import Console

    from connector.config import load
    from connector.reports.simulation import simulation_tables

    config = load(config_path)
    found = _simulated(config, path, maps, crm or next(iter(config.settings.crm)))
    if as_json:
        print_json(found.as_data())
    else:
        names = {partner.id: partner.name for partner in config.policy.partners.values()}
        Console().print(simulation_tables(found, names))


def _simulated(config: "Config", path: Path, maps: tuple[str, ...], crm: str) -> "Simulation":
    from connector.app import system_clock
    from connector.model.snapshot import Snapshot
    from connector.reports.simulation import simulate as simulated

    now = system_clock()
    return simulated(config.policy, Snapshot(now), leads_of_file(config, path, maps, crm, now))


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

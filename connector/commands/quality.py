"""What of the leads' values can be understood."""

from pathlib import Path

import click

from connector.commands.common import AS_JSON, CONFIG, print_json


@click.command
@CONFIG
@AS_JSON
@click.option("--leads", "path", type=click.Path(path_type=Path), help="A CSV file instead of the store.")
@click.option("--map", "maps", multiple=True, metavar="FIELD=COLUMN", help="A column under another name.")
def quality(config_path: Path, as_json: bool, path: Path | None, maps: tuple[str, ...]) -> None:
    """Tell, field by field, how many leads say something, and how much of that can be understood.

    What cannot be understood counts as missing in every condition: map it in [industry_synonyms], [rates] or
    missing_words, or mend it in the CRM.
    """
    from rich.console import Console

    from connector.app import system_clock
    from connector.commands.simulate import leads_of_file
    from connector.config import load
    from connector.reports.quality import quality as counted
    from connector.reports.quality import quality_tables
    from connector.store import Store, reading

    config, now = load(config_path), system_clock()
    if path is not None:
        crm = next(iter(config.settings.crm))
        found = counted(leads_of_file(config, path, maps, crm, now), config.policy, now)
    else:
        store = Store.open(config.settings.store, config.folder)
        with store.looking() as session:
            found = counted(reading.leads(session), config.policy, now)
        store.close()
    if as_json:
        print_json({crm: of_crm.as_data() for crm, of_crm in found.items()})
    else:
        Console().print(quality_tables(found))

"""Who got what."""

from pathlib import Path

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json


@click.command
@CONFIG
@AS_JSON
@click.option("--ledger", type=click.Choice(["live", "shadow"]), help="Default: the config's mode.")
@click.pass_context
def report(context: click.Context, config_path: Path, as_json: bool, ledger: str | None) -> None:
    """Leads by outcome, partners against their target share, writes under way, API calls."""
    from rich.console import Console

    from connector.config import load
    from connector.reports.summary import summarize
    from connector.reports.tables import summary_tables
    from connector.store import Store

    config = load(config_path)
    store = Store.open(config.settings.store, config.folder)
    names = {partner.id: partner.name for partner in config.policy.partners.values()}
    meanings = {crm: rules.meaning for crm, rules in config.policy.crms.items()}
    with store.looking() as session:
        summary = summarize(session, names, ledger or config.settings.mode, config.policy.rotations, meanings)
    store.close()
    if as_json:
        print_json(summary.as_data())
    else:
        Console().print(summary_tables(summary))
    if summary.parked or summary.kept_back:
        context.exit(NEEDS_A_PERSON)

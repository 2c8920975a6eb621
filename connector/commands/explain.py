"""Why a lead ended where it did."""

from pathlib import Path

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json


@click.command
@click.argument("ref")
@CONFIG
@AS_JSON
@click.pass_context
def explain(context: click.Context, ref: str, config_path: Path, as_json: bool) -> None:
    """Explain the decisions on one lead; REF is crm:id, or just the CRM's id."""
    from connector.config import load
    from connector.reports.explain import explained
    from connector.store import Store, reading

    config = load(config_path)
    store = Store.open(config.settings.store, config.folder)
    with store.transaction() as session:
        refs = reading.find_refs(session, ref.partition(":")[2] or ref)
        wanted = [found for found in refs if ref in (str(found), found.id)]
        decisions = [decision for found in wanted for decision in reading.decisions_of(session, found)]
    store.close()
    if not decisions:
        why = "is known but still waits to be decided" if wanted else "is not known here"
        click.echo(f"{ref} {why}; pull it first with connector sync", err=True)
        context.exit(NEEDS_A_PERSON)
    if as_json:
        print_json([decision.as_data() for decision in decisions])
        return
    names = {partner.id: partner.name for partner in config.policy.partners.values()}
    click.echo("\n\n".join(explained(decision, names) for decision in decisions))

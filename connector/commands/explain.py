"""Why a lead ended where it did."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json

if TYPE_CHECKING:
    from connector.config import Config
    from connector.model.decision import Decision
    from connector.model.lead import Ref
    from connector.store.life import Step


@click.command
@click.argument("ref")
@click.option("--for-partner", metavar="ID", help="As this partner may read it: naming no other.")
@CONFIG
@AS_JSON
@click.pass_context
def explain(
    context: click.Context, ref: str, for_partner: str | None, config_path: Path, as_json: bool
) -> None:
    """Explain the decisions on one lead; REF is crm:id, or just the CRM's id."""
    from connector.config import load

    config = load(config_path)
    partner = None if for_partner is None else _partner(config, for_partner)
    wanted, decisions, steps = _decisions(config, ref)
    if not decisions:
        why = "is known but still waits to be decided" if wanted else "is not known here"
        click.echo(f"{ref} {why}; pull it first with connector sync", err=True)
        context.exit(NEEDS_A_PERSON)
    names = {partner.id: partner.name for partner in config.policy.partners.values()}
    if partner is None:
        _tell(decisions, steps, names, as_json)
    else:
        _tell_partner(decisions, partner, names, as_json)


def _partner(config: "Config", wanted: str) -> str:
    found = config.policy.partner_ids.get(wanted.casefold())
    if found is None:
        raise click.ClickException(f"there is no partner {wanted!r}; connector policy lists them")
    return found


def _decisions(config: "Config", ref: str) -> "tuple[list[Ref], list[Decision], list[Step]]":
    from connector.store import Store, reading
    from connector.store.life import steps_of

    store = Store.open(config.settings.store, config.folder)
    with store.looking() as session:
        refs = reading.find_refs(session, ref.partition(":")[2] or ref)
        wanted = [found for found in refs if ref in (str(found), found.id)]
        decisions = [decision for found in wanted for decision in reading.decisions_of(session, found)]
        steps = [step for found in wanted for step in steps_of(session, found)]
    store.close()
    return wanted, decisions, steps


def _tell(decisions: "list[Decision]", steps: "list[Step]", names: dict[str, str], as_json: bool) -> None:
    from connector.reports.candidates import explained_data
    from connector.reports.explain import explained
    from connector.reports.lives import life

    if as_json:
        print_json([explained_data(decision, names) for decision in decisions])
    else:
        told = [explained(decision, names) for decision in decisions]
        click.echo("\n\n".join([*told, *([life(steps, names)] if steps else [])]))


def _tell_partner(decisions: "list[Decision]", partner: str, names: dict[str, str], as_json: bool) -> None:
    from connector.reports.for_partner import seen_by

    views = [seen_by(decision, partner, names) for decision in decisions]
    if as_json:
        print_json([view.as_data() for view in views])
    else:
        click.echo("\n\n".join(view.text() for view in views))

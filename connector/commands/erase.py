"""Remove a person's data."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from connector.model.lead import Ref


@click.command
@CONFIG
@AS_JSON
@click.option("--email", help="Everything of the person with this e-mail address, in every CRM.")
@click.option(
    "--ref", "wanted", help="The person of this lead, crm:id, and its other leads by e-mail address."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def erase(
    context: click.Context, config_path: Path, as_json: bool, email: str | None, wanted: str | None, yes: bool
) -> None:
    """Remove a person's data from the database, for good; counts, credits and outcomes stay.

    The CRMs are not changed: erase the person there as well, by their own means.
    """
    from connector.app import system_clock
    from connector.config import load
    from connector.store import Store
    from connector.store.erasure import erase as erased

    if not email and not wanted:
        raise click.UsageError("say whom: --email ADDRESS or --ref crm:id")
    config = load(config_path)
    store = Store.open(config.settings.store, config.folder)
    with store.transaction() as session:
        refs, emails = _whom(session, email, wanted)
    whom = f"{len(refs)} leads" if len(refs) != 1 else "1 lead"
    if not yes:
        click.confirm(f"erase {whom} and every mention of the person, for good?", abort=True, err=True)
    with store.transaction() as session:
        done = erased(session, refs, system_clock(), config.hash, emails)
    store.forget()
    store.close()
    if as_json:
        print_json({"leads": done.leads, "decisions": done.decisions, "mentions": done.mentions})
    else:
        click.echo(f"erased {done.leads} leads, {done.decisions} decisions and {done.mentions} mentions")
    if not refs:
        click.echo("no lead with this address or id is known here", err=True)
        context.exit(NEEDS_A_PERSON)


def _whom(session: "Session", email: str | None, wanted: str | None) -> "tuple[list[Ref], list[str]]":
    """The person's leads and addresses."""
    from connector.model.lead import Ref
    from connector.store import reading
    from connector.store.erasure import refs_of

    emails = [email] if email else []
    refs: list[Ref] = []
    if wanted:
        try:
            ref = Ref.parse(wanted)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
        lead = reading.lead(session, ref)
        refs += [ref] if lead else []
        held = lead.fields.get("email") if lead else None
        emails += [str(held)] if held else []
    refs += [ref for each in emails for ref in refs_of(session, each)]
    return list(dict.fromkeys(refs)), emails

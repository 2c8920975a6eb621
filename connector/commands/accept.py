"""A partner takes a lead that it was given."""

from pathlib import Path

import click

from connector.commands.common import AS_JSON, CONFIG


@click.command
@click.argument("ref")
@click.option("--partner", help="Whose answer it is (id or name); refused if somebody else has the lead.")
@CONFIG
@AS_JSON
def accept(ref: str, partner: str | None, config_path: Path, as_json: bool) -> None:
    """Accept the lead REF (crm:id) for the partner that has it."""
    from connector.commands.answering import answer_lead
    from connector.model.life import State

    answer_lead(config_path, ref, partner, State.ACCEPTED, None, as_json)

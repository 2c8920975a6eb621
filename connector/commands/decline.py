"""A partner does not take a lead; the next one gets it."""

from pathlib import Path

import click

from connector.commands.common import AS_JSON, CONFIG


@click.command
@click.argument("ref")
@click.option("--partner", help="Whose answer it is (id or name); refused if somebody else has the lead.")
@click.option("--because", help="Why, in the partner's words; it is kept with the assignment.")
@CONFIG
@AS_JSON
def decline(ref: str, partner: str | None, because: str | None, config_path: Path, as_json: bool) -> None:
    """Decline the lead REF (crm:id) for the partner that has it.

    With the next cycle it is given to another partner, never to this one again.
    """
    from connector.commands.answering import answer_lead
    from connector.model.life import State

    answer_lead(config_path, ref, partner, State.DECLINED, because, as_json)

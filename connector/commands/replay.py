"""Compute recorded decisions again."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from connector.model.lead import Ref
    from connector.reports.replay import PolicyOf, Replay
    from connector.routing.policy import Policy
    from connector.store import Store

_TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.command
@CONFIG
@AS_JSON
@click.option("--since", type=_TIME, help="From this moment on, in UTC; such as 2026-11-02T09:00.")
@click.option("--until", type=_TIME, help="Before this moment, in UTC.")
@click.option("--ref", "wanted", help="The decisions on one lead; crm:id.")
@click.pass_context
def replay(
    context: click.Context,
    config_path: Path,
    as_json: bool,
    since: datetime | None,
    until: datetime | None,
    wanted: str | None,
) -> None:
    """Compute recorded decisions again by the rules of their time, and report any that differs."""
    from connector.config import load
    from connector.store import Store

    config = load(config_path)
    ref = _ref(wanted)
    store = Store.open(config.settings.store, config.folder)
    found = _replayed(store, since, until, ref)
    store.close()
    if as_json:
        print_json(found.as_data())
    else:
        _tell(found)
    if found.different:
        context.exit(NEEDS_A_PERSON)


def _ref(text: str | None) -> "Ref | None":
    from connector.model.lead import Ref

    try:
        return Ref.parse(text) if text else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _replayed(store: "Store", since: datetime | None, until: datetime | None, ref: "Ref | None") -> "Replay":
    from datetime import UTC

    from connector.reports.replay import count_others
    from connector.reports.replay import replay as computed
    from connector.store.inputs import batches, without_inputs
    from connector.store.registration_reading import count_steps

    begins, ends = (moment.replace(tzinfo=UTC) if moment else None for moment in (since, until))
    with store.looking() as session:
        found = computed(batches(session, begins, ends, ref), policies(session), ref)
        count_others(found, without_inputs(session, begins, ends, ref))
        found.registrations = count_steps(session, begins, ends) if ref is None else 0
    return found


def policies(session: "Session") -> "PolicyOf":
    """The policies of the rules that are kept, each compiled once."""
    from functools import cache

    from connector.config import BadConfig
    from connector.config.load import load_kept
    from connector.config.roster import with_roster
    from connector.store.versions import rules_of

    @cache
    def policy_of(config_hash: str) -> "Policy | None":
        rules = rules_of(session, config_hash)
        try:
            config = load_kept(rules.text, rules.files) if rules else None
        except BadConfig:
            return None
        if config is None or rules is None:
            return None
        return with_roster(config, rules.roster).policy if rules.roster else config.policy

    return policy_of


def _tell(found: "Replay") -> None:
    from connector.reports.replay import EVENTS

    click.echo(f"{found.same} decisions come out as they were recorded")
    if found.erased:
        click.echo(f"{found.erased} are erased")
    if found.no_rules:
        click.echo(f"{found.no_rules} were made by rules that are not kept or cannot be read any more")
    if found.no_inputs:
        click.echo(f"{found.no_inputs} were made by an earlier version, which did not keep what they rest on")
    if found.events:
        told = ", ".join(f"{count} {EVENTS[code]}" for code, count in sorted(found.events.items()))
        click.echo(f"{found.events.total()} only note what happened, with nothing to compute: {told}")
    if found.registrations:
        click.echo(
            f"{found.registrations} steps of deal registrations are not computed again; "
            "connector registrations show REF tells why each was made"
        )
    for one in found.different:
        click.echo(f"{one.ref} on {one.at}, by {one.config_hash}, comes out otherwise:")
        for name, now in one.computed.items():
            click.echo(f"  {name}: recorded {one.recorded[name]!r}, now {now!r}")

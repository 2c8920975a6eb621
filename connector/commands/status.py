"""How things stand, in short."""

from datetime import timedelta
from pathlib import Path

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json


@click.command
@CONFIG
@AS_JSON
@click.pass_context
def status(context: click.Context, config_path: Path, as_json: bool) -> None:
    """Mode, pauses, limits, backlog, daemons and troubles; exit code 1 if a person is needed."""
    from time import monotonic

    from connector.app import host_name, limits, system_clock
    from connector.commands.opened import opened_store
    from connector.reports.status import lines
    from connector.reports.status import status as found
    from connector.store.steady import SteadyClock

    with opened_store(config_path) as (config, store):
        settings = config.settings
        modes = {name: crm.mode or settings.mode for name, crm in settings.crm.items()}
        beat = store.last_beat(host_name())
        patience = 3 * settings.schedule.pull + timedelta(minutes=1)
        clock = SteadyClock(system_clock, monotonic)
        with store.looking() as session:
            known = config.policy.partners
            now = found(session, clock, system_clock(), limits(config), modes, beat, patience, known)
    if as_json:
        print_json(now.as_data())
    else:
        click.echo("\n".join(lines(now)))
    if now.troubles:
        context.exit(NEEDS_A_PERSON)

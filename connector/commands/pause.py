"""Let a crm, a partner or a route stand still for a while, and let it go on."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json

if TYPE_CHECKING:
    from connector.config import Config

KIND = click.argument("kind", type=click.Choice(["crm", "partner", "route", "all"]))


@click.command
@KIND
@click.argument("name", required=False)
@click.option("--until", "until_text", help="2h, 18:00, 2026-11-03 or '2026-11-03 18:00'; default: resume.")
@click.option("--because", required=True, help="Why; shown by connector status.")
@CONFIG
@AS_JSON
def pause(
    kind: str, name: str | None, until_text: str | None, because: str, config_path: Path, as_json: bool
) -> None:
    """Pause a crm, a partner or a route by NAME, or all crms.

    A paused crm is neither read nor written, and nothing of it is decided. A paused partner gets nothing new:
    routes pass it over, and what is its by right waits. A paused route holds its leads. What was decided but
    not sent waits as well. All daemons see it with their next cycle.
    """
    from zoneinfo import ZoneInfo

    from connector.app import host_name, system_clock, user_name
    from connector.commands.opened import opened_store
    from connector.commands.times import until
    from connector.model.pause import Pause, PauseKind
    from connector.store import pauses

    now = system_clock()
    with opened_store(config_path) as (config, store), store.transaction() as session:
        known = _known(config, kind, name)
        try:
            ends = until(until_text, now, ZoneInfo(config.settings.timezone)) if until_text else None
        except ValueError as error:
            raise click.ClickException(f"--until: {error}") from None
        who, why = f"{user_name()}@{host_name()}", " ".join(because.split())
        pauses.pause(session, Pause(cast("PauseKind", kind), known, now, ends, who, why))
    if as_json:
        print_json({"paused": kind, "name": known, "until": ends.isoformat() if ends else None})
    else:
        told = f"until {ends:%Y-%m-%d %H:%M %Z}" if ends else "until connector resume"
        click.echo(f"{f'{kind} {known}' if known else 'everything'} is paused {told}")


@click.command
@KIND
@click.argument("name", required=False)
@CONFIG
@AS_JSON
@click.pass_context
def resume(context: click.Context, kind: str, name: str | None, config_path: Path, as_json: bool) -> None:
    """Let a crm, a partner or a route by NAME go on; "all" ends every pause."""
    from connector.app import host_name, system_clock, user_name
    from connector.commands.opened import opened_store
    from connector.model.pause import PauseKind
    from connector.store import pauses

    who = f"{user_name()}@{host_name()}"
    with opened_store(config_path) as (config, store), store.transaction() as session:
        # What the config no longer knows may still be paused.
        known = name or _known(config, kind, name)
        if kind == "partner":
            known = config.policy.partner_ids.get(known.casefold(), known)
        ended = pauses.resume(session, cast("PauseKind", kind), known, system_clock(), who)
    if as_json:
        print_json({"resumed": ended})
    else:
        click.echo(f"{ended} pauses are over" if ended else "that is not paused", err=not ended)
    if not ended:
        context.exit(NEEDS_A_PERSON)


def _known(config: "Config", kind: str, name: str | None) -> str:
    """The name as the config writes it."""
    from connector.config.problems import nearest

    if kind == "all":
        if name:
            raise click.UsageError("all stands alone: connector pause all")
        return ""
    if not name:
        raise click.UsageError(f"which {kind}? name it")
    names: Mapping[str, str] = {
        "crm": {crm.casefold(): crm for crm in config.settings.crm},
        "partner": config.policy.partner_ids,
        "route": {route.name.casefold(): route.name for route in config.policy.routes},
    }[kind]
    known = names.get(name.casefold())
    if known is None:
        raise click.ClickException(f"there is no {kind} {name!r}{nearest(name.casefold(), names)}")
    return known

"""What partners have, and what becomes of it when one leaves."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.config import Config


@click.group
def partners() -> None:
    """Partners: what they have open, and retiring one that leaves."""


@partners.command("list")
@CONFIG
@AS_JSON
def list_(config_path: Path, as_json: bool) -> None:
    """Show partners with their open leads and registrations, also those that the config no longer knows."""
    from connector.app import system_clock
    from connector.commands.opened import opened_store
    from connector.store import pauses, retiring

    with opened_store(config_path) as (config, store), store.looking() as session:
        has = retiring.counts(session)
        leaving = {one.name for one in pauses.leaving(session, system_clock())}
    known = config.policy.partners
    rows = [
        {
            "partner": who,
            "name": known[who].name if who in known else None,
            "standing": _standing(config, who, leaving),
            "open_leads": has.get(who, (0, 0))[0],
            "open_registrations": has.get(who, (0, 0))[1],
        }
        for who in dict.fromkeys([*known, *has])
    ]
    if as_json:
        print_json({"partners": rows})
        return
    _print(rows)


def _standing(config: "Config", who: str, leaving: set[str]) -> str:
    if who not in config.policy.partners:
        return "not in the config"
    if who in leaving:
        return "retiring"
    return "active" if config.policy.partners[who].active else "suspended"


def _print(rows: "Sequence[Mapping[str, object]]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in rows[0] if rows else ():
        table.add_column(name.replace("_", " "))
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console().print(table)


@partners.command
@click.argument("partner")
@click.option("--because", default="it leaves", show_default=True, help="Why; kept with who said so.")
@click.option("--release", is_flag=True, help="Take its open leads back, to be decided again by the rules.")
@CONFIG
@AS_JSON
def retire(partner: str, because: str, release: bool, config_path: Path, as_json: bool) -> None:
    """Give a PARTNER that leaves nothing new, and show what it still has.

    Its open leads stay with it until --release; then they are decided again, never for it. Registrations
    stay for a person to rule on.
    """
    from connector.app import host_name, system_clock, user_name
    from connector.commands.opened import opened_store
    from connector.model.life import Mover
    from connector.model.pause import Pause
    from connector.store import pauses, retiring

    now, who = system_clock(), f"{user_name()}@{host_name()}"
    with opened_store(config_path) as (config, store), store.transaction() as session:
        known = _known(config, partner, retiring.counts(session))
        if known not in {one.name for one in pauses.leaving(session, now)}:
            why = " ".join(because.split())
            pauses.pause(session, Pause("retiring", known, now, None, who, why))
        leads = retiring.open_leads(session, known)
        filings = retiring.open_registrations(session, known)
        released = retiring.release(session, known, Mover("command", who), now) if release else 0
    if as_json:
        print_json(
            {
                "partner": known,
                "open_leads": [
                    {"ref": str(one.ref), "since": one.since.isoformat(), "state": one.state} for one in leads
                ],
                "open_registrations": {str(ref): state for ref, state in filings.items()},
                "released": released,
            }
        )
        return
    click.echo(f"{known} gets nothing new; it has {len(leads)} open leads, {len(filings)} registrations")
    for one in leads:
        click.echo(f"  lead {one.ref}  {one.state}, since {one.since:%Y-%m-%d}")
    for ref, state in filings.items():
        click.echo(f"  registration {ref}  {state}")
    if release:
        click.echo(f"{released} leads are decided again with the next cycle")
    elif leads:
        click.echo("they stay with it until: connector partners retire --release " + known)


@partners.command
@click.argument("partner")
@CONFIG
@click.pass_context
def keep(context: click.Context, partner: str, config_path: Path) -> None:
    """Let a PARTNER that was to retire have leads again."""
    from connector.app import host_name, system_clock, user_name
    from connector.commands.opened import opened_store
    from connector.store import pauses

    with opened_store(config_path) as (config, store), store.transaction() as session:
        known = config.policy.partner_ids.get(partner.casefold(), partner)
        who = f"{user_name()}@{host_name()}"
        ended = pauses.resume(session, "retiring", known, system_clock(), who)
    click.echo(f"{known} gets leads again" if ended else f"{known} is not retiring", err=not ended)
    if not ended:
        context.exit(NEEDS_A_PERSON)


def _known(config: "Config", partner: str, has: "Mapping[str, object]") -> str:
    """The partner's id; it may have leads although the config no longer knows it."""
    from difflib import get_close_matches

    ids = config.policy.partner_ids
    known = ids.get(partner.casefold()) or (partner if partner in has else None)
    if known is None:
        near = get_close_matches(partner.casefold(), ids, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "; connector partners list shows them"
        raise click.ClickException(f"there is no partner {partner!r}{hint}")
    return known

"""Deal registrations: which there are, where they stand and why, and what they come to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from connector.routing.registration.terms import Terms
    from connector.store.registration_reading import Filed

STATES = (
    "submitted",
    "under_review",
    "returned",
    "approved",
    "rejected",
    "conflict",
    "expired",
    "converted",
    "withdrawn",
)


@click.group
def registrations() -> None:
    """Deal registrations of all CRMs."""


@contextmanager
def _opened(config_path: Path) -> "Iterator[tuple[Terms, Session]]":
    from connector.config import load
    from connector.routing.registration.terms import Terms
    from connector.store import Store

    config = load(config_path)
    settings = config.policy.deal_registration
    if settings is None:
        raise click.ClickException(
            "config.toml has no [deal_registration]; docs/deal-registration.md shows one"
        )
    store = Store.open(config.settings.store, config.folder)
    try:
        with store.transaction() as session:
            yield Terms.of(settings, config.policy), session
    finally:
        store.close()


@registrations.command("list")
@click.option("--partner", metavar="ID", help="Only of this partner.")
@click.option("--state", type=click.Choice(STATES), help="Only in this state.")
@click.option("--limit", default=50, show_default=True, help="How many, the latest first.")
@CONFIG
@AS_JSON
def list_(partner: str | None, state: str | None, limit: int, config_path: Path, as_json: bool) -> None:
    """List registrations, the latest first."""
    from connector.model.registration import State
    from connector.reports.registrations import line
    from connector.store.registration_reading import filed

    with _opened(config_path) as (terms, session):
        who = _partner(terms, partner) if partner else None
        found = filed(session, partner=who, state=State(state) if state else None, limit=limit)
        rows = [line(terms, each) for each in found]
    if as_json:
        print_json(rows)
    else:
        _print_table("Registrations", [*rows[0]] if rows else ["registration"], [[*r.values()] for r in rows])


@registrations.command
@click.argument("ref")
@CONFIG
@AS_JSON
def show(ref: str, config_path: Path, as_json: bool) -> None:
    """Show one registration in full, with its history, for the vendor's own people."""
    from connector.reports.registrations import as_data, shown
    from connector.store.registration_reading import history

    with _opened(config_path) as (terms, session):
        one, past = _found(session, ref), history(session, _ref(ref))
    if as_json:
        print_json(as_data(terms, one, past))
    else:
        click.echo(shown(terms, one, past))


@registrations.command
@click.argument("ref")
@click.option("--for-partner", metavar="ID", help="As this partner may read it: naming no other.")
@CONFIG
@AS_JSON
@click.pass_context
def explain(
    context: click.Context, ref: str, for_partner: str | None, config_path: Path, as_json: bool
) -> None:
    """Explain why a registration stands where it does; either side of a conflict may be told.

    Without --for-partner it is told as its own partner may read it.
    """
    from connector.reports.registrations import other_side, told_data, told_to
    from connector.store.registration_reading import history

    with _opened(config_path) as (terms, session):
        one = _found(session, ref)
        own = one.life.partner if one.life else None
        wanted = _partner(terms, for_partner) if for_partner else own
        if wanted == own:
            past = history(session, _ref(ref))
            print_json(told_data(one, past)) if as_json else click.echo(told_to(one, past))
        elif one.life and any(
            r.code == "collides" and r.facts["partner"] == wanted for r in one.life.reasons
        ):
            told = other_side(one)
            print_json({"told": told}) if as_json else click.echo(told)
        else:
            click.echo(f"{ref} is neither this partner's nor in conflict with one of theirs", err=True)
            context.exit(NEEDS_A_PERSON)


@registrations.command
@CONFIG
@AS_JSON
def report(config_path: Path, as_json: bool) -> None:
    """Report approval and win rates, value, conflicts by cause, what ends soon, by partner and tier."""
    from datetime import UTC, datetime

    from connector.reports.registration_totals import totals, totals_tables
    from connector.store.registration_reading import filed

    with _opened(config_path) as (terms, session):
        found = totals(terms, filed(session), datetime.now(UTC))
    if as_json:
        print_json(found.as_data())
    else:
        _print(totals_tables(found))


def _ref(text: str) -> Any:
    from connector.model.lead import Ref

    try:
        return Ref.parse(text)
    except ValueError:
        raise click.ClickException(f"{text!r} is no registration; write crm:id, as the list does") from None


def _found(session: "Session", ref: str) -> "Filed":
    from connector.store.registration_reading import find

    found = find(session, _ref(ref))
    if found is None:
        raise click.ClickException(f"{ref} is not known here; connector registrations list shows which are")
    return found


def _partner(terms: "Terms", wanted: str) -> str:
    found = terms.partner_ids.get(wanted.casefold())
    if found is None:
        raise click.ClickException(f"there is no partner {wanted!r}; connector policy lists them")
    return found


def _print_table(title: str, columns: list[str], rows: Any) -> None:
    from connector.reports.registration_totals import table_of

    _print(table_of(title, columns, rows))


def _print(shown: Any) -> None:
    from rich.console import Console

    Console().print(shown)

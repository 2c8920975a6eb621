"""Who got what."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from connector.config import Config
    from connector.reports.registration_totals import Totals


@click.command
@CONFIG
@AS_JSON
@click.option("--ledger", type=click.Choice(["live", "shadow"]), help="Default: the config's mode.")
@click.option("--performance", is_flag=True, help="What partners make of their leads instead.")
@click.option(
    "--by", type=click.Choice(["month", "quarter", "year"]), help="With --performance: period by period."
)
@click.option("--partner", help="With --performance: one partner, and every lead that its numbers rest on.")
@click.option("--speed", is_flag=True, help="How long leads wait instead: for a partner, an answer, a call.")
@click.option(
    "--over", default="90d", show_default=True, help="With --speed: of the leads given in this time."
)
@click.pass_context
def report(
    context: click.Context,
    config_path: Path,
    as_json: bool,
    ledger: str | None,
    performance: bool,
    by: str | None,
    partner: str | None,
    speed: bool,
    over: str,
) -> None:
    """Leads by outcome, partners against their target share, writes under way, API calls, registrations.

    With --performance: the rates at which partners accept, are in touch and win, how soon they answer and
    what they won, over the time of [performance], always with the counts; rates of few leads are drawn
    towards the average of all partners.
    """
    from connector.config import load

    if not performance and (by or partner):
        raise click.UsageError("--by and --partner go with --performance")
    config = load(config_path)
    if speed:
        _speed(config, as_json, over)
    elif performance:
        _performance(config, as_json, by, _known(config, partner) if partner else None)
    elif _summary(config, as_json, ledger):
        context.exit(NEEDS_A_PERSON)


def _summary(config: "Config", as_json: bool, ledger: str | None) -> bool:
    """Print the summary; whether a write is parked."""
    from connector.reports.registration_totals import totals_tables
    from connector.reports.summary import summarize
    from connector.reports.tables import summary_tables
    from connector.store import Store

    store = Store.open(config.settings.store, config.folder)
    names = {partner.id: partner.name for partner in config.policy.partners.values()}
    meanings = {crm: rules.meaning for crm, rules in config.policy.crms.items()}
    with store.looking() as session:
        summary = summarize(session, names, ledger or config.settings.mode, config.policy.rotations, meanings)
        registrations = _registrations(config, session)
    store.close()
    if as_json:
        told = {"registrations": registrations.as_data()} if registrations else {}
        print_json({**summary.as_data(), **told})
    else:
        _print(summary_tables(summary))
        if registrations:
            _print(totals_tables(registrations))
    return bool(summary.parked)


def _registrations(config: "Config", session: "Session") -> "Totals | None":
    """What deal registrations come to, where there are any."""
    from connector.app import system_clock
    from connector.reports.registration_totals import totals
    from connector.routing.registration.terms import Terms
    from connector.store.registration_reading import filed

    settings = config.policy.deal_registration
    if settings is None:
        return None
    found = totals(Terms.of(settings, config.policy), filed(session), system_clock())
    return found if found.whole.submitted else None


def _performance(config: "Config", as_json: bool, by: str | None, partner: str | None) -> None:
    from connector.app import system_clock
    from connector.reports import performance as told
    from connector.store import Store
    from connector.store.handled import handled

    normal, now = config.policy.normal, system_clock()
    since = now - config.settings.performance.within
    store = Store.open(config.settings.store, config.folder)
    with store.looking() as session:
        leads = list(handled(session, since))
    store.close()
    # One partner's rates are drawn towards the average of all.
    lines = told.performance(leads, normal, config.policy.zone, by)
    lines = [line for line in lines if partner in (None, line.partner)]
    rows = told.evidence((lead for lead in leads if lead.partner == partner), normal)
    if as_json:
        shown: dict[str, Any] = {
            "since": since.isoformat(),
            "until": now.isoformat(),
            "currency": normal.base_currency,
            "lines": [line.as_data() for line in lines],
        }
        print_json(shown | ({"leads": rows} if partner else {}))
        return
    names = {each.id: each.name for each in config.policy.partners.values()}
    _print(told.performance_table(lines, names, normal.base_currency))
    if partner:
        _print(told.evidence_table(rows))


def _speed(config: "Config", as_json: bool, over: str) -> None:
    from connector.app import system_clock
    from connector.model.durations import duration
    from connector.reports import speed as told
    from connector.store import Store
    from connector.store.pace import followed

    try:
        back = duration(over)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    store = Store.open(config.settings.store, config.folder)
    with store.looking() as session:
        found = list(followed(session, system_clock() - back))
    store.close()
    names = {each.id: each.name for each in config.policy.partners.values()}
    data = told.speed_data(found, names)
    if as_json:
        print_json(data)
    else:
        _print(told.speed_tables(data, back.days))


def _known(config: "Config", partner: str) -> str:
    """A partner's id by its id or name."""
    found = config.policy.partner_ids.get(partner.casefold())
    if found is None:
        raise click.ClickException(f"there is no partner {partner!r}; connector policy lists them")
    return found


def _print(shown: Any) -> None:
    from rich.console import Console

    Console().print(shown)

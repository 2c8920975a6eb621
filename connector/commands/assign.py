"""A partner for one lead, by hand."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json

if TYPE_CHECKING:
    from connector.config import Config
    from connector.model.decision import Decision
    from connector.model.lead import Ref
    from connector.routing.by_hand import Objection, Order


@click.command
@click.argument("ref")
@click.argument("partner")
@click.option("--because", required=True, help="Why; it is kept with the decision and shown in the CRM.")
@click.option("--anyway", is_flag=True, help="Waive caps, hours, region and the like; never the law.")
@click.option("--takes-turn", is_flag=True, help="The partner pays for it in the route's rotation.")
@CONFIG
@AS_JSON
@click.pass_context
def assign(
    context: click.Context,
    ref: str,
    partner: str,
    because: str,
    anyway: bool,
    takes_turn: bool,
    config_path: Path,
    as_json: bool,
) -> None:
    """Give the lead REF (crm:id) to PARTNER (id or name), through the checks that every lead passes.

    What stands against it is told, and nothing is changed. The write goes out with the next cycle.
    """
    from connector.app import host_name
    from connector.config import load
    from connector.model.decision import Decision
    from connector.routing.by_hand import Order

    config = load(config_path)
    address, partner_id = _understood(config, ref, partner)
    order = Order(f"{getpass.getuser()}@{host_name()}", " ".join(because.split()), anyway, takes_turn)
    found = _assigned(config, address, partner_id, order)
    if isinstance(found, Decision):
        _tell(found, as_json, shadow=_ledger(config, address.crm) == "shadow")
        return
    _tell_objections(found, as_json)
    context.exit(NEEDS_A_PERSON)


def _understood(config: "Config", ref: str, partner: str) -> "tuple[Ref, str]":
    from difflib import get_close_matches

    from connector.model.lead import Ref

    try:
        address = Ref.parse(ref)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    if address.crm not in config.settings.crm:
        raise click.ClickException(
            f"there is no crm {address.crm!r}; known are {', '.join(config.settings.crm)}"
        )
    partner_id = config.policy.partner_ids.get(partner.casefold())
    if partner_id is None:
        near = get_close_matches(partner.casefold(), config.policy.partner_ids, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "; see 'connector partners list'"
        raise click.ClickException(f"there is no partner {partner!r}{hint}")
    return address, partner_id


def _ledger(config: "Config", crm: str) -> str:
    return config.settings.crm[crm].mode or config.settings.mode


def _assigned(
    config: "Config", ref: "Ref", partner: str, order: "Order"
) -> "Decision | tuple[Objection, ...]":
    from connector.app import system_clock
    from connector.store import Store
    from connector.sync.by_hand import UnknownLead
    from connector.sync.by_hand import assign as assigned

    store = Store.open(config.settings.store, config.folder)
    ledger = _ledger(config, ref.crm)
    try:
        return assigned(config.policy, store, ref, partner, order, ledger, config.hash, system_clock())
    except UnknownLead:
        raise click.ClickException(f"{ref} is not known here; pull it first with connector sync") from None
    finally:
        store.close()


def _tell(decision: "Decision", as_json: bool, *, shadow: bool) -> None:
    from connector.routing.reasons import summary

    if as_json:
        print_json({"assigned": True, "decision": decision.as_data()})
        return
    click.echo(f"{decision.ref} is {decision.partner}'s (owner {decision.owner}): {summary(decision)}")
    click.echo("recorded in shadow; nothing is sent" if shadow else "it is written with the next cycle")


def _tell_objections(found: "tuple[Objection, ...]", as_json: bool) -> None:
    from connector.routing.reasons import say

    if as_json:
        told = [{"code": o.reason.code, "says": say(o.reason), "waivable": o.waivable} for o in found]
        print_json({"assigned": False, "objections": told})
        return
    for objection in found:
        click.echo(f"{say(objection.reason)}{' (--anyway waives it)' * objection.waivable}", err=True)

"""What accept and decline share: a partner's answer to a lead that it was given."""

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.commands.common import print_json

if TYPE_CHECKING:
    from connector.model.life import State


def answer_lead(
    config_path: Path, ref: str, partner: str | None, to: "State", because: str | None, as_json: bool
) -> None:
    """Record the answer and say what follows; one sentence when it cannot be given."""
    from connector.app import host_name, system_clock
    from connector.config import load
    from connector.model.lead import Ref
    from connector.model.life import Mover
    from connector.store import Store
    from connector.sync.hearing import NotPossible, answer

    config = load(config_path)
    who = f"{getpass.getuser()}@{host_name()}"
    store = Store.open(config.settings.store, config.folder)
    try:
        address, for_partner = Ref.parse(ref), _partner(config.policy.partner_ids, partner)
        with store.transaction() as session:
            holder = answer(
                session,
                config.policy,
                address,
                to,
                Mover("command", who),
                system_clock(),
                because,
                for_partner,
            ).partner
    except (NotPossible, ValueError) as error:
        raise click.ClickException(str(error)) from None
    finally:
        store.close()
    if as_json:
        print_json({"ref": ref, "partner": holder, "state": to.value, "because": because})
    else:
        click.echo(f"{ref} is {to} by {holder}")


def _partner(known: Mapping[str, str], partner: str | None) -> str | None:
    if partner is None:
        return None
    if partner.casefold() not in known:
        raise ValueError(f"there is no partner {partner!r}; connector policy lists them")
    return known[partner.casefold()]

"""Give one lead to a partner because a person says so, recorded and sent like any other decision."""

from datetime import datetime

from connector.model.data import plain
from connector.model.decision import Decision
from connector.model.lead import Ref
from connector.model.noted import Notes
from connector.routing.by_hand import Asked, Objection, Order, Place, by_hand
from connector.routing.policy import Policy
from connector.store import Store
from connector.store.decisions import record
from connector.store.inputs import keep_inputs
from connector.store.waiting import settled
from connector.sync.decide import known, ruling


class UnknownLead(Exception):
    """There is no such lead here, or no longer."""


def assign(
    policy: Policy,
    store: Store,
    ref: Ref,
    partner: str,
    order: Order,
    ledger: str,
    config_hash: str,
    now: datetime,
) -> Decision | tuple[Objection, ...]:
    """The decision, now recorded and on its way to the CRM, or what stands against it; UnknownLead."""
    with store.transaction() as session:
        lead = settled(session, ref, ledger)
        if lead is None:
            raise UnknownLead(str(ref))
        notes = Notes(known(policy, session, ledger, now, [lead.item]))
        (seen,) = notes.each([lead.item.lead])
        asked = Asked(partner, order, Place(lead.ours, lead.partner))
        found = by_hand(policy, notes.snapshot, seen, asked.partner, asked.order, asked.place)
        if isinstance(found, Decision):
            ids = record(session, ledger, config_hash, [ruling(policy, ledger, found)])
            keep_inputs(session, ledger, now, notes, [(ids[0], 0, seen)], plain(asked))
        return found

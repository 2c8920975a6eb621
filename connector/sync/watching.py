"""Leads that partners have, looked at again when their records change: may they still be shared?"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from connector.model.lead import Lead
from connector.routing.facts import understand
from connector.routing.identity import identify
from connector.routing.policy import Policy, Screen
from connector.routing.screening import against
from connector.store.decisions import recall
from connector.store.identities import correct
from connector.store.intake import being_sent


def watch(session: Session, policy: Policy, crm: str, leads: Sequence[Lead], now: datetime) -> int:
    """Take back what may no longer be shared with anyone; how many leads.

    A lead whose write is under way is looked at when it is read again, which a write sees to.
    """
    if policy.recognises:
        correct(session, {lead.ref: identify(policy, lead) for lead in leads})
    forbidden = [lead.ref for lead in leads if not lead.converted and forbids(policy, lead, now)]
    if not forbidden:
        return 0
    sending = being_sent(session, crm, [ref.id for ref in forbidden])
    return sum(recall(session, ref, now) for ref in forbidden if ref.id not in sending)


def forbids(policy: Policy, lead: Lead, now: datetime) -> Screen | None:
    """The legal screen that a lead does not pass; one that only holds for a while has had its time."""
    screens = [screen for screen in policy.legal_screens if screen.hold_for is None]
    if not screens:
        return None
    facts = understand(lead, now, policy.missing_words, policy.normal)
    return next(iter(against(screens, facts)), None)

"""What people do to records that a partner has: take them up, claim them too late, or move them first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connector.model.lead import Lead, same_owner
from connector.model.life import Mover, State
from connector.routing.claims import claim_on, owned_by, rivals
from connector.routing.policy import Policy
from connector.store.claims import (
    adopt_owner,
    holders,
    leave_decided,
    moved_before_our_write,
    note_late,
    written_partner,
)
from connector.store.decisions import give_back
from connector.store.life import write_besides
from connector.store.tables import AssignmentRow
from connector.store.waiting import Waiting
from connector.sync.hearing import step

LATE = timedelta(minutes=15)
"""Whoever takes a record over so soon after another's claim came too late; after that, a person acts."""


def without_late_claims(
    policy: Policy, session: Session, work: Sequence[Waiting], now: datetime
) -> list[Waiting]:
    """The leads that are to be decided; what partners' users did to leads that one has is answered here.
    A partner that a lead never reached, since a person was quicker than our write, has its turn back.

    Whoever is first is decided in one transaction: what is on offer when a claim is read is given with it,
    and from then on it is on offer no more.
    """
    taken = holders(session, [item.lead.ref for item in work])
    left = []
    for item in work:
        row = taken.get(item.lead.ref)
        if row is not None and _answered(policy, session, row, item.lead, now):
            continue
        if row is not None and moved_before_our_write(session, row, item.lead):
            give_back(session, row.crm, row.lead_id, now, "changed_by_person")
        left.append(item)
    return left


def _holder(policy: Policy, lead: Lead) -> str | None:
    """The one partner whose user holds the record now."""
    holders = owned_by(policy, lead.ref.crm, lead.owner)
    return holders[0].id if len(holders) == 1 else None


def _answered(policy: Policy, session: Session, row: AssignmentRow, lead: Lead, now: datetime) -> bool:
    claim = claim_on(policy, lead) if policy.offers else None
    if lead.converted:
        return False
    # A partner that was taken out of the config has its leads still.
    partner = policy.partners.get(row.partner)
    name = partner.name if partner else written_partner(session, lead.ref) or row.partner
    late = rivals(policy, lead.ref.crm, row.partner if partner else None)
    taken_over = not same_owner(lead.owner, row.owner) and not any(
        same_owner(lead.owner, own) for own in (partner.owners.get(lead.ref.crm, ()) if partner else ())
    )
    by_rival = any(same_owner(lead.owner, owner) for owner in late)
    if taken_over and not (row.claimed and by_rival and now - row.since <= LATE):
        return False
    if taken_over or (claim and claim.partner != row.partner):
        rival = claim if claim and claim.partner != row.partner else None
        who = rival.by if rival else lead.owner
        told = f"{name} was first; the claim of {who} came too late"
        values = {"owner": row.owner, "partner": name, "reason": told}
        named = {"claimed_by": name if row.claimed else None}
        write_besides(session, row, lead.owner, {**values, **named}, now, rivals=late)
        loser = rival.partner if rival else _holder(policy, lead)
        if loser:
            note_late(session, row, loser, str(who), told, now)
    elif not same_owner(lead.owner, row.owner):
        # Another user of the same partner has taken the record: that is an acceptance.
        adopt_owner(session, row, lead.owner)
        step(session, policy, row, State.ACCEPTED, Mover("crm", lead.owner), now)
    elif claim is None and not (lead.fields.get("claimed_by") and lead.fields.get("partner") == name):
        return False
    leave_decided(session, lead.ref)
    return True

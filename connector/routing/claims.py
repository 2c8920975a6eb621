"""Claims on leads that are on offer: who claims, whether it may, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo

from connector.model.decision import Reason, Turn
from connector.model.durations import Span
from connector.model.lead import Lead, same_owner
from connector.model.partner import Partner
from connector.model.snapshot import Snapshot
from connector.routing.by_hand import claimable
from connector.routing.calendars import Calendar, Hours
from connector.routing.capacity import began
from connector.routing.claim_settings import ClaimOptions
from connector.routing.owners import owner_in_turn
from connector.routing.policy import Policy

_WORKING_WEEK = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class Claim:
    """Who claims: a partner, or None where that is not known; `by` is an owner or what was written."""

    partner: str | None
    by: str


def claim_on(policy: Policy, lead: Lead) -> Claim | None:
    """The claim that a record on offer shows: a partner's user took it over, or the claim field is filled in.

    A user who holds the records of several partners cannot claim by taking a record over.
    """
    text = lead.fields.get("claimed_by")
    if text not in (None, ""):
        return Claim(named(policy, lead.ref.crm, str(text).strip()), str(text).strip())
    holders = owned_by(policy, lead.ref.crm, lead.owner)
    if lead.owner and holders:
        return Claim(holders[0].id if len(holders) == 1 else None, lead.owner)
    return None


def beaten_by(policy: Policy, lead: Lead, won: Claim) -> Claim | None:
    """The claim of another partner's user who took the record over while the field was filled in."""
    holders = [] if won.by == lead.owner else owned_by(policy, lead.ref.crm, lead.owner)
    if not lead.owner or not holders or any(each.id == won.partner for each in holders):
        return None
    return Claim(holders[0].id if len(holders) == 1 else None, lead.owner)


def named(policy: Policy, crm: str, text: str) -> str | None:
    """The partner whose id, name, or only user a text is."""
    known = policy.partner_ids.get(text.casefold())
    if known:
        return known
    full = text.casefold().startswith(("user:", "queue:"))
    holders = owned_by(policy, crm, text if full else f"user:{text}")
    return holders[0].id if len(holders) == 1 else None


def owned_by(policy: Policy, crm: str, owner: str | None) -> list[Partner]:
    """The partners whose records a user or queue of a CRM holds."""
    return [
        partner
        for partner in policy.partners.values()
        if any(same_owner(owner, own) for own in partner.owners.get(crm, ()))
    ]


def limit_reached(options: ClaimOptions, partner: Partner, snapshot: Snapshot, zone: tzinfo) -> Reason | None:
    """The first limit on claims that a partner has reached: open ones, those of today, or a cool-down."""
    tier = (partner.tier or "").casefold()
    open_claims, today = snapshot.open_claims.get(partner.id, 0), began(snapshot.now, zone)["day"]
    most = options.limits(tier)
    if most.open is not None and open_claims >= most.open:
        return Reason("claims_open", {"partner": partner.id, "most": most.open})
    claimed = sum(at >= today for at in snapshot.claimed_at.get(partner.id, ()))
    if most.per_day is not None and claimed >= most.per_day:
        return Reason("claims_today", {"partner": partner.id, "most": most.per_day})
    until = cooling_until(options, snapshot.lapsed_claims.get(partner.id, ()), snapshot.now)
    if until:
        return Reason("claims_cooling", {"partner": partner.id, "until": until.isoformat()})
    return None


def cooling_until(options: ClaimOptions, lapsed: Sequence[datetime], now: datetime) -> datetime | None:
    """Until when a partner that let claims lapse claims no more; None if it may."""
    terms = options.cool_down
    if terms is None:
        return None
    recent = sorted(at for at in lapsed if at > now - terms.within)
    if len(recent) < terms.after_lapses:
        return None
    until = recent[-1] + terms.pause
    return until if until > now else None


def on_offer_until(zone: tzinfo, after: Span | None, now: datetime) -> datetime | None:
    """When an offer ends. Working time is Monday to Friday, 09:00 to 17:00 in the programme's time zone."""
    if after is None:
        return None
    hours = Hours(_WORKING_WEEK, time(9), time(17), zone)
    return Calendar(zone, (hours,)).after(now, after)


def refusal_of(policy: Policy, snapshot: Snapshot, lead: Lead, claim: Claim) -> Reason | None:
    """Why a claim does not count, or None: everything is checked again at the moment of the claim."""
    if claim.partner is None:
        return Reason("claim_by_unknown", {"by": claim.by})
    offer = snapshot.on_offer[lead.ref]
    options = policy.claims.get(offer.route or "", ClaimOptions())
    partner = policy.partners[claim.partner]
    return claimable(policy, snapshot, lead, claim.partner) or limit_reached(
        options, partner, snapshot, policy.zone
    )


def owner_of(policy: Policy, snapshot: Snapshot, lead: Lead, partner: Partner) -> tuple[str, Turn | None]:
    """Who holds the claimed lead: whoever took it over, else the partner's next owner in turn."""
    own = partner.owners[lead.ref.crm]
    taken = next((owner for owner in own if same_owner(owner, lead.owner)), None)
    return (taken, None) if taken else owner_in_turn(partner, lead.ref.crm, snapshot, policy.zone)


def rivals(policy: Policy, crm: str, winner: str | None) -> tuple[str, ...]:
    """All other partners' owners: that one of them has a record is a claim, not a person's choice."""
    others = (partner for partner in policy.partners.values() if partner.id != winner)
    mine = policy.partners[winner].owners.get(crm, ()) if winner else ()
    found = dict.fromkeys(owner for partner in others for owner in partner.owners.get(crm, ()))
    return tuple(owner for owner in found if not any(same_owner(owner, own) for own in mine))

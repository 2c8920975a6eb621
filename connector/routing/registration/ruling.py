"""The ruling on one registration: complete, eligible, first, or what it lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.model.decision import Reason
from connector.model.partner import Partner
from connector.model.registration import Collision, State
from connector.routing.registration.claims import Claim
from connector.routing.registration.conflicts import Rights, collisions
from connector.routing.registration.terms import Terms


@dataclass(slots=True)
class Known:
    """What a ruling looks at besides the registration; `moved_on` keeps it as the store would.

    `open_count` counts open registrations by partner; `own_leads` gives the leads that each partner has been
    assigned, as rights. `read_until` says how far every connected CRM has been read, None for not at all.
    """

    rights: Rights
    open_count: dict[str, int] = field(default_factory=dict)
    read_until: Mapping[str, datetime | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a registration comes to, why, with what it collides, and the partner's own lead it is tied to."""

    state: State
    reasons: tuple[Reason, ...]
    collision: Collision | None = None
    lead: str | None = None


def ruled(terms: Terms, claim: Claim, valid_at: datetime, known: Known, was_open: bool) -> Verdict:
    """The verdict on a claim that is not decided yet; `was_open` says that it is counted as open already."""
    if claim.faults:
        return Verdict(State.RETURNED, claim.faults)
    partner = terms.partners[str(claim.partner)]
    barred = _barred(terms, claim, partner, known.open_count.get(partner.id, 0) - was_open)
    if barred:
        return Verdict(State.REJECTED, (barred,))
    found = collisions(terms, claim, valid_at, known.rights)
    own = [each for each in found if each.right.partner == claim.partner]
    if own and own[0].strong:
        return _own(own[0])
    lead = _own_lead(claim, known.rights)
    if lead and terms.settings.own_lead == "return":
        return Verdict(State.RETURNED, (Reason("own_lead", {"lead": lead}),))
    if found:
        return _collided(terms, found[0], lead)
    behind = [crm for crm, until in known.read_until.items() if until is None or until <= valid_at]
    if behind:
        return Verdict(State.SUBMITTED, (Reason("waits_for_crms", {"crms": sorted(behind)}),))
    if terms.settings.approve == "by_person":
        return Verdict(State.UNDER_REVIEW, (Reason("person_approves"),), lead=lead)
    return Verdict(State.APPROVED, (Reason("no_conflict"),), lead=lead)


def _barred(terms: Terms, claim: Claim, partner: Partner, others_open: int) -> Reason | None:
    """Why the partner may not register this at all."""
    settings = terms.settings
    if not partner.active:
        return Reason("partner_suspended", {"partner": partner.id})
    if settings.tiers is not None and (partner.tier or "").casefold() not in _folded(settings.tiers):
        return Reason("tier_not_eligible", {"tier": partner.tier, "tiers": list(settings.tiers)})
    lacking = sorted(claim.customer.products - partner.products) if partner.products else []
    if settings.products_must_be_authorised and lacking:
        return Reason("product_not_authorised", {"products": lacking})
    most = terms.most_open(partner)
    if most is not None and others_open >= most:
        return Reason("too_many_open", {"most": most, "tier": partner.tier})
    return None


def _folded(words: Sequence[str]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def _own(collision: Collision) -> Verdict:
    right = collision.right
    if right.ended_at and right.state in (State.REJECTED, State.EXPIRED):
        facts = {"other": right.ref, "ended": right.ended_at.date().isoformat()}
        return Verdict(State.REJECTED, (Reason("too_soon_again", facts),))
    return Verdict(State.RETURNED, (Reason("registered_twice", {"other": right.ref}),))


def _own_lead(claim: Claim, rights: Rights) -> str | None:
    """The partner's own assigned lead of the same customer: the one it names, else one that is surely it."""
    named = rights.by_ref.get(f"lead {claim.lead}") if claim.lead else None
    if named and named.partner == claim.partner:
        return claim.lead
    mine = claim.customer
    for domain_or_mail in (mine.domain, mine.email):
        for ref in rights.by_key.get(domain_or_mail or "", ()):
            right = rights.by_ref[ref]
            if right.kind == "lead" and right.partner == claim.partner:
                return right.ref.removeprefix("lead ")
    return None


def _collided(terms: Terms, collision: Collision, lead: str | None) -> Verdict:
    reason = Reason("collides", collision_facts(collision))
    if not collision.strong:
        return Verdict(State.UNDER_REVIEW, (reason,), collision, lead)
    state = {"conflict": State.CONFLICT, "reject": State.REJECTED, "review": State.UNDER_REVIEW}
    return Verdict(state[terms.settings.on_conflict], (reason,), collision, lead)


def collision_facts(collision: Collision) -> dict[str, Any]:
    """A collision as JSON values."""
    right = collision.right
    return {
        "kind": right.kind,
        "with": right.ref,
        "partner": right.partner,
        "strong": collision.strong,
        "at": right.at.isoformat() if right.at else None,
        **collision.evidence,
    }

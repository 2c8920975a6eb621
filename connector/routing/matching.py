"""Who may have a lead: hard limits, each refusal with a code."""

from collections.abc import Callable, Mapping, Sequence

from connector.model.partner import Partner
from connector.routing.capacity import Room
from connector.routing.facts import Facts

_COVERED: Mapping[str, Callable[[Partner], frozenset[str]]] = {
    "country": lambda partner: partner.countries,
    "industry": lambda partner: partner.industries,
    "product": lambda partner: partner.products,
    "lead_source": lambda partner: partner.lead_sources,
}


def may_have(
    pool: Sequence[Partner], crm: str, must_cover: Sequence[str], facts: Facts, room: Room
) -> tuple[list[Partner], dict[str, tuple[str, ...]]]:
    """The partners of a pool that may have the lead, and the others' ids by the code of the refusal."""
    eligible: list[Partner] = []
    refused: dict[str, list[str]] = {}
    for partner in pool:
        code = refusal(partner, crm, must_cover, facts, room)
        if code is None:
            eligible.append(partner)
        else:
            refused.setdefault(code, []).append(partner.id)
    return eligible, {code: tuple(who) for code, who in refused.items()}


def refusal(
    partner: Partner, crm: str, must_cover: Sequence[str], facts: Facts, room: Room | None = None
) -> str | None:
    """The code of the first reason why the partner may not have the lead; without `room` no limit counts."""
    if not partner.active:
        return "suspended"
    if not partner.owners.get(crm):
        return "no_owner_in_crm"
    for field in must_cover:
        if not covers(partner, field, facts):
            return f"outside_{field}"
    return room.refusal(partner) if room else None


def covers(partner: Partner, field: str, facts: Facts) -> bool:
    """Whether the lead's value is in the partner's list; an empty list covers all, a missing value none."""
    served = _COVERED[field](partner)
    if not served:
        return True
    value = facts.shown.get(field) if field == "country" else facts.folded.get(field)
    return value in served

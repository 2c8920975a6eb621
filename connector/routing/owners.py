"""Who within a partner gets the lead: its owners in a CRM take turns."""

from collections.abc import Mapping
from datetime import tzinfo

from connector.model.decision import Turn
from connector.model.partner import Partner
from connector.model.snapshot import Snapshot
from connector.routing.capacity import room
from connector.routing.rotation import next_turn

PREFIX = "owners:"
"""How the rotations between owners begin; no rotation of a route may."""


def rotation_of(partner: str, crm: str) -> str:
    """The name of the rotation between a partner's owners in one CRM."""
    return f"{PREFIX}{partner}@{crm}"


def weights_of(partner: Partner, crm: str) -> Mapping[str, int]:
    """The owners that take turns, by weight; those who weigh nothing are left out."""
    weights = {owner: partner.owner_weights.get(owner, 1) for owner in partner.owners[crm]}
    return {owner: weight for owner, weight in weights.items() if weight}


def owner_in_turn(partner: Partner, crm: str, snapshot: Snapshot, zone: tzinfo) -> tuple[str, Turn | None]:
    """The owner whose turn it is, and the turn; a single owner takes none.

    Owners at a cap of theirs are passed over while others are not.
    """
    weights = weights_of(partner, crm)
    if partner.limits_owners:
        there_is = room(snapshot, zone)
        free = {owner: weight for owner, weight in weights.items() if there_is.owner_has(partner, owner)}
        weights = free or weights
    if len(weights) == 1:
        return next(iter(weights)), None
    rotation = rotation_of(partner.id, crm)
    turn = next_turn(weights, snapshot.credits.get(rotation, {}))
    return turn.picked, Turn(rotation, turn.picked, turn.entry, turn.before, turn.gain, "owners")

"""Who of a route fits a lead now, as a value that methods choose from and decisions keep."""

from collections.abc import Mapping
from dataclasses import replace

from connector.model.decision import Choice
from connector.model.lead import Lead, Ref
from connector.model.partner import Partner
from connector.model.snapshot import Snapshot
from connector.routing.capacity import room
from connector.routing.case import Case, Rotation
from connector.routing.choosing import ABSENCES
from connector.routing.facts import Facts
from connector.routing.matching import NOTHING, Asked, Limits, Matched
from connector.routing.policy import Policy, Route


def had_before(snapshot: Snapshot, lead: Ref) -> Mapping[str, str]:
    """The partners that do not get this lead again, and the code that says why."""
    return snapshot.had_before.get(lead, {})


def matched(policy: Policy, snapshot: Snapshot, lead: Lead, facts: Facts, limits: Limits) -> Matched:
    """Who may have the lead now by these limits, and why the others may not."""
    now, zone = snapshot.now, policy.zone
    return limits.matched(
        Asked(
            crm=lead.ref.crm,
            facts=facts,
            day=now.astimezone(zone).date(),
            room=room(snapshot, zone),
            presence=policy.attendance.at(now),
            earlier=had_before(snapshot, lead.ref),
            paused=snapshot.paused_partners,
            retiring=snapshot.retiring,
        )
    )


def unfit(
    policy: Policy, snapshot: Snapshot, lead: Lead, facts: Facts, partner: Partner, route: Route | None
) -> str | None:
    """Why one partner, of the route's pool or not, does not fit a lead, by code; None if it does."""
    limits = route.limits if route else Limits("", (), NOTHING, policy.partners)
    found = matched(policy, snapshot, lead, facts, replace(limits, pool=(partner,)))
    return next(iter(found.refused), None)


def chosen(route: Route, found: Matched, picked: str | None = None) -> Choice:
    """What a decision keeps of a route's candidates."""
    stands_in: dict[str, tuple[str, ...]] = {}
    for one in found.stand_ins:
        stands_in[one.partner] = (*stands_in.get(one.partner, ()), one.instead_of)
    return Choice(
        route=route.name,
        pool=len(route.pool),
        eligible=tuple([partner.id for partner in found.eligible]),
        refused=found.refused,
        picked=picked,
        until={who: moment.isoformat() for who, moment in found.until.items()},
        stands_in=stands_in,
    )


def candidates(
    policy: Policy, snapshot: Snapshot, lead: Lead, facts: Facts, route: Route, found: Matched
) -> Case:
    """What the route's method chooses from."""
    making_up = route.rotation.make_up is not None
    return Case(
        lead.ref,
        facts,
        found.eligible,
        _with_stand_ins(route.rotation, found),
        snapshot,
        _away(route, found) if making_up else (),
        policy.tiers,
        policy.seed,
        policy.attendance.returned(snapshot.now) if making_up else {},
        policy.attendance.at(snapshot.now).closed,
    )


def _away(route: Route, found: Matched) -> list[Partner]:
    """Those for whom the rotation makes up: who is only not there, and for whom nobody stands in."""
    gone = {who for code, whose in found.refused.items() if code in ABSENCES for who in whose}
    gone -= {one.instead_of for one in found.stand_ins}
    return [partner for partner in route.pool if partner.id in gone]


def _with_stand_ins(rotation: Rotation, found: Matched) -> Rotation:
    """The rotation in which who stands in has the weight of those that are away, besides its own."""
    if not found.stand_ins:
        return rotation
    weights = dict(rotation.weights)
    for who in {one.partner for one in found.stand_ins}:
        weights[who] = rotation.weights.get(who, 1) if who in found.of_themselves else 0
    for one in found.stand_ins:
        weights[one.partner] += rotation.weights.get(one.instead_of, 1)
    return replace(rotation, weights=weights)

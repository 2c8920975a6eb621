"""A partner for a lead by name, an order or a claim, through the checks that every lead passes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from connector.model.decision import Choice, Decision, Outcome, Reason, Score, Turn
from connector.model.lead import Lead
from connector.model.partner import Partner
from connector.model.snapshot import Snapshot
from connector.routing.facts import Facts, understand
from connector.routing.fitting import candidates, chosen, matched, unfit
from connector.routing.identity import identity_of
from connector.routing.matching import Matched, able
from connector.routing.owners import owner_in_turn
from connector.routing.policy import Policy, Route
from connector.routing.relatives import relatives_of
from connector.routing.scoring import rate
from connector.routing.screening import against
from connector.routing.standing import Seen, standings


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants a partner to have a lead, and why; `anyway` waives what may be waived.

    With `takes_turn` the partner pays for the lead in the route's rotation, as if it had been picked.
    """

    who: str
    because: str
    anyway: bool = False
    takes_turn: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where we put a lead earlier: `ours` if it is still there, and with which partner, if with any."""

    ours: bool = False
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for: which partner, how, and where the lead was then."""

    partner: str
    order: Order
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a partner should not have a lead; one that is not `waivable` stands, whoever asks."""

    reason: Reason
    waivable: bool


@dataclass(frozen=True, slots=True)
class _Matter:
    """One lead and the partner that is named for it, with all that is known of both."""

    policy: Policy
    snapshot: Snapshot
    lead: Lead
    partner: Partner
    facts: Facts
    score: Score
    route: Route | None
    place: Place


def claimable(policy: Policy, snapshot: Snapshot, lead: Lead, partner: str) -> Reason | None:
    """Why a partner may not claim a lead that is on offer, or None if it may.

    Who holds the lead is not asked: whoever claims may have taken it over already.
    """
    matter = _matter(policy, snapshot, lead, policy.partners[partner])
    found = (*_standing_in_the_way(matter), *_unfit(matter))
    return next((objection.reason for objection in found), None)


def by_hand(
    policy: Policy, snapshot: Snapshot, lead: Lead, partner: str, order: Order, place: Place = Place()
) -> Decision | tuple[Objection, ...]:
    """The lead is the partner's because a person says so; or everything that stands against it."""
    matter = _matter(policy, snapshot, lead, policy.partners[partner], place)
    found = _objections(matter)
    if order.takes_turn and not (matter.route and matter.route.method.uses_rotation):
        found = (*found, Objection(Reason("no_turn_to_take", {"partner": partner}), waivable=False))
    if any(not (order.anyway and objection.waivable) for objection in found):
        return found
    return _given(matter, order, found)


def _matter(
    policy: Policy, snapshot: Snapshot, lead: Lead, partner: Partner, place: Place = Place()
) -> _Matter:
    facts = understand(lead, snapshot.now, policy.missing_words, policy.normal)
    points, facts = rate(policy.score, facts, policy.grades)
    covering = list(policy.covering(facts))
    meant = (route for route in covering if partner in route.pool)
    route = next(meant, next(iter(covering), None))
    return _Matter(policy, snapshot, lead, partner, facts, points, route, place)


def _objections(matter: _Matter) -> tuple[Objection, ...]:
    found = [*_standing_in_the_way(matter), *_unfit(matter), *_others_right(matter)]
    return tuple(sorted(found, key=lambda objection: objection.waivable))


def _standing_in_the_way(matter: _Matter) -> Iterator[Objection]:
    """What no order changes: the law, a record that follows another, a partner that gets nothing."""
    if matter.lead.converted:
        yield Objection(Reason("converted"), waivable=False)
    if matter.place.partner == matter.partner.id:
        yield Objection(Reason("already_theirs", {"partner": matter.partner.id}), waivable=False)
    leader = matter.snapshot.leaders.get(matter.lead.ref)
    if leader is not None:
        yield Objection(Reason("leader_decides", {"leader": str(leader.ref)}), waivable=False)
    for stage, screens in (
        ("legal", matter.policy.legal_screens),
        ("quality", matter.policy.quality_screens),
    ):
        for screen in against(screens, matter.facts):
            clauses = screen.condition.told(matter.facts)
            facts = {"screen": screen.name, "stage": stage, "clauses": clauses}
            yield Objection(Reason(screen.code, facts), waivable=stage == "quality")
    because = able(matter.partner, matter.lead.ref.crm)
    if because:
        yield Objection(_refused(matter, because), waivable=False)


def _unfit(matter: _Matter) -> Iterator[Objection]:
    """What speaks against this partner for this lead."""
    route = matter.route
    if route is None:
        yield Objection(Reason("no_route"), waivable=True)
    elif matter.partner not in route.pool:
        facts = {"partner": matter.partner.id, "route": route.name}
        yield Objection(Reason("not_in_pool", facts), waivable=True)
    because = unfit(matter.policy, matter.snapshot, matter.lead, matter.facts, matter.partner, route)
    if because and not able(matter.partner, matter.lead.ref.crm):
        yield Objection(_refused(matter, because), waivable=True)


def _others_right(matter: _Matter) -> Iterator[Objection]:
    """Another partner's standing, and a holder from whom leads are not ours to take.

    Where the lead is as we left it, the partner and the owner that the record names are our own writing.
    """
    if matter.place.ours:
        return
    who = identity_of(matter.facts)
    relatives = relatives_of(matter.policy, matter.snapshot, matter.lead.ref, who)
    seen = Seen(matter.lead.ref, matter.facts, who, relatives, matter.snapshot, matter.policy.standing)
    standing = next(standings(seen), None)
    if standing and standing.partner not in (None, matter.partner.id):
        facts = {"kind": standing.kind, "partner": standing.partner, **standing.evidence}
        yield Objection(Reason("standing", facts), waivable=True)
    owner = matter.lead.owner
    if not matter.policy.crms[matter.lead.ref.crm].may_take_from(owner):
        yield Objection(Reason("owner_not_ours_to_take", {"owner": owner}), waivable=True)


def _refused(matter: _Matter, because: str) -> Reason:
    return Reason("refused", {"partner": matter.partner.id, "because": because})


def _given(matter: _Matter, order: Order, waived: tuple[Objection, ...]) -> Decision:
    crm, partner = matter.lead.ref.crm, matter.partner
    owner, owners_turn = owner_in_turn(partner, crm, matter.snapshot, matter.policy.zone)
    reasons = [Reason("by_hand", {"partner": partner.id, "who": order.who, "because": order.because})]
    reasons += [Reason("waived", {"objection": o.reason.code, "facts": dict(o.reason.facts)}) for o in waived]
    turns = [owners_turn] if owners_turn else []
    choices: tuple[Choice, ...] = ()
    if matter.route:
        # Who else could have had it is kept with the decision, so that it can be explained.
        fit = matched(matter.policy, matter.snapshot, matter.lead, matter.facts, matter.route.limits)
        choices = (chosen(matter.route, fit, partner.id),)
        if order.takes_turn:
            turns.insert(0, _turn(matter, matter.route, fit))
    return Decision(
        matter.lead.ref,
        matter.snapshot.now,
        Outcome.ASSIGNED,
        owner_before=matter.lead.owner,
        owner=owner,
        partner=partner.id,
        route=matter.route.name if matter.route else None,
        score=matter.score,
        reasons=tuple(reasons),
        choices=choices,
        turns=tuple(turns),
        identity=identity_of(matter.facts) if matter.policy.recognises else None,
    )


def _turn(matter: _Matter, route: Route, fit: Matched) -> Turn:
    """Everyone who could have had the lead gains its share, and the partner pays for it."""
    case = candidates(matter.policy, matter.snapshot, matter.lead, matter.facts, route, fit)
    if matter.partner not in fit.eligible:
        case = replace(case, eligible=[*fit.eligible, matter.partner])
    pick = case.turn_of(matter.partner)
    return Turn(route.rotation.name, matter.partner.id, pick.entry, pick.before, pick.gain)

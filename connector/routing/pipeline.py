"""Decide one lead: screen, score, match, choose, as one value."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connector.model.decision import Choice, Decision, Outcome, Reason, Score, Turn
from connector.model.identity import Identity, Relatives
from connector.model.lead import Lead, Ref, same_owner
from connector.model.partner import Partner
from connector.model.snapshot import A_LEAD, Offer, Snapshot
from connector.routing.case import Case, Pick
from connector.routing.claims import beaten_by, claim_on, on_offer_until, owner_of, refusal_of
from connector.routing.facts import Facts, understand
from connector.routing.fitting import candidates, chosen, had_before, matched
from connector.routing.identity import identity_of
from connector.routing.matching import Matched, may_stand
from connector.routing.methods import Method, name_of
from connector.routing.owners import owner_in_turn
from connector.routing.policy import Policy, Route, Screen
from connector.routing.preferences import narrowed
from connector.routing.relatives import relatives_of
from connector.routing.scoring import rate
from connector.routing.screening import against
from connector.routing.sla import nobody_left
from connector.routing.standing import Seen, Standing, disagreement, standings
from connector.routing.standing_rules import DUPLICATE


def decide(policy: Policy, snapshot: Snapshot, lead: Lead) -> Decision:
    """What happens to a lead, given the rules and what is known now; neither is changed."""
    facts = understand(lead, snapshot.now, policy.missing_words, policy.normal)
    who = identity_of(facts)
    relatives = relatives_of(policy, snapshot, lead.ref, who)
    if relatives.duplicate:
        facts = facts.plus(DUPLICATE, str(relatives.duplicate))
    case = _Case(policy, snapshot, lead, facts, who, relatives)
    return (
        _follows(case)
        or _claimed(case)
        or _left_alone(case)
        or _screened(case, policy.legal_screens, "legal")
        or _standing(case)
        or _screened(case, policy.quality_screens, "quality")
        or _routed(case)
    )


def fold(
    policy: Policy,
    snapshot: Snapshot,
    leads: Iterable[Lead],
    counts: Callable[[Decision], bool] = lambda decision: True,
) -> Iterator[Decision]:
    """Decide leads one after another, each seeing what the earlier ones left; what does not count leaves
    nothing."""
    for lead in leads:
        decision = decide(policy, snapshot, lead)
        if counts(decision):
            snapshot.apply(decision)
        yield decision


@dataclass(slots=True)
class _Case:
    """One lead on its way to a decision, and the path so far."""

    policy: Policy
    snapshot: Snapshot
    lead: Lead
    facts: Facts
    identity: Identity
    relatives: Relatives
    score: Score = field(default_factory=Score)
    reasons: list[Reason] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)

    def note(self, code: str, **facts: Any) -> None:
        self.reasons.append(Reason(code, facts))

    @property
    def offer(self) -> Offer | None:
        """The offer of this lead that stands, if one does."""
        return self.snapshot.on_offer.get(self.lead.ref)

    def ends(self, outcome: Outcome, **parts: Any) -> Decision:
        ripe = outcome is not Outcome.NURTURE and self.snapshot.nurtured.get(self.lead.ref, False)
        return Decision(
            ref=self.lead.ref,
            at=self.snapshot.now,
            outcome=outcome,
            owner_before=self.lead.owner,
            score=self.score,
            reasons=((Reason("ripened", {}),) if ripe else ()) + tuple(self.reasons),
            choices=tuple(self.choices),
            identity=self.identity if self.policy.recognises and not self.lead.converted else None,
            **parts,
        )

    def given_to(self, partner: Partner, turns: tuple[Turn, ...] = (), **parts: Any) -> Decision:
        """The lead is the partner's; within it, it is the next owner's."""
        owner, turn = owner_in_turn(partner, self.lead.ref.crm, self.snapshot, self.policy.zone)
        if turn:
            self.note("owner_in_turn", owner=owner, among=len(turn.gain))
            turns = (*turns, turn)
        return self.ends(Outcome.ASSIGNED, partner=partner.id, owner=owner, turns=turns, **parts)


def _follows(case: _Case) -> Decision | None:
    """A record that a native sync ties to one in another CRM: one decision and one turn serve both."""
    leader = case.snapshot.leaders.get(case.lead.ref)
    if leader is None:
        return None
    if leader.outcome is None:
        case.note("leader_undecided", leader=str(leader.ref))
        again = case.snapshot.now + case.policy.retry_held_every
        return case.ends(Outcome.HELD, look_again_at=again)
    case.note("follows", leader=str(leader.ref), outcome=leader.outcome.value)
    partner = case.policy.partners.get(leader.partner or "")
    owner = next(iter(partner.owners.get(case.lead.ref.crm, ())), None) if partner else None
    return case.ends(Outcome.FOLLOWS, partner=leader.partner, owner=owner)


def _claimed(case: _Case) -> Decision | None:
    """Whoever claims what is on offer has it, if it may; else the offer stands, and the record says why."""
    claim = claim_on(case.policy, case.lead) if case.offer else None
    if case.offer is None or claim is None or case.lead.converted:
        return None
    _rate(case)
    refused = refusal_of(case.policy, case.snapshot, case.lead, claim)
    if refused or claim.partner is None:
        because = {"code": refused.code, "facts": dict(refused.facts)} if refused else {}
        case.note("claim_refused", by=claim.by, partner=claim.partner, why=because)
        return _on_offer(case, case.offer.route, case.offer.partners)
    partner = case.policy.partners[claim.partner]
    case.note("claimed", partner=partner.id, by=claim.by, among=len(case.offer.partners))
    beaten = beaten_by(case.policy, case.lead, claim)
    if beaten:
        case.note("claim_beaten", partner=beaten.partner, by=beaten.by)
    owner, turn = owner_of(case.policy, case.snapshot, case.lead, partner)
    turns, route = (turn,) if turn else (), case.offer.route
    return case.ends(Outcome.ASSIGNED, partner=partner.id, owner=owner, turns=turns, route=route)


def _left_alone(case: _Case) -> Decision | None:
    taken_back = case.snapshot.taken_back.get(case.lead.ref)
    rules = case.policy.crms[case.lead.ref.crm]
    if case.lead.converted:
        case.note("converted")
    elif taken_back:
        case.note("taken_back", how=taken_back, breaches=case.snapshot.breaches.get(case.lead.ref, 0))
        return None
    elif case.offer and same_owner(case.lead.owner, rules.offer_to):
        return None
    elif not rules.may_take_from(case.lead.owner):
        case.note("owner_not_ours_to_take", owner=case.lead.owner)
    else:
        return None
    return case.ends(Outcome.LEFT_ALONE)


def _screened(case: _Case, screens: Iterable[Screen], stage: str) -> Decision | None:
    screen = next((s for s in against(screens, case.facts) if not _held_enough(case, s)), None)
    if screen is None:
        if stage == "legal":
            _rate(case)
        return None
    text = {"text": screen.text} if screen.text else {}
    case.note(screen.code, screen=screen.name, stage=stage, clauses=screen.condition.told(case.facts), **text)
    owner = _away_from_partner(case, stage, screen.outcome)
    return case.ends(screen.outcome, owner=owner, look_again_at=_again(case, screen))


def _away_from_partner(case: _Case, stage: str, outcome: Outcome) -> str | None:
    """Who holds a lead that was taken back from a partner, and that no partner is to see any longer."""
    shown = stage != "legal" and outcome is not Outcome.REJECTED
    if shown or case.lead.ref not in case.snapshot.taken_back:
        return None
    owner = case.policy.crms[case.lead.ref.crm].fallback_owner
    if owner is None:
        case.note("no_fallback_owner")
    return owner


def _held_enough(case: _Case, screen: Screen) -> bool:
    """Whether a screen that holds leads for a while has held this one for its time."""
    if screen.hold_for is None or case.snapshot.now < _held_until(case, screen.hold_for):
        return False
    case.note("held_long_enough", screen=screen.name)
    return True


def _again(case: _Case, screen: Screen) -> datetime | None:
    later = [case.snapshot.now + screen.look_again_after] if screen.look_again_after else []
    until = [_held_until(case, screen.hold_for)] if screen.hold_for else []
    return min((*later, *until), default=None)


def _rate(case: _Case) -> None:
    case.score, case.facts = rate(case.policy.score, case.facts, case.policy.grades)


def _standing(case: _Case) -> Decision | None:
    """A partner's right; one that is not to have this lead is passed over."""
    found = [standing for standing in _standings(case) if not _set_aside(case, standing)]
    if not found:
        return None
    undecided = next((standing for standing in found if standing.pending), None)
    if undecided:
        return _held_for_registration(case, undecided)
    first, other = found[0], disagreement(found)
    if other and case.policy.standing.if_they_disagree == "hold":
        one, another = ({"kind": each.kind, "named": _named(each)} for each in (first, other))
        case.note("standings_disagree", first=one, other=another)
        return case.ends(Outcome.HELD)
    if first.kept:
        return _kept(case, first)
    if first.partner is None:
        case.note("standing_of_unknown_partner", kind=first.kind, **first.evidence)
        return case.ends(Outcome.HELD)
    return _given_by_standing(case, first, case.policy.partners[first.partner])


def _standings(case: _Case) -> Iterator[Standing]:
    inherited = case.snapshot.inherited.get(case.lead.ref)
    if inherited is not None:
        known = inherited if inherited in case.policy.partners else None
        yield Standing("merged", known, {"named": inherited}, firm=False)
    yield from standings(
        Seen(case.lead.ref, case.facts, case.identity, case.relatives, case.snapshot, case.policy.standing)
    )


def _set_aside(case: _Case, standing: Standing) -> bool:
    """A standing overrides caps, hours, region and away, never that a partner is suspended or declined."""
    if standing.partner is None or standing.pending:
        return False
    partner, ref = case.policy.partners[standing.partner], case.lead.ref
    back = ref in case.snapshot.taken_back
    refused = may_stand(partner, ref.crm, had_before(case.snapshot, ref), taken_back=back)
    if refused is None and partner.id in case.snapshot.retiring:
        refused = "retiring"
    # A person whose lead a partner has goes to no other, even where that one lacks an owner.
    stays = standing.leader or standing.kind == "registration"
    if refused is None or (stays and refused in ("no_owner_in_crm", "retiring")):
        return False
    case.note("standing_set_aside", kind=standing.kind, partner=partner.id, because=refused)
    return True


def _held_for_registration(case: _Case, standing: Standing) -> Decision:
    """Whose customer it is will be decided first."""
    case.note("registration_undecided", partner=standing.partner, **standing.evidence)
    return case.ends(Outcome.HELD, look_again_at=case.snapshot.now + case.policy.retry_held_every)


def _registered(case: _Case, standing: Standing, partner: Partner) -> Decision | None:
    """What a registration changes: it may go to the channel manager, and never goes to somebody else."""
    terms = case.policy.deal_registration
    if standing.kind != "registration":
        return None
    if terms and terms.new_leads == "to_channel_manager":
        case.note("registered_for_channel_manager", partner=partner.id, **standing.evidence)
    elif not partner.owners.get(case.lead.ref.crm):
        told = {"partner": partner.id, "crm": case.lead.ref.crm}
        case.note("registered_without_owner", **told, **standing.evidence)
    else:
        return None
    return _to_fallback(case)


def _waits(case: _Case) -> Decision:
    """Until the pause is over; that time is no part of a route's or a screen's."""
    return case.ends(Outcome.HELD, look_again_at=case.snapshot.now + case.policy.retry_held_every)


def _named(standing: Standing) -> str | None:
    return standing.partner or standing.evidence.get("named")


def _kept(case: _Case, standing: Standing) -> Decision:
    case.note("kept_account", kind=standing.kind, **standing.evidence)
    if case.policy.standing.kept_accounts_to == "leave_alone":
        return case.ends(Outcome.LEFT_ALONE)
    return _to_fallback(case)


def _given_by_standing(case: _Case, standing: Standing, partner: Partner) -> Decision:
    if standing.leader:
        return _with_leader(case, standing, partner, standing.leader)
    elsewhere = _registered(case, standing, partner)
    if elsewhere:
        return elsewhere
    if partner.id in case.snapshot.retiring:
        # Whose registered customer goes to whom is for the channel manager, not for the next in turn.
        case.note("standing_set_aside", kind=standing.kind, partner=partner.id, because="retiring")
        return _to_fallback(case)
    if partner.id in case.snapshot.paused_partners:
        # Its right outlasts the pause, so nobody else gets the lead meanwhile.
        case.note("standing_waits", kind=standing.kind, partner=partner.id)
        return _waits(case)
    case.note("standing", kind=standing.kind, partner=partner.id, **standing.evidence)
    return case.given_to(partner, _turn_by_standing(case, partner))


def _with_leader(case: _Case, standing: Standing, partner: Partner, leader: Ref) -> Decision:
    """At most one record of a person is anybody's open lead; the others go along with it."""
    owners = partner.owners.get(case.lead.ref.crm, ())
    told = {"leader": str(leader), "partner": partner.id, "by": standing.evidence["by"]}
    if not owners:
        case.note("person_without_owner", **told, crm=case.lead.ref.crm)
        again = case.snapshot.now + case.policy.retry_held_every
        return case.ends(Outcome.HELD, look_again_at=again)
    case.note("follows_person", **told)
    owner = next((owner for owner in owners if same_owner(owner, standing.owner)), owners[0])
    return case.ends(Outcome.FOLLOWS, partner=partner.id, owner=owner)


def _turn_by_standing(case: _Case, partner: Partner) -> tuple[Turn, ...]:
    """The turn that a standing takes where the admin wants it: in the rotation it would have gone through."""
    if not case.policy.standing.takes_turn:
        return ()
    routes = (route for route in case.policy.covering(case.facts) if partner in route.pool)
    route = next((route for route in routes if route.method.uses_rotation), None)
    if route is None:
        return ()
    found = matched(case.policy, case.snapshot, case.lead, case.facts, route.limits)
    among = candidates(case.policy, case.snapshot, case.lead, case.facts, route, found)
    if partner not in found.eligible:
        among = replace(among, eligible=[*found.eligible, partner])
    return _turn(route, route.method, among.turn_of(partner))


def _routed(case: _Case) -> Decision:
    urgent = case.policy.order.urgent
    if urgent and urgent.holds(case.facts):
        case.note("urgent")
    for route in case.policy.covering(case.facts):
        case.note("route", route=route.name, clauses=route.condition.told(case.facts))
        if route.name in case.snapshot.paused_routes:
            case.note("route_paused", route=route.name)
            return _waits(case)
        if _tried_enough(case, route):
            return _to_fallback(case, route.name)
        decision = _chosen(case, route) or _nobody_fits(case, route)
        if decision:
            return decision
    if not case.choices:
        case.note("no_route")
    return _to_fallback(case)


def _tried_enough(case: _Case, route: Route) -> bool:
    """Whether a lead that nobody accepted has been with as many partners as the route tries."""
    had = had_before(case.snapshot, case.lead.ref)
    if case.lead.ref not in case.snapshot.taken_back or not route.terms.tried_enough(had):
        return False
    case.note("tried_enough", partners=sorted(had), most=route.terms.try_partners)
    return True


def _chosen(case: _Case, route: Route) -> Decision | None:
    found = _matched(case, route)
    if not found.eligible:
        case.choices.append(chosen(route, found))
        counts = {code: len(who) for code, who in found.refused.items()}
        case.note("nobody_fits", route=route.name, pool=len(route.pool), refused=counts)
        return None
    left = _preferred(case, route, found)
    late = _not_claimed(case, route)
    method = route.unclaimed if late and route.unclaimed else route.method
    pick = method.pick(left)
    case.choices.append(chosen(route, found, pick.partner))
    fit = len(found.eligible)
    by = name_of(method) if late else route.pick
    told = {"among": len(left.eligible), "fit": fit, "pool": len(route.pool), "method": by}
    if pick.partner is None:
        case.note("offered", **told, **pick.because)
        return _on_offer(case, route.name, [partner.id for partner in left.eligible])
    case.note("picked", partner=pick.partner, **told, **pick.because)
    partner = case.policy.partners[pick.partner]
    accept_by = route.terms.accept_by(case.policy.attendance.of(partner.id), case.snapshot.now)
    if route.terms.within and accept_by is None:
        case.note("never_at_work", partner=partner.id)
    return case.given_to(partner, _turn(route, method, pick), route=route.name, accept_by=accept_by)


def _not_claimed(case: _Case, route: Route) -> bool:
    """Whether the time in which a lead of this route could be claimed is over."""
    offer = case.offer
    if offer is None or offer.route != route.name or offer.until is None or case.snapshot.now < offer.until:
        return False
    case.note("not_claimed", route=route.name, offered_to=len(offer.partners))
    return True


def _matched(case: _Case, route: Route) -> Matched:
    found = matched(case.policy, case.snapshot, case.lead, case.facts, route.limits)
    if found.territory:
        rows = [row.place for row in found.territory.rows]
        whose, prefix = sorted(found.territory.partners), found.territory.prefix
        where = {n: case.facts.shown[n] for n in ("country", "postal_code") if n in case.facts.shown}
        case.note("territory", partners=whose, rows=rows, prefix=prefix, **where)
    _weigh_deals(case, found)
    for one in found.stand_ins:
        until = one.until.isoformat() if one.until else None
        case.note("stands_in", partner=one.partner, instead_of=one.instead_of, until=until)
    return found


def _on_offer(case: _Case, route: str | None, partners: Sequence[str]) -> Decision:
    """An offer, until the time is over that began with the first one by the same route."""
    owner = case.policy.crms[case.lead.ref.crm].offer_to
    after = next((known.unclaimed_after for known in case.policy.routes if known.name == route), None)
    until = on_offer_until(case.policy.zone, after, case.snapshot.now)
    if case.offer and case.offer.route == route:
        until = case.offer.until
    return case.ends(
        Outcome.OFFERED, owner=owner, route=route, offered_to=tuple(partners), look_again_at=until
    )


def _weigh_deals(case: _Case, found: Matched) -> None:
    """Say who could take the lead but for the open deals that came from earlier ones."""
    state, partners = case.snapshot, case.policy.partners
    full = {who: partners[who].max_open_leads for who in found.refused.get("at_capacity", ())}
    told = {
        who: {"open_leads": state.load.get(who, 0), "deals_weigh": deals / A_LEAD, "most": most}
        for who, most in full.items()
        if state.deals and (deals := state.deals.get(who, 0)) and state.load.get(who, 0) < (most or 0)
    }
    if told:
        case.note("deals_weigh", partners=told)


def _turn(route: Route, method: Method[Any], pick: Pick) -> tuple[Turn, ...]:
    if pick.partner is None or not method.uses_rotation:
        return ()
    return (Turn(route.rotation.name, pick.partner, pick.entry, pick.before, pick.gain),)


def _preferred(case: _Case, route: Route, found: Matched) -> Case:
    """The best of the eligible, by the route's preferences in order."""
    among = candidates(case.policy, case.snapshot, case.lead, case.facts, route, found)
    left, steps = narrowed(among, route.prefer)
    for step in steps:
        case.note("preferred", by=step.by, of=step.of, kept=list(step.kept))
    return left


def _nobody_fits(case: _Case, route: Route) -> Decision | None:
    if nobody_left(case.choices[-1].refused):
        case.note("nobody_left", route=route.name)
    elif route.hold:
        until = _held_until(case, route.hold)
        if case.snapshot.now < until:
            again = min(until, case.snapshot.now + case.policy.retry_held_every)
            return case.ends(Outcome.HELD, route=route.name, look_again_at=again)
        case.note("held_long_enough", route=route.name)
    return None if route.then == "next_route" else _to_fallback(case, route.name)


def _held_until(case: _Case, hold: timedelta) -> datetime:
    return case.snapshot.held_since.get(case.lead.ref, case.snapshot.now) + hold


def _to_fallback(case: _Case, route: str | None = None) -> Decision:
    owner = case.policy.crms[case.lead.ref.crm].fallback_owner
    if owner is None:
        case.note("no_fallback_owner")
        return case.ends(Outcome.HELD, route=route)
    return case.ends(Outcome.FALLBACK, owner=owner, route=route)

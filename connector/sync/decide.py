"""Decide what waits, in batches, each recorded in one transaction."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from connector.model.cursor import Cursor
from connector.model.decision import Decision, Outcome
from connector.model.lead import Ref
from connector.model.noted import Notes
from connector.model.performance import Performance
from connector.model.registration import Registered
from connector.model.snapshot import Snapshot
from connector.routing.commands import commands
from connector.routing.identity import identify
from connector.routing.order import rank
from connector.routing.performance import tallies
from connector.routing.pipeline import fold
from connector.routing.policy import Policy
from connector.routing.registration.claims import customer_of, lead_fields
from connector.routing.registration.conflicts import Rights, keys, registered
from connector.routing.registration.terms import Terms
from connector.store import Store
from connector.store.decisions import Ruling, hold_again, hold_from, record
from connector.store.given import Loads
from connector.store.handled import handled
from connector.store.identities import Reach, had_lately, identify_all, who_is_known
from connector.store.inputs import keep_inputs
from connector.store.intake import forget_cursor, read_cursor, wake, write_cursor
from connector.store.rights import any_claiming, sharing
from connector.store.snapshot import snapshot
from connector.store.waiting import Waiting, all_waiting, still_waiting, waiting
from connector.sync.claims import without_late_claims
from connector.sync.steps import passed

BATCH = 200
_RECOGNISED = ("", "recognise")
"""Where the store notes since when who leads are is remembered: of no CRM in particular."""

NOBODY_LEFT = ("tried_enough", "nobody_left")
"""The reasons for which no partner gets a lead any more."""

Records = Mapping[str, Performance]


def decide_waiting(
    policy: Policy,
    store: Store,
    crms: Sequence[str],
    ledger: str,
    config_hash: str,
    now: Callable[[], datetime],
    each: Callable[[int], None],
    until: datetime | None = None,
) -> Counter[str]:
    """Decide what waits in these CRMs, all of it or what there is time for; how many decisions by outcome."""
    outcomes: Counter[str] = Counter()
    records: Records | None = None
    line = Line(policy, crms)
    loads = Loads()
    with store.transaction() as session:
        wake(session, crms, now(), policy.retry_held_every)
    followers = False
    while True:
        with store.transaction() as session:
            moment = now()
            work = line.next(session, moment, followers)
            if not work and followers:
                return outcomes
            if not work:
                followers = True
                continue
            if ledger == "live" and not followers:
                taken = len(work)
                work = without_late_claims(policy, session, work, moment)
                if not work:
                    each(taken)
                    continue
            # What partners make of leads is heard between these calls, never within one.
            records = records_of(policy, session, moment) if records is None else records
            new = _sit(policy, session, ledger, config_hash, moment, work, records, loads)
            passed("decide.decided")
        passed("decide.recorded")
        outcomes += new
        each(len(work))
        if until and now() >= until:
            return outcomes


class Line:
    """The leads that wait in some CRMs, in the order of work."""

    def __init__(self, policy: Policy, crms: Sequence[str]):
        self._policy = policy
        self._crms = crms
        self._ranked: list[Ref] = []

    def next(self, session: Session, now: datetime, followers: bool) -> list[Waiting]:
        """The next of them, locked against other daemons; none once nobody waits."""
        order = self._policy.order
        if not order.ranks:
            newest = order.by == "newest"
            return waiting(session, self._crms, BATCH, followers=followers, newest=newest)
        work: list[Waiting] = []
        if not self._ranked:
            leads = all_waiting(session, self._crms, followers=followers)
            self._ranked = [last for *_, last in sorted(rank(self._policy, lead, now) for lead in leads)]
        while self._ranked and not work:
            refs, self._ranked = self._ranked[:BATCH], self._ranked[BATCH:]
            work = still_waiting(session, refs)
        return work


def _sit(
    policy: Policy,
    session: Session,
    ledger: str,
    config_hash: str,
    moment: datetime,
    work: Sequence[Waiting],
    records: Records,
    loads: Loads,
) -> Counter[str]:
    """Decide leads together and record it; how many decisions by outcome, `in_shadow` for tried ones.

    What a route in shadow decides on a live lead is decided once more, in the ledger that is only tried.
    """
    notes = Notes(known(policy, session, ledger, moment, work, records, loads))
    state, tried_routes = notes.snapshot, policy.shadow_routes

    def counts(decision: Decision) -> bool:
        return ledger == "shadow" or not _only_tried(tried_routes, state, decision)

    decisions = list(fold(policy, state, notes.each(item.lead for item in work), counts))
    ours = [(item, d) for item, d in zip(work, decisions, strict=True) if counts(d)]
    same, new = _compared(ours)
    hold_again(session, same)
    ids = record(session, ledger, config_hash, [ruling(policy, ledger, d) for d in new])
    places = {item.lead.ref: place for place, item in enumerate(work)}
    rested_on = [(i, places[d.ref], work[places[d.ref]].lead) for i, d in zip(ids, new, strict=True)]
    keep_inputs(session, ledger, moment, notes, rested_on)
    hold_from(session, _newly_held(ours))
    outcomes = Counter(decision.outcome.value for decision in new)
    if left := sum(any(r.code in NOBODY_LEFT for r in d.reasons) for d in new):
        structlog.get_logger().warning("leads.nobody_left", ledger=ledger, count=left)
    tried = [item for item, d in zip(work, decisions, strict=True) if not counts(d)]
    if tried:
        new_ones = _sit(policy, session, "shadow", config_hash, moment, tried, records, loads)
        outcomes["in_shadow"] = new_ones.total()
    return +outcomes


def _only_tried(routes: Collection[str], state: Snapshot, decision: Decision) -> bool:
    """Whether a decision on a live lead comes from a route in shadow, or follows one that does."""
    leader = state.leaders.get(decision.ref) if decision.outcome is Outcome.FOLLOWS else None
    return decision.route in routes or (leader is not None and leader.shadow)


def known(
    policy: Policy,
    session: Session,
    ledger: str,
    moment: datetime,
    work: Sequence[Waiting],
    records: Records | None = None,
    loads: Loads | None = None,
) -> Snapshot:
    """What decisions on these leads read; credits stay locked until the transaction ends.

    Partners' records and loads are looked up, unless they are given.
    """
    state = snapshot(session, ledger, moment, work, policy.recall, loads)
    state.performance = records_of(policy, session, moment) if records is None else records
    state.registered = registered_for(policy, session, moment, work)
    if policy.recognises:
        leads = {item.lead.ref: identify(policy, item.lead) for item in work}
        state.known = who_is_known(session, ledger, leads, reach_of(policy, moment))
    return state


def records_of(policy: Policy, session: Session, moment: datetime) -> Records:
    """What partners made of the leads of the last while, if any route asks for it."""
    if policy.recall.judged is None:
        return {}
    found = tallies(handled(session, moment - policy.recall.judged), policy.normal)
    return {partner: tally.performance() for partner, tally in found.items()}


def reach_of(policy: Policy, moment: datetime) -> Reach:
    """Since when an earlier lead of a person or company may count."""
    rules = policy.standing
    return Reach(moment - rules.person_within, moment - rules.company_within)


def recognise_given(policy: Policy, store: Store, now: datetime) -> int:
    """Note who leads are that partners had before the rules asked for it, once; how many."""
    with store.transaction() as session:
        done = read_cursor(session, *_RECOGNISED) is not None
        if done and not policy.recognises:
            forget_cursor(session, *_RECOGNISED)
    if done or not policy.recognises:
        return 0
    reach, count, last = reach_of(policy, now), 0, 0
    while True:
        with store.transaction() as session:
            found = had_lately(session, min(reach.person, reach.company), last, BATCH)
            identify_all(session, [(lead.ref, identify(policy, lead), at) for _, lead, at in found])
            if not found:
                write_cursor(session, _RECOGNISED[0], Cursor(now), _RECOGNISED[1])
                return count
        count, last = count + len(found), found[-1][0]


def registered_for(
    policy: Policy, session: Session, moment: datetime, work: Sequence[Waiting]
) -> dict[Ref, tuple[Registered, ...]]:
    """The registrations that these leads' companies belong to."""
    if policy.deal_registration is None or "registration" not in policy.standing.order:
        return {}
    if not any_claiming(session):
        return {}
    terms = Terms.of(policy.deal_registration, policy)
    customers = {
        item.lead.ref: customer_of(terms, lead_fields(item.lead.fields), item.lead.ref, moment)
        for item in work
    }
    wanted = [key for who in customers.values() for key in keys(who.company, who.domain, who.email)]
    rights = Rights.of(sharing(session, wanted, "registration"))
    found = {ref: registered(terms, customer, rights) for ref, customer in customers.items()}
    return {ref: those for ref, those in found.items() if those}


def ruling(policy: Policy, ledger: str, decision: Decision) -> Ruling:
    """In shadow nothing is sent, so a decision has no commands."""
    return Ruling(decision, commands(policy, decision) if ledger == "live" else ())


def _compared(pairs: Sequence[tuple[Waiting, Decision]]) -> tuple[list[Decision], list[Decision]]:
    """Decisions that repeat the one before (held again, left alone again), and those that are new."""
    same: list[Decision] = []
    new: list[Decision] = []
    for item, decision in pairs:
        repeats = item.outcome is decision.outcome and (
            decision.outcome is Outcome.LEFT_ALONE
            or (decision.outcome is Outcome.HELD and item.route == decision.route)
        )
        (same if repeats else new).append(decision)
    return same, new


def _newly_held(pairs: Sequence[tuple[Waiting, Decision]]) -> list[Decision]:
    return [
        decision
        for item, decision in pairs
        if decision.outcome is Outcome.HELD and item.held_since is None and not _waits_for_a_pause(decision)
    ]


def _waits_for_a_pause(decision: Decision) -> bool:
    return decision.reasons[-1].code in ("route_paused", "standing_waits")

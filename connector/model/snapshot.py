"""What is known at the moment of deciding: the time, who has how much, and who is owed a turn."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from operator import add

from connector.model.decision import Decision, Outcome, Turn
from connector.model.identity import Relatives
from connector.model.known import Known
from connector.model.lead import Ref
from connector.model.performance import Performance
from connector.model.registration import Registered

UNREAD: Mapping[str, bool] = {"unread": True}
"""Metadata of a field that decisions do not rest on themselves: it only helps to fill in another."""
FOUND: Mapping[str, bool] = {"found": True}
"""Metadata of a field that is filled in while deciding: what a decision rests on is what it found there."""

MOVES: Mapping[str, bool] = {"moves": True}
"""Metadata of a field that says how a decision moves the others on: later decisions rest on it as well."""


A_LEAD = 1000
"""What an open lead counts in `Snapshot.busy`."""


@dataclass(frozen=True, slots=True)
class Leader:
    """What was decided for the record that another one follows; `outcome` None while it waits.

    In `shadow` nothing of it is sent, nor of those that follow it.
    """

    ref: Ref
    outcome: Outcome | None = None
    partner: str | None = None
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What is on offer: by which route, to which partners, and until when, where that is limited."""

    route: str | None = None
    partners: tuple[str, ...] = ()
    until: datetime | None = None


OwnerKey = tuple[str, str]
"""A partner's id and one of its owners, case-folded."""


@dataclass(slots=True)
class Snapshot:
    """The state that decisions read, and that each decision moves on.

    `load` counts open leads by partner; `credits` holds, by rotation, each partner's credit in the
    ledger's integer units. `held_since` says, by lead, since when a held lead has been waiting; `inherited`
    which partner had the record that this one absorbed; `leaders` the decided record, in the other CRM of a
    native sync, that this one follows.

    `farthest` is, by rotation, the most that anybody's credit ever was away from zero, in units. `turns`
    counts, by rotation and partner, the leads given, and `returned` says when a partner that was away
    last came back; rotations that make up for absence need both, and partners' calendars add to it.
    `performance` holds partners' records.

    `given` holds, in order, when each partner was given a lead, as far back as a cap looks; `given_by_route`
    and `given_to_owner` the same by route and by partner and case-folded owner, as does `load_of_owner` for
    open leads. `holding` says which partner and owner have a lead open that is decided again; `had_before`
    which partners had it, with the code that keeps each of them from getting it again; `breaches` how many
    partners let the time to accept a lead pass that was taken back. `taken_back` says, by
    lead, how its last assignment ended, where the record still has the owner that we gave it and so is ours
    to give on.

    `nurtured` holds the leads that were left to ripen until now.

    `on_offer` holds the leads that wait for a claim; `open_claims`, `claimed_at` and `lapsed_claims` say, by
    partner, how many claims it has open, when it made claims, and when it let one lapse.

    `known` says who holds or held leads of the same people and companies; what was found in it of a lead is
    kept in `relatives` until the lead is decided, and is all there is where `known` is None.
    `registered` names, for each lead, the registrations of its company that are approved or not decided yet.

    `deals` is what the open deals from a partner's leads weigh, in thousandths of a lead, by partner; None
    where the rules do not count them.

    `retiring` are the partners that leave: they get nothing new, by right neither.

    `paused_partners` get nothing new for a while, by id, and `paused_routes` hold their leads, by name.
    """

    now: datetime
    load: Counter[str] = field(default_factory=Counter)
    credits: defaultdict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    held_since: Mapping[Ref, datetime] = field(default_factory=dict)
    turns: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    returned: Mapping[str, datetime] = field(default_factory=dict)
    performance: Mapping[str, Performance] = field(default_factory=dict)
    inherited: Mapping[Ref, str] = field(default_factory=dict)
    leaders: Mapping[Ref, Leader] = field(default_factory=dict)
    nurtured: Mapping[Ref, bool] = field(default_factory=dict)
    taken_back: Mapping[Ref, str] = field(default_factory=dict)
    on_offer: Mapping[Ref, Offer] = field(default_factory=dict)
    open_claims: Counter[str] = field(default_factory=Counter)
    claimed_at: defaultdict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    lapsed_claims: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    given: defaultdict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    farthest: Counter[str] = field(default_factory=Counter)
    given_by_route: defaultdict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    given_to_owner: defaultdict[OwnerKey, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    load_of_owner: Counter[OwnerKey] = field(default_factory=Counter)
    holding: Mapping[Ref, OwnerKey] = field(default_factory=dict, metadata=MOVES)
    had_before: Mapping[Ref, Mapping[str, str]] = field(default_factory=dict)
    known: Known | None = field(default_factory=Known, compare=False, metadata=UNREAD)
    relatives: dict[Ref, Relatives] = field(default_factory=dict, metadata=FOUND)
    breaches: Mapping[Ref, int] = field(default_factory=dict)
    registered: Mapping[Ref, tuple[Registered, ...]] = field(default_factory=dict)
    deals: Mapping[str, int] | None = None
    retiring: frozenset[str] = frozenset()
    paused_partners: frozenset[str] = frozenset()
    paused_routes: frozenset[str] = frozenset()

    def busy(self, partner: str) -> int:
        """How much a partner has to do: open leads and what open deals weigh, in thousandths of a lead."""
        deals = 0 if self.deals is None else self.deals.get(partner, 0)
        return A_LEAD * self.load.get(partner, 0) + deals

    def apply(self, decision: Decision) -> None:
        """Move on by one decision, exactly as the store does when it records it."""
        if self.known:
            self.known.move_on(decision)
        self.relatives.pop(decision.ref, None)
        held = self.holding.get(decision.ref)
        if held:
            self._load(held, -1)
        if decision.outcome is Outcome.ASSIGNED and decision.partner:
            owner = decision.partner, (decision.owner or "").casefold()
            self._load(owner, +1)
            self.given[decision.partner].append(decision.at)
            self.given_to_owner[owner].append(decision.at)
            if decision.claimed:
                self.open_claims[decision.partner] += 1
                self.claimed_at[decision.partner].append(decision.at)
            if decision.route:
                self.given_by_route[decision.route].append(decision.at)
        for turn in decision.turns:
            self._book(turn)

    def _load(self, owner: OwnerKey, change: int) -> None:
        self.load[owner[0]] += change
        self.load_of_owner[owner] += change

    def _book(self, turn: Turn) -> None:
        self.turns[turn.rotation][turn.picked] += 1
        ledger, entry = self.credits[turn.rotation], turn.entry
        after = list(map(add, map(ledger.get, entry, repeat(0)), entry.values()))
        ledger.update(zip(entry, after, strict=True))
        farthest = self.farthest[turn.rotation]
        self.farthest[turn.rotation] = max(farthest, max(after, default=0), -min(after, default=0))

"""Who holds or held leads of the people and companies that are being decided on."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from connector.model.decision import Decision, Outcome
from connector.model.identity import Holding, Identity
from connector.model.lead import Ref

_NOT_THERE = frozenset({Outcome.REJECTED, Outcome.GONE})

Found = dict[Holding, None]
"""Holdings without repetition, in the order in which they were found."""


@dataclass(slots=True)
class Holdings:
    """Who holds or held the leads of the people and companies that are being decided on.

    Names stand under how they begin; bare ones are those of companies whose domain is not known.
    """

    by_email: defaultdict[str, Found] = field(default_factory=lambda: defaultdict(dict))
    by_phone: defaultdict[str, Found] = field(default_factory=lambda: defaultdict(dict))
    by_domain: defaultdict[str, Found] = field(default_factory=lambda: defaultdict(dict))
    by_brand: defaultdict[str, Found] = field(default_factory=lambda: defaultdict(dict))
    by_name: defaultdict[str, dict[str, Found]] = field(default_factory=lambda: defaultdict(dict))
    by_bare_name: defaultdict[str, dict[str, Found]] = field(default_factory=lambda: defaultdict(dict))
    _open: dict[Ref, Holding] = field(default_factory=dict)

    def add(self, holding: Holding) -> None:
        """One more lead that a partner has or had; the same one twice counts once."""
        for found in self._under(holding.identity):
            found[holding] = None
        if holding.open:
            self._open[holding.ref] = holding

    def end(self, ref: Ref) -> None:
        """A lead is decided again: whoever has it open has it no more, and that was no proper end."""
        holding = self._open.pop(ref, None)
        if holding is not None:
            for found in self._under(holding.identity):
                found.pop(holding, None)

    def _under(self, identity: Identity) -> Iterator[Found]:
        for keys, key in (
            (self.by_email, identity.email),
            (self.by_phone, identity.phone),
            (self.by_domain, identity.domain),
            (self.by_brand, identity.branded),
        ):
            if key:
                yield keys[key]
        if identity.begins and identity.company:
            yield self.by_name[identity.begins].setdefault(identity.company, {})
            if identity.domain is None:
                yield self.by_bare_name[identity.begins].setdefault(identity.company, {})


@dataclass(slots=True)
class Records:
    """The open records of people, by how they are recognised; those in `closed` are no longer open."""

    by_email: defaultdict[str, set[Ref]] = field(default_factory=lambda: defaultdict(set))
    by_phone: defaultdict[tuple[str, str], set[Ref]] = field(default_factory=lambda: defaultdict(set))
    closed: frozenset[Ref] = frozenset()

    def add(self, ref: Ref, who: Identity) -> None:
        """One more open record of a person."""
        if ref in self.closed:
            return
        if who.email:
            self.by_email[who.email].add(ref)
        if who.phone and who.last_name:
            self.by_phone[who.phone, who.last_name].add(ref)

    def drop(self, ref: Ref, who: Identity) -> None:
        """The record is open no more."""
        self.by_email[who.email or ""].discard(ref)
        self.by_phone[who.phone or "", who.last_name or ""].discard(ref)

    def other(self, ref: Ref, who: Identity) -> Ref | None:
        """Another open record of the same person in the same CRM, the first by its id."""
        nobody: set[Ref] = set()
        by_phone = self.by_phone.get((who.phone or "", who.last_name or ""), nobody)
        found = self.by_email.get(who.email or "", nobody) | by_phone
        return min((each for each in found if each.crm == ref.crm and each != ref), default=None)


@dataclass(slots=True)
class Known:
    """Holdings and open records, as the store knows them for the leads of a batch."""

    holdings: Holdings = field(default_factory=Holdings)
    records: Records = field(default_factory=Records)

    def move_on(self, decision: Decision) -> None:
        """Move on by one decision, exactly as the store does when it records it."""
        ref, who = decision.ref, decision.identity
        self.holdings.end(ref)
        if who is None:
            return
        if decision.outcome is Outcome.ASSIGNED:
            partner, owner = str(decision.partner), str(decision.owner)
            self.holdings.add(Holding(ref, partner, owner, decision.at, True, who))
        if decision.outcome in _NOT_THERE:
            self.records.drop(ref, who)
        else:
            self.records.add(ref, who)

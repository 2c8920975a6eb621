"""What a method chooses from, and what it answers: one lead's candidates and the rotation between them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import repeat
from typing import Any

from connector.model.lead import Ref
from connector.model.partner import Partner
from connector.model.snapshot import Snapshot
from connector.routing.facts import Facts
from connector.routing.making_up import MakeUp, next_turn_making_up
from connector.routing.rotation import LEAD, Turn, next_turn, size_of, turn_of


@dataclass(frozen=True, slots=True)
class ByValue:
    """A lead costs its `deal_value` over the typical one, at most `most` leads."""

    typical: float
    most: float


@dataclass(frozen=True, slots=True)
class Rotation:
    """A named memory of turns, the weights of a pool in it, and its terms.

    Without `make_up` absence is forgiven; without `by_value` every lead costs one.
    """

    name: str
    weights: Mapping[str, int] = field(default_factory=dict)
    make_up: MakeUp | None = None
    by_value: ByValue | None = None

    def weight(self, partner: Partner) -> int:
        """The partner's weight, one where none is given."""
        return self.weights.get(partner.id, 1)


@dataclass(frozen=True, slots=True)
class Pick:
    """The chosen partner, the credits that explain and record it, and what else decided, as JSON values.

    No partner means that the lead is offered to all.
    """

    partner: str | None
    before: Mapping[str, int] = field(default_factory=dict)
    gain: Mapping[str, int] = field(default_factory=dict)
    entry: Mapping[str, int] = field(default_factory=dict)
    because: Mapping[str, Any] = field(default_factory=dict)

    def and_because(self, **more: Any) -> "Pick":
        """The same pick with more that decided it."""
        return replace(self, because={**self.because, **more})


@dataclass(frozen=True, slots=True)
class Case:
    """One lead and the partners that may have it, in the pool's order; never none.

    `away` are partners that would be eligible were they there; a rotation may let them gain. `tiers` are the
    programme's, best first. `seed` is the admin's, for everything that chance decides. `returned` says when,
    by their calendars, partners last came back, and `closed` which are not at work now.
    """

    ref: Ref
    facts: Facts
    eligible: Sequence[Partner]
    rotation: Rotation
    snapshot: Snapshot
    away: Sequence[Partner] = ()
    tiers: Sequence[str] = ()
    seed: int = 0
    returned: Mapping[str, datetime] = field(default_factory=dict)
    closed: Collection[str] = ()

    def only(self, test: Callable[[Partner], bool]) -> "Case":
        """The same case with the candidates that pass a test, perhaps none."""
        eligible, away = [*filter(test, self.eligible)], [*filter(test, self.away)]
        return replace(self, eligible=eligible, away=away)

    def if_possible(self, test: Callable[[Partner], bool]) -> "Case":
        """The same case with the candidates that pass a test; unchanged if none does."""
        narrower = self.only(test)
        return narrower if narrower.eligible else self

    def turn(self, weigh: Callable[[Partner], int] | None = None, **because: Any) -> Pick:
        """Let the rotation pick among the eligible, by its own weights or by others."""
        weights = self._weights(self.eligible, weigh)
        credits = self.snapshot.credits.get(self.rotation.name, {})
        if self.rotation.make_up:
            away = self._weights(self.away, weigh)
            turn = self._turn_making_up(self.rotation.make_up, weights, away, credits)
        else:
            turn = next_turn(weights, credits, self._size())
        told: dict[str, Any] = {**because, "rule": turn.rule}
        if turn.written_off:
            told["lapsed"] = dict(turn.written_off)
        return Pick(turn.picked, turn.before, turn.gain, turn.entry, told)

    def _weights(self, partners: Sequence[Partner], weigh: Callable[[Partner], int] | None) -> dict[str, int]:
        if weigh:
            return {partner.id: weigh(partner) for partner in partners}
        ids = [partner.id for partner in partners]
        return dict(zip(ids, map(self.rotation.weights.get, ids, repeat(1)), strict=False))

    def turn_of(self, partner: Partner) -> Pick:
        """The turn that a person gave to one of the eligible: the others gain, and it pays."""
        weights = {p.id: self.rotation.weight(p) or 1 for p in self.eligible}
        credits = self.snapshot.credits.get(self.rotation.name, {})
        turn = turn_of(partner.id, weights, credits, self._size())
        return Pick(turn.picked, turn.before, turn.gain, turn.entry, {"rule": turn.rule})

    def _turn_making_up(
        self, terms: MakeUp, weights: Mapping[str, int], away: Mapping[str, int], credits: Mapping[str, int]
    ) -> Turn:
        returned, now = {**self.snapshot.returned, **self.returned}, self.snapshot.now
        lapsed = [who for who in weights if who in returned and returned[who] + terms.within < now]
        turns: Mapping[str, int] = self.snapshot.turns.get(self.rotation.name, {})
        return next_turn_making_up(weights, away, credits, turns, terms, lapsed)

    def _size(self) -> int:
        terms = self.rotation.by_value
        value = self.facts.shown.get("deal_value") if terms else None
        known = value if isinstance(value, int | float) and not isinstance(value, bool) else None
        return size_of(known, terms.typical, terms.most) if terms else LEAD

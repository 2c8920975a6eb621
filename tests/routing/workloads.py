"""Named workloads for rotations, and how far a rule strays from everybody's share on them."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat

from connector.routing.rotation import LEAD, next_turn

Weights = Mapping[str, int]

Rule = Callable[[Weights], str]
"""Picks one of the eligible partners; it remembers what it needs."""

WEIGHTS: Mapping[str, Callable[[int, random.Random], int]] = {
    "equal": lambda place, dice: 1,
    "tiered": lambda place, dice: (3, 2, 1)[place % 3],
    "extreme": lambda place, dice: round(10_000 ** dice.random()),
}


def pool(partners: int, weights: str, seed: int = 1) -> dict[str, int]:
    """Weights by partner."""
    dice = random.Random(f"{seed} {partners} {weights}")
    return {f"p{place:03d}": WEIGHTS[weights](place, dice) for place in range(partners)}


@dataclass(frozen=True)
class Workload:
    """Each lead may go to each partner with this chance; one that nobody may have is skipped."""

    partners: int
    eligible: float
    weights: str

    def __str__(self) -> str:
        return f"{self.partners} partners, {self.eligible:.0%} eligible, {self.weights} weights"

    def leads(self, count: int, seed: int = 1) -> Iterator[Weights]:
        """The eligible partners' weights, lead by lead."""
        everyone, dice = pool(self.partners, self.weights, seed), random.Random(f"{seed} {self}")
        if self.eligible == 1:
            yield from repeat(everyone, count)
            return
        while count:
            some = {who: weight for who, weight in everyone.items() if dice.random() < self.eligible}
            if some:
                count -= 1
                yield some


VARYING = [
    Workload(partners, eligible, weights)
    for partners in (10, 50, 300)
    for eligible in (0.3, 0.5, 0.9)
    for weights in WEIGHTS
]


def farthest(rule: Rule, leads: Iterable[Weights]) -> float:
    """How many leads anybody ever was from its target, the sum of its shares of leads it was eligible for.

    Counted apart from the rule's own books, in floating point.
    """
    credit: dict[str, float] = {}
    most = 0.0
    for weights in leads:
        whole = sum(weights.values())
        for who, weight in weights.items():
            credit[who] = credit.get(who, 0.0) + weight / whole
        picked = rule(weights)
        credit[picked] -= 1
        most = max(most, -credit[picked], max(credit[who] for who in weights))
    return most


class OurRotation:
    """The rotation under test, with its books."""

    def __init__(self) -> None:
        self.credits: dict[str, int] = {}

    def __call__(self, weights: Weights) -> str:
        turn = next_turn(weights, self.credits)
        for who, units in turn.entry.items():
            self.credits[who] = self.credits.get(who, 0) + units
        return turn.picked

    @property
    def farthest(self) -> float:
        """How many leads the farthest partner is from its target now."""
        return max(map(abs, self.credits.values()), default=0) / LEAD

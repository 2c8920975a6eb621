"""What every distribution method promises."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connector.model.partner import Partner


@dataclass(frozen=True, slots=True)
class Pick:
    """The chosen partner and, for a method with a rotation, the credits that explain and record it."""

    partner: str
    before: Mapping[str, int] = field(default_factory=dict)
    gain: Mapping[str, int] = field(default_factory=dict)
    entry: Mapping[str, int] = field(default_factory=dict)


class Method(ABC):
    """Chooses one of the partners that may have a lead; it never widens or narrows who may."""

    uses_rotation: bool = False

    def __init__(self, weights: Mapping[str, int]):
        self.weights = weights

    @abstractmethod
    def pick(self, eligible: Sequence[Partner], credits: Mapping[str, int]) -> Pick:
        """Choose among `eligible` (never empty, in the pool's order) given the rotation's credits."""

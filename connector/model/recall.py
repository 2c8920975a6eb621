"""What decisions must be told of the leads that were given earlier."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Recall:
    """For which partners and routes it matters when leads were given, how far back, and whether by owner.

    `judged` is how far back the leads go by which partners are judged, None where no rule asks for it.
    """

    partners: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    owners: bool = False
    back: timedelta = timedelta()
    judged: timedelta | None = None


NOTHING = Recall()

"""What decisions must be told of the leads that were given earlier."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Recall:
    """For which partners and routes it matters when leads were given, how far back, and whether by owner.

    `judged` is how far back the leads go by which partners are judged, None where no rule asks for it.
    `deal_weight` is what an open deal weighs that came from a partner's lead, in thousandths of a lead.
    """

    partners: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    owners: bool = False
    back: timedelta = timedelta()
    judged: timedelta | None = None
    deal_weight: int = 0


NOTHING = Recall()

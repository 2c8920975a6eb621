"""A credit ledger of turns: who is owed how much of the next lead.

Each eligible partner gains its share of the lead and the one who is picked pays a whole lead, so a stored
credit is its partner's target minus its count, and the ledger always sums to zero. This is the carpool
method of Fagin and Williams ("A fair carpool scheduling algorithm", IBM J. Res. Dev. 27, 1983). Amounts are
integers, because exact fractions of changing pools grow without limit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

LEAD = 1_000_000_000
"""One whole lead, in the ledger's units."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Who is picked, the credits before, each eligible partner's gain, and the entry to book."""

    picked: str
    before: Mapping[str, int]
    gain: Mapping[str, int]
    entry: Mapping[str, int]


def shares(weights: Mapping[str, int]) -> dict[str, int]:
    """Split one lead by weight into integer units that sum to LEAD exactly (largest remainder).

    ValueError when no weight is positive.
    """
    whole = sum(weights.values())
    if whole <= 0 or min(weights.values()) < 0:
        raise ValueError("a rotation needs weights of zero or more, one of them positive")
    parts = {who: divmod(LEAD * weight, whole) for who, weight in weights.items()}
    left = LEAD - sum(units for units, _ in parts.values())
    by_remainder = sorted(parts, key=lambda who: (-parts[who][1], who))
    extra = frozenset(by_remainder[:left])
    return {who: units + (who in extra) for who, (units, _) in parts.items()}


def next_turn(weights: Mapping[str, int], credits: Mapping[str, int]) -> Turn:
    """The turn among the partners in `weights`: the largest credit after gaining, then weight, then id."""
    gain = shares(weights)
    before = {who: credits.get(who, 0) for who in weights}
    picked = min(weights, key=lambda who: (-(before[who] + gain[who]), -weights[who], who))
    entry = {who: gain[who] - (LEAD if who == picked else 0) for who in weights}
    return Turn(picked, before, gain, entry)


def reversed_entry(entry: Mapping[str, int]) -> dict[str, int]:
    """The entry that takes a whole earlier one back."""
    return {who: -units for who, units in entry.items()}

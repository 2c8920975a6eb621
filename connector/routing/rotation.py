"""A credit ledger of turns: who is owed how much of the next lead.

Each eligible partner gains its share of the lead and the one who is picked pays a whole lead, so a stored
credit is its partner's target minus its count, and the ledger always sums to zero. Whoever is not eligible
neither gains nor pays: absence is forgiven (Fagin and Williams, "A fair carpool scheduling algorithm", IBM
J. Res. Dev. 27, 1983). Amounts are integers, because exact fractions of changing pools grow without limit.

Who is picked follows two rules, each where it is the better one:

- While everyone eligible is inside the quota, that is, owed less than a whole lead, the turn goes to the
  earliest deadline: among those owed anything worth a turn, whoever would be the first to leave the quota
  (Tijdeman, "The chairman assignment problem", Discrete Mathematics 32, 1980).
- As soon as somebody is outside it, the turn goes to the largest credit.

`connector.routing.fairness` states and proves what follows from that. The only memory is the credits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import repeat
from math import inf
from operator import add
from typing import Literal, NamedTuple

LEAD = 1_000_000_000
"""One whole lead, in the ledger's units. Rounding moves a share by less than one unit a lead, so by less than
a thousandth of a lead in a million; Python adds numbers of this size without a detour."""

Rule = Literal["only_one", "earliest_deadline", "largest_credit", "made_up", "by_hand"]
"""Why a partner is picked."""


@dataclass(frozen=True, slots=True)
class Shares:
    """A lead of `size` units split by weight; the order, larger weight and then lower id, breaks ties."""

    ids: tuple[str, ...]
    gains: tuple[int, ...]
    size: int
    by_id: Mapping[str, int] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", dict(zip(self.ids, self.gains, strict=True)))

    @property
    def equal(self) -> bool:
        """Whether all shares are the same; then the largest credit has the earliest deadline."""
        return self.gains[0] == self.gains[-1]


class Turn(NamedTuple):
    """A pick: by which rule, and the credits, in the order of `shares`, before it.

    `written_off` is what lapsed before the turn: units by partner, summing to zero.
    """

    picked: str
    rule: Rule
    shares: Shares
    credits: list[int]
    written_off: Mapping[str, int] = {}

    @property
    def before(self) -> dict[str, int]:
        """Each gaining partner's credit before the turn."""
        return dict(zip(self.shares.ids, self.credits, strict=True))

    @property
    def gain(self) -> Mapping[str, int]:
        """Each gaining partner's share of the lead; leads of the same pool have it in common."""
        return self.shares.by_id

    @property
    def entry(self) -> dict[str, int]:
        """What to book: everyone's gain, less the lead for the one who was picked; it sums to zero."""
        entry = dict(self.shares.by_id)
        entry[self.picked] -= self.shares.size
        for who, units in self.written_off.items():
            entry[who] = entry.get(who, 0) + units
        return entry


def split(weights: Mapping[str, int], size: int = LEAD) -> Shares:
    """Split a lead by weight into integer units that sum to `size` exactly (largest remainder).

    Who weighs nothing is left out. ValueError when a weight is negative or none is positive.
    """
    return _split(tuple(weights), tuple(weights.values()), size)


# A pool that stays the same is split once; the memory is small since a split of 500 takes some 40 KB.
@lru_cache(maxsize=512)
def _split(ids: tuple[str, ...], weights: tuple[int, ...], size: int) -> Shares:
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("a rotation needs weights of zero or more, one of them positive")
    ranked = sorted((-weight, who) for who, weight in zip(ids, weights, strict=True) if weight)
    parts = [divmod(-weight * size, whole) for weight, _ in ranked]
    gains = [units for units, _ in parts]
    remainders = [remainder for _, remainder in parts]
    by_remainder = sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)
    for place in by_remainder[: size - sum(gains)]:
        gains[place] += 1
    some = len(gains) - gains.count(0)
    return Shares(tuple(who for _, who in ranked[:some]), tuple(gains[:some]), size)


def shares(weights: Mapping[str, int]) -> dict[str, int]:
    """One lead split by weight, in units by partner; see `split`."""
    parts = split(weights)
    return {**dict.fromkeys(weights, 0), **parts.by_id}


def next_turn(weights: Mapping[str, int], credits: Mapping[str, int], size: int = LEAD) -> Turn:
    """The turn among the partners in `weights`, given the credits of a rotation.

    A lead of another `size` than one goes to the largest credit always, since deadlines count whole leads.
    """
    parts = split(weights, size)
    before = list(map(credits.get, parts.ids, repeat(0)))
    after = list(map(add, before, parts.gains))
    place, rule = _place(parts, after)
    return Turn(parts.ids[place], rule, parts, before)


def turn_of(who: str, weights: Mapping[str, int], credits: Mapping[str, int], size: int = LEAD) -> Turn:
    """The turn that was given to one of the partners in `weights`, whoever was next."""
    parts = split(weights, size)
    return Turn(who, "by_hand", parts, list(map(credits.get, parts.ids, repeat(0))))


def size_of(value: float | None, typical: float, most: float) -> int:
    """How much a lead of this value costs in a rotation that is fair by value, in units.

    A lead of the typical value costs one lead; so does one of unknown value. None costs more than `most`
    leads or less than the same part of one, so that no single deal decides a year and nobody is paid out in
    crumbs; between the two, credit is money. The typical value is the admin's figure and stays put: were it
    a running mean, the same deal would cost less after a good month, and equal credit would no longer be
    equal money.
    """
    if value is None or value != value:
        return LEAD
    return round(LEAD * min(max(value / typical, 1 / most), most))


def _place(parts: Shares, after: list[int]) -> tuple[int, Rule]:
    if len(after) == 1:
        return 0, "only_one"
    most = max(after)
    if parts.size == LEAD:
        least = worth_a_turn(len(after))
        if least <= most <= LEAD - least:
            return _earliest(parts, after, least), "earliest_deadline"
    return after.index(most), "largest_credit"


def worth_a_turn(members: int) -> int:
    """The least credit that takes part in the choice by deadline: 1 / (2n - 2) of a lead, rounded up.

    One lead less this is the quota: Tijdeman shows that nobody need ever be further from its share.
    """
    return -(-LEAD // (2 * members - 2))


def _earliest(parts: Shares, after: list[int], least: int) -> int:
    """The place of who can wait for the fewest leads before it is owed more than the quota."""
    if parts.equal:
        return after.index(max(after))
    latest = LEAD - least
    waits = [
        (latest - credit) / gain if credit >= least else inf
        for credit, gain in zip(after, parts.gains, strict=True)
    ]
    return waits.index(min(waits))


def reversed_entry(entry: Mapping[str, int]) -> dict[str, int]:
    """The entry that takes a whole earlier one back, as if that lead had never come.

    A credit-back takes back everyone's gain with the payment. If only the payment were returned, a partner
    that declines would keep its share of a lead that it did not want, and be owed the next one all the
    more: declining would pay. This way it stands where it stood, and since it is not eligible for the lead
    that it declined, it gains nothing from whoever gets that one next.
    """
    return {who: -units for who, units in entry.items()}

"""What partners make of their leads: rates beside the counts that they rest on, shrunk where few."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median

from connector.model.performance import Handled, Performance
from connector.routing.merits import PRIOR_LEADS
from connector.routing.normal import Normal
from connector.routing.normal.money import converted


@dataclass(frozen=True, slots=True)
class Rate:
    """A part of a whole; `shrunk` is what it comes to with the average of all mixed in, None without any."""

    part: int
    whole: int
    shrunk: float | None = None

    @property
    def raw(self) -> float | None:
        """The part by itself, None of nothing."""
        return self.part / self.whole if self.whole else None


@dataclass(slots=True)
class Tally:
    """What a partner was given, and what it made of it.

    `answered` holds the minutes until each answer, yes or no; `value` is what won leads brought, in the base
    currency, but for `unvalued` ones, whose amount or rate is not known.
    """

    given: int = 0
    claimed: int = 0
    accepted: int = 0
    declined: int = 0
    lapsed: int = 0
    contacted: int = 0
    won: int = 0
    lost: int = 0
    value: Decimal = Decimal()
    unvalued: int = 0
    answered: list[float] = field(default_factory=list)

    def add(self, lead: Handled, normal: Normal) -> None:
        """Count one more lead, with its money by the rates of `normal`."""
        self.given += 1
        self.claimed += lead.claimed
        self.accepted += lead.accepted is True
        self.lapsed += lead.lapsed
        self.declined += lead.accepted is False and not lead.lapsed
        self.contacted += lead.contacted_at is not None
        self.lost += lead.won is False
        if lead.answered_at:
            self.answered.append((lead.answered_at - lead.given_at).total_seconds() / 60)
        if lead.won:
            worth = worth_of(lead, normal)
            self.won += 1
            self.unvalued += worth is None
            self.value += worth or 0

    @property
    def response_minutes(self) -> float | None:
        """The median time to an answer, by the clock."""
        return median(self.answered) if self.answered else None

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """The part and the whole of each rate."""
        return {
            "acceptance": (self.accepted, self.accepted + self.declined + self.lapsed),
            "contact": (self.contacted, self.accepted + self.claimed),
            "win": (self.won, self.won + self.lost),
        }

    def performance(self) -> Performance:
        """The record that methods and preferences judge by."""
        return Performance(
            leads=self.won + self.lost,
            won=self.won,
            revenue=float(self.value),
            responses=len(self.answered),
            response_minutes=self.response_minutes or 0,
        )


def worth_of(lead: Handled, normal: Normal) -> Decimal | None:
    """What a won lead brought in the base currency, None where its amount or rate is not known."""
    if lead.amount is None:
        return None
    currency = lead.currency.upper() if lead.currency else None
    worth = converted(Decimal(str(lead.amount)), currency, normal.base_currency, normal.rates)
    return None if worth is None else Decimal(str(worth))


def tallies(leads: Iterable[Handled], normal: Normal) -> dict[str, Tally]:
    """What each partner made of these leads, by its id."""
    found: defaultdict[str, Tally] = defaultdict(Tally)
    for lead in leads:
        found[lead.partner].add(lead, normal)
    return dict(found)


def rates(found: Mapping[str, Tally], prior: int = PRIOR_LEADS) -> dict[str, dict[str, Rate]]:
    """Each partner's rates by name; the average of all counts in each like `prior` leads more.

    Shrinkage is that of `merits.success`: so two of two count for little.
    """
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for tally in found.values():
        for name, (part, whole) in tally.counts.items():
            sums[name][0] += part
            sums[name][1] += whole
    return {
        who: {name: _rate(count, sums[name], prior) for name, count in tally.counts.items()}
        for who, tally in found.items()
    }


def _rate(count: tuple[int, int], sums: list[int], prior: int) -> Rate:
    (part, whole), (parts, wholes) = count, sums
    return Rate(part, whole, (part + prior * parts / wholes) / (whole + prior) if wholes else None)

"""What speaks for a partner: measures of one candidate for one lead, from 0 to WHOLE.

Methods rank by them, `prefer` narrows by them and best fit adds them up. All are integers, so that they are
the same on every machine.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from connector.model.partner import Partner
from connector.model.performance import Performance
from connector.model.snapshot import A_LEAD
from connector.routing.case import Case

WHOLE = 1_000_000
"""The most that a merit comes to."""

Measure = Callable[[Partner], int]
"""A merit of one partner; what the lead and the other candidates bring in is settled before."""

Merit = Callable[[Case], Measure]

ENOUGH_YEARS = 5.0
PRIOR_LEADS = 20
SKILL_FIELDS = ("skills", "product")
FIT = {"country": 1, "industry": 1, "product": 1, "skills": 1, "experience": 1}

RECORDS = frozenset({"performance", "revenue", "speed"})
"""The merits that rest on partners' records."""

_NO_RECORD = Performance()


def affinity(field: str, lists: Callable[[Partner], Collection[str]]) -> Merit:
    """Whole where the partner lists what the lead says, half where it lists nothing and so takes all.

    A lead that says nothing speaks for nobody.
    """

    def merit(case: Case) -> Measure:
        said = _country(case) if field == "country" else wanted(case, [field])
        if not said:
            return _nobody

        def measure(partner: Partner) -> int:
            listed = lists(partner)
            return WHOLE if not said.isdisjoint(listed) else 0 if listed else WHOLE // 2

        return measure

    return merit


def _nobody(partner: Partner) -> int:
    return 0


def _country(case: Case) -> frozenset[str]:
    code = case.facts.shown.get("country")
    return frozenset() if code is None else frozenset({str(code)})


def wanted(case: Case, fields: Sequence[str]) -> frozenset[str]:
    """What a lead asks for: the values of these fields, and their words between commas and semicolons."""
    texts = [str(case.facts.folded.get(field, "")) for field in fields]
    words = (word.strip() for text in texts for word in re.split("[,;]", text))
    return frozenset((*texts, *words)) - {""}


def coverage(case: Case, fields: Sequence[str] = SKILL_FIELDS) -> Measure:
    """How many of the skills that the lead asks for the partner has."""
    words = wanted(case, fields)
    if not words:
        return _nobody
    return lambda partner: WHOLE * len(words & partner.skills.keys()) // len(words)


def experience(case: Case, fields: Sequence[str] = SKILL_FIELDS, enough: float = ENOUGH_YEARS) -> Measure:
    """Years in the skills that the lead asks for; in each, more than `enough` years count for nothing."""
    words = wanted(case, fields)
    if not words:
        return _nobody
    most = round(enough * WHOLE)

    def measure(partner: Partner) -> int:
        years = sum(min(round(partner.skills.get(word, 0) * WHOLE), most) for word in words)
        return WHOLE * years // (most * len(words))

    return measure


def room(case: Case) -> Measure:
    """How free a partner is: open leads, and what its open deals weigh, relative to how many it takes.

    Who has no limit counts as the roomiest of the others; if nobody has one, the busiest of them sets it.
    """
    busy = case.snapshot.busy
    limits = [A_LEAD * partner.max_open_leads for partner in case.eligible if partner.max_open_leads]
    roomiest = max(limits) if limits else max(busy(partner.id) for partner in case.eligible)

    def measure(partner: Partner) -> int:
        limit = roomiest if partner.max_open_leads is None else A_LEAD * partner.max_open_leads
        return max(0, WHOLE - WHOLE * busy(partner.id) // max(limit, 1))

    return measure


def rank(case: Case) -> Measure:
    """The partner's tier: whole for the best, less by equal steps down to nothing for none."""
    steps = {tier.casefold(): step for step, tier in enumerate(reversed(case.tiers), 1)}
    return lambda partner: WHOLE * steps.get((partner.tier or "").casefold(), 0) // max(len(steps), 1)


def success(case: Case, prior: int = PRIOR_LEADS) -> Measure:
    """Leads won of leads closed, with the candidates' average mixed in like `prior` leads more.

    So two wins of two count for little, and who has no record counts as average (shrinkage: Efron and
    Morris, "Stein's paradox in statistics", Scientific American 236, 1977).
    """
    return _rates(case, lambda record: (WHOLE * record.won, record.leads), prior)


def earnings(case: Case, prior: int = PRIOR_LEADS) -> Measure:
    """Revenue a closed lead, shrunk like `success`, beside the best of the candidates."""
    rate = _rates(case, lambda record: (round(record.revenue), record.leads), prior)
    best = max(map(rate, case.eligible))
    return lambda partner: WHOLE * rate(partner) // best if best > 0 else 0


def speed(case: Case, prior: int = PRIOR_LEADS) -> Measure:
    """How soon a partner answers: half for the candidates' average time, shrunk like `success`."""
    seconds = _rates(case, _answering, prior)
    average = sum(map(seconds, case.eligible)) // len(case.eligible)
    return lambda partner: WHOLE * average // max(average + seconds(partner), 1)


def _answering(record: Performance) -> tuple[int, int]:
    """Seconds, were each answer to take the median time, and answers."""
    return round(60 * record.response_minutes) * record.responses, record.responses


def _rates(case: Case, counts: Callable[[Performance], tuple[int, int]], prior: int) -> Measure:
    """A rate, part to whole, by partner; the rate of all candidates together is mixed in."""
    records = case.snapshot.performance
    each = [counts(records.get(partner.id, _NO_RECORD)) for partner in case.eligible]
    parts, wholes = sum(part for part, _ in each), max(sum(whole for _, whole in each), 1)

    def rate(partner: Partner) -> int:
        part, whole = counts(records.get(partner.id, _NO_RECORD))
        if not whole + prior:
            return parts // wholes
        return (part * wholes + prior * parts) // (wholes * (whole + prior))

    return rate


@dataclass(frozen=True, slots=True)
class Weighted:
    """A weighted mean of merits."""

    parts: Sequence[tuple[str, int, Measure]]

    def total(self, partner: Partner) -> int:
        """The mean for one candidate."""
        points = sum(weight * measure(partner) for _, weight, measure in self.parts)
        return points // sum(weight for _, weight, _ in self.parts)

    def each(self, partner: Partner) -> dict[str, int]:
        """Its merits one by one."""
        return {name: measure(partner) for name, _, measure in self.parts}


def weighted(case: Case, weights: Mapping[str, int]) -> Weighted:
    """The mean of the merits that are named in `weights`; one of them must be positive."""
    return Weighted([(name, weight, MERITS[name](case)) for name, weight in weights.items() if weight])


def best_of(case: Case, measure: Measure, within: int = 0) -> tuple[Case, int]:
    """The case with the best candidates, or those at most `within` hundredths worse, and the best merit."""
    merits = {partner.id: measure(partner) for partner in (*case.eligible, *case.away)}
    best = max(merits[partner.id] for partner in case.eligible)
    enough = best * (100 - within)
    return case.only(lambda partner: 100 * merits[partner.id] >= enough), best


def presence(case: Case) -> Measure:
    """Whole where the partner is at work now: leads follow the sun."""
    return lambda partner: 0 if partner.id in case.closed else WHOLE


MERITS: Mapping[str, Merit] = {
    "country": affinity("country", lambda partner: partner.countries),
    "industry": affinity("industry", lambda partner: partner.industries),
    "product": affinity("product", lambda partner: partner.products),
    "lead_source": affinity("lead_source", lambda partner: partner.lead_sources),
    "skills": coverage,
    "experience": experience,
    "least_loaded": room,
    "tier": rank,
    "performance": success,
    "revenue": earnings,
    "speed": speed,
    "working_now": presence,
}
"""Every merit that best fit may add up, by name."""

"""How long leads wait: for a partner, for an answer, for the first touch."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from statistics import median

from connector.model.performance import Followed


def minutes(since: datetime, until: datetime) -> float:
    """Minutes between two moments, never less than none: clocks of CRMs differ a little."""
    return max((until - since).total_seconds() / 60, 0)


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took, in minutes: how often it was measured, the median, the 90th percentile."""

    count: int = 0
    median: float | None = None
    p90: float | None = None

    @classmethod
    def of(cls, times: Sequence[float]) -> "Took":
        """Percentiles are by nearest rank: the smallest time that nine in ten do not exceed."""
        if not times:
            return cls()
        ranked = sorted(times)
        return cls(len(ranked), median(ranked), ranked[ceil(0.9 * len(ranked)) - 1])


STEPS: Mapping[str, Callable[[Followed], tuple[datetime | None, datetime | None]]] = {
    "created_to_routed": lambda one: (one.created_at, one.since),
    "routed_to_accepted": lambda one: (one.since, one.accepted_at),
    "accepted_to_touched": lambda one: (one.accepted_at, one.touched_at),
    "created_to_touched": lambda one: (one.created_at, one.touched_at),
}
"""The steps of speed to lead."""


def speed(followed: Iterable[Followed], by: Callable[[Followed], str]) -> dict[str, dict[str, Took]]:
    """How long each step took, by partner or route or whatever `by` says."""
    times: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in followed:
        for step, ends in STEPS.items():
            since, until = ends(one)
            if since and until:
                times[by(one)][step].append(minutes(since, until))
    return {key: {step: Took.of(steps[step]) for step in STEPS} for key, steps in times.items()}

"""Preferences: each keeps only the best of who is left, in the order in which the admin wrote them.

A preference narrows where a weight in a rotation would share, so it may keep somebody out for good: who is
always second best at `skills` never gets to `pick`. The methods do the opposite of narrowing, and a hybrid is
both: `prefer = ["skills", "least_loaded"]` and `pick = "round_robin"`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connector.routing.case import Case
from connector.routing.merits import FIT, MERITS, Measure, Merit, best_of, weighted


@dataclass(frozen=True, slots=True)
class Preference:
    """Keeps the candidates whose merit is the best, or `within` so many hundredths of it."""

    name: str
    merit: Merit
    within: int = 0


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What one preference did: of how many candidates it kept which."""

    by: str
    of: int
    kept: tuple[str, ...]


def _fit(case: Case) -> Measure:
    return weighted(case, FIT).total


_CLOSE = 10

PREFERENCES: Mapping[str, Preference] = {
    preference.name: preference
    for preference in (
        Preference("skills", MERITS["skills"]),
        Preference("experience", MERITS["experience"], _CLOSE),
        Preference("least_loaded", MERITS["least_loaded"], _CLOSE),
        Preference("country", MERITS["country"]),
        Preference("industry", MERITS["industry"]),
        Preference("product", MERITS["product"]),
        Preference("lead_source", MERITS["lead_source"]),
        Preference("tier", MERITS["tier"]),
        Preference("performance", MERITS["performance"], _CLOSE),
        Preference("speed", MERITS["speed"], _CLOSE),
        Preference("working_now", MERITS["working_now"]),
        Preference("fit", _fit, _CLOSE),
    )
}
"""By the name that `prefer` uses. Of what is counted exactly only the best stay; of what is measured, those
within a tenth of the best, or every preference by load would leave nothing to choose."""


def narrowed(case: Case, preferences: Sequence[Preference]) -> tuple[Case, tuple[Narrowing, ...]]:
    """The case with the candidates that are left, and what each step kept of how many."""
    steps: list[Narrowing] = []
    for preference in preferences:
        before = len(case.eligible)
        case, _ = best_of(case, preference.merit(case), preference.within)
        steps.append(Narrowing(preference.name, before, tuple(partner.id for partner in case.eligible)))
    return case, tuple(steps)

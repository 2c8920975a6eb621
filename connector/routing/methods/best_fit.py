"""The partner that fits best, all in all."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from connector.routing.case import Case, Pick
from connector.routing.merits import FIT, MERITS, best_of, weighted
from connector.routing.methods.base import Method, Options, equally


def _some(parts: Mapping[str, int]) -> Mapping[str, int]:
    unknown = sorted(parts.keys() - MERITS.keys())
    if unknown:
        raise ValueError(f"there is no part {unknown[0]!r}; known are {', '.join(MERITS)}")
    if not any(parts.values()):
        raise ValueError("every part counts for nothing, so nobody could fit best")
    return parts


class FitOptions(Options):
    """How much each part counts; one that is not named counts for nothing."""

    parts: Annotated[Mapping[str, Annotated[int, Field(ge=0, le=1000)]], AfterValidator(_some)] = FIT


class BestFit(Method[FitOptions]):
    """Adds up what speaks for each candidate, part by part, by weight; who is equally good takes turns."""

    takes = FitOptions

    def weighs(self) -> frozenset[str]:
        return frozenset(name for name, weight in self.options.parts.items() if weight)

    def pick(self, case: Case) -> Pick:
        fit = weighted(case, self.options.parts)
        equals, best = best_of(case, fit.total)
        pick = equals.turn(best=best, equals=len(equals.eligible))
        chosen = next(partner for partner in equals.eligible if partner.id == pick.partner)
        return pick.and_because(parts=fit.each(chosen))

    @staticmethod
    def said(facts: Mapping[str, Any]) -> str:
        return equally(facts, "best fit")

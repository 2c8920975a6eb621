"""The best record gets most: what top performer and fastest have in common."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import Field

from connector.model.partner import Partner
from connector.model.performance import Performance
from connector.routing.case import Case, Pick
from connector.routing.chance import chance
from connector.routing.merits import PRIOR_LEADS, RECORDS, Measure
from connector.routing.methods.base import Method, Options


class RecordOptions(Options):
    """How many are favoured, what the others are sure of, and how often the least known gets a chance.

    `others` is the part of the leads that goes to those who are not favoured. `explore` is the part of the
    leads for which the least known are favoured instead. Each record is judged as if `prior` leads of average
    success came on top of it.
    """

    favoured: int = Field(default=1, ge=1)
    others: float = Field(default=0.2, ge=0, le=0.9)
    explore: float = Field(default=0.1, ge=0, le=0.5)
    prior: int = Field(default=PRIOR_LEADS, ge=0, le=100_000)


R = TypeVar("R", bound=RecordOptions)
_WHOLE = 1000


class ByRecord(Method[R]):
    """Shares every lead between the favoured and the others, and lets the rotation keep to the shares.

    So what the others are sure of is no matter of luck: it is a share like any other, with its bound. Chance
    decides only which leads explore, by the admin's seed and the lead.
    """

    @abstractmethod
    def measure(self, case: Case) -> Measure:
        """How good a record is."""

    @abstractmethod
    def known(self, record: Performance) -> int:
        """How much a record rests on."""

    def weighs(self) -> frozenset[str]:
        return RECORDS

    def pick(self, case: Case) -> Pick:
        exploring = chance(case.seed, case.ref, "explore") < self.options.explore
        favoured = self._favoured(case, exploring)
        own = case.rotation.weight
        all_favoured = sum(own(partner) for partner in case.eligible if partner.id in favoured)
        all_others = sum(own(partner) for partner in case.eligible) - all_favoured
        others = round(_WHOLE * self.options.others)

        def weigh(partner: Partner) -> int:
            if partner.id in favoured:
                return own(partner) * (_WHOLE - others) * max(all_others, 1)
            return own(partner) * others * all_favoured

        return case.turn(weigh, favoured=sorted(favoured), exploring=exploring)

    @staticmethod
    def said(facts: Mapping[str, Any]) -> str:
        who = "least known" if facts["exploring"] else "best records"
        return f"next in turn among {facts['among']}, the {who} favoured"

    def _favoured(self, case: Case, exploring: bool) -> frozenset[str]:
        measure, records = self.measure(case), case.snapshot.performance

        def order(partner: Partner) -> tuple[int, int, str]:
            known = self.known(records.get(partner.id, Performance())) if exploring else 0
            return known, -measure(partner), partner.id

        return frozenset(p.id for p in sorted(case.eligible, key=order)[: self.options.favoured])

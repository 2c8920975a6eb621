"""What every distribution method promises."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo

from connector.routing.case import Case, Pick
from connector.routing.merits import Measure, best_of


class Options(BaseModel):
    """What an admin may set for a method, beside its name: `pick = { method = "…", … }`."""

    model_config = ConfigDict(extra="forbid", frozen=True)


T = TypeVar("T", bound=Options)


def _known_field(name: str, info: ValidationInfo) -> str:
    known = (info.context or {}).get("fields")
    if known is not None and name not in known:
        raise ValueError(f"there is no lead field {name!r}; map it in the read table of a crm")
    return name


LeadField = Annotated[str, AfterValidator(_known_field)]
"""An option that names a field of the lead; checked against those that exist."""


def _known_partner(who: str, info: ValidationInfo) -> str:
    known = (info.context or {}).get("partners")
    if known is not None and who not in known:
        raise ValueError(f"there is no partner {who!r}")
    return who


PartnerId = Annotated[str, AfterValidator(_known_partner)]
"""An option that names a partner; checked against those that exist."""


class Method(ABC, Generic[T]):
    """Chooses one of the partners that may have a lead, or offers it to them all.

    It never widens or narrows who may.
    """

    takes: ClassVar[type[Options]] = Options
    """What may be set for it."""

    uses_rotation: ClassVar[bool] = True
    offers: ClassVar[bool] = False
    """Whether the lead is offered rather than given: then nobody is picked."""
    any_order: ClassVar[bool] = True
    """Whether the order of the pool makes no difference."""

    def __init__(self, options: T):
        self.options = options

    @abstractmethod
    def pick(self, case: Case) -> Pick:
        """Choose among the eligible partners of a case."""

    def weighs(self) -> frozenset[str]:
        """The names of the merits by which it chooses."""
        return frozenset()

    @staticmethod
    def said(facts: Mapping[str, Any]) -> str:
        """Why it was this one, in words, from what the pick recorded and `among` how many it was."""
        return f"next in turn among {facts['among']}"


def equally(facts: Mapping[str, Any], praise: str) -> str:
    """`least loaded of 5`, or `in turn, least loaded with 2 others of 5`."""
    others = facts["equals"] - 1
    with_others = f" with {others} other{'s' * (others > 1)}" if others else ""
    return f"{'in turn, ' * bool(others)}{praise}{with_others} of {facts['among']}"


class Ranked(Method[T]):
    """Gives the lead to the best by one measure; those who are equally good take turns."""

    @abstractmethod
    def measure(self, case: Case) -> Measure:
        """What the candidates are ranked by."""

    def pick(self, case: Case) -> Pick:
        equals, best = best_of(case, self.measure(case))
        return equals.turn(best=best, equals=len(equals.eligible))

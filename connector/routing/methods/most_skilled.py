"""The partner that knows best what the lead asks for."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from connector.routing.case import Case, Pick
from connector.routing.merits import ENOUGH_YEARS, SKILL_FIELDS, best_of, coverage, experience
from connector.routing.methods.base import LeadField, Method, Options, equally


class SkillOptions(Options):
    """Which fields of the lead name skills, and after how many years more experience counts for nothing."""

    fields: tuple[LeadField, ...] = Field(default=SKILL_FIELDS, validate_default=False)
    enough_years: float = Field(default=ENOUGH_YEARS, gt=0, le=100)


class MostSkilled(Method[SkillOptions]):
    """Gives the lead to who covers most of the skills, then to who has most years in them, then in turn."""

    takes = SkillOptions

    def pick(self, case: Case) -> Pick:
        fields, enough = self.options.fields, self.options.enough_years
        covering, covered = best_of(case, coverage(case, fields))
        seasoned, depth = best_of(covering, experience(case, fields, enough))
        return seasoned.turn(covered=covered, experience=depth, equals=len(seasoned.eligible))

    @staticmethod
    def said(facts: Mapping[str, Any]) -> str:
        return equally(facts, "most skilled")

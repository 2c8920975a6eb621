"""The partner that the lead itself names."""

from collections.abc import Mapping
from typing import Any

from connector.routing.case import Case, Pick
from connector.routing.methods.base import LeadField, Method, Options


class NamedOptions(Options):
    """The field of the lead that names a partner, by id or name."""

    field: LeadField = "partner"


class Named(Method[NamedOptions]):
    """Gives the lead to the partner that one of its fields names, if that one may have it; else in turn."""

    takes = NamedOptions

    def pick(self, case: Case) -> Pick:
        named = str(case.facts.folded.get(self.options.field, ""))
        found = case.only(lambda partner: named in (partner.id.casefold(), partner.name.casefold()))
        return (found if found.eligible else case).turn(named=bool(found.eligible))

    @staticmethod
    def said(facts: Mapping[str, Any]) -> str:
        return "named by the lead" if facts["named"] else f"next in turn among {facts['among']}, none named"

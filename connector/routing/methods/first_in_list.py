"""The first partner of the pool that may have the lead; the order of the file is the order of preference."""

from collections.abc import Mapping
from typing import Any

from connector.routing.case import Case, Pick
from connector.routing.methods.base import Method, Options


class FirstInList(Method[Options]):
    """Gives the lead to the first eligible partner, for a preferred partner with others behind it."""

    uses_rotation = False
    any_order = False

    def pick(self, case: Case) -> Pick:
        return Pick(case.eligible[0].id)

    @staticmethod
    def said(facts: Mapping[str, Any]) -> str:
        return f"first in the list of {facts['among']}"

"""The partner with the most room: fewest open leads for what it can take."""

from collections.abc import Mapping
from typing import Any

from connector.routing.case import Case
from connector.routing.merits import Measure, room
from connector.routing.methods.base import Options, Ranked, equally


class LeastLoaded(Ranked[Options]):
    """Gives the lead to the least loaded, relative to capacity; of equals to whoever is owed most."""

    def measure(self, case: Case) -> Measure:
        return room(case)

    @staticmethod
    def said(facts: Mapping[str, Any]) -> str:
        return equally(facts, "least loaded")

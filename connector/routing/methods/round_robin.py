"""Weighted round robin: everyone gets their share, in turn."""

from connector.routing.case import Case, Pick
from connector.routing.methods.base import Method, Options


class RoundRobin(Method[Options]):
    """Lets the rotation decide; weights set the shares, one each by default."""

    def pick(self, case: Case) -> Pick:
        return case.turn()

"""The first partner of the pool that may have the lead; the order of the file is the order of preference."""

from collections.abc import Mapping, Sequence

from connector.model.partner import Partner
from connector.routing.methods.base import Method, Pick


class FirstInList(Method):
    """Gives the lead to the first eligible partner, for a preferred partner with others behind it."""

    def pick(self, eligible: Sequence[Partner], credits: Mapping[str, int]) -> Pick:
        return Pick(eligible[0].id)

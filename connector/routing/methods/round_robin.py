"""Weighted round robin: everyone gets their share, in turn."""

from collections.abc import Mapping, Sequence

from connector.model.partner import Partner
from connector.routing.methods.base import Method, Pick
from connector.routing.rotation import next_turn


class RoundRobin(Method):
    """Gives the lead to whoever is owed most of one; weights set the shares, one each by default."""

    uses_rotation = True

    def pick(self, eligible: Sequence[Partner], credits: Mapping[str, int]) -> Pick:
        turn = next_turn({partner.id: self.weights.get(partner.id, 1) for partner in eligible}, credits)
        return Pick(turn.picked, turn.before, turn.gain, turn.entry)

"""What became of the leads that a partner was given."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Performance:
    """A partner's record over the time that is looked at.

    `leads` counts those that were won or lost, `won` those that were won, `revenue` is what these brought in
    the base currency; `responses` counts leads that the partner has answered and `response_minutes` is the
    median time that it took.
    """

    leads: int = 0
    won: int = 0
    revenue: float = 0
    responses: int = 0
    response_minutes: float = 0

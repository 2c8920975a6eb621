"""What became of the leads that a partner was given."""

from dataclasses import dataclass
from datetime import datetime

from connector.model.lead import Ref


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


@dataclass(frozen=True, slots=True)
class Handled:
    """One lead that reached a partner, and what came of it so far.

    `answered_at` is when the partner accepted or declined, `contacted_at` when it was known to have been in
    touch with the person. `accepted` and `won` are None while nothing is said; who lets the time to accept
    lapse has not accepted; who `claimed` was not asked. `amount` is what a won lead brought, in `currency`
    where the CRM names one.
    """

    ref: Ref
    partner: str
    given_at: datetime
    answered_at: datetime | None = None
    contacted_at: datetime | None = None
    accepted: bool | None = None
    lapsed: bool = False
    won: bool | None = None
    claimed: bool = False
    amount: float | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """One assignment that reached its partner, step by step; None is a step that has not come."""

    partner: str
    route: str | None
    since: datetime
    created_at: datetime | None = None
    accepted_at: datetime | None = None
    touched_at: datetime | None = None

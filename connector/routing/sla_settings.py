"""The shape of what a route says of the time after the assignment."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from connector.model.durations import Duration, SpanOfTime
from connector.routing.shapes import Strict


class NotAcceptedSettings(Strict):
    """How many partners are tried in all, when one after the other declines or lets its time pass."""

    try_partners: int = Field(default=3, ge=1, le=100)
    then: Literal["fallback_owner"] = "fallback_owner"


class TurnBackSettings(Strict):
    """Declining within a time gives the turn back, so often in a calendar month."""

    on_decline_within: SpanOfTime
    most_per_month: int = Field(default=5, ge=0, le=10_000)


class Following(Strict):
    """The keys of a route that speak of the time after the assignment."""

    accept_within: SpanOfTime | None = None
    remind_before: tuple[Annotated[Duration, Field(gt=timedelta())], ...] = ()
    if_not_accepted: NotAcceptedSettings = NotAcceptedSettings()
    give_turn_back: TurnBackSettings | None = None

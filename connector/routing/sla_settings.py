"""The shape of what a route says of the time after the assignment."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from connector.model.durations import Duration, SpanOfTime
from connector.routing.shapes import Name, Strict, Written


class NotAcceptedSettings(Strict):
    """How many partners are tried in all, when one after the other declines or lets its time pass."""

    try_partners: int = Field(default=3, ge=1, le=100)
    then: Literal["fallback_owner"] = "fallback_owner"


class TurnBackSettings(Strict):
    """Declining within a time gives the turn back, so often in a calendar month."""

    on_decline_within: SpanOfTime
    most_per_month: int = Field(default=5, ge=0, le=10_000)


class RecycleSettings(Strict):
    """Leads that come back from their partner when nothing has happened for a time."""

    name: Name
    no_progress_for: Annotated[Duration, Field(ge=timedelta(hours=1))]
    states: tuple[Literal["assigned", "accepted", "working"], ...] = ("assigned", "accepted")
    when: Written = {}


class Following(Strict):
    """The keys of a route that speak of the time after the assignment."""

    accept_within: SpanOfTime | None = None
    remind_before: tuple[Annotated[Duration, Field(gt=timedelta())], ...] = ()
    if_not_accepted: NotAcceptedSettings = NotAcceptedSettings()
    give_turn_back: TurnBackSettings | None = None

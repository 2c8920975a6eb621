"""By when a partner must have accepted, when it is reminded, and what an early refusal gives back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.model.durations import Span
from connector.routing.calendars import Calendar
from connector.routing.choosing import Where
from connector.routing.conditions import Condition
from connector.routing.sla_settings import Following
from connector.routing.understanding import Find

HAD_IT = frozenset({"declined_before", "held_before"})
"""The refusals of partners that had the lead: whoever is left out for another reason may have it later."""


@dataclass(frozen=True, slots=True)
class TurnBack:
    """Who declines a lead `within` a time gets its turn back, `most_per_month` times in a calendar month."""

    within: Span
    most_per_month: int


@dataclass(frozen=True, slots=True)
class Terms:
    """A route's terms: without `within` nobody is hurried; `try_partners` are tried in all."""

    within: Span | None = None
    remind_before: tuple[timedelta, ...] = ()
    try_partners: int = 3
    turn_back: TurnBack | None = None

    def accept_by(self, calendar: Calendar, now: datetime) -> datetime | None:
        """When the time to accept ends; None if there is none, or the calendar never opens."""
        return calendar.after(now, self.within) if self.within else None

    def reminders(self, since: datetime, accept_by: datetime) -> list[datetime]:
        """When to remind, in order; a reminder that would come with the lead itself is left out."""
        moments = (accept_by - before for before in self.remind_before)
        return sorted(moment for moment in moments if moment > since)

    def tried_enough(self, had: Mapping[str, str]) -> bool:
        """Whether as many partners had the lead as may be tried."""
        return len(had) >= self.try_partners

    def gives_back(self, calendar: Calendar, since: datetime, now: datetime, this_month: int) -> bool:
        """Whether a lead declined now gives its turn back, after so many that did in this month."""
        if self.turn_back is None or this_month >= self.turn_back.most_per_month:
            return False
        until = calendar.after(since, self.turn_back.within)
        return until is None or now <= until


NO_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Recycle:
    """Which leads come back, and after how long without a step in the life of their assignment."""

    name: str
    after: timedelta
    states: frozenset[str]
    condition: Condition


def read_terms(route: Following, where: Where, find: Find) -> Terms:
    """The terms of a route; every mistake goes to `find`."""
    if route.remind_before and route.accept_within is None:
        find(
            (*where, "remind_before"), 'there is nothing to remind of; add accept_within = "4 working hours"'
        )
    within = route.accept_within
    for place, before in enumerate(route.remind_before):
        if within and within.by == "clock" and before >= within.length:
            find(
                (*where, "remind_before", place), f"partners have only {within}, so this reminder never comes"
            )
    back = route.give_turn_back
    turn_back = TurnBack(back.on_decline_within, back.most_per_month) if back else None
    return Terms(within, route.remind_before, route.if_not_accepted.try_partners, turn_back)


def nobody_left(refused: Mapping[str, Sequence[str]]) -> bool:
    """Whether every partner of a pool has had the lead, so that waiting changes nothing."""
    return bool(refused) and refused.keys() <= HAD_IT

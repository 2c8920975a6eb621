"""How much more partners can take: open leads at once, and new leads in a calendar period."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from connector.model.partner import Partner
from connector.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Room:
    """What partners hold at one moment, and when each calendar period began."""

    load: Mapping[str, int]
    given: Mapping[str, Sequence[datetime]]
    began: Mapping[str, datetime]

    def refusal(self, partner: Partner) -> str | None:
        """The code of the first limit that the partner has reached, or None."""
        if partner.max_open_leads is not None and self.load.get(partner.id, 0) >= partner.max_open_leads:
            return "at_capacity"
        full = (cap.per for cap in partner.max_new_leads if self._new(partner, cap.per) >= cap.leads)
        return next((f"cap_per_{per}" for per in full), None)

    def _new(self, partner: Partner, per: str) -> int:
        times = self.given.get(partner.id, ())
        return len(times) - bisect_left(times, self.began[per])


def room(snapshot: Snapshot, zone: tzinfo) -> Room:
    """The room there is now; periods follow the calendar of `zone`, weeks begin on Monday."""
    return Room(snapshot.load, snapshot.given, began(snapshot.now, zone))


@lru_cache(maxsize=16)
def began(now: datetime, zone: tzinfo) -> Mapping[str, datetime]:
    """When the hour, day, week and month that hold `now` began, in UTC."""
    local = now.astimezone(zone)
    return {per: first(local).astimezone(UTC) for per, first in _FIRST.items()}


def _midnight(local: datetime) -> datetime:
    # fold=0: where clocks go back over midnight, the day begins at the first of the two.
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


_FIRST: Mapping[str, Callable[[datetime], datetime]] = {
    "hour": lambda local: local.replace(minute=0, second=0, microsecond=0),
    "day": _midnight,
    "week": lambda local: _midnight(local) - timedelta(days=local.weekday()),
    "month": lambda local: _midnight(local).replace(day=1),
}

PERIODS = tuple(_FIRST)

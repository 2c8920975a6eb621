"""How much more partners can take: open leads at once, and new leads in a period."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from connector.model.partner import Cap, Partner
from connector.model.recall import Recall
from connector.model.snapshot import A_LEAD, Snapshot

CALENDAR_BACK: Mapping[str, timedelta] = {
    "hour": timedelta(hours=3),
    "day": timedelta(days=1, hours=2),
    "week": timedelta(days=7, hours=2),
    "month": timedelta(days=31, hours=2),
}
"""The longest that each calendar period can be, with an hour that clocks go back in it, and one to spare."""


class Room(NamedTuple):
    """What partners, their owners and routes hold at one moment, and when each calendar period began."""

    snapshot: Snapshot
    began: Mapping[str, datetime]

    def refusal(self, partner: Partner, crm: str) -> str | None:
        """The code of the first limit that the partner has reached, or None."""
        most = partner.max_open_leads
        if most is not None and self.snapshot.busy(partner.id) >= A_LEAD * most:
            return "at_capacity"
        full = self.full(partner.max_new_leads, self.snapshot.given.get(partner.id, ()))
        if full:
            return full
        if partner.limits_owners and not any(self.owner_has(partner, o) for o in _owners(partner, crm)):
            return "owners_at_cap"
        return None

    def owner_has(self, partner: Partner, owner: str) -> bool:
        """Whether one owner of a partner can take another lead of this partner's."""
        key = partner.id, owner.casefold()
        most = partner.max_open_leads_per_owner
        if most is not None and self.snapshot.load_of_owner.get(key, 0) >= most:
            return False
        return self.full(partner.max_new_leads_per_owner, self.snapshot.given_to_owner.get(key, ())) is None

    def route_refusal(self, route: str, caps: Sequence[Cap]) -> str | None:
        """The code of the first cap that a route has reached, or None."""
        full = self.full(caps, self.snapshot.given_by_route.get(route, ()))
        return f"route_{full}" if full else None

    def full(self, caps: Sequence[Cap], times: Sequence[datetime]) -> str | None:
        """The code of the first cap that leads given at these times have reached, or None."""
        for cap in caps:
            if len(times) >= cap.leads and (cap.leads == 0 or self._new(cap, times[-cap.leads])):
                return "cap_rolling" if cap.window else f"cap_per_{cap.per}"
        return None

    def _new(self, cap: Cap, given: datetime) -> bool:
        """Whether a lead given then counts; times are in order, so the first of those a cap allows tells."""
        # What was given a whole window ago has left it.
        return given > self.snapshot.now - cap.window if cap.window else given >= self.began[cap.per]


def _owners(partner: Partner, crm: str) -> Iterable[str]:
    """The owners that take turns: those who weigh nothing do not."""
    return (owner for owner in partner.owners.get(crm, ()) if partner.owner_weights.get(owner, 1))


def room(snapshot: Snapshot, zone: tzinfo) -> Room:
    """The room there is now; calendar periods follow `zone`, weeks begin on Monday."""
    return Room(snapshot, began(snapshot.now, zone))


def recall_of(partners: Iterable[Partner], route_caps: Mapping[str, Sequence[Cap]]) -> Recall:
    """What decisions must be told of earlier leads, so that caps of partners, owners and routes count."""
    counted = [p for p in partners if p.max_new_leads or p.limits_owners]
    caps = [cap for p in counted for cap in (*p.max_new_leads, *p.max_new_leads_per_owner)]
    caps += [cap for own in route_caps.values() for cap in own]
    return Recall(
        partners=frozenset(partner.id for partner in counted),
        routes=frozenset(route for route, own in route_caps.items() if own),
        owners=any(partner.limits_owners for partner in counted),
        back=max((cap.window or CALENDAR_BACK[cap.per] for cap in caps), default=timedelta()),
    )


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

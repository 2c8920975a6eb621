"""Being kind to a CRM: a shared pace, a daily budget, and what stops first when it runs out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from connector.sources.base import Source, SourceBusy
from connector.store import Store
from connector.store.limits import calls_on, reserve
from connector.sync.stopping import Stop

SHARES: Mapping[str, float] = {
    "reconcile": 0.70,
    "outcomes": 0.80,
    "partners": 0.80,
    "company": 0.90,
    "pull": 0.90,
    "registrations": 0.90,
}
"""The share of the day's budget after which a purpose stops; writing back and all else go on to the end."""

CRM_RESERVE = 0.95
"""The share of the CRM's own limit, as its headers tell it, that stands for the whole of our budget."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Calls a second, and how many may come at once."""

    rate: float
    burst: int


PACES: Mapping[str, Mapping[str, Pace]] = {
    # HubSpot: 5 searches a second for the whole account, 100 other calls in 10 seconds for the app.
    "hubspot": {"search": Pace(4.5, 4), "call": Pace(9.5, 50)},
    # Salesforce limits the day and long requests, not the pace.
    "salesforce": {"search": Pace(25, 25), "call": Pace(25, 25)},
}


class BudgetSpent(SourceBusy):
    """The day's budget for a purpose is used up; other purposes may go on."""


class Limiter:
    """One CRM connection's budget, and its account's pace, shared with other daemons through the store."""

    def __init__(
        self,
        source: Source,
        kind: str,
        store: Store,
        most_a_day: int | None,
        account: str,
        now: Callable[[], datetime],
        stop: Stop,
        check: Callable[[Session, str], None] = lambda session, purpose: None,
    ):
        self._check = check
        self._source = source
        self._paces = PACES.get(kind, PACES["salesforce"])
        self._store = store
        self._most_a_day = most_a_day
        self._account = account
        self._now = now
        self._stop = stop

    def admit(self, purpose: str, kind: str) -> None:
        """Wait for this call's turn; BudgetSpent when its purpose has none left today, and LeaseLost when the
        work that it is for has been taken over."""
        now = self._now()
        pace = self._paces.get(kind, self._paces["call"])
        with self._store.aside() as session:
            self._check(session, purpose)
            used = calls_on(session, self._source.crm, day_of(now)) + self._source.calls.total()
            self._check_budget(purpose, used, now)
            wait = reserve(session, self._account, kind, pace.rate, pace.burst, now)
        if wait:
            self._stop.pause(wait.total_seconds())

    def _check_budget(self, purpose: str, used: int, now: datetime) -> None:
        share = SHARES.get(purpose, 1.0)
        usage = self._source.usage
        spent = self._most_a_day is not None and used >= self._most_a_day * share
        if usage.used is not None and usage.allowed:
            spent = spent or usage.used >= usage.allowed * CRM_RESERVE * share
        if spent:
            raise BudgetSpent(
                f"the day's API calls of {self._source.crm} for {purpose} are used up",
                "BUDGET",
                retry_after=until_midnight(now),
            )


def day_of(now: datetime) -> str:
    """The day, in UTC, that calls are counted under."""
    return now.astimezone(UTC).date().isoformat()


def until_midnight(now: datetime) -> timedelta:
    """How long until the count starts anew."""
    tomorrow = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return tomorrow - now

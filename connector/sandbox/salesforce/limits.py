"""How many API calls the org has made in the last 24 hours, and when that is too many."""

from collections import Counter

from connector.sandbox.cards import Clock
from connector.sandbox.salesforce.errors import SalesforceError

HOURS = 24


class Limits:
    """Counts by the hour; a call leaves the count a day after its hour."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._by_hour: Counter[int] = Counter()

    @property
    def used(self) -> int:
        """Calls in the last 24 hours."""
        oldest = self._hour() - HOURS
        for hour in [hour for hour in self._by_hour if hour <= oldest]:
            del self._by_hour[hour]
        return self._by_hour.total()

    def count(self, calls: int, most: int) -> None:
        """Count calls; raises SalesforceError when there are none left."""
        if self.used + calls > most:
            raise SalesforceError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        self._by_hour[self._hour()] += calls

    def use_up(self, most: int, left: int = 0) -> None:
        """Pretend that other integrations made calls, so that only `left` remain."""
        self._by_hour[self._hour()] += max(0, most - left - self.used)

    def _hour(self) -> int:
        return int(self._now().timestamp() // 3600)

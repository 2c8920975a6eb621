"""Rate limits, counted as HubSpot counts them: by app in ten seconds, by account for search and the day."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.sandbox.hubspot.access import Token
from connector.sandbox.hubspot.errors import HubSpotError
from connector.sandbox.hubspot.settings import Settings
from connector.sandbox.hubspot.stamps import millis, moment

BURST_WINDOW = 10_000
SEARCH_WINDOW = 1000


@dataclass
class Window:
    """The calls of the last so many milliseconds."""

    length: int
    calls: deque[int] = field(default_factory=deque)

    def used(self, now: int) -> int:
        """How many calls the window holds now."""
        while self.calls and self.calls[0] <= now - self.length:
            self.calls.popleft()
        return len(self.calls)


@dataclass
class Budget:
    """One kind of calls: what an app may do in ten seconds, and the account in a day."""

    burst: int
    daily: int
    group: str


class Limits:
    """Counts the calls of the account."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bursts: dict[tuple[str, str], Window] = {}
        self._searches = Window(SEARCH_WINDOW)
        self._day = ""
        self._used_today: dict[str, int] = {}

    def used_today(self, group: str = "calls") -> int:
        """How many calls were counted since midnight in the account's time zone."""
        return self._used_today.get(group, 0)

    def count_search(self, now: int) -> None:
        """One search by any app; one too many in a second is refused, without a hint when to come back."""
        used = self._searches.used(now)
        if self._settings.enforce_limits and used >= self._settings.search_limit:
            raise HubSpotError(429, "You have reached your secondly limit.", "RATE_LIMITS")
        self._searches.calls.append(now)

    def count(self, token: Token, now: int, *, association: bool = False) -> dict[str, str]:
        """One call to any other endpoint; returns the headers to answer it with."""
        budget = self._budget(token, association=association)
        window = self._bursts.setdefault((token.app_id, budget.group), Window(BURST_WINDOW))
        used = window.used(now)
        self._turn_of_day(now)
        if self._settings.enforce_limits:
            self._refuse(budget, token, used)
        window.calls.append(now)
        if not token.oauth:
            self._used_today[budget.group] = self.used_today(budget.group) + 1
        return self._headers(budget, token, used + 1)

    def _budget(self, token: Token, *, association: bool) -> Budget:
        known = self._settings
        if association:
            return Budget(known.association_burst_limit, known.association_daily_limit, "associations")
        return Budget(
            known.oauth_burst_limit if token.oauth else known.burst_limit, known.daily_limit, "calls"
        )

    def midnight(self, now: int) -> int:
        """When the day of the account ends, in milliseconds since 1970."""
        local = moment(now).astimezone(ZoneInfo(self._settings.time_zone))
        following = datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo)
        return millis(following)

    def _turn_of_day(self, now: int) -> None:
        today = moment(now).astimezone(ZoneInfo(self._settings.time_zone)).date().isoformat()
        if today != self._day:
            self._day, self._used_today = today, {}

    def _refuse(self, budget: Budget, token: Token, used: int) -> None:
        if not token.oauth and self.used_today(budget.group) >= budget.daily:
            raise self._refusal("DAILY", budget, token, used)
        if used >= budget.burst:
            raise self._refusal("TEN_SECONDLY_ROLLING", budget, token, used)

    def _refusal(self, policy: str, budget: Budget, token: Token, used: int) -> HubSpotError:
        return HubSpotError(
            429,
            f"You have reached your {policy.lower()} limit.",
            headers=self._headers(budget, token, used),
            errorType="RATE_LIMIT",
            policyName=policy,
            groupName=f"publicapi:private-apps:{budget.group}:{token.app_id}",
        )

    def _headers(self, budget: Budget, token: Token, used: int) -> dict[str, str]:
        headers = {
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(BURST_WINDOW),
            "X-HubSpot-RateLimit-Max": str(budget.burst),
            "X-HubSpot-RateLimit-Remaining": str(max(0, budget.burst - used)),
            "X-HubSpot-RateLimit-Secondly": str(budget.burst // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(max(0, budget.burst // 10 - 1)),
        }
        if token.oauth:
            return headers
        left = max(0, budget.daily - self.used_today(budget.group))
        return headers | {
            "X-HubSpot-RateLimit-Daily": str(budget.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(left),
        }

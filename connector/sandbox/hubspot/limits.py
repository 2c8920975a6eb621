"""Rate limits, counted as HubSpot counts them: by app in ten seconds, by account for search and the day."""

from collections import deque
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from connector.sandbox.hubspot.access import Token
from connector.sandbox.hubspot.errors import HubSpotError
from connector.sandbox.hubspot.stamps import moment

BURST_WINDOW = 10_000


@dataclass
class Limits:
    """The limits of the account; they are told in the headers, and kept to only if `enforced`."""

    enforced: bool = False
    burst: int = 190
    burst_oauth: int = 110
    search: int = 5
    daily: int = 650_000
    time_zone: str = "America/New_York"
    used_today: int = 0
    _day: str = ""
    _bursts: dict[str, deque[int]] = field(default_factory=dict)
    _searches: deque[int] = field(default_factory=deque)

    def count_search(self, now: int) -> None:
        """One search request; the sixth within a second is refused, without a hint when to come back."""
        _forget(self._searches, now - 1000)
        if self.enforced and len(self._searches) >= self.search:
            raise HubSpotError(429, "You have reached your secondly limit.", "RATE_LIMITS")
        self._searches.append(now)

    def count(self, token: Token, now: int) -> dict[str, str]:
        """One request to any other endpoint; returns the headers to answer it with."""
        calls = self._bursts.setdefault(token.app_id, deque())
        _forget(calls, now - BURST_WINDOW)
        self._count_day(token, now)
        limit = self.burst_oauth if token.oauth else self.burst
        if self.enforced and len(calls) >= limit:
            raise self._refusal("TEN_SECONDLY_ROLLING", "ten_secondly_rolling", token, len(calls))
        calls.append(now)
        return self._headers(token, len(calls))

    def _count_day(self, token: Token, now: int) -> None:
        today = moment(now).astimezone(ZoneInfo(self.time_zone)).date().isoformat()
        if today != self._day:
            self._day, self.used_today = today, 0
        if token.oauth:
            return
        if self.enforced and self.used_today >= self.daily:
            raise self._refusal("DAILY", "daily", token, 0)
        self.used_today += 1

    def _refusal(self, policy: str, words: str, token: Token, used: int) -> HubSpotError:
        return HubSpotError(
            429,
            f"You have reached your {words} limit.",
            None,
            headers=self._headers(token, used),
            errorType="RATE_LIMIT",
            policyName=policy,
            groupName=f"publicapi:private-apps-api-calls-app:{token.app_id}",
        )

    def _headers(self, token: Token, used: int) -> dict[str, str]:
        limit = self.burst_oauth if token.oauth else self.burst
        headers = {
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(BURST_WINDOW),
            "X-HubSpot-RateLimit-Max": str(limit),
            "X-HubSpot-RateLimit-Remaining": str(max(0, limit - used)),
            "X-HubSpot-RateLimit-Secondly": str(limit // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(limit // 10 - 1),
        }
        if token.oauth:
            return headers
        return headers | {
            "X-HubSpot-RateLimit-Daily": str(self.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, self.daily - self.used_today)),
        }


def _forget(calls: deque[int], until: int) -> None:
    while calls and calls[0] <= until:
        calls.popleft()

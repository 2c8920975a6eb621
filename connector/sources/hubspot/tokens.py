"""How a call proves who it is from: a lasting token, or one that is renewed before it expires."""

import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Protocol

import structlog

from connector.sources.base import SourceBusy

Fetch = Callable[[Mapping[str, str]], Mapping[str, Any]]
"""Asks HubSpot's token endpoint, with the fields of its form."""

_EARLY = 300.0
_LIFE = 1800.0


class Login(Protocol):
    """What a connection needs to know of a login; shared by threads."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be told."""

    def token(self, fetch: Fetch) -> str:
        """The token for the next call."""

    def renew(self, refused: str, fetch: Fetch) -> bool:
        """Get a new token in place of one that HubSpot refused; False when there is no way to."""


class LastingToken:
    """A service key or private-app token: good until a person replaces it."""

    def __init__(self, token: str):
        self._token = token

    @property
    def secrets(self) -> tuple[str, ...]:
        """The token."""
        return (self._token,)

    def token(self, fetch: Fetch) -> str:
        """Always the same."""
        return self._token

    def renew(self, refused: str, fetch: Fetch) -> bool:
        """A person must."""
        return False


class RefreshedToken:
    """OAuth: access tokens from a refresh token, renewed ahead of their end, once for all threads.

    Should HubSpot replace the refresh token, the new one is used from then on but kept in memory only; a
    warning tells that it must be put in the old one's place.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        refresh_token: str,
        clock: Callable[[], float] = monotonic,
    ):
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._refresh_token = refresh_token
        self._clock = clock
        self._lock = threading.Lock()
        self._access: str | None = None
        self._renew_at = 0.0

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that opens the account."""
        known = (self._client["client_secret"], self._refresh_token, self._access or "")
        return tuple(secret for secret in known if secret)

    def token(self, fetch: Fetch) -> str:
        """The access token, a new one when its time is nearly over."""
        with self._lock:
            if self._access is None or self._clock() >= self._renew_at:
                self._access = self._fetched(fetch)
            return self._access

    def renew(self, refused: str, fetch: Fetch) -> bool:
        """Replace a refused token, unless another thread has done so."""
        with self._lock:
            if self._access == refused:
                self._access = self._fetched(fetch)
            return True

    def _fetched(self, fetch: Fetch) -> str:
        form = {"grant_type": "refresh_token", **self._client, "refresh_token": self._refresh_token}
        answer = fetch(form)
        life = float(answer.get("expires_in") or _LIFE)
        self._renew_at = self._clock() + life - min(_EARLY, life / 4)
        replaced = answer.get("refresh_token")
        if replaced and replaced != self._refresh_token:
            self._refresh_token = str(replaced)
            structlog.get_logger().warning("hubspot.refresh_token_replaced", kept_in="memory")
        if not answer.get("access_token"):
            raise SourceBusy("HubSpot's token endpoint gave no access token")
        return str(answer["access_token"])

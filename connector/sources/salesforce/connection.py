"""A session with Salesforce: transport, token, and a count of the calls."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession
from simple_salesforce.login import SalesforceLogin

from connector.sources.base import SourceBusy, SourceError, SourceLocked
from connector.sources.salesforce.errors import translated

Answer = TypeVar("Answer")


class Transport(HTTPAdapter):
    """Sends https requests to `origin` where one is given, with a time limit, and notes the server's clock.

    simple-salesforce always builds https addresses, so a sandbox can only be reached below it.
    """

    def __init__(self, origin: str | None, timeout: tuple[float, float]):
        self._origin = urlsplit(origin) if origin else None
        self._timeout = timeout
        self.server_time: datetime | None = None
        super().__init__(pool_maxsize=8)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = kwargs.get("timeout") or self._timeout
        if self._origin is not None and request.url:
            parts = urlsplit(request.url)
            request.headers.setdefault("Host", parts.netloc)
            request.url = urlunsplit((*self._origin[:2], parts.path, parts.query, ""))
        response = super().send(request, *args, **kwargs)
        if "Date" in response.headers:
            self.server_time = parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
        return response


class Connection:
    """Calls Salesforce with a token of its own, renewed once when it has expired.

    The library's own renewal drops per-call headers and recurses without end on a lasting 401, so the
    library is only ever given a session id and never renews.
    """

    def __init__(
        self,
        *,
        domain: str,
        key: str,
        secret: str,
        version: str,
        base_url: str | None,
        timeout: tuple[float, float] = (5, 60),
    ):
        self._domain, self._key, self._secret = domain, key, secret
        self._version = version
        self.calls: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._client: Salesforce | None = None
        self.transport = Transport(base_url, timeout)
        self.session = requests.Session()
        self.session.trust_env = False  # a .netrc entry would replace the token by Basic credentials
        self.session.mount("https://", self.transport)
        # Without this header every write runs the org's own assignment rules, which overrule our owner.
        self.session.headers["Sforce-Auto-Assign"] = "FALSE"
        self.session.headers["Sforce-Call-Options"] = "client=partner-lead-connector"

    def call(self, purpose: str, ask: Callable[[Salesforce], Answer]) -> Answer:
        """The answer to one API call, counted under `purpose`; errors come as SourceError."""
        try:
            return self._call(purpose, ask)
        except SourceError:
            raise
        except Exception as error:
            raise translated(error) from error

    def _call(self, purpose: str, ask: Callable[[Salesforce], Answer]) -> Answer:
        client = self._signed_in()
        self.calls[purpose] += 1
        try:
            return ask(client)
        except SalesforceExpiredSession:
            self._sign_out(client)
        client = self._signed_in()
        self.calls[purpose] += 1
        return ask(client)

    def _signed_in(self) -> Salesforce:
        with self._lock:
            if self._client is None:
                session_id, instance = self._token()
                self._client = Salesforce(
                    session_id=session_id,
                    instance_url=f"https://{instance}",
                    version=self._version,
                    session=self.session,
                )
            return self._client

    def _sign_out(self, expired: Salesforce) -> None:
        with self._lock:
            if self._client is expired:
                self._client = None

    def _token(self) -> tuple[str, str]:
        try:
            session_id, instance = SalesforceLogin(
                session=self.session,
                domain=self._domain,
                consumer_key=self._key,
                consumer_secret=self._secret,
            )
        except SalesforceAuthenticationFailed as error:
            if error.code in (429, 500, 502, 503, 504):
                raise SourceBusy(f"Salesforce's login answers {error.code}") from error
            raise SourceLocked(
                f"Salesforce refuses the login ({error.code}); check login.domain, key and secret",
                str(error.code),
            ) from error
        return str(session_id), str(instance)

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

"""A session with Salesforce: transport, token, and a count of the calls."""

import re
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceExpiredSession

from connector.sources.base import Admit, SourceBusy, SourceError, SourceLocked, SourceRefused, Usage, always
from connector.sources.salesforce.errors import translated
from connector.sources.salesforce.login import Login

Answer = TypeVar("Answer")
_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")
_WRITING = frozenset({"write", "note"})


class Transport(HTTPAdapter):
    """Sends https requests to `origin` where one is given, with a time limit, and reads what headers tell.

    simple-salesforce always builds https addresses, so a sandbox can only be reached below it; and its
    exceptions have lost the headers.
    """

    def __init__(self, origin: str | None, timeout: tuple[float, float], usage: Usage):
        self._origin = urlsplit(origin) if origin else None
        self._timeout = timeout
        self._usage = usage
        self._last = threading.local()
        self.server_time: datetime | None = None
        super().__init__(pool_maxsize=8)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = kwargs.get("timeout") or self._timeout
        if self._origin is not None and request.url:
            parts = urlsplit(request.url)
            request.headers.setdefault("Host", parts.netloc)
            request.url = urlunsplit((*self._origin[:2], parts.path, parts.query, ""))
        self._last.wait = None
        response = super().send(request, *args, **kwargs)
        self._note(response.headers)
        return response

    @property
    def named_wait(self) -> timedelta | None:
        """The `Retry-After` of this thread's last answer."""
        wait: timedelta | None = getattr(self._last, "wait", None)
        return wait

    def _note(self, headers: Any) -> None:
        if "Date" in headers:
            self.server_time = parsedate_to_datetime(headers["Date"]).astimezone(UTC)
        usage = _USAGE.search(headers.get("Sforce-Limit-Info", ""))
        if usage:
            self._usage.used, self._usage.allowed = int(usage[1]), int(usage[2])
        self._last.wait = _wait(headers.get("Retry-After", ""), self.server_time)


def _wait(named: str, now: datetime | None) -> timedelta | None:
    """`Retry-After` as seconds or as an HTTP date."""
    if named.isdigit():
        return timedelta(seconds=int(named))
    try:
        return max(timedelta(), parsedate_to_datetime(named) - now) if now else None
    except (ValueError, TypeError):
        return None


class Rows(NamedTuple):
    """A page of a query's answer: its rows, where there are more, and how many there are in all."""

    records: list[dict[str, Any]]
    more: str | None
    total: int


def _rows(answer: Any) -> Rows:
    return Rows(answer["records"], None if answer["done"] else answer["nextRecordsUrl"], answer["totalSize"])


class Connection:
    """Calls Salesforce with a token of its own, renewed once when it has expired.

    The library's own renewal drops per-call headers and recurses without end on a lasting 401, so the
    library is only ever given a session id and never renews.
    """

    def __init__(
        self, *, login: Login, version: str, base_url: str | None, timeout: tuple[float, float] = (5, 60)
    ):
        self._login = login
        self.version = version
        self.admit: Admit = always
        self.calls: Counter[str] = Counter()
        self.usage = Usage()
        self._lock = threading.Lock()
        self._client: Salesforce | None = None
        self._transport = Transport(base_url, timeout, self.usage)
        self._session = requests.Session()
        self._session.trust_env = False  # a .netrc entry would replace the token by Basic credentials
        self._session.mount("https://", self._transport)
        # Without this header every write runs the org's own assignment rules, which overrule our owner.
        self._session.headers["Sforce-Auto-Assign"] = "FALSE"
        self._session.headers["Sforce-Call-Options"] = "client=partner-lead-connector"

    @property
    def server_time(self) -> datetime:
        """Salesforce's clock at its last answer."""
        if self._transport.server_time is None:
            raise SourceBusy("Salesforce's answers carry no Date header")
        return self._transport.server_time

    def call(self, purpose: str, ask: Callable[[Salesforce], Answer]) -> Answer:
        """The answer to one API call, counted under `purpose`; errors come as SourceError.

        Only a write can be refused for the sake of its records; anything else that is refused is locked.
        """
        try:
            return self._call(purpose, ask)
        except SourceError:
            raise
        except Exception as error:
            meaning = translated(error, self._transport.named_wait)
            if isinstance(meaning, SourceRefused) and purpose not in _WRITING:
                meaning = SourceLocked(str(meaning), meaning.code)
            raise meaning from error

    def page(self, purpose: str, soql: str, *, deleted: bool = False) -> Rows:
        """The first page of a query's answer, with deleted rows if asked for."""
        return self.call(purpose, lambda sf: _rows(sf.query(soql, include_deleted=deleted)))

    def query(self, purpose: str, soql: str, *, deleted: bool = False) -> list[dict[str, Any]]:
        """All rows of a query."""
        page = self.page(purpose, soql, deleted=deleted)
        rows = page.records
        while url := page.more:
            page = self.call(
                purpose,
                lambda sf, url=url: _rows(sf.query_more(url, identifier_is_url=True)),  # type: ignore[misc]
            )
            rows += page.records
        return rows

    def _call(self, purpose: str, ask: Callable[[Salesforce], Answer]) -> Answer:
        client = self._signed_in()
        try:
            return self._counted(purpose, ask, client)
        except SalesforceExpiredSession:
            self._sign_out(client)
        return self._counted(purpose, ask, self._signed_in())

    def _counted(self, purpose: str, ask: Callable[[Salesforce], Answer], client: Salesforce) -> Answer:
        self.admit(purpose, "call")
        self.calls[purpose] += 1
        return ask(client)

    def _signed_in(self) -> Salesforce:
        with self._lock:
            if self._client is None:
                session_id, instance = self._login.token(self._session)
                self._client = Salesforce(
                    session_id=session_id,
                    instance_url=f"https://{instance}",
                    version=self.version,
                    session=self._session,
                )
            return self._client

    def _sign_out(self, expired: Salesforce) -> None:
        with self._lock:
            if self._client is expired:
                self._client = None

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

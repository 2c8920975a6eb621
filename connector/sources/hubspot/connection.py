"""A kept connection to HubSpot: versioned paths, time limits, and a count of the calls."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
from hubspot import HubSpot

from connector.sources.base import SourceError
from connector.sources.hubspot.errors import translated

# Versions 1 to 4 lose support in 2027, and the client only knows those.
_DATED = (
    (re.compile(r"^/crm/v3/objects/"), "/crm/objects/{v}/"),
    (re.compile(r"^/crm/v3/(owners|properties|pipelines|lists)/?"), r"/crm/\1/{v}/"),
    (re.compile(r"^/crm/v4/associations/"), "/crm/associations/{v}/"),
    (re.compile(r"^/crm/v4/objects/"), "/crm/objects/{v}/"),
)


def versioned(path: str, version: str) -> str:
    """A v3 or v4 path in the form of a date-based version; unchanged for `v3`."""
    if version == "v3":
        return path
    for pattern, dated in _DATED:
        changed, count = pattern.subn(dated.replace("{v}", version), path, count=1)
        if count:
            return changed.rstrip("/")
    return path


class Connection:
    """Keeps one API object a kind (each new one would open a connection) and reads raw JSON.

    The client's models cost twenty times the JSON and drop keys that they do not know.
    """

    def __init__(
        self, *, token: str, version: str, base_url: str | None, timeout: tuple[float, float] = (5, 60)
    ):
        self.calls: Counter[str] = Counter()
        self.server_time: datetime | None = None
        self._version = version
        self._timeout = timeout
        places = {"host": base_url, "base_url": base_url} if base_url else {}
        client = HubSpot(access_token=token, retry=False, api_factory=self._api, **places)
        self.search = client.crm.contacts.search_api
        self.batch = client.crm.contacts.batch_api
        self.owners = client.crm.owners.owners_api
        self.properties = client.crm.properties.core_api

    def _api(self, package: Any, name: str, config: dict[str, Any]) -> Any:
        """One API object of the client, on the configured version's paths."""
        version = self._version

        class Versioned(package.ApiClient):  # type: ignore[misc]
            def call_api(self, resource_path: str, *args: Any, **kwargs: Any) -> Any:
                return super().call_api(versioned(resource_path, version), *args, **kwargs)

        configuration = package.Configuration()
        for key, value in config.items():
            setattr(configuration, "retries" if key == "retry" else key, value)
        return getattr(package, name)(api_client=Versioned(configuration=configuration))

    def call(self, purpose: str, ask: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The JSON that one API call answers, counted under `purpose`; errors come as SourceError."""
        self.calls[purpose] += 1
        try:
            response = ask(
                *args,
                _preload_content=False,
                _request_timeout=self._timeout,
                _headers={"Accept-Encoding": "gzip"},
                **kwargs,
            )
            self._note_time(response.headers.get("Date"))
            return orjson.loads(response.data)
        except SourceError:
            raise
        except Exception as error:
            raise translated(error) from error

    def _note_time(self, date: str | None) -> None:
        if date:
            self.server_time = parsedate_to_datetime(date).astimezone(UTC)

    def close(self) -> None:
        """Close the kept connections."""
        for api in (self.search, self.batch, self.owners, self.properties):
            api.api_client.rest_client.pool_manager.clear()

"""A session with HubSpot: the client's API objects on the configured version, and a count of the calls."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal

import orjson
from hubspot import HubSpot

from connector.sources.base import Admit, SourceBusy, SourceError, SourceLocked, SourceRefused, Usage, always
from connector.sources.hubspot.errors import date_of, for_a_person, translated
from connector.sources.hubspot.tokens import Login
from connector.sources.hubspot.versions import versioned

Kind = Literal["call", "search", "association"]
Json = dict[str, Any]

_DAILY, _DAILY_LEFT = "X-HubSpot-RateLimit-Daily", "X-HubSpot-RateLimit-Daily-Remaining"


class Connection:
    """Keeps one API object a kind (each new one would open a connection) and reads raw JSON.

    The client's models cost twenty times the JSON and drop keys that they do not know.
    """

    def __init__(
        self, *, login: Login, version: str, base_url: str | None, timeout: tuple[float, float] = (5, 60)
    ):
        self.calls: Counter[str] = Counter()
        self.usage = Usage()
        self.admit: Admit = always
        self.server_time: datetime | None = None
        self._login = login
        self._version = version
        self._timeout = timeout
        self._opened: list[Any] = []
        places = {"host": base_url, "base_url": base_url} if base_url else {}
        self._client = HubSpot(retry=False, api_factory=self._api, **places)

    @cached_property
    def search(self) -> Any:
        """Search of any object type."""
        return self._client.crm.objects.search_api

    @cached_property
    def batch(self) -> Any:
        """Batch read, create and update of any object type."""
        return self._client.crm.objects.batch_api

    @cached_property
    def single(self) -> Any:
        """One record of any object type, and lists of them."""
        return self._client.crm.objects.basic_api

    @cached_property
    def links(self) -> Any:
        """Associations in batches."""
        return self._client.crm.associations.v4.batch_api

    @cached_property
    def link_types(self) -> Any:
        """The labels that associations may have."""
        return self._client.crm.associations.v4.schema.definitions_api

    @cached_property
    def owners(self) -> Any:
        """The account's users as owners."""
        return self._client.crm.owners.owners_api

    @cached_property
    def properties(self) -> Any:
        """The properties of an object type."""
        return self._client.crm.properties.core_api

    @cached_property
    def pipelines(self) -> Any:
        """Pipelines and their stages."""
        return self._client.crm.pipelines.pipelines_api

    @cached_property
    def lists(self) -> Any:
        """Lists by name."""
        return self._client.crm.lists.lists_api

    @cached_property
    def memberships(self) -> Any:
        """Who is in a list."""
        return self._client.crm.lists.memberships_api

    @cached_property
    def _tokens(self) -> Any:
        return self._client.oauth.tokens_api

    def _api(self, package: Any, name: str, config: dict[str, Any]) -> Any:
        """One API object of the client, on the configured version's paths."""
        version = self._version

        class Versioned(package.ApiClient):  # type: ignore[misc]
            def call_api(self, resource_path: str, *args: Any, **kwargs: Any) -> Any:
                return super().call_api(versioned(resource_path, version), *args, **kwargs)

        configuration = package.Configuration()
        for key, value in config.items():
            setattr(configuration, "retries" if key == "retry" else key, value)
        api = getattr(package, name)(api_client=Versioned(configuration=configuration))
        self._opened.append(api)
        return api

    def call(
        self, purpose: str, ask: Callable[..., Any], *args: Any, kind: Kind = "call", **params: Any
    ) -> Json:
        """The JSON that a question answers, counted under `purpose`; SourceBusy or SourceLocked."""
        return self.dated_call(purpose, ask, *args, kind=kind, **params)[0]

    def dated_call(
        self, purpose: str, ask: Callable[..., Any], *args: Any, kind: Kind = "call", **params: Any
    ) -> tuple[Json, datetime]:
        """The same, with HubSpot's time of the answer."""
        try:
            answer, at = self._answer(purpose, ask, args, kind, params)
        except SourceRefused as error:
            raise for_a_person(error) from None
        if at is None:
            raise SourceBusy("HubSpot's answer carries no Date header")
        return answer, at

    def attempt(
        self, purpose: str, ask: Callable[..., Any], *args: Any, kind: Kind = "call", **params: Any
    ) -> Json:
        """The JSON that a call answers which may also be refused, as SourceRefused."""
        return self._answer(purpose, ask, args, kind, params)[0]

    def _answer(
        self, purpose: str, ask: Callable[..., Any], args: Any, kind: Kind, params: Mapping[str, Any]
    ) -> tuple[Json, datetime | None]:
        token = self._login.token(self._fetch)
        try:
            return self._once(purpose, ask, args, kind, {**params, **_bearer(token)})
        except SourceLocked as error:
            if error.code not in _NOT_SIGNED_IN or not self._login.renew(token, self._fetch):
                raise
        token = self._login.token(self._fetch)
        return self._once(purpose, ask, args, kind, {**params, **_bearer(token)})

    def _once(
        self, purpose: str, ask: Callable[..., Any], args: Any, kind: Kind, params: Mapping[str, Any]
    ) -> tuple[Json, datetime | None]:
        self.admit(purpose, "search" if kind == "search" else "call")
        self.calls[purpose] += 1
        # Associations have a daily limit of their own, under the same headers.
        response = self._response(ask, args, params, counted=kind == "call")
        at = self._note_time(response.headers)
        return _json(response), at

    def _response(
        self, ask: Callable[..., Any], args: Any, params: Mapping[str, Any], *, counted: bool
    ) -> Any:
        headers = {"Accept-Encoding": "gzip"}
        try:
            response = ask(
                *args, _preload_content=False, _request_timeout=self._timeout, _headers=headers, **params
            )
            response.data  # noqa: B018  # read here, where a broken connection is understood
        except Exception as error:
            self._note_usage(getattr(error, "headers", None) if counted else None)
            failure = translated(error)
        else:
            self._note_usage(response.headers if counted else None)
            return response
        raise self._without_secrets(failure) from None

    def _without_secrets(self, error: SourceError) -> SourceError:
        text = str(error)
        for hidden in self._login.secrets:
            text = text.replace(hidden, "***")
        error.args = (text,)
        return error

    def _fetch(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        """A new access token; HubSpot counts these calls towards no limit."""
        try:
            return _json(self._response(self._tokens.create, (), form, counted=False))
        except (SourceLocked, SourceRefused) as error:
            raise SourceLocked(
                f"HubSpot refuses to renew the login ({error.code}); check login.client_id, "
                "login.client_secret and login.refresh_token",
                error.code,
            ) from None

    def _note_usage(self, headers: Mapping[str, str] | None) -> None:
        headers = headers or {}
        allowed, left = headers.get(_DAILY, ""), headers.get(_DAILY_LEFT, "")
        if allowed.isdigit() and left.isdigit():
            self.usage.allowed, self.usage.used = int(allowed), int(allowed) - int(left)

    def _note_time(self, headers: Mapping[str, str]) -> datetime | None:
        at = date_of(headers)
        if at is None:
            return None
        self.server_time = at.astimezone(UTC)
        return self.server_time

    def close(self) -> None:
        """Close the kept connections."""
        for api in self._opened:
            api.api_client.rest_client.pool_manager.clear()


_NOT_SIGNED_IN = frozenset({"401", "INVALID_AUTHENTICATION", "EXPIRED_AUTHENTICATION"})


def _bearer(token: str) -> Json:
    value = f"Bearer {token}"
    return {"_request_auth": {"type": "oauth2", "in": "header", "key": "Authorization", "value": value}}


def _json(response: Any) -> Json:
    if response.status == 204:
        return {}
    try:
        answer = orjson.loads(response.data)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise SourceBusy("HubSpot gave an answer that cannot be read")
    return answer

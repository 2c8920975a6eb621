"""The ASGI application: routes, sessions, limits, and what every answer carries."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from connector.sandbox.faults import FaultBoard
from connector.sandbox.salesforce.api import collections, describe, query, replication, rows
from connector.sandbox.salesforce.api.call import (
    LARGEST_ADDRESS,
    LARGEST_BODY,
    Call,
    Handler,
    Reply,
    refused,
)
from connector.sandbox.salesforce.api.composite import Composite
from connector.sandbox.salesforce.api.tokens import token
from connector.sandbox.salesforce.errors import OAuthError, SalesforceError, not_found
from connector.sandbox.salesforce.soql.parser import prepare
from connector.sandbox.salesforce.times import http_date

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

ROOT = "/services/data/v{version}"
Endpoint = Callable[[Request], Awaitable[Response]]


def salesforce_app(org: Org, board: FaultBoard) -> Starlette:
    """The REST API of an org; record-level faults are asked from the board."""
    prepare()
    api = _Api(org, board)
    own: list[Route] = [
        _SlashedRoute("/services/oauth2/token", api.token, methods=["POST"]),
        _SlashedRoute("/services/oauth2/revoke", api.revoke, methods=["POST"]),
        _SlashedRoute("/services/data", api.versions, methods=["GET"]),
    ]
    app = Starlette(routes=[*own, *(route for route, _ in api.table)])
    app.router.redirect_slashes = False
    app.add_exception_handler(HTTPException, api.outside)
    app.add_exception_handler(Exception, api.broken)
    return app


class _SlashedRoute(Route):
    """A route whose path may end with a slash."""

    def __init__(self, path: str, endpoint: Endpoint, methods: list[str]) -> None:
        super().__init__(path, endpoint, methods=methods)
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + "/?$")


class _Api:
    """Answers requests from the network, and those within composite requests."""

    def __init__(self, org: Org, board: FaultBoard) -> None:
        self._org = org
        self._board = board
        composite = Composite(self.dispatch)
        self.table = [
            (_SlashedRoute(ROOT + path, self._endpoint, methods=_methods(handlers)), handlers)
            for path, handlers in _handlers(composite).items()
        ]

    async def token(self, request: Request) -> Response:
        """A new access token."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        try:
            given = token(
                self._org, form, request.headers.get("authorization", ""), request.headers.get("host", "")
            )
        except OAuthError as error:
            return self._response(Reply(error.status, error.body), limited=False)
        return self._response(Reply(200, given), limited=False)

    async def revoke(self, request: Request) -> Response:
        """End a session."""
        form = await request.form()
        known = self._org.sessions.revoke(str(form.get("token", "")))
        body = None if known else {"error": "unsupported_token_type", "error_description": "invalid token"}
        return self._response(Reply(200 if known else 400, body), limited=False)

    async def versions(self, request: Request) -> Response:
        """The versions of the API, to anybody."""
        return self._response(Reply(200, describe.versions()), limited=False)

    async def outside(self, request: Request, error: Exception) -> Response:
        """What no route takes: an unknown path, or a method that it does not have."""
        if isinstance(error, HTTPException) and error.status_code == 405:
            return self._response(
                refused(_wrong_method(request.method, (error.headers or {}).get("Allow", "")))
            )
        return self._response(refused(not_found()))

    async def broken(self, request: Request, error: Exception) -> Response:
        """A mistake of the sandbox's own; the server logs it."""
        message = f"An unexpected error occurred in the sandbox: {type(error).__name__}"
        return self._response(refused(SalesforceError("UNKNOWN_EXCEPTION", message, status=500)))

    async def _endpoint(self, request: Request) -> Response:
        try:
            _check_address(request)
            body = await _body(request)
            self._org.tick()
            return self._response(self.dispatch(self._call(request, body)))
        except SalesforceError as error:
            return self._response(refused(error))

    def _call(self, request: Request, body: bytes) -> Call:
        headers = dict(request.headers)
        kind, _, given = headers.get("authorization", "").partition(" ")
        bearer = given if kind.lower() in ("bearer", "oauth") else ""
        session = self._org.sessions.use(bearer, self._org.settings.session_idle_seconds)
        self._org.limits.count(1, self._org.settings.daily_api_calls)
        method = request.query_params.get("_HttpMethod", request.method).upper()
        return Call(
            org=self._org,
            board=self._board,
            session=session,
            method=method if request.method == "POST" else request.method,
            path=request.url.path,
            query=dict(request.query_params),
            headers=headers,
            body=body,
            parameters={},
            origin=headers.get("host", ""),
        )

    def dispatch(self, call: Call) -> Reply:
        """Find the handler of a path and let it answer; errors become answers."""
        try:
            handler, parameters = self._handler(call)
            _check_version(parameters["version"])
            return handler(replace(call, parameters=parameters))
        except SalesforceError as error:
            return refused(error)

    def _handler(self, call: Call) -> tuple[Handler, Mapping[str, str]]:
        scope = {"type": "http", "path": call.path, "method": call.method, "root_path": ""}
        for route, handlers in self.table:
            match, found = route.matches(scope)
            if match is Match.NONE:
                continue
            handler = handlers.get("GET" if call.method == "HEAD" else call.method)
            if handler is None:
                raise _wrong_method(call.method, ",".join(handlers))
            return handler, found["path_params"]
        raise not_found()

    def _response(self, reply: Reply, *, limited: bool = True) -> Response:
        headers = {
            "Date": http_date(self._org.now()),
            "Cache-Control": "no-cache,must-revalidate",
            **reply.headers,
        }
        if limited:
            most = self._org.settings.daily_api_calls
            headers["Sforce-Limit-Info"] = f"api-usage={min(self._org.limits.used, most)}/{most}"
        if reply.status == 413:
            # The rest of the body was not read, so nothing else can come over this connection.
            headers["Connection"] = "close"
        if reply.body is None:
            return Response(status_code=reply.status, headers=headers)
        headers["Content-Type"] = "application/json;charset=UTF-8"
        return Response(orjson.dumps(reply.body), status_code=reply.status, headers=headers)


def _handlers(composite: Composite) -> dict[str, dict[str, Handler]]:
    """The paths below a version, the more special ones first."""
    return {
        "": {"GET": describe.resources},
        "/limits": {"GET": describe.limits},
        "/limits/recordCount": {"GET": describe.record_count},
        "/query": {"GET": query.query},
        "/query/{locator}": {"GET": query.more},
        "/queryAll": {"GET": query.query_all},
        "/queryAll/{locator}": {"GET": query.more},
        "/composite": {"POST": composite.composite},
        "/composite/batch": {"POST": composite.batch},
        "/composite/sobjects": {
            "POST": collections.create,
            "PATCH": collections.update,
            "DELETE": collections.delete,
        },
        "/composite/sobjects/{object}": {"GET": collections.read, "POST": collections.read},
        "/composite/sobjects/{object}/{key}": {"PATCH": collections.upsert},
        "/sobjects": {"GET": describe.everything},
        "/sobjects/{object}": {"GET": describe.basic, "POST": rows.create},
        "/sobjects/{object}/describe": {"GET": describe.one_object},
        "/sobjects/{object}/updated": {"GET": replication.updated},
        "/sobjects/{object}/deleted": {"GET": replication.deleted},
        "/sobjects/{object}/{id}": {"GET": rows.read, "PATCH": rows.update, "DELETE": rows.delete},
        "/sobjects/{object}/{key}/{value:path}": {
            "GET": rows.read_by_key,
            "PATCH": rows.upsert,
            "DELETE": rows.delete_by_key,
        },
    }


def _methods(handlers: Mapping[str, Handler]) -> list[str]:
    """The methods of a path; a POST may stand in for a PATCH with ?_HttpMethod=PATCH."""
    return [*handlers, "POST"] if "PATCH" in handlers else list(handlers)


def _wrong_method(method: str, allowed: str) -> SalesforceError:
    message = f"HTTP Method '{method}' not allowed. Allowed are {allowed.replace(' ', '')}"
    return SalesforceError("METHOD_NOT_ALLOWED", message, status=405)


def _check_version(version: str) -> None:
    whole = version.removesuffix(".0")
    if not whole.isdigit() or version == whole or int(whole) > describe.NEWEST:
        raise not_found()
    if int(whole) < describe.OLDEST:
        message = f"The API version {version} is no longer supported."
        raise SalesforceError("UNSUPPORTED_API_VERSION", message, status=410)


def _check_address(request: Request) -> None:
    address = len(request.url.path) + len(request.scope["query_string"])
    headers = sum(len(name) + len(value) + 4 for name, value in request.headers.raw)
    if address > LARGEST_ADDRESS:
        raise SalesforceError("URI_TOO_LONG", "URI Too Long", status=414)
    if address + headers > LARGEST_ADDRESS:
        message = "Request Header Fields Too Large"
        raise SalesforceError("REQUEST_HEADER_FIELDS_TOO_LARGE", message, status=431)


async def _body(request: Request) -> bytes:
    """The body, as far as it is not too large."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > LARGEST_BODY:
        raise _too_large()
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise _too_large()
        parts.append(part)
    return b"".join(parts)


def _too_large() -> SalesforceError:
    return SalesforceError("EXCEEDED_MAX_SIZE_REQUEST", "The request is larger than 50 MB.", status=413)

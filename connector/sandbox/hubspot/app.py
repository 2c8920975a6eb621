"""The HTTP side: every path in its v3, v4 and date-based form, and what all answers have in common."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from email.utils import format_datetime

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from connector.sandbox.hubspot.access import OAuthError, Token, unsupported_grant
from connector.sandbox.hubspot.call import Answer, Board, Call
from connector.sandbox.hubspot.errors import HubSpotError
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.routes import ENDPOINTS, VERSIONS, Endpoint

JSON = "application/json;charset=utf-8"
MAX_BODY = 10 * 1024 * 1024


def hubspot_app(portal: Portal, board: Board) -> Starlette:
    """The whole API as an ASGI app; serve it without a Date header of the server's own."""
    paths: dict[str, dict[str, Endpoint]] = defaultdict(dict)
    for endpoint in ENDPOINTS:
        for path in endpoint.paths():
            paths[path][endpoint.method] = endpoint
    routes = [Route(path, Door(portal, board, methods)) for path, methods in paths.items()]
    for version in ("v1", *VERSIONS):
        routes.append(Route(f"/oauth/{version}/token", TokenDoor(portal, version)))
    # HubSpot compresses what is worth it, for clients that ask for it.
    middleware = [
        Middleware(WithoutTrailingSlash),
        Middleware(GZipMiddleware, minimum_size=1024, compresslevel=1),
    ]
    app = Starlette(routes=routes, middleware=middleware)
    app.router.redirect_slashes = False
    app.router.default = _NoSuchPath(portal)
    return app


class WithoutTrailingSlash:
    """HubSpot does not mind a slash at the end of a path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, without the slash."""
        if scope["type"] == "http" and len(scope["path"]) > 1:
            scope["path"] = scope["path"].rstrip("/")
        await self._app(scope, receive, send)


class Door:
    """One path: takes the call of each method to its handler, and answers errors in HubSpot's way."""

    def __init__(self, portal: Portal, board: Board, methods: Mapping[str, Endpoint]) -> None:
        self._portal = portal
        self._board = board
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        raw = await request.body()
        response = self._answer(request, raw)
        await response(scope, receive, send)

    def _answer(self, request: Request, raw: bytes) -> Response:
        self._portal.tick()
        endpoint = self._methods.get(request.method)
        if endpoint is None:
            return _respond(self._portal, Answer(405), {"Allow": ",".join([*self._methods, "OPTIONS"])})
        headers: dict[str, str] = {}
        try:
            token = self._portal.access.bearer(request.headers.get("authorization"), self._portal.now_ms())
            headers = self._counted(endpoint, token)
            return _respond(self._portal, self._handled(endpoint, token, request, raw), headers)
        except HubSpotError as error:
            return _error(self._portal, error, headers)

    def _counted(self, endpoint: Endpoint, token: Token) -> dict[str, str]:
        now, limits = self._portal.now_ms(), self._portal.limits
        if endpoint.is_search:
            limits.count_search(now)
            return {}
        return limits.count(token, now, association=endpoint.is_association)

    def _handled(self, endpoint: Endpoint, token: Token, request: Request, raw: bytes) -> Answer:
        if len(raw) > MAX_BODY:
            raise HubSpotError(413, "Request entity too large", "VALIDATION_ERROR")
        call = Call(
            portal=self._portal,
            board=self._board,
            method=request.method,
            path=request.url.path,
            params=request.path_params,
            query=request.query_params,
            raw=raw,
            token=token,
            version=_version(request.url.path),
            now=self._portal.now_ms(),
        )
        token.demand(endpoint.scopes(call))
        return endpoint.handler(call)


def _version(path: str) -> str:
    return next((part for part in path.split("/", 4) if part in VERSIONS or part in ("v3", "v4")), "v3")


class TokenDoor:
    """The OAuth token endpoint: a form in the body, no Authorization header."""

    def __init__(self, portal: Portal, version: str) -> None:
        self._portal = portal
        self._version = version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for an access token."""
        request = Request(scope, receive)
        if request.method != "POST":
            await _respond(self._portal, Answer(405), {"Allow": "POST,OPTIONS"})(scope, receive, send)
            return
        async with request.form() as form:
            fields = {name: str(value) for name, value in form.items()}
        try:
            response = _respond(self._portal, Answer(200, self._renewed(fields)), {})
        except OAuthError as error:
            response = _error(self._portal, error, {})
        await response(scope, receive, send)

    def _renewed(self, fields: Mapping[str, str]) -> dict[str, object]:
        if fields.get("grant_type") != "refresh_token":
            raise unsupported_grant(fields.get("grant_type", ""))
        refresh_token = fields.get("refresh_token", "")
        token = self._portal.access.refresh(
            refresh_token, fields.get("client_id", ""), fields.get("client_secret", ""), self._portal.now_ms()
        )
        body: dict[str, object] = {
            "token_type": "bearer",
            "refresh_token": refresh_token,
            "access_token": token.value,
            "expires_in": 1800,
        }
        if self._version == "v1":
            return body
        return body | {"hub_id": self._portal.portal_id, "scopes": sorted(token.scopes)}


class _NoSuchPath:
    """HubSpot's own answer to a path that it does not have is the web server's page."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 404 with the page."""
        page = (
            '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>\n'
            "<title>Error 404 Not Found</title>\n</head>\n<body><h2>HTTP ERROR 404</h2>\n"
            f"<p>Problem accessing {scope['path']}. Reason:\n<pre>    Not Found</pre></p>\n</body>\n</html>\n"
        )
        response = Response(
            page, 404, _common(self._portal, _correlation_id(self._portal)), "text/html;charset=utf-8"
        )
        await response(scope, receive, send)


def _error(portal: Portal, error: HubSpotError, headers: Mapping[str, str]) -> Response:
    correlation_id = _correlation_id(portal)
    body = orjson.dumps(error.body(correlation_id))
    common = _common(portal, correlation_id) | dict(headers) | error.headers
    return Response(body, error.status, common, JSON)


def _respond(portal: Portal, answer: Answer, headers: Mapping[str, str]) -> Response:
    common = _common(portal, _correlation_id(portal)) | dict(headers)
    if answer.body is None:
        return Response(status_code=answer.status, headers=common)
    return Response(orjson.dumps(answer.body), answer.status, common, JSON)


def _common(portal: Portal, correlation_id: str) -> dict[str, str]:
    return {
        "Date": format_datetime(portal.now(), usegmt=True),
        "X-HubSpot-Correlation-Id": correlation_id,
    }


def _correlation_id(portal: Portal) -> str:
    """A UUID of version 7: the time in front, then the number of the answer."""
    number = portal.next_number()
    value = (portal.now_ms() & (1 << 48) - 1) << 80 | 7 << 76 | (number >> 62 & 0xFFF) << 64
    return str(uuid.UUID(int=value | 2 << 62 | number & (1 << 62) - 1))

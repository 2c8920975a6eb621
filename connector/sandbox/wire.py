"""What goes wrong on the wire: an ASGI layer around a CRM that counts its calls and applies HTTP faults."""

import asyncio
import os
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from connector.sandbox.answers import Answer, answer
from connector.sandbox.behaviours import Behaviours
from connector.sandbox.cards import Clock
from connector.sandbox.faults import HTTP_KINDS, PEOPLE_KINDS, Fault, FaultBoard

TRANSPORT = "sandbox.transport"


class BreakableProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP protocol, which also tells the application its transport, so that a fault can cut it."""

    def on_message_begin(self) -> None:
        """Hand the transport on with the request."""
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: {"transport": self.transport}}


@dataclass
class FaultLayer:
    """An ASGI application around that of one CRM; `behaviours` carry out what happens besides."""

    app: ASGIApp
    board: FaultBoard
    crm: str
    now: Clock
    templates: "Templates"
    behaviours: Behaviours

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = f"{scope['method']} {scope['path']}"
        happening = self.board.hits(HTTP_KINDS, crm=self.crm, route=route) if len(self.board) else []
        await self._serve(happening, scope, receive, send)
        self.board.calls[self.crm, f"{scope['method']} {self.templates.of(scope)}"] += 1
        for fault in self.board.hits(PEOPLE_KINDS, crm=self.crm, route=route) if len(self.board) else []:
            self.behaviours.happen(self.crm, fault)
        self.behaviours.tick()

    async def _serve(self, happening: list[Fault], scope: Scope, receive: Receive, send: Send) -> None:
        for fault in (each for each in happening if each.kind == "slow"):
            seconds = float(fault.params.get("seconds", "1"))
            if fault.params.get("when") == "after":
                send = _late(send, seconds)
            else:
                await asyncio.sleep(seconds)
        worst = next((fault for fault in happening if fault.kind != "slow"), None)
        if worst is None:
            await self.app(scope, receive, send)
        else:
            await self._go_wrong(worst, scope, receive, send)

    async def _go_wrong(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.kind == "reset_before":
            await _reset(scope, receive)
        elif fault.kind == "reset_after":
            await self.app(scope, receive, _nowhere)
            await _reset(scope, receive)
        elif fault.kind == "truncated":
            await _truncated(self.app, scope, receive, send)
        elif fault.kind == "malformed_json":
            await _malformed(self.app, scope, receive, send)
        else:
            await self._refuse(fault, scope, receive, send)

    async def _refuse(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with an error, `when=after` only once the CRM has done what was asked (524 always)."""
        if fault.params.get("when") == "after" or fault.kind == "524":
            await self.app(scope, receive, _nowhere)
        now = self.now()
        await _reply(send, answer(self.crm, scope["path"], int(fault.kind), fault.params, now), now)


class Templates:
    """Finds the path of a route, with its variable parts as {name}, for a request to it."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._all = tuple(routes)
        self._by_endpoint: dict[int, list[BaseRoute]] = {}
        for route in self._all:
            self._by_endpoint.setdefault(id(getattr(route, "endpoint", None)), []).append(route)

    def of(self, scope: Scope) -> str:
        """The template; the path itself when no route has it. Quick once the CRM has found the route."""
        asked = {**scope, "path": scope["path"].rstrip("/") or "/"}
        for route in self._by_endpoint.get(id(scope.get("endpoint")), self._all):
            match, _ = route.matches(asked)
            if match is not Match.NONE:
                return str(getattr(route, "path", scope["path"]))
        return str(scope["path"])


def _late(send: Send, seconds: float) -> Send:
    """Answer only after some time, when the CRM has long done what was asked."""

    async def later(message: Message) -> None:
        if message["type"] == "http.response.start":
            await asyncio.sleep(seconds)
        await send(message)

    return later


async def _nowhere(message: Message) -> None:
    """Drop what the CRM answers."""


async def _reply(send: Send, given: Answer, now: datetime) -> None:
    headers = {
        **given.headers,
        "date": format_datetime(now, usegmt=True),
        "content-type": given.content_type,
        "content-length": str(len(given.body)),
    }
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": given.status, "headers": raw})
    await send({"type": "http.response.body", "body": given.body})


async def _reset(scope: Scope, receive: Receive) -> None:
    """Cut the connection at once: the peer sees a reset, not an orderly end."""
    transport: asyncio.Transport = scope["extensions"][TRANSPORT]["transport"]
    known = transport.get_extra_info("socket")
    if known is not None:
        # A socket that lingers for 0 s sends RST when it is closed.
        with socket.socket(fileno=os.dup(known.fileno())) as copy:
            copy.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    """Wait until the server knows that the peer is no longer there."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _whole(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """Everything that the CRM answers, uncompressed so that it can be spoilt in a visible way."""
    kept: list[Message] = []

    async def keep(message: Message) -> None:
        kept.append(message)

    plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    await app({**scope, "headers": plain}, receive, keep)
    return kept[0], b"".join(message.get("body", b"") for message in kept[1:])


async def _truncated(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    start, body = await _whole(app, scope, receive)
    await send(_start_of(start, max(2, len(body))))
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    scope["extensions"][TRANSPORT]["transport"].close()
    await _gone(receive)


async def _malformed(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    start, body = await _whole(app, scope, receive)
    spoilt = body[: len(body) // 2] + b'"}'
    await send(_start_of(start, len(spoilt)))
    await send({"type": "http.response.body", "body": spoilt})


def _start_of(start: Message, length: int) -> Message:
    others = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    return {**start, "headers": [*others, (b"content-length", str(length).encode())]}

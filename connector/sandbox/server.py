"""Runs both CRMs on one event loop in a thread of this process."""

import asyncio
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import Self, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from connector.sandbox import seeding
from connector.sandbox.behaviours import Behaviours
from connector.sandbox.cards import NeutralLead
from connector.sandbox.clock import SandboxClock
from connector.sandbox.control import ROOT as CONTROL
from connector.sandbox.control import control_routes
from connector.sandbox.faults import Fault, FaultBoard
from connector.sandbox.hubspot import hubspot_app
from connector.sandbox.hubspot.errors import HubSpotError
from connector.sandbox.hubspot.kinds import REGISTRATIONS as HUBSPOT_OBJECT
from connector.sandbox.pages import Theme, pipeline_routes
from connector.sandbox.salesforce import SalesforceError, salesforce_app
from connector.sandbox.salesforce.registrations import DEAL_REGISTRATION as SALESFORCE_OBJECT
from connector.sandbox.watched import WatchedOrg, WatchedPortal
from connector.sandbox.wire import BreakableProtocol, FaultLayer, Templates

T = TypeVar("T")
SECONDS_TO_START = 30


class PortTakenError(OSError):
    """A port on which the sandbox cannot listen; the message is one sentence."""


class Sandbox:
    """A pretend Salesforce and a pretend HubSpot on 127.0.0.1; a context manager.

    Without leads of their own both CRMs are seeded with `leads` each, of which the share `duplicates` is
    in both, with `accounts` companies and deals, and with `registrations` of deals in the two. Given leads
    all go to the intake. Port 0 is any free.
    """

    def __init__(
        self,
        salesforce_leads: Iterable[NeutralLead] | None = None,
        hubspot_leads: Iterable[NeutralLead] | None = None,
        *,
        seed: int = 1,
        leads: int = 300,
        duplicates: float = 0.1,
        accounts: int = 40,
        registrations: int = 0,
        clock: SandboxClock | None = None,
        ports: tuple[int, int] = (0, 0),
        faults: Iterable[Fault] = (),
        watched: seeding.Watch = seeding.unwatched,
    ) -> None:
        self.clock = clock or SandboxClock()
        self.board = FaultBoard()
        self.org = WatchedOrg(lambda: self.clock.of("salesforce"), self.board)
        self.portal = WatchedPortal(lambda: self.clock.of("hubspot"), board=self.board)
        self.behaviours = Behaviours(self.org, self.portal, self.board, self.clock)
        seeding.seed_people(self.org, self.portal)
        given = (salesforce_leads, hubspot_leads)
        if given == (None, None):
            seeding.seed_customers(self.org, self.portal, seed, min(accounts, leads), self.clock())
            filed, known = min(registrations, leads), min(accounts, leads)
            seeding.seed_registrations(self.org, self.portal, seed, filed, known, self.clock())
            seeding.seed_leads(self.org, self.portal, seed, leads, duplicates, self.clock(), watched)
        else:
            seeding.load_leads(self.org, self.portal, *(leads or () for leads in given))
        self._ports = ports
        self._sockets: list[socket.socket] = []
        for fault in faults:
            self.board.add(fault)
        self._servers = [_server(app) for app in (self._salesforce(), self._hubspot())]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sandbox", daemon=True)

    @property
    def salesforce_url(self) -> str:
        """Where the pretend Salesforce answers."""
        return _url(self._sockets[0])

    @property
    def hubspot_url(self) -> str:
        """Where the pretend HubSpot answers."""
        return _url(self._sockets[1])

    def run(self, work: Callable[..., T], *args: object) -> T:
        """Do something with the CRMs' state in between two requests, and return its result."""

        async def on_loop() -> T:
            return work(*args)

        if self._loop is None:
            return work(*args)
        return asyncio.run_coroutine_threadsafe(on_loop(), self._loop).result()

    def start(self) -> None:
        """Begin to answer; returns when both do. Raises PortTakenError."""
        with ExitStack() as opened:
            self._sockets = [opened.enter_context(_listen(port)) for port in self._ports]
            opened.pop_all()
        self._thread.start()
        if not self._ready.wait(SECONDS_TO_START):
            raise RuntimeError("The sandbox did not start.")

    def stop(self) -> None:
        """Stop answering, and close the ports."""
        for server in self._servers:
            server.should_exit = True
        self._thread.join()
        self._loop = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _work(self) -> None:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        serving = [
            asyncio.create_task(server.serve(sockets=[port]))
            for server, port in zip(self._servers, self._sockets, strict=True)
        ]
        while not all(server.started for server in self._servers):
            await asyncio.sleep(0.005)
        self._ready.set()
        await asyncio.gather(*serving)

    def _salesforce(self) -> ASGIApp:
        tabs = (
            ("Lead", "Leads"),
            ("Opportunity", "Opportunities"),
            (SALESFORCE_OBJECT, "Deal registrations"),
        )
        theme = Theme("salesforce", "Pretend Salesforce", tabs, SalesforceError)
        pages = pipeline_routes(self.org, theme)
        control = control_routes(self.org, "salesforce", "Lead", self.board, self.clock, SalesforceError)
        crm = salesforce_app(self.org, self.board)
        return _Front(Starlette(routes=[*pages, *control]), self._faulty(crm, "salesforce"))

    def _hubspot(self) -> ASGIApp:
        tabs = (("contacts", "Contacts"), ("deals", "Deals"), (HUBSPOT_OBJECT.type_id, "Deal registrations"))
        theme = Theme("hubspot", "Pretend HubSpot", tabs, HubSpotError, first="New")
        pages = pipeline_routes(self.portal, theme)
        control = control_routes(self.portal, "hubspot", "contacts", self.board, self.clock, HubSpotError)
        crm = hubspot_app(self.portal, self.board)
        return _Front(Starlette(routes=[*pages, *control]), self._faulty(crm, "hubspot"))

    def _faulty(self, app: Starlette, crm: str) -> FaultLayer:
        return FaultLayer(
            app, self.board, crm, lambda: self.clock.of(crm), Templates(app.routes), self.behaviours
        )


class _Front:
    """Sends the sandbox's own paths to its pages and its control endpoint, all others to the CRM."""

    def __init__(self, own: ASGIApp, crm: ASGIApp) -> None:
        self._own = own
        self._crm = crm

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_own = path == "/" or path.startswith(("/pipeline", CONTROL))
        await (self._own if is_own else self._crm)(scope, receive, send)


def _server(app: ASGIApp) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        http=BreakableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    if sys.platform == "win32":
        return asyncio.new_event_loop
    import uvloop

    return uvloop.new_event_loop


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port), backlog=512)
    except OSError as error:
        raise PortTakenError(f"Port {port} cannot be used: {os.strerror(error.errno or 0)}.") from None


def _url(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"

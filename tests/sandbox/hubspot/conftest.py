"""A pretend HubSpot on a port of its own, with a clock that a test moves by hand."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from connector.sandbox.faults import FaultBoard
from connector.sandbox.hubspot import Portal, hubspot_app
from connector.sandbox.hubspot.access import SANDBOX_TOKEN

START = datetime(2026, 11, 22, 10, 0, 0, 123000, tzinfo=UTC)


class Hands:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


class Http:
    """The API over the wire, as plain JSON."""

    def __init__(self, base: str, token: str = SANDBOX_TOKEN) -> None:
        self.base = base
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> requests.Response:
        return self.session.request(method, self.base + path, json=json, timeout=10, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        """A GET."""
        return self("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> requests.Response:
        """A POST with a JSON body."""
        return self("POST", path, json, **more)

    def patch(self, path: str, json: Any = None, **more: Any) -> requests.Response:
        """A PATCH with a JSON body."""
        return self("PATCH", path, json, **more)

    def create(self, kind: str = "contacts", **properties: str) -> str:
        """A new record; returns its id."""
        answer = self.post(f"/crm/v3/objects/{kind}", {"properties": properties})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def read(self, record_id: str, *names: str, kind: str = "contacts") -> dict[str, Any]:
        """The properties of a record."""
        answer = self.get(f"/crm/v3/objects/{kind}/{record_id}", params={"properties": ",".join(names)})
        assert answer.status_code == 200, answer.text
        properties: dict[str, Any] = answer.json()["properties"]
        return properties

    def search(self, *filters: dict[str, Any], kind: str = "contacts", **more: Any) -> dict[str, Any]:
        """A search with one filter group."""
        body = {"filterGroups": [{"filters": list(filters)}]} if filters else {}
        answer = self.post(f"/crm/v3/objects/{kind}/search", body | more)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def where(name: str, operator: str, value: Any = None, high: Any = None) -> dict[str, Any]:
    """One search filter; a list becomes `values`."""
    found: dict[str, Any] = {"propertyName": name, "operator": operator}
    if isinstance(value, list):
        return found | {"values": value}
    if value is not None:
        found["value"] = value
    return found | {"highValue": high} if high is not None else found


class Socket:
    """One listening server for all tests; what it serves changes from test to test."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        config = uvicorn.Config(
            self,
            host="127.0.0.1",
            port=0,
            log_level="warning",
            lifespan="off",
            date_header=False,
            server_header=False,
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app
        await self.app(scope, receive, send)

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"


@pytest.fixture(scope="session")
def listening() -> Iterator[Socket]:
    """A server without an app."""
    served = Socket()
    served.thread.start()
    while not served.server.started and served.thread.is_alive():
        time.sleep(0.005)
    yield served
    served.server.should_exit = True
    served.thread.join(timeout=10)


@pytest.fixture
def clock() -> Hands:
    """The time in the portal."""
    return Hands()


@pytest.fixture
def portal(clock: Hands) -> Portal:
    """A portal with its people and pipelines, and no leads."""
    portal = Portal(clock)
    portal.seed_programme()
    return portal


@pytest.fixture
def board() -> FaultBoard:
    """No faults yet."""
    return FaultBoard()


@pytest.fixture
def address(listening: Socket, portal: Portal, board: FaultBoard) -> str:
    """Where the portal answers."""
    listening.app = hubspot_app(portal, board)
    return listening.address


@pytest.fixture
def http(address: str) -> Iterator[Http]:
    """The API with the sandbox's token."""
    client = Http(address)
    yield client
    client.session.close()


@pytest.fixture
def as_token(address: str) -> Iterator[Callable[[str], Http]]:
    """The API with another token."""
    made: list[Http] = []

    def make(token: str) -> Http:
        made.append(Http(address, token))
        return made[-1]

    yield make
    for client in made:
        client.session.close()

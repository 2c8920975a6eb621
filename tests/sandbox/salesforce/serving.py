"""Serves a pretend org over real HTTP, for tests and benchmarks."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

import requests
import uvicorn

from connector.sandbox.faults import FaultBoard
from connector.sandbox.salesforce import Org, salesforce_app

T = TypeVar("T")
START = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
API = "/services/data/v62.0"


class Clock:
    """A clock that only tests move."""

    def __init__(self, start: datetime = START) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Served:
    """An org and its API on 127.0.0.1; a context manager."""

    def __init__(self, org: Org, board: FaultBoard | None = None) -> None:
        self.org = org
        self.board = board or FaultBoard()
        config = uvicorn.Config(
            salesforce_app(org, self.board),
            port=0,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            date_header=False,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            threading.Event().wait(0.002)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._loop.close()

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve())

    @property
    def url(self) -> str:
        host, port = self._server.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    def run(self, work: Callable[..., T], *args: Any, **named: Any) -> T:
        """Do something with the org in between two requests."""

        async def on_loop() -> T:
            return work(*args, **named)

        return asyncio.run_coroutine_threadsafe(on_loop(), self._loop).result()


class Client:
    """A logged-in HTTP client that knows nothing of Salesforce."""

    def __init__(self, url: str, version: str = "62.0") -> None:
        self.url = url
        self.root = f"/services/data/v{version}"
        self.http = requests.Session()
        self.http.trust_env = False
        self.login()

    def login(self) -> None:
        answer = self.http.post(
            f"{self.url}/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=("sandbox-key", "sandbox-secret"),
            timeout=10,
        )
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """A request below the version's root, or to an absolute path of the API."""
        whole = path if path.startswith("/services") else self.root + path
        return self.http.request(method, self.url + whole, timeout=10, **more)

    def query(self, soql: str, **more: Any) -> Any:
        """The answer to a query, as parsed."""
        return self.call("GET", "/query", params={"q": soql}, **more).json()

    def ids(self, soql: str) -> list[str]:
        """The ids that a query finds."""
        return [record["Id"] for record in self.query(soql)["records"]]

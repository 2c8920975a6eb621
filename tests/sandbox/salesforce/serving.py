"""Serves a pretend org over real HTTP, for tests and benchmarks."""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

import requests
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

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


class Server:
    """One HTTP server on 127.0.0.1 for any number of orgs in turn; a context manager."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        config = uvicorn.Config(
            self,
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.002)
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
        """Do something on the server's loop, in between two requests."""

        async def on_loop() -> T:
            return work(*args, **named)

        return asyncio.run_coroutine_threadsafe(on_loop(), self._loop).result()


class Served:
    """An org, its faults, and where its API answers."""

    def __init__(self, server: Server, org: Org) -> None:
        self._server = server
        self.org = org
        self.board = FaultBoard()
        self.url = server.url
        self.run = server.run
        server.app = salesforce_app(org, self.board)


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

    def create(self, object_name: str, body: dict[str, Any], **more: Any) -> str:
        """Make a record that assignment rules leave alone; returns its id."""
        headers = {"Sforce-Auto-Assign": "FALSE"}
        answer = self.call("POST", f"/sobjects/{object_name}", json=body, headers=headers, **more)
        return str(answer.json()["id"])

    def lead(self, **values: Any) -> str:
        """Make a lead; returns its id."""
        return self.create("Lead", {"LastName": "Lovelace", "Company": "Engines Ltd", **values})

    def read(self, object_name: str, record_id: str, *fields: str) -> Any:
        """Fields of a record; the value itself when there is one field only."""
        path = f"/sobjects/{object_name}/{record_id}"
        found = self.call("GET", path, params={"fields": ",".join(fields)}).json()
        return found[fields[0]] if len(fields) == 1 else [found[name] for name in fields]

    def change(
        self, record_id: str, *, auto_assign: str | None = "FALSE", **values: Any
    ) -> requests.Response:
        """Change a lead."""
        headers = {} if auto_assign is None else {"Sforce-Auto-Assign": auto_assign}
        return self.call("PATCH", f"/sobjects/Lead/{record_id}", json=values, headers=headers)


def error(answer: requests.Response) -> tuple[int, str]:
    """Status and error code of a refusal."""
    (only,) = answer.json()
    return answer.status_code, only["errorCode"]

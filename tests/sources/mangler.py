"""A CRM that answers nonsense: a proxy before the sandbox that changes something in each answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import urllib3

NONSENSE: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    "",
    "nonsense",
    [],
    {},
    [[]],
    {"id": {}},
    ["x"],
    "9" * 400,
]
NONSENSE += ["2026-13-45T99:00:00Z", "0001-01-01T00:00:00Z", "\x00\x1f", "\ud800"]


class Mangler:
    """Which answers are changed is a matter of its dice; `changed` counts them."""

    def __init__(self, target: str):
        self.target = target
        self.dice = Random(0)
        self.share = 0.0
        self.changed = 0
        self.pool = urllib3.PoolManager()
        self.url = ""

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What the sandbox answers, perhaps changed."""
        kept = {k: v for k, v in headers.items() if k.lower() not in ("host", "accept-encoding")}
        found = self.pool.request(method, self.target + path, body=body, headers=kept, retries=False)
        told = {"Content-Type": found.headers.get("Content-Type", "application/json")}
        data = found.data.replace(self.target.encode(), self.url.encode())
        if "oauth" in path or self.dice.random() >= self.share:
            return found.status, told, data
        self.changed += 1
        return self._status(found.status), told, self._mangled(data)

    def _status(self, status: int) -> int:
        return self.dice.choice([status] * 12 + [200, 207, 204, 400, 404, 418, 599])

    def _mangled(self, data: bytes) -> bytes:
        try:
            value = json.loads(data)
        except ValueError:
            return data
        if self.dice.random() < 0.1:
            return self.dice.choice(
                [b"", b"null", b"[]", b"<html>", data[: len(data) // 2], b'"x"', b"\xff\xfe"]
            )
        for _ in range(self.dice.choice([1, 1, 2, 5])):
            value = self._changed(value)
        return json.dumps(value).encode()

    def _changed(self, value: Any) -> Any:
        """The same value but for one place in it, which is removed or holds something else."""
        if not isinstance(value, dict | list) or not value or self.dice.random() < 0.12:
            return self.dice.choice(NONSENSE)
        key = self.dice.choice(list(value)) if isinstance(value, dict) else self.dice.randrange(len(value))
        if self.dice.random() < 0.15:
            del value[key]
        else:
            value[key] = self._changed(value[key])
        return value


@contextmanager
def mangled(target: str) -> Iterator[Mangler]:
    """A mangler that listens on a port of its own."""
    mangler = Mangler(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def relay(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, data = mangler.answer(self.command, self.path, self.headers, body)
            self.send_response(status)
            for name, told in headers.items():
                self.send_header(name, told)
            empty = status in (204, 304)
            self.send_header("Content-Length", "0" if empty else str(len(data)))
            self.end_headers()
            if not empty:
                self.wfile.write(data)
            self.wfile.flush()

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = relay  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer((urlsplit(target).hostname or "127.0.0.1", 0), Handler)
    server.daemon_threads = True
    mangler.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield mangler
    finally:
        server.shutdown()
        server.server_close()
        mangler.pool.clear()
        thread.join()

"""A wire between a daemon and PostgreSQL that breaks in the middle of a commit."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self

_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""The simple query COMMIT, as psycopg sends it."""

Moment = Literal["before", "after"]
"""The server has not seen the COMMIT, or it has and nobody hears its answer."""


class Cutter:
    """Passes bytes on from 127.0.0.1 to a server; cuts at every n-th COMMIT, each moment in turn."""

    def __init__(self, server: str, every: int):
        self._server = server
        self._every = every
        self._lock = threading.Lock()
        self._seen = 0
        self.cuts: dict[Moment, int] = {"before": 0, "after": 0}
        self.cutting = True
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._server)
                deaf = threading.Event()
                threading.Thread(target=self._there, args=(near, far, deaf), daemon=True).start()
                threading.Thread(target=self._back, args=(near, far, deaf), daemon=True).start()

    def _there(self, near: socket.socket, far: socket.socket, deaf: threading.Event) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                moment = self._moment() if _COMMIT in data else None
                if moment == "before":
                    break
                if moment == "after":
                    deaf.set()
                far.sendall(data)
        _hang_up(near, far)

    def _back(self, near: socket.socket, far: socket.socket, deaf: threading.Event) -> None:
        with suppress(OSError):
            while data := far.recv(65536):
                if deaf.is_set():  # the server has answered, so it has committed
                    break
                near.sendall(data)
        _hang_up(near, far)

    def _moment(self) -> Moment | None:
        with self._lock:
            self._seen += 1
            if not self.cutting or self._seen % self._every:
                return None
            moment: Moment = "before" if self.cuts["before"] <= self.cuts["after"] else "after"
            self.cuts[moment] += 1
            return moment

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.close()


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()

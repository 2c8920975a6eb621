"""How fast a long run goes from its beginning to its end, and how much memory its processes take."""

import threading
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

EVERY = 2.0
"""Seconds between two looks."""

COUNTS = {
    "taken in": "SELECT count(*) FROM lead",
    "decided": "SELECT coalesce(max(id), 0) FROM decision",
    "written": "SELECT (SELECT coalesce(max(id), 0) FROM outbox) - (SELECT count(*) FROM outbox"
    " WHERE state IN ('pending', 'postponed', 'sending'))",
}


@dataclass(frozen=True, slots=True)
class Look:
    """How far things were, in leads, after so many seconds."""

    at: float
    done: dict[str, int]


class Pace:
    """Looks into the store now and then, and at the children of a process; a context manager."""

    def __init__(self, store_url: str, parent: int):
        self._engine = create_engine(store_url, poolclass=NullPool)
        self._parent = parent
        self._looks: list[Look] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._began = time.monotonic()
        self.most_memory = 0.0

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def told(self, leads: int) -> str:
        """Leads a second in each tenth of each step, in lines."""
        return "\n".join(f"{step}: {self._tenths(step, leads)} leads a second, by tenths" for step in COUNTS)

    def _tenths(self, step: str, leads: int) -> str:
        done = [look.done[step] for look in self._looks]
        places = [bisect_left(done, leads * tenth // 10) for tenth in range(1, 11)]
        first = next((place - 1 for place, count in enumerate(done) if count), 0)
        pairs = zip([max(first, 0), *places], places, strict=False)
        return " ".join(self._speed(done, a, b) for a, b in pairs)

    def _speed(self, done: Sequence[int], first: int, last: int) -> str:
        if last >= len(done) or first == last:
            return "-"
        took = self._looks[last].at - self._looks[first].at
        return f"{(done[last] - done[first]) / took:.0f}"

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            self._look()

    def _look(self) -> None:
        for child in _children(self._parent):
            self.most_memory = max(self.most_memory, _most_memory(child))
        try:
            with self._engine.connect() as connection:
                done = {step: int(connection.scalar(text(sql)) or 0) for step, sql in COUNTS.items()}
        except DBAPIError:
            return  # the tables are still to be made
        self._looks.append(Look(self.seconds, done))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._look()
        self._engine.dispose()


def _children(parent: int) -> list[int]:
    path = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def _most_memory(pid: int) -> float:
    """The most that a process took so far, in MB; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)

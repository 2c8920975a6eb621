"""The store: transactions, each whole or not at all."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from connector.store.engine import StoreSettings, end_stopped, open_engine, transaction
from connector.store.missing import insert_missing
from connector.store.tables import CallRow, HeartbeatRow
from connector.store.versions import Rules, Use, note_use


class Store:
    """A database of leads, decisions and writes; the functions of this room work within its transactions."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self._one_at_a_time = threading.Lock()
        self._fence: Callable[[Session], None] = lambda session: None

    @classmethod
    def open(cls, settings: StoreSettings, folder: Path) -> Self:
        """Open the database of the settings; StoreUnusable says why it cannot be."""
        return cls(open_engine(settings.url, folder))

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commit everything inside, or nothing; of all daemons, one at a time, and behind the fence."""
        with self._one_at_a_time, transaction(self.engine) as session:
            self._fence(session)
            yield session

    @contextmanager
    def fenced_by(self, fence: Callable[[Session], None]) -> Iterator[None]:
        """Let every transaction inside pass a lease's fence first; LeaseLost from any that cannot."""
        before, self._fence = self._fence, fence
        try:
            yield
        finally:
            self._fence = before

    @contextmanager
    def aside(self) -> Iterator[Session]:
        """A transaction that touches one row of its own, such as a pace or a lease, and waits for nobody."""
        with self._alone(), transaction(self.engine, "aside") as session:
            yield session

    def _alone(self) -> AbstractContextManager[object]:
        """A sign of life must not wait until another thread's transaction gets its turn."""
        return nullcontext() if self.engine.dialect.name == "postgresql" else self._one_at_a_time

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """A transaction that changes nothing, and keeps nobody waiting."""
        with self._one_at_a_time, transaction(self.engine, "looking") as session:
            yield session

    def end_stopped(self) -> int:
        """Take the locks from processes that were stopped inside a transaction; how many there were."""
        return end_stopped(self.engine)

    @contextmanager
    def between_transactions(self) -> Iterator[None]:
        """A moment at which no transaction of this process is open."""
        with self._one_at_a_time:
            yield

    def add_calls(self, crm: str, day: str, calls: Mapping[str, int]) -> None:
        """Add to the count of API calls of a day, by purpose."""
        with self.aside() as session:
            for purpose, count in sorted(calls.items()):
                insert_missing(session, CallRow, crm=crm, day=day, purpose=purpose, calls=0)
                row = session.get_one(CallRow, (crm, day, purpose), with_for_update=True)
                row.calls += count

    def beat(self, host: str, now: datetime) -> None:
        """Note that a cycle of this host's daemon has ended."""
        with self.aside() as session:
            session.merge(HeartbeatRow(host=host, at=now))

    def last_beat(self, host: str) -> datetime | None:
        """When the last cycle of this host's daemon ended."""
        with self.looking() as session:
            row = session.get(HeartbeatRow, host)
            return row.at if row else None

    def note_use(self, rules: Rules, use: Use) -> bool:
        """Keep the rules and that they are in use from now on, if they are not those in use already."""
        with self.transaction() as session:
            return note_use(session, rules, use)

    def forget(self) -> None:
        """Let nothing of what was erased linger in a SQLite file's companion."""
        if self.engine.dialect.name != "sqlite":
            return
        with self._one_at_a_time, closing(self.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Give back the connections."""
        self.engine.dispose()

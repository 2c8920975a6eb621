"""Opening a database so that both dialects keep the same promises."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.orm import Session
from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

from connector.model.durations import Duration
from connector.store.schema import StoreUnusable as StoreUnusable
from connector.store.schema import Upgrade, migrate, ready, revision_of
from connector.store.trouble import reason_of, remedy

_JSON: dict[str, Any] = {
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}


LONGEST_PAUSE = timedelta(seconds=30)
"""How long a transaction may wait for its own process before its locks are taken from it."""

_PATIENCE = timedelta(seconds=30)
"""How long a process waits for a SQLite file that another one writes to."""

_NAME = "partner-lead-connector"

_NOT_YET = "55P03"
"""PostgreSQL's code for a lock that was not to be had in time."""

_END_STOPPED = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND application_name = %(name)s
      AND xact_start IS NOT NULL AND wait_event IN ('ClientRead', 'ClientWrite')
      AND state_change < clock_timestamp() - make_interval(secs => %(seconds)s)
"""
"""Ends transactions that wait for a process which was stopped, or whose machine is gone.

PostgreSQL's own idle_in_transaction_session_timeout is not enough: a process that is stopped in the middle of
many statements sent at once (a pipeline, which psycopg uses for executemany) counts as active.
"""

_ONE_AT_A_TIME = 7_401_926
"""The number of the lock that every transaction which moves leads, credits or writes takes first.

SQLite has one writer by nature; on PostgreSQL this makes it so. One lock that comes before all others cannot
be part of a deadlock, and what a decision reads cannot change under it.
"""


class StoreTrouble(Exception):
    """The database failed in the middle of work; what was not committed is done again later."""


class StoreSettings(BaseModel):
    """The `[store]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = "sqlite:///connector.db"
    keep_personal_data: Annotated[Duration, Field(ge=timedelta(days=30))] | None = None
    erase_deleted_after: Annotated[Duration, Field(ge=timedelta(hours=1))] = timedelta(days=7)


def open_engine(url: str, folder: Path) -> Engine:
    """An engine with the schema in place; relative SQLite paths start at `folder`. StoreUnusable if not."""
    with opening(url, folder) as engine:
        ready(engine)
    return engine


def upgrade(url: str, folder: Path) -> Upgrade:
    """Bring a database to this version; StoreUnusable if it cannot be."""
    with opening(url, folder) as engine:
        done = migrate(engine)
        engine.dispose()
    return done


def look(url: str, folder: Path) -> str | None:
    """The schema revision of a database, None where there is none yet; nothing is created or changed."""
    with _told(url):
        address = make_url(url)
    if address.get_backend_name() == "sqlite" and not (folder / (address.database or "")).is_file():
        return None
    with opening(url, folder, create=False) as engine:
        with engine.connect() as connection:
            revision = revision_of(connection)
        engine.dispose()
    return revision


@contextmanager
def opening(url: str, folder: Path, *, create: bool = True) -> Iterator[Engine]:
    """An engine on the database as it is, open still at the end; what stands in the way is StoreUnusable."""
    with _told(url):
        engine = _engine(url, folder, create)
        try:
            yield engine
        except Exception:
            engine.dispose()
            raise


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn whatever keeps a database from being opened into a sentence."""
    try:
        yield
    except ArgumentError as error:
        raise StoreUnusable(f"[store] url {url.split('@')[-1]!r} is no database address") from error
    except ModuleNotFoundError as error:
        raise StoreUnusable(
            f"[store] url needs the package {error.name}; install partner-lead-connector[postgres]"
        ) from error
    except (DBAPIError, OSError) as error:
        reason = reason_of(error)
        known = remedy(reason)
        now = f"; {known}" if known else ""
        raise StoreUnusable(f"the database of [store] url cannot be opened: {reason}{now}") from error


def _engine(url: str, folder: Path, create: bool) -> Engine:
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        engine = create_engine(address, pool_pre_ping=True, connect_args=_postgresql(), **_JSON)
        event.listen(engine, "begin", _postgresql_begin)
        return engine
    if address.database and address.database != ":memory:":
        path = folder / address.database
        if create:
            _owner_only(path)
        address = address.set(database=str(path))
    engine = create_engine(address, connect_args={"check_same_thread": False}, **_JSON)
    event.listen(engine, "connect", _sqlite_pragmas)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _postgresql() -> dict[str, str]:
    pause = f"{LONGEST_PAUSE.total_seconds() * 1000:.0f}ms"
    return {"application_name": _NAME, "options": f"-c idle_in_transaction_session_timeout={pause}"}


def _owner_only(path: Path) -> None:
    """Let the file be its owner's alone, for it holds personal data; its companions get the same mode."""
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    elif path.stat().st_mode & 0o077:
        with suppress(PermissionError):
            path.chmod(path.stat().st_mode & 0o700)


def _is_locked(error: BaseException) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy emits BEGIN itself, below
    connection.execute(f"PRAGMA busy_timeout={_PATIENCE.total_seconds() * 1000:.0f}").close()
    _readers_beside_a_writer(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


@retry(
    retry=retry_if_exception(_is_locked),
    wait=wait_random(0.01, 0.05),
    stop=stop_after_delay(_PATIENCE),
    reraise=True,
)
def _readers_beside_a_writer(connection: Any) -> None:
    # Whoever switches a file over while another writes is refused at once, whatever the busy_timeout: SQLite
    # does not wait for a lock that it needs beside one that it holds. Several processes may open a new file
    # at the same moment, so this asks again.
    connection.execute("PRAGMA journal_mode=WAL").close()


def _sqlite_begin(connection: Any) -> None:
    # A deferred transaction that turns into a writer fails at once with "database is locked".
    looks = connection.get_execution_options().get("way") == "looking"
    connection.exec_driver_sql("BEGIN" if looks else "BEGIN IMMEDIATE")


def _postgresql_begin(connection: Any) -> None:
    if connection.get_execution_options().get("way") is None:
        wire = connection.connection.driver_connection
        try:
            while not _is_its_turn(wire):
                wire.execute("SELECT pg_stat_clear_snapshot()")
                wire.execute(_END_STOPPED, _who_and_when())
        except connection.dialect.loaded_dbapi.Error as error:
            # Outside of a statement of its own SQLAlchemy does not turn the driver's errors into its own, and
            # what PostgreSQL says to a process that was stopped for too long is no OperationalError.
            connection.invalidate(error)
            raise OperationalError("waiting for its turn", None, error) from error


def _is_its_turn(wire: Any) -> bool:
    """Take the lock, waiting for a second at most."""
    if wire.execute(f"SELECT pg_try_advisory_xact_lock({_ONE_AT_A_TIME})").fetchone()[0]:
        return True
    wire.execute("SAVEPOINT waiting; SET LOCAL lock_timeout = '1s'")
    try:
        wire.execute(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})")
    except Exception as error:
        if getattr(error, "sqlstate", None) != _NOT_YET:
            raise
        wire.execute("ROLLBACK TO SAVEPOINT waiting")
        return False
    wire.execute("SET LOCAL lock_timeout = DEFAULT")
    return True


def _who_and_when() -> dict[str, object]:
    return {"name": _NAME, "seconds": LONGEST_PAUSE.total_seconds()}


def end_stopped(engine: Engine) -> int:
    """Take the locks from processes that have been stopped inside a transaction; how many there were."""
    if engine.dialect.name != "postgresql":
        return 0
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT", way="aside") as connection:
        return len(connection.exec_driver_sql(_END_STOPPED, _who_and_when()).all())


Way = Literal["looking", "aside"]
"""Transactions that need not wait for their turn: those that only look, and those that touch one row."""


@contextmanager
def transaction(engine: Engine, way: Way | None = None) -> Iterator[Session]:
    """A session that commits as a whole or not at all, one at a time unless another `way` is enough.

    StoreTrouble if the database fails meanwhile.
    """
    bound = engine.execution_options(way=way) if way else engine
    try:
        with Session(bound, expire_on_commit=False) as session, session.begin():
            yield session
    except DBAPIError as error:
        if isinstance(error, DataError | IntegrityError | ProgrammingError | NotSupportedError):
            raise
        reason = reason_of(error)
        now = remedy(reason) or "run it again"
        raise StoreTrouble(f"the database failed: {reason}; nothing is lost: {now}") from error

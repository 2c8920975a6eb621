"""Opening a database so that both dialects keep the same promises."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, create_engine, event, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from connector.store.tables import SCHEMA_VERSION, SchemaRow


class StoreSettings(BaseModel):
    """The `[store]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = "sqlite:///connector.db"


class StoreUnusable(Exception):
    """The database cannot be opened or is not ours to use; the message says what to do."""


def open_engine(url: str, folder: Path) -> Engine:
    """An engine with the schema in place; relative SQLite paths start at `folder`. StoreUnusable if not."""
    try:
        engine = _engine(url, folder)
        _prepare(engine)
    except ArgumentError as error:
        raise StoreUnusable(f"[store] url {url.split('@')[-1]!r} is no database address") from error
    except ModuleNotFoundError as error:
        raise StoreUnusable(
            f"[store] url needs the package {error.name}; install partner-lead-connector[postgres]"
        ) from error
    except (DBAPIError, OSError) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise StoreUnusable(f"the database of [store] url cannot be opened: {reason}") from error
    return engine


def _engine(url: str, folder: Path) -> Engine:
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_pre_ping=True)
    if address.database and address.database != ":memory:":
        path = folder / address.database
        _owner_only(path)
        address = address.set(database=str(path))
    engine = create_engine(address, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _sqlite_pragmas)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _owner_only(path: Path) -> None:
    """Create the file readable by its owner alone: it holds personal data."""
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy emits BEGIN itself, below
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _sqlite_begin(connection: Any) -> None:
    # A deferred transaction that turns into a writer fails at once with "database is locked".
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare(engine: Engine) -> None:
    if not inspect(engine).has_table("schema_version"):
        SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        version = session.scalars(select(col(SchemaRow.version))).first()
        if version is None:
            session.add(SchemaRow(version=SCHEMA_VERSION))
            session.commit()
        elif version != SCHEMA_VERSION:
            raise StoreUnusable(
                f"the database has schema version {version}, this connector needs {SCHEMA_VERSION}; "
                "use the connector that wrote it"
            )


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session that commits as a whole or not at all."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session

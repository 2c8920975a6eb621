"""Which revision of the tables a database holds, and bringing it to the one that this code needs."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from connector.store import notice_tables as notice_tables
from connector.store import safety_tables as safety_tables
from connector.store.append_only import guard
from connector.store.tables import SCHEMA_VERSION, SchemaRow

MIGRATIONS = Path(__file__).parent / "migrations"
REVISIONS = tuple(sorted(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))
"""The files that change tables, in order; the first four digits of each are its revision."""
FIRST, HEAD = REVISIONS[0][:4], REVISIONS[-1][:4]

_A_MIGRATION_RUNS = 5_207_031
"""Any number, always the same: the advisory lock that serialises migrations of one PostgreSQL database."""

_AT = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


class StoreUnusable(Exception):
    """The database cannot be opened or is not ours to use; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What became of a database: its revision before (None: it was empty), the steps, and the copy kept."""

    before: str | None
    after: str
    steps: tuple[str, ...] = ()
    copy: Path | None = None


def revision_of(connection: Connection) -> str | None:
    """The revision that a database holds, None before it has a table of ours; StoreUnusable if not ours."""
    tables = set(inspect(connection).get_table_names())
    if _AT.name in tables:
        return str(connection.scalars(select(_AT.c.version_num)).one())
    if SchemaRow.__tablename__ in tables:
        return FIRST  # made before migrations were kept
    foreign = sorted(tables & SQLModel.metadata.tables.keys())
    if foreign:
        raise StoreUnusable(
            f"the database already has a table {foreign[0]!r} of something else; "
            "give the connector a database of its own in [store] url"
        )
    return None


def ready(engine: Engine) -> None:
    """Make the tables of a new database, upgrade an older SQLite file, refuse any other that does not fit."""
    with engine.begin() as connection:
        before = revision_of(connection)
    if before is not None:
        _refuse_newer(before)
    if before == HEAD:
        return
    if before is not None and engine.dialect.name != "sqlite":
        raise StoreUnusable(
            f"the database is at schema {before} and this connector needs {HEAD}; "
            "stop the daemons, make a backup, and run connector migrate"
        )
    migrate(engine)


def migrate(engine: Engine) -> Upgrade:
    """Bring a database to this code's revision in one transaction, one process at a time."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _A_MIGRATION_RUNS})
        before = revision_of(connection)
        if before is None:
            _create(connection)
            return Upgrade(None, HEAD)
        _refuse_newer(before)
        steps = tuple(name for name in REVISIONS if name[:4] > before)
        if not steps:
            return Upgrade(before, before)
        copy = _copy_beside(engine)
        with _told(before):
            _upgrade(connection)
        return Upgrade(before, HEAD, steps, copy)


def _refuse_newer(revision: str) -> None:
    if revision > HEAD:
        raise StoreUnusable(
            f"the database is at schema {revision}, upgraded by a newer connector; this one knows {HEAD} at "
            "most: install the newer connector, or restore the copy from before the upgrade"
        )


def _create(connection: Connection) -> None:
    """Make the tables as they are today; a test proves that all revisions one by one make the same."""
    SQLModel.metadata.create_all(connection)
    guard(connection)
    _AT.create(connection)
    connection.execute(insert(_AT).values(version_num=HEAD))
    connection.execute(insert(SchemaRow).values(version=SCHEMA_VERSION))


def _upgrade(connection: Connection) -> None:
    # Alembic takes a second to import, which only a database that needs it should cost.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if _AT.name not in inspect(connection).get_table_names():
        command.stamp(config, FIRST)
        # The first version grew this index late: an old file may lack it.
        table = SQLModel.metadata.tables["assignment"]
        next(index for index in table.indexes if index.name == "assignment_since").create(
            connection, checkfirst=True
        )
    command.upgrade(config, HEAD)


@contextmanager
def _told(before: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise StoreUnusable(
            f"the upgrade of the database from schema {before} to {HEAD} failed, and all of it was undone: "
            f"{reason}"
        ) from error


def _copy_beside(engine: Engine) -> Path | None:
    """A consistent copy of a SQLite file beside it, for its owner alone; None where there is no file."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        return None
    copy = _free_name(Path(name))
    try:
        copy_file(Path(name), copy)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnusable(
            f"nothing was upgraded, since the database could not be copied to {copy} first: {error}"
        ) from error
    return copy


def _free_name(path: Path) -> Path:
    wanted = path.with_name(f"{path.name}.before-{HEAD}")
    number = 2
    free = wanted
    while free.exists():
        free, number = wanted.with_name(f"{wanted.name}.{number}"), number + 1
    return free


def copy_file(path: Path, copy: Path) -> None:
    """Copy a SQLite database that may be in use, for its owner alone; FileExistsError if `copy` is there."""
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error:
        copy.unlink()
        raise

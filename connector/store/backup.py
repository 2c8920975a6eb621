"""A consistent copy of a database while it is in use, always one SQLite file, and the way back from it."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, insert, select, text
from sqlmodel import SQLModel

from connector.store.engine import opening
from connector.store.schema import StoreUnusable, copy_file, migrate, revision_of
from connector.store.tables import SchemaRow

_AT_ONCE = 1000


def back_up(engine: Engine, path: Path) -> int:
    """Copy a database into a new file for its owner alone; how many decisions it holds. StoreUnusable if not.

    From PostgreSQL too the copy is a SQLite file, as of one moment, that this connector can open or load.
    """
    if path.exists():
        raise StoreUnusable(f"there is a file {path} already; name another for the backup")
    try:
        if engine.dialect.name == "sqlite":
            copy_file(Path(str(engine.url.database)), path)
        else:
            _copy_out(engine, path)
        return _checked(path)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnusable(f"the backup to {path} failed ({error}); it is of no use") from error


def _checked(path: Path) -> int:
    with closing(sqlite3.connect(path)) as copy:
        (said,) = copy.execute("PRAGMA quick_check").fetchone()
        if said != "ok":
            raise sqlite3.DatabaseError(said)
        (count,) = copy.execute("SELECT count(*) FROM decision").fetchone()
        return int(count)


def _copy_out(engine: Engine, path: Path) -> None:
    with (
        opening(f"sqlite:///{path.absolute()}", path.parent) as target,
        _as_of_now(engine) as source,
    ):
        migrate(target)
        with target.begin() as connection:
            for table in _tables():
                _load(connection, table, _rows(source, table))
        target.dispose()


def _tables() -> list[Table]:
    """Every table but that which a new database has filled already."""
    return [table for table in SQLModel.metadata.sorted_tables if table.name != SchemaRow.__tablename__]


@contextmanager
def _as_of_now(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one moment, whatever is committed meanwhile."""
    looking = engine.execution_options(way="looking", isolation_level="REPEATABLE READ")
    with looking.connect() as connection:
        yield connection


def _rows(source: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    found = source.execution_options(yield_per=_AT_ONCE).execute(select(table))
    for rows in found.mappings().partitions(_AT_ONCE):
        yield [dict(row) for row in rows]


def _load(target: Connection, table: Table, batches: Iterator[list[dict[str, Any]]]) -> None:
    for rows in batches:
        target.execute(insert(table), rows)


def restore(path: Path, engine: Engine) -> int:
    """Load a backup into an empty database; how many decisions it holds. StoreUnusable if it cannot be."""
    if not path.is_file():
        raise StoreUnusable(f"there is no backup {path}; name the file that connector backup wrote")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "backup.db"
        try:
            copy_file(path, copy)
            count = _checked(copy)
        except sqlite3.Error as error:
            raise StoreUnusable(f"{path} is no backup of this connector, or damaged ({error})") from error
        with opening(f"sqlite:///{copy}", copy.parent) as source:
            migrate(source)
            with source.connect() as rows:
                _copy_in(rows, engine)
            source.dispose()
    return count


def _copy_in(source: Connection, engine: Engine) -> None:
    with engine.begin() as target:
        before = revision_of(target)
    if before is None:
        migrate(engine)
    with engine.begin() as target:
        _refuse_used(target)
        for table in _tables():
            _load(target, table, _rows(source, table))
            _go_on_counting(target, table)


def _refuse_used(target: Connection) -> None:
    for name in ("lead", "decision", "config_use"):
        if target.scalar(select(func.count()).select_from(SQLModel.metadata.tables[name])):
            raise StoreUnusable(
                "the database of [store] url is in use already; a backup is loaded into an empty one: name "
                "another, or move this one away"
            )


def _go_on_counting(target: Connection, table: Table) -> None:
    """The next id follows those that were loaded."""
    if target.dialect.name == "sqlite" or table.autoincrement_column is None:
        return
    name = table.autoincrement_column.name
    highest = target.scalar(select(func.max(table.c[name])))
    if highest is not None:
        sequence = target.scalar(select(func.pg_get_serial_sequence(table.name, name)))
        if sequence:
            target.execute(
                text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest}
            )

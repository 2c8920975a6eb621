"""The org's records in an SQLite database in memory: one table an object, one column a field."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

from connector.sandbox.salesforce.schema import DECIMALS, IDS, TEXT, Field, SObject

Value = str | int | float | None
Row = dict[str, Value]

FULL_NAMES = ("Lead", "Contact", "User")
INDEXED = frozenset(
    (
        "SystemModstamp",
        "Email",
        "OwnerId",
        "LeadId",
        "OpportunityId",
        "AccountId",
        "ContactId",
        "WhoId",
        "Username",
    )
)


class Store:
    """Rows as stored: times are whole seconds since 1970, booleans 0 or 1, empty text is null."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA temp_store = MEMORY")
        self._depth = 0
        self._last: dict[str, int] = {}

    def create(self, sobject: SObject) -> None:
        """Make the table of an object, with its indexes."""
        columns = ", ".join(_column(f, sobject.name) for f in sobject if f.stored)
        self._db.execute(f"CREATE TABLE {quoted(sobject.name)} ({columns})")
        for one in sobject:
            self._index(sobject, one)

    def add_column(self, sobject: SObject, field: Field) -> None:
        """Make room for a field that was declared later."""
        self._db.execute(f"ALTER TABLE {quoted(sobject.name)} ADD COLUMN {_column(field, sobject.name)}")
        self._index(sobject, field)

    def next_number(self, object_name: str) -> int:
        """The number of the next record of an object; numbers are never used again."""
        self._last[object_name] = self.last_number(object_name) + 1
        return self._last[object_name]

    def last_number(self, object_name: str) -> int:
        """The number of the newest record of an object."""
        return self._last.get(object_name, 0)

    def size(self, object_name: str) -> int:
        """How many rows an object ever had, deleted ones included."""
        return int(self.run(f"SELECT coalesce(max(rowid), 0) FROM {quoted(object_name)}").fetchone()[0])  # noqa: S608

    def insert(self, object_name: str, names: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
        """Add rows whose values are in the order of `names`."""
        self._db.executemany(_inserting(object_name, tuple(names)), rows)

    def add(self, object_name: str, row: Mapping[str, Value]) -> None:
        """Add one row."""
        self.insert(object_name, tuple(row), (tuple(row.values()),))

    def update(self, object_name: str, record_id: str, changes: Mapping[str, Value]) -> None:
        """Change fields of one row."""
        self._db.execute(_updating(object_name, tuple(changes)), (*changes.values(), record_id))

    def remove(self, object_name: str, record_id: str) -> None:
        """Take one row out for good."""
        self._db.execute(f'DELETE FROM {quoted(object_name)} WHERE "Id" = ?', (record_id,))  # noqa: S608

    def move(self, object_name: str, name: str, old: str, new: str) -> None:
        """Let the rows that point to one record point to another."""
        column = quoted(name)
        self._db.execute(f"UPDATE {quoted(object_name)} SET {column} = ? WHERE {column} = ?", (new, old))  # noqa: S608

    def row(self, object_name: str, record_id: str) -> Row | None:
        """One row by id, deleted or not."""
        return next(self.find(object_name, Id=record_id), None)

    def find(self, object_name: str, **equal: Value) -> Iterator[Row]:
        """The rows, deleted ones included, in which these fields have these values."""
        where = " AND ".join(f"{quoted(name)} IS ?" for name in equal) or "1"
        cursor = self.run(f"SELECT * FROM {quoted(object_name)} WHERE {where}", tuple(equal.values()))  # noqa: S608
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)

    def run(self, sql: str, parameters: Sequence[Value] = ()) -> sqlite3.Cursor:
        """Any statement."""
        return self._db.execute(sql, parameters)

    @contextmanager
    def all_or_none(self) -> Iterator[None]:
        """What is written within is undone when an exception leaves; may be nested."""
        name = f"s{self._depth}"
        self._depth += 1
        self._db.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            self._db.execute(f"ROLLBACK TO {name}")
            raise
        finally:
            self._depth -= 1
            self._db.execute(f"RELEASE {name}")

    def _index(self, sobject: SObject, field: Field) -> None:
        if field.type == "id" or not is_indexed(field):
            return
        table, column = quoted(sobject.name), quoted(field.name)
        also = ', "Id"' if field.name == "SystemModstamp" else ""
        self._db.execute(f"CREATE INDEX {quoted(f'{sobject.name}.{field.name}')} ON {table} ({column}{also})")


@lru_cache
def _inserting(object_name: str, names: tuple[str, ...]) -> str:
    columns = ", ".join(quoted(name) for name in names)
    return f"INSERT INTO {quoted(object_name)} ({columns}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608


@lru_cache
def _updating(object_name: str, names: tuple[str, ...]) -> str:
    pairs = ", ".join(f"{quoted(name)} = ?" for name in names)
    return f'UPDATE {quoted(object_name)} SET {pairs} WHERE "Id" = ?'  # noqa: S608


def is_indexed(field: Field) -> bool:
    """Whether rows are found quickly by this field."""
    return field.type == "id" or field.name in INDEXED or field.has("E")


def quoted(name: str) -> str:
    """A name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def _column(field: Field, object_name: str) -> str:
    if field.name == "Name" and object_name in FULL_NAMES:
        return (
            '"Name" TEXT COLLATE NOCASE AS '
            """(CASE WHEN "FirstName" IS NULL THEN "LastName" ELSE "FirstName" || ' ' || "LastName" END)"""
        )
    if field.type == "id":
        return f"{quoted(field.name)} TEXT PRIMARY KEY"
    return f"{quoted(field.name)} {_affinity(field.type)}"


def _affinity(type_name: str) -> str:
    if type_name in IDS or type_name == "date":
        return "TEXT"
    if type_name in TEXT:
        return "TEXT COLLATE NOCASE"
    return "REAL" if type_name in DECIMALS else "INTEGER"

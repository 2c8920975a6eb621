"""A store with a history: rows that the connector wrote itself, copied under other ids and years back."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Column, Connection, Index, text
from sqlmodel import SQLModel

from connector.store import Store

DAYS = 3 * 365
"""The copies are spread evenly over so many days."""

STRIDE = 4
"""The ids of a copy lie so many times the number of copied leads above those of the one before."""

NUMBERED = ("decision", "decision_batch", "assignment", "assignment_event", "outbox")
TABLES = ("lead", "identity", "decision_input", *NUMBERED)
_NUMBERS = {"decision_id", "first_decision", "last_decision", "batch_id", "assignment_id"}
_OVER = "id % 50 <> 0"
_END = "CASE WHEN id % 3 = 0 THEN 'won' ELSE 'lost' END"
_CHANGED = {
    ("lead", "settled_at"): "{changed_at}",
    ("lead", "owner"): "coalesce(wanted_owner, owner)",
    ("lead", "written_partner"): "partner",
    ("lead", "look_again_at"): "CASE WHEN CAST(id AS INTEGER) % 50 = 0 THEN look_again_at END",
    ("identity", "email"): "'{copy}-' || email",
    ("identity", "phone"): "phone || '{copy}'",
    ("identity", "domain"): "'c{copy}-' || domain",
    ("identity", "brand"): "'c{copy}-' || brand",
    ("identity", "begins"): "begins || '{copy}'",
    ("assignment", "open"): f"NOT ({_OVER})",
    ("assignment", "state"): f"CASE WHEN {_OVER} THEN {_END} ELSE 'accepted' END",
    ("assignment", "ended_because"): f"CASE WHEN {_OVER} THEN {_END} END",
    ("assignment", "ended_at"): f"CASE WHEN {_OVER} THEN {{since}} END",
    ("outbox", "state"): "'settled'",
    ("outbox", "sent"): "true",
    ("outbox", "settled_at"): "{created_at}",
}
"""What is otherwise in a copy: other persons and companies; of fifty assignments 49 were won or lost, the
others are open still, as one in fifty held leads is; all writes have arrived."""


def grow(store: Store, base: int, copies: range, of: int) -> None:
    """Add copies, by their numbers, of the first `base` leads and of all that was decided on them.

    `of` is how many copies there will be in the end, of which the last happened three years ago. What else
    is decided between two calls is not copied; of that there may be as much as of the first leads.
    """
    indexes = [index for name in (*TABLES, "progress") for index in _indexes(name)]
    with _fast(store) as connection:
        for index in indexes:
            index.drop(connection)
        for copy in copies:
            for statement in _statements(connection, base, copy, copy * DAYS // of):
                connection.execute(text(statement))
        for index in indexes:
            index.create(connection)
        _settle(connection)


def _indexes(table: str) -> list[Index]:
    return sorted(SQLModel.metadata.tables[table].indexes, key=lambda index: str(index.name))


@contextmanager
def _fast(store: Store) -> Iterator[Connection]:
    """A connection that may lose everything in a crash; afterwards all is as safe as before."""
    on_sqlite = store.engine.dialect.name == "sqlite"
    before = ["journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"]
    after = ["journal_mode=WAL", "synchronous=FULL", "cache_size=-2000"]
    store.engine.dispose()
    with store.engine.connect() as connection:
        for setting in before if on_sqlite else ():
            connection.connection.cursor().execute(f"PRAGMA {setting}")
        if not on_sqlite:
            connection.execute(text("SET synchronous_commit = off"))
            connection.execute(text("SET maintenance_work_mem = '256MB'"))
        yield connection
        connection.commit()
        for setting in after if on_sqlite else ():
            connection.connection.cursor().execute(f"PRAGMA {setting}")
    store.engine.dispose()


def _settle(connection: Connection) -> None:
    """Let PostgreSQL count on, and know how much there is of what, as it would have learned on the way."""
    if connection.dialect.name != "postgresql":
        return
    for table in NUMBERED:
        connection.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))  # noqa: S608
    connection.execute(text("ANALYZE"))


def _statements(connection: Connection, base: int, copy: int, days: int) -> Iterator[str]:
    """The statements that make one copy, so many days back."""
    back = f"strftime('%Y-%m-%d %H\\:%M\\:%f', {{0}}, '-{days} days') || '000'"
    if connection.dialect.name == "postgresql":
        back = f"{{0}} - interval '{days} days'"
    shift = copy * STRIDE * base
    for table in TABLES:
        key = "decision_id" if table == "decision_input" else "id"
        first = f"id < '{base:09d}'" if table in ("lead", "identity") else f"{key} <= {base}"
        columns = SQLModel.metadata.tables[table].columns
        names = ", ".join(f'"{column.name}"' for column in columns)
        values = ", ".join(_value(table, column, copy, shift, back) for column in columns)
        yield f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}" WHERE {first}'  # noqa: S608
    copied = f"FROM assignment WHERE id > {shift} AND id <= {shift + base}"
    # The last step in the lives of those that are over, and what their CRM last said of them.
    yield (
        "INSERT INTO assignment_event "
        '(id, assignment_id, crm, lead_id, ledger, partner, at, was, state, "by") '
        f"SELECT id + {base}, id, crm, lead_id, ledger, partner, ended_at, 'assigned', state, 'crm'"
        f" {copied} AND NOT open"
    )
    yield (
        "INSERT INTO progress (crm, id, status, open, converted, won, open_deals, checked_at) "
        f"SELECT crm, lead_id, state, open, false, CASE WHEN open THEN NULL ELSE state = 'won' END, 0, since "
        f"{copied}"
    )


def _value(table: str, column: Column[object], copy: int, shift: int, back: str) -> str:
    """A copy's value of a column, in SQL."""
    name, by_lead = column.name, table in ("lead", "identity")
    if (table, name) in _CHANGED:
        times = {key: back.format(key) for key in ("changed_at", "created_at", "since")}
        return _CHANGED[table, name].format(copy=copy, **times)
    if name in _NUMBERS or (name == "id" and not by_lead):
        return f'"{name}" + {shift}'
    if name in ("id", "lead_id"):
        return f"'c{copy}-' || \"{name}\""
    return back.format(f'"{name}"') if column.type.python_type.__name__ == "datetime" else f'"{name}"'

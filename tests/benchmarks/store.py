"""The store: decided and recorded leads a second beside raw inserts, a million decisions, size, memory."""

import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.sql import quoted_name
from sqlmodel import SQLModel

from connector.config import load
from connector.model.lead import Lead
from connector.routing.policy import Policy
from connector.store import Store, StoreSettings
from connector.store.intake import take_in
from connector.sync.decide import decide_waiting
from tests.benchmarks.main_job import NOW, leads_of
from tests.builders import ROOT
from tests.conftest import a_database, a_server

BATCH = 200
RECORDED = ("decision", "decision_input", "decision_batch", "assignment", "assignment_event", "outbox")
"""The tables whose rows a decision adds; that its lead's row is updated comes on top."""


def main(*, short: bool = False) -> None:
    """Print every figure, for both databases."""
    count, stored = (1_000, 10_000) if short else (10_000, 1_000_000)
    policy = load(ROOT / "config.toml").policy
    for name, opened in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
        with opened() as store:
            print(f"{name}: {speed(store, policy, count)}")
            print(f"{name}: {growth(store, policy, count, stored)}")
    print(memory(policy, count // 2))


@contextmanager
def sqlite() -> Iterator[Store]:
    """A new SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(StoreSettings(url="sqlite:///bench.db"), Path(folder))
        yield store
        store.close()


@contextmanager
def postgresql() -> Iterator[Store]:
    """A new database of a PostgreSQL server of its own, with the durability that it has by default."""
    with a_server() as server:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        with a_database(url, "template1") as settings:
            store = Store.open(settings, Path())
            yield store
            store.close()


def speed(store: Store, policy: Policy, count: int) -> str:
    """Decided and recorded leads a second as a ratio to raw inserts of the same rows, and bytes a lead."""
    empty = size_of(store)
    fill(store, 0, count)
    took = decided(store, policy)
    grown = size_of(store) - empty
    rows = recorded(store)
    raw = inserted(store, rows)
    each = sum(map(len, rows.values())) / count
    return (
        f"{count / took:,.0f} leads a second decided and recorded, {raw / took:.2f} of the "
        f"{count / raw:,.0f} a second of raw inserts of the same rows ({each:.1f} a lead); "
        f"{grown / count:,.0f} bytes a lead"
    )


def fill(store: Store, start: int, count: int) -> None:
    """Leads that wait."""
    made = [of_their_own(lead, number) for number, lead in enumerate(leads_of(start, count), start)]
    for begin in range(0, count, 1000):
        with store.transaction() as session:
            take_in(session, "salesforce", made[begin : begin + 1000], NOW)


def of_their_own(lead: Lead, number: int) -> Lead:
    """The sandbox knows a few hundred companies; here two leads share one, as in a CRM that has grown."""
    own = {
        "company": f"{lead.fields.get('company', 'Company')} {number // 2}",
        "email": f"p{number}@company{number // 2}.example",
        "website": f"company{number // 2}.example",
        "phone": f"+49 30 {number:08d}",
        "last_name": f"Person {number}",
    }
    return replace(lead, fields={**lead.fields, **own})


def decided(store: Store, policy: Policy) -> float:
    """Seconds to decide and record all that waits."""
    began = time.perf_counter()
    decide_waiting(policy, store, ["salesforce"], "live", "bench", lambda: NOW, lambda done: None)
    return time.perf_counter() - began


def recorded(store: Store) -> dict[str, list[dict[str, Any]]]:
    """The rows that decisions added, by table."""
    with store.looking() as session:
        return {
            name: [dict(row) for row in session.execute(select(SQLModel.metadata.tables[name])).mappings()]
            for name in RECORDED
        }


def inserted(store: Store, rows: dict[str, list[dict[str, Any]]]) -> float:
    """Seconds for raw inserts of rows into tables of the same shape, in transactions of as many leads."""
    prepared = {name: raw_values(store, name, some) for name, some in rows.items()}
    batches = -(-len(rows["decision"]) // BATCH)
    with store.engine.connect() as connection:
        mirrors = {name: mirror(connection, name) for name in rows}
        connection.commit()
        cursor = connection.connection.cursor()
        began = time.perf_counter()
        for number in range(batches):
            cursor.execute("BEGIN")
            for name, values in prepared.items():
                part = values[number * len(values) // batches : (number + 1) * len(values) // batches]
                if part:
                    cursor.executemany(mirrors[name], part)
            cursor.execute("COMMIT")
        took = time.perf_counter() - began
        cursor.close()
    return took


def mirror(connection: Connection, name: str) -> str:
    """An empty table with the columns and indexes of another, and the statement that inserts into it."""
    table = SQLModel.metadata.tables[name]
    copy = table.to_metadata(type(table.metadata)(), name=f"raw_{name}")
    for index in copy.indexes:
        index.name = quoted_name(f"raw_{index.name}", quote=None)
    copy.create(connection)
    return str(insert(copy).compile(connection.engine))


def raw_values(store: Store, name: str, rows: Sequence[dict[str, Any]]) -> list[Any]:
    """Rows as the driver takes them, so that only the inserting is timed."""
    dialect = store.engine.dialect
    table = SQLModel.metadata.tables[name]
    compiled = insert(table).compile(dialect=dialect)
    binds = {
        column.name: column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns
    }
    made = [{key: bind(row[key]) if (bind := binds[key]) else row[key] for key in row} for row in rows]
    names = compiled.positiontup
    return [tuple(row[key] for key in names) for row in made] if names else made


def growth(store: Store, policy: Policy, count: int, stored: int) -> str:
    """The speed with many decisions stored, as a ratio to that with few."""
    fill(store, 10_000_000, count)
    few = count / decided(store, policy)
    multiply(store, stored)
    fill(store, 20_000_000, count)
    many = count / decided(store, policy)
    with store.looking() as session:
        held = session.scalar(select(func.count()).select_from(SQLModel.metadata.tables["decision"]))
    return f"with {held:,} decisions stored {many:,.0f} leads a second, {many / few:.2f} of the speed before"


def multiply(store: Store, wanted: int) -> None:
    """Copies of what is stored, under other ids, until there are so many decisions."""
    with store.looking() as session:
        held = session.scalar(text("SELECT max(id) FROM decision")) or 0
    for number in range(1, wanted // held + 1):
        shift = {"shift": number * held, "held": held, "tag": f"x{number}-"}
        with store.engine.begin() as connection:
            for table in ("decision", "decision_input", "outbox", "assignment", "lead"):
                connection.execute(text(copying(table)), shift)
    if store.engine.dialect.name == "sqlite":
        return
    with store.engine.begin() as connection:
        for table in ("decision", "outbox", "assignment"):
            connection.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))  # noqa: S608
        connection.execute(text("ANALYZE"))


def copying(table: str) -> str:
    """The statement that copies the first rows of a table; assignments are over, writes settled."""
    columns = SQLModel.metadata.tables[table].columns
    changed = {
        "lead_id": ":tag || lead_id",
        "decision_id": "decision_id + :shift",
        **({"open": "false", "state": "'won'"} if table == "assignment" else {}),
        **({"state": "'settled'"} if table == "outbox" else {}),
        "id": ":tag || id" if table == "lead" else "id + :shift",
    }
    key = "id" if "id" in columns else "decision_id"
    values = ", ".join(changed.get(c.name, f'"{c.name}"') for c in columns)
    names = ", ".join(f'"{c.name}"' for c in columns)
    first = "WHERE id < 'x'" if table == "lead" else f"WHERE {key} <= :held"
    return f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}" {first}'  # noqa: S608


def size_of(store: Store) -> int:
    """Bytes on disk."""
    if store.engine.dialect.name == "sqlite":
        store.forget()
        return Path(str(store.engine.url.database)).stat().st_size
    with store.looking() as session:
        return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def memory(policy: Policy, count: int) -> str:
    """The peak of what Python holds while deciding few and five times as many leads."""
    peaks = []
    for leads in (count, count * 5):
        with sqlite() as store:
            fill(store, 0, leads)
            tracemalloc.start()
            decided(store, policy)
            peaks.append(tracemalloc.get_traced_memory()[1] / 1e6)
            tracemalloc.stop()
    return f"peak memory of deciding {count:,} leads {peaks[0]:.1f} MB, of {count * 5:,} {peaks[1]:.1f} MB"

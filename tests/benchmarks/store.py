"""The store: decided and recorded leads a second beside raw inserts, from ten thousand to a million."""

import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.sql import quoted_name
from sqlmodel import SQLModel, col

from connector.config import load
from connector.model.lead import Lead
from connector.routing.policy import Policy
from connector.store import Store, StoreSettings
from connector.store.intake import take_in
from connector.store.tables import DecisionRow
from connector.sync.decide import decide_waiting
from tests.benchmarks.grown import grow
from tests.benchmarks.main_job import NOW, leads_of
from tests.builders import ROOT
from tests.conftest import a_database, a_server

BATCH = 200
RECORDED = ("decision", "decision_input", "decision_batch", "assignment", "assignment_event", "outbox")
"""The tables whose rows a decision adds; that its lead's row is updated comes on top."""
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Figures:
    """Leads a second taken in, decided and recorded, and of raw inserts; the process's own ms of CPU a lead
    for the last two, which tell more where others work too; its peak memory in MB."""

    intake: float
    decided: float
    cpu: float
    raw: float
    raw_cpu: float
    rows: float
    memory: float

    def told(self) -> str:
        """In one line."""
        return (
            f"{self.decided:,.0f} leads a second decided and recorded, {self.decided / self.raw:.2f} of the "
            f"{self.raw:,.0f} of raw inserts of the same rows ({self.rows:.1f} a lead); "
            f"{self.cpu:.2f} and {self.raw_cpu:.2f} ms of CPU a lead; {self.intake:,.0f} a second taken in; "
            f"peak memory {self.memory:.0f} MB"
        )


def main(*, short: bool = False) -> None:
    """Print every figure, for both databases."""
    base, sizes, count = (1_000, (1, 5), 200) if short else (10_000, (1, 10, 100), 1_000)
    policy = load(ROOT / "config.toml").policy
    for name, opened in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
        with opened() as (store, settings):
            empty = size_of(store)
            fill(store, 0, base)
            decided(store, policy)
            copied = 1
            for size in sizes:
                if size > 1:
                    grow(store, base, range(copied, size), max(sizes))
                copied = size
                if size == max(sizes):
                    each = (size_of(store) - empty) / (base * size)
                figures = measured(settings, (10 + size) * 1_000_000, count)
                print(f"{name}, {base * size:,} decisions stored: {figures.told()}")
            print(f"{name}: {each:,.0f} bytes a lead")


@contextmanager
def sqlite() -> Iterator[tuple[Store, StoreSettings]]:
    """A new SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        settings = StoreSettings(url=f"sqlite:///{folder}/bench.db")
        store = Store.open(settings, Path(folder))
        yield store, settings
        store.close()


@contextmanager
def postgresql() -> Iterator[tuple[Store, StoreSettings]]:
    """A new database of a PostgreSQL server of its own, with the durability that it has by default."""
    with a_server() as server:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        with a_database(url, "template1") as settings:
            store = Store.open(settings, Path())
            yield store, settings
            store.close()


def measured(settings: StoreSettings, start: int, count: int) -> Figures:
    """Figures of new leads on top of what is stored: medians of three rounds, in a process of their own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (settings, start, count))


def _measured(settings: StoreSettings, start: int, count: int) -> Figures:
    store, policy = Store.open(settings, Path()), load(ROOT / "config.toml").policy
    rounds = [_round(store, policy, start + each * count, count) for each in range(ROUNDS)]
    memory = _most_memory()
    raw = [_raw(store, start + each * count, count) for each in range(ROUNDS)]
    store.close()
    intake, speed, cpu = (median(figures) for figures in zip(*rounds, strict=True))
    raw_speed, raw_cpu, rows = (median(figures) for figures in zip(*raw, strict=True))
    return Figures(intake, speed, cpu, raw_speed, raw_cpu, rows, memory)


def _most_memory() -> float:
    """The most that this process took so far, in MB; getrusage would count in the one that it came from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _round(store: Store, policy: Policy, start: int, count: int) -> tuple[float, float, float]:
    took_in, before = fill(store, start, count), time.process_time()
    speed = count / decided(store, policy)
    return count / took_in, speed, (time.process_time() - before) / count * 1000


def _raw(store: Store, start: int, count: int) -> tuple[float, float, float]:
    """Leads a second of raw inserts of the rows that deciding these leads added; ms of CPU, rows a lead."""
    rows = recorded(store, f"{start:09d}", f"{start + count:09d}")
    took, cpu = inserted(store, rows)
    return count / took, cpu / count * 1000, sum(map(len, rows.values())) / count


def fill(store: Store, start: int, count: int) -> float:
    """Seconds to take in new leads."""
    made = [of_their_own(lead, number) for number, lead in enumerate(leads_of(start, count), start)]
    began = time.perf_counter()
    for begin in range(0, count, BATCH):
        with store.transaction() as session:
            take_in(session, "salesforce", made[begin : begin + BATCH], NOW)
    return time.perf_counter() - began


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


def recorded(store: Store, first: str, end: str) -> dict[str, list[dict[str, Any]]]:
    """The rows that decisions on leads from `first` to before `end` added, by table."""
    tables = SQLModel.metadata.tables
    wanted: Any
    of_leads = (col(DecisionRow.crm) == "salesforce", col(DecisionRow.lead_id).between(first, end))
    with store.looking() as session:
        ids = list(session.scalars(select(col(DecisionRow.id)).where(*of_leads)))
        found = {}
        for name in RECORDED:
            table = tables[name]
            if name == "decision_batch":
                wanted = table.c.first_decision.in_(ids)
            elif name == "decision_input":
                wanted = table.c.decision_id.in_(ids)
            else:
                wanted = (table.c.crm == "salesforce") & table.c.lead_id.between(first, end)
            found[name] = [dict(row) for row in session.execute(select(table).where(wanted)).mappings()]
    return found


def inserted(store: Store, rows: dict[str, list[dict[str, Any]]]) -> tuple[float, float]:
    """Seconds, and seconds of CPU, for raw inserts of rows into tables of the same shape, so many leads at a
    time as are decided together."""
    prepared = {name: raw_values(store, name, some) for name, some in rows.items()}
    batches = -(-len(rows["decision"]) // BATCH)
    with store.engine.connect() as connection:
        mirrors = {name: mirror(connection, name) for name in rows}
        connection.commit()
        cursor = connection.connection.cursor()
        began, before = time.perf_counter(), time.process_time()
        for number in range(batches):
            cursor.execute("BEGIN")
            for name, values in prepared.items():
                part = values[number * len(values) // batches : (number + 1) * len(values) // batches]
                if part:
                    cursor.executemany(mirrors[name], part)
            cursor.execute("COMMIT")
        took, cpu = time.perf_counter() - began, time.process_time() - before
        cursor.close()
        for name in rows:
            connection.execute(text(f"DROP TABLE raw_{name}"))
        connection.commit()
    return took, cpu


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


def size_of(store: Store) -> int:
    """Bytes on disk."""
    if store.engine.dialect.name == "sqlite":
        store.forget()
        return Path(str(store.engine.url.database)).stat().st_size
    with store.looking() as session:
        return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)

"""A database in trouble says what is wrong and what to do, and nothing that was committed is lost."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from sqlalchemy import event
from structlog.testing import capture_logs

from connector.store import Store, StoreSettings
from connector.store.engine import StoreTrouble, StoreUnusable
from connector.store.intake import take_in
from connector.sync.schedule import Teller
from tests.builders import leads
from tests.conftest import NOW
from tests.store.test_store import waiting_ids

SQLITE = StoreSettings(url="sqlite:///x.db")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(SQLITE, tmp_path)
    yield opened
    opened.close()


def took_in(store: Store, count: int, text: str = "") -> None:
    with store.transaction() as session:
        take_in(session, "salesforce", leads(count, description=text), NOW)


@contextmanager
def with_pragma(store: Store, pragma: str) -> Iterator[None]:
    """Every connection meanwhile is bound by it."""

    def bind(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA {pragma}").close()

    store.engine.dispose()
    event.listen(store.engine, "connect", bind)
    yield
    event.remove(store.engine, "connect", bind)
    store.engine.dispose()


def test_a_full_disk_loses_nothing_and_work_goes_on_when_there_is_room(store: Store, tmp_path: Path) -> None:
    took_in(store, 5)
    pages = (tmp_path / "x.db").stat().st_size // 4096
    with (
        with_pragma(store, f"max_page_count={pages + 4}"),
        pytest.raises(StoreTrouble, match="is full; nothing is lost: make room on its disk"),
    ):
        took_in(store, 100, "x" * 2000)
    assert len(waiting_ids(store)) == 5
    took_in(store, 100, "x" * 2000)
    assert len(waiting_ids(store)) == 100


def test_a_read_only_database_says_what_to_do(store: Store) -> None:
    with (
        with_pragma(store, "query_only=ON"),
        pytest.raises(StoreTrouble, match="readonly database; nothing is lost: let this user write the file"),
    ):
        took_in(store, 1)


def test_a_database_that_another_program_holds_says_so(store: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            with_pragma(store, "busy_timeout=1"),
            pytest.raises(StoreTrouble, match="is locked; nothing is lost: another program holds it"),
        ):
            took_in(store, 1)
    took_in(store, 1)


@pytest.mark.parametrize("damage", ["no database at all", "a torn page"])
def test_a_damaged_file_asks_for_a_backup(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "x.db"
    store = Store.open(SQLITE, tmp_path)
    took_in(store, 50, "x" * 500)
    store.forget()
    store.close()
    whole = path.read_bytes()
    path.write_bytes(
        b"hello" * 2000 if damage == "no database at all" else whole[:4096] + b"\xff" * (len(whole) - 4096)
    )
    with pytest.raises(StoreUnusable, match=r"put a backup in its place"):
        Store.open(SQLITE, tmp_path)


def test_a_folder_that_is_not_there_is_to_be_made(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="No such file or directory"):
        Store.open(StoreSettings(url="sqlite:///no/such/x.db"), tmp_path)


def test_the_file_and_its_companions_are_their_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch(mode=0o644)
    store = Store.open(SQLITE, tmp_path)
    took_in(store, 5)
    found = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("x.db*")}
    store.close()
    assert found == {"x.db": 0o600, "x.db-wal": 0o600, "x.db-shm": 0o600}


def test_a_trouble_that_lasts_is_told_once_and_its_end_as_well() -> None:
    teller = Teller()
    full = SimpleNamespace(job_id="cycle", code=EVENT_JOB_ERROR, exception=StoreTrouble("the disk is full"))
    unforeseen = SimpleNamespace(job_id="cycle", code=EVENT_JOB_ERROR, exception=ValueError("mia@x.example"))
    fine = SimpleNamespace(job_id="cycle", code=EVENT_JOB_EXECUTED)
    with capture_logs() as logs:
        for happened in (fine, full, full, full, unforeseen, fine, fine):
            teller.tell(happened)
    assert [(log["event"], log.get("because")) for log in logs] == [
        ("cycle.failed", "the disk is full"),
        ("cycle.failed", None),
        ("cycle.works_again", None),
    ]


def test_a_process_that_was_stopped_while_it_waited_for_its_turn_says_so(
    postgres: StoreSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL ended its transaction meanwhile, which the driver counts among its internal errors."""
    store, execute = Store.open(postgres, tmp_path), psycopg.Connection.execute

    def too_late(wire: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        if "advisory" in str(query):
            raise psycopg.errors.IdleInTransactionSessionTimeout("idle-in-transaction timeout")
        return execute(wire, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Connection, "execute", too_late)
    with pytest.raises(StoreTrouble, match="idle-in-transaction timeout; nothing is lost"):
        took_in(store, 3)
    monkeypatch.undo()
    took_in(store, 3)
    assert len(waiting_ids(store)) == 3
    store.close()

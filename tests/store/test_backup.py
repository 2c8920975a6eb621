"""A backup is a whole database of one moment, whatever goes on meanwhile, and loads into either dialect."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from connector.store import Store, StoreSettings
from connector.store.backup import back_up, restore
from connector.store.engine import opening
from connector.store.schema import HEAD, StoreUnusable
from tests.builders import leads
from tests.conftest import a_database
from tests.store.test_schema import old_file
from tests.store.test_store import assign, hold, recorded, took_in


def contents(store: Store) -> dict[str, list[Any]]:
    with store.looking() as session:
        return {
            table.name: sorted(
                orjson.dumps(dict(row), default=repr, option=orjson.OPT_SORT_KEYS)
                for row in session.execute(select(table)).mappings()
            )
            for table in SQLModel.metadata.sorted_tables
        }


@pytest.fixture
def filled(store: Store) -> Store:
    took_in(store, *leads(30, email="müller@x.example", employees=3))
    recorded(store, *(assign(lead) for lead in leads(20)), *(hold(lead) for lead in leads(30)[20:]))
    return store


def test_a_backup_holds_everything_and_is_its_owners_alone(filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "backup.db"
    assert back_up(filled.engine, path) == 30
    assert path.stat().st_mode & 0o777 == 0o600
    copy = Store.open(StoreSettings(url=f"sqlite:///{path}"), tmp_path)
    assert contents(copy) == contents(filled)
    copy.close()
    with pytest.raises(StoreUnusable, match=r"there is a file .*backup.db already"):
        back_up(filled.engine, path)


@pytest.fixture
def another_postgres(postgres_url: str, postgres_template: str) -> Iterator[str]:
    with a_database(postgres_url, postgres_template) as settings:
        yield settings.url


@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
def test_a_backup_loads_into_an_empty_database_of_either_dialect_and_work_goes_on(
    filled: Store, into: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    back_up(filled.engine, tmp_path / "backup.db")
    url = f"sqlite:///{tmp_path}/new.db" if into == "sqlite" else request.getfixturevalue("another_postgres")
    with opening(url, tmp_path) as engine:
        assert restore(tmp_path / "backup.db", engine) == 30
        engine.dispose()
    again = Store.open(StoreSettings(url=url), tmp_path)
    assert contents(again) == contents(filled)
    recorded(again, assign(leads(30)[25]))
    assert len(contents(again)["decision"]) == 31
    with pytest.raises(StoreUnusable, match="is in use already"):
        restore(tmp_path / "backup.db", again.engine)
    again.close()


def test_a_backup_while_decisions_are_made_is_of_one_moment(store: Store, tmp_path: Path) -> None:
    took_in(store, *leads(300))
    began, stop = threading.Event(), threading.Event()

    def work() -> None:
        for lead in leads(300):
            recorded(store, assign(lead))
            began.set()
            if stop.is_set():
                return

    worker = threading.Thread(target=work)
    worker.start()
    began.wait()
    try:
        counts = [back_up(store.engine, tmp_path / f"{number}.db") for number in range(3)]
    finally:
        stop.set()
        worker.join()
    assert counts == sorted(counts)
    for number, count in enumerate(counts):
        with closing(sqlite3.connect(tmp_path / f"{number}.db")) as copy:
            for table in ("assignment", "outbox"):
                rows = copy.execute(f"SELECT 1 FROM {table}").fetchall()  # noqa: S608
                assert len(rows) == count
            assert copy.execute("SELECT sum(units) FROM credit").fetchone() == (0,)


def test_an_older_backup_is_upgraded_on_the_way_and_stays_as_it_is(tmp_path: Path) -> None:
    path = old_file(tmp_path)
    before = path.read_bytes()
    with opening(f"sqlite:///{tmp_path}/new.db", tmp_path) as engine:
        assert restore(path, engine) == 6
        engine.dispose()
    assert path.read_bytes() == before
    with closing(sqlite3.connect(tmp_path / "new.db")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database at all, but a text that is long enough to look like one")
    with opening(f"sqlite:///{tmp_path}/new.db", tmp_path) as engine:
        with pytest.raises(StoreUnusable, match="is no backup of this connector, or damaged"):
            restore(tmp_path / "x.db", engine)
        with pytest.raises(StoreUnusable, match="there is no backup"):
            restore(tmp_path / "y.db", engine)
        engine.dispose()

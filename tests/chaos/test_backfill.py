"""A long backfill, killed on its way, goes on where it was."""

import os
import resource
import time
from pathlib import Path

import pytest

from connector.sandbox.server import Sandbox
from connector.store import StoreSettings
from tests.chaos.nursery import Nursery
from tests.chaos.run import Fire
from tests.chaos.tally import Tally

LEADS = int(os.environ.get("CONNECTOR_BACKFILL", "100000"))
"""How many leads there are; CONNECTOR_BACKFILL=1000000 for a million, given some hours and memory."""


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
    before = time.monotonic()
    for calls in (7, leads // 400, leads // 100):
        fire.killed_after(calls, fire.start())
    assert nursery.wait(fire.start()) == 0, fire.log()
    took = time.monotonic() - before
    fire.quiet(2)
    fire.proven()
    assert fire.tally.leads == leads
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    with capsys.disabled():
        print(  # noqa: T201  # the figures are what the proof is for
            f"\n{leads} leads, killed three times, done in {took:.0f} s, {leads / took:.0f} a second; "
            f"no process took more than {most:.0f} MB"
        )
    assert fire.tally.kills["any call"] == 3

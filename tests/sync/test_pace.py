"""The first touch, and when it came."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from connector.store import Store
from connector.store.pace import followed
from connector.sync.hearing import hear
from tests.builders import a_lead
from tests.conftest import NOW, Clock
from tests.sync.test_life import given_lead, says
from tests.sync.world import CsvWorld


def test_the_first_touch_is_the_crms_word_where_it_has_one(
    tmp_path: Path, store: Store, clock: Clock
) -> None:
    """Without such a field it is the moment at which the partner was first seen to work."""
    world = CsvWorld(tmp_path, store, clock)
    given_lead(world)
    says(world, partner_answer="Working")
    with store.looking() as session:
        (one,) = followed(session, NOW)
    assert one.touched_at == clock()
    called = one.since + timedelta(minutes=1)
    lead = replace(a_lead(1, crm="file"), fields={"first_touch": called.isoformat()})
    before = replace(lead, fields={"first_touch": (one.since - timedelta(days=1)).isoformat()})
    with store.transaction() as session:
        hear(session, world.cycle.policy, "file", [before, lead], clock())
    with store.looking() as session:
        assert next(followed(session, NOW)).touched_at == called

"""Partners answer in the CRM, on both CRMs, and their leads move on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.model.lead import Ref
from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import Sandbox
from connector.store import reading
from connector.store.life import steps_of, unexplained
from tests.conftest import NOW
from tests.stories.test_main_job import CRMS, state
from tests.stories.test_nothing_lost import add, of_every_record_type
from tests.stories.world import World, opened

ANSWER = {"salesforce": "Partner_Answer__c", "hubspot": "partner_answer"}
WHY = {"salesforce": "Decline_Reason__c", "hubspot": "decline_reason"}
STATUS = {"salesforce": "Status", "hubspot": "hs_lead_status"}
WORKING = {"salesforce": "Working - Contacted", "hubspot": "CONNECTED"}
LOST = {"salesforce": "Closed - Not Converted", "hubspot": "UNQUALIFIED"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Sandbox([], [], clock=SandboxClock(NOW)) as sandbox:
        yield World(sandbox, tmp_path, of_every_record_type)


def person_sets(world: World, ref: Ref, **values: str) -> None:
    crm = state(world, ref.crm)
    names = {"answer": ANSWER, "why": WHY, "status": STATUS}
    own = {names[name][ref.crm]: value for name, value in values.items()}
    world.on_crm(crm.edit, ref.id, own, "anke.petersen@nordwind-it.example")
    world.sandbox.clock.advance(120)


@pytest.mark.parametrize("crm", CRMS)
def test_partners_answer_in_the_crm(world: World, crm: str) -> None:
    add(world, crm, 3)
    world.run(cycles=2)
    with opened(world.sandbox, world.config()) as app:

        def partner(ref: Ref) -> str | None:
            with app.store.transaction() as session:
                return reading.decisions_of(session, ref)[-1].partner

        def states(ref: Ref) -> list[str]:
            with app.store.transaction() as session:
                return [step.state for step in steps_of(session, ref)]

        with app.store.transaction() as session:
            first, second, third = [
                ref for ref in reading.sample_refs(session, "assigned", 10) if ref.crm == crm
            ]
        before = partner(first)
        person_sets(world, first, answer="Declined", why="wrong region")
        person_sets(world, second, answer="Accepted")
        person_sets(world, third, status="OPEN" if crm == "hubspot" else "Open - Not Contacted")
        for _ in range(3):
            app.cycle.run()
            world.sandbox.clock.advance(60)
        assert states(first) == ["assigned", "declined", "assigned"]
        assert partner(first) != before
        held = world.on_crm(state(world, crm).detail, first.id)
        assert held.card.partner == app.config.policy.partners[str(partner(first))].name  # type: ignore[attr-defined]
        assert states(second) == ["assigned", "accepted"]
        person_sets(world, second, status=WORKING[crm])
        person_sets(world, third, status=LOST[crm])
        app.cycle.run()
        assert states(second) == ["assigned", "accepted", "working"]
        assert states(third) == ["assigned", "lost"]
        with app.store.transaction() as session:
            assert unexplained(session) == []
            assert sum(reading.assigned_by(session, "live").values()) == 2

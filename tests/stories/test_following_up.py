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


OFFERS = {"salesforce": "queue:Partner_Offers", "hubspot": "user:channel.americas@acme.example"}
CLAIM = {"salesforce": "Claimed_By__c", "hubspot": "claimed_by"}
OWNER = {"salesforce": "OwnerId", "hubspot": "hubspot_owner_id"}


def on_offer(text: str) -> str:
    """The shipped rules, with all leads of Germany, Austria and Switzerland on offer."""
    text = of_every_record_type(text).replace('pick = "round_robin" ', 'pick = "cherry_pick" ')
    for crm, place in (
        ("salesforce", 'fallback_owner = "queue:Channel_Triage"'),
        ("hubspot", 'fallback_owner = "user:channel.emea@acme.example"'),
    ):
        text = text.replace(place, f'offer_to = "{OFFERS[crm]}"\n{place}')
    text = text.replace(
        'decline_reason = "Decline_Reason__c"',
        'decline_reason = "Decline_Reason__c", claimed_by = "Claimed_By__c"',
    )
    return text.replace(
        'decline_reason = "decline_reason"', 'decline_reason = "decline_reason", claimed_by = "claimed_by"'
    )


@pytest.mark.parametrize("crm", CRMS)
def test_partners_claim_in_the_crm_and_one_of_two_wins(tmp_path: Path, crm: str) -> None:
    with Sandbox([], [], clock=SandboxClock(NOW)) as sandbox:
        world = World(sandbox, tmp_path, on_offer)
        add(world, crm, 2)
        with opened(sandbox, world.config()) as app:
            app.cycle.run()
            with app.store.looking() as session:
                first, second = [ref for ref in reading.sample_refs(session, "offered", 5) if ref.crm == crm]
            sandbox.clock.advance(1200)
            source = app.sources[crm]
            jonas = source._owners.get("user:jonas.weber@rheintal-cloud.example")  # type: ignore[attr-defined]
            assert jonas
            edit = state(world, crm).edit
            world.on_crm(
                edit, first.id, {CLAIM[crm]: "Nordwind IT GmbH"}, "anke.petersen@nordwind-it.example"
            )
            world.on_crm(
                edit, second.id, {CLAIM[crm]: "Nordwind IT GmbH"}, "anke.petersen@nordwind-it.example"
            )
            world.on_crm(edit, second.id, {OWNER[crm]: jonas.id}, "jonas.weber@rheintal-cloud.example")
            sandbox.clock.advance(60)
            for _ in range(4):
                app.cycle.run()
                sandbox.clock.advance(60)
            for ref in (first, second):
                held = source.read_back([ref.id])[ref.id].values
                assert held["owner"] == "user:anke.petersen@nordwind-it.example"
                assert held["claimed_by"] == held["partner"] == "Nordwind IT GmbH"
            world.on_crm(
                edit, first.id, {CLAIM[crm]: "Rheintal Cloud AG"}, "jonas.weber@rheintal-cloud.example"
            )
            sandbox.clock.advance(60)
            for _ in range(3):
                app.cycle.run()
                sandbox.clock.advance(60)
            held = source.read_back([first.id])[first.id].values
            assert held["claimed_by"] == "Nordwind IT GmbH"
            assert "was first; the claim of Rheintal Cloud AG came too late" in str(held["reason"])

"""Leads that are not ready ripen in a list, a campaign or under a status of the CRM, and come back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.model.lead import Ref
from connector.sandbox.clock import SandboxClock
from connector.sandbox.faults import Fault
from connector.sandbox.salesforce.permissions import Permissions
from connector.sandbox.server import Sandbox
from connector.store import reading
from tests.conftest import NOW
from tests.stories.test_least_rights import READ, SCOPES, with_permissions, with_scopes
from tests.stories.test_main_job import CRMS, state
from tests.stories.test_nothing_lost import add, of_every_record_type
from tests.stories.world import World, opened

BUDGET = {"salesforce": "Budget__c", "hubspot": "budget"}
STATUS = {"salesforce": "Status", "hubspot": "hs_lead_status"}
RIPENING = {"salesforce": "Working - Contacted", "hubspot": "BAD_TIMING"}
FRESH = {"salesforce": "Open - Not Contacted", "hubspot": "NEW"}
PLACE = {"salesforce": "campaign", "hubspot": "list"}


def nurturing(name: str = "Partner nurture", *, status: bool = True) -> Callable[[str], str]:
    def change(text: str) -> str:
        text = of_every_record_type(text)
        for crm in CRMS:
            text += f'\n[crm.{crm}.nurture]\n{PLACE[crm]} = "{name}"\n'
            if status:
                text += f'lead_status = "{RIPENING[crm]}"\n'
        # What stands for ripening here means being at work in the shipped file.
        text = text.replace('working = ["Working - Contacted"]', "")
        return text.replace('"UNQUALIFIED", "BAD_TIMING"', '"UNQUALIFIED"')

    return change


def members(world: World, crm: str) -> list[str]:
    """Who is in the list or campaign, by the CRM's own account."""

    def of_salesforce() -> list[str]:
        return [str(row["LeadId"]) for row in world.sandbox.org.store.find("CampaignMember", IsDeleted=0)]

    def of_hubspot() -> list[str]:
        (found,) = world.sandbox.portal.lists
        return [str(member) for member in found.members]

    return world.sandbox.run(of_salesforce if crm == "salesforce" else of_hubspot)


def status_of(world: World, crm: str, ref: Ref) -> Any:
    if crm == "salesforce":
        row = world.sandbox.run(world.sandbox.org.store.row, "Lead", ref.id)
        return row and row["Status"]
    record = world.sandbox.run(lambda: world.sandbox.portal.table("contacts").records[int(ref.id)])
    return record.values[STATUS[crm]]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox([], [], clock=SandboxClock(NOW)) as sandbox:
        yield sandbox


@pytest.mark.parametrize("crm", CRMS)
def test_a_lead_that_is_not_ready_ripens_and_comes_back_by_its_time_or_by_a_change(
    sandbox: Sandbox, tmp_path: Path, crm: str
) -> None:
    world = World(sandbox, tmp_path, nurturing())
    add(world, crm, 3, budget="No budget")
    with opened(sandbox, world.config()) as app:
        for _ in range(3):
            app.cycle.run()
            sandbox.clock.advance(60)
        with app.store.looking() as session:
            refs = reading.sample_refs(session, "nurture", 5)
        assert sorted(members(world, crm)) == sorted(ref.id for ref in refs)
        assert len(refs) == 3
        assert {status_of(world, crm, ref) for ref in refs} == {RIPENING[crm]}
        ready, later, rest = refs
        world.on_crm(state(world, crm).edit, ready.id, {BUDGET[crm]: "Approved"}, "sam.selling@acme.example")
        sandbox.clock.advance(60)
        for _ in range(2):
            app.cycle.run()
            sandbox.clock.advance(60)
        assert sorted(members(world, crm)) == sorted([later.id, rest.id])
        assert status_of(world, crm, ready) == FRESH[crm]
        with app.store.looking() as session:
            last = reading.decisions_of(session, ready)[-1]
        assert (last.outcome, last.reasons[0].code) == ("assigned", "ripened")
    # The rules change: what is looked at again a month later passes, without any change of the record.
    sandbox.clock.advance(31 * 86400)
    softer = World(
        sandbox,
        tmp_path,
        lambda text: nurturing()(text).replace('{ budget = "No budget" }', '{ budget = "Never" }'),
    )
    softer.run(cycles=2)
    assert members(world, crm) == []
    assert status_of(world, crm, later) == FRESH[crm]


@pytest.mark.parametrize("crm", CRMS)
def test_what_ripens_is_put_there_once_whatever_becomes_of_the_answer(
    sandbox: Sandbox, tmp_path: Path, crm: str
) -> None:
    world = World(sandbox, tmp_path, nurturing(status=False))
    add(world, crm, 2, budget="No budget")
    route = "composite/sobjects" if crm == "salesforce" else "memberships"
    fault = sandbox.run(sandbox.board.add, Fault("reset_after", crm=crm, route=route, times=2))
    world.run(cycles=6)
    assert sandbox.board.fired[fault.id] == 2
    assert len(members(world, crm)) == 2


@pytest.mark.parametrize("crm", CRMS)
def test_a_list_that_does_not_exist_parks_these_writes_alone_and_says_what_to_do(
    sandbox: Sandbox, tmp_path: Path, crm: str
) -> None:
    world = World(sandbox, tmp_path, nurturing("Nowhere"))
    add(world, crm, 1, budget="No budget")
    add(world, crm, 1, start=5)
    with opened(sandbox, world.config()) as app:
        for _ in range(3):
            app.cycle.run()
            sandbox.clock.advance(60)
        with app.store.looking() as session:
            (parked,) = reading.parked(session)
            assert sum(reading.assigned_by(session, "live").values()) == 1
        assert "Nowhere" in str(parked.error)
        assert "[crm.NAME.nurture]" in str(parked.fix)
        problems = app.sources[crm].problems([])
        assert [each for each in problems if "Nowhere" in each] == problems


def test_the_rights_that_are_listed_for_it_suffice_and_without_them_the_check_says_so(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    world = World(sandbox, tmp_path, nurturing(status=False))
    for number, crm in enumerate(CRMS):
        add(world, crm, 1, start=10 * number, budget="No budget")
    lists = ("crm.lists.read", "crm.lists.write")
    with_scopes(world, SCOPES)
    world.on_crm(with_permissions, world)
    with opened(sandbox, world.config()) as app:
        (of_salesforce,) = app.sources["salesforce"].problems([])
        assert "Campaign" in of_salesforce
        (of_hubspot,) = app.sources["hubspot"].problems([])
        assert "crm.lists.read" in of_hubspot
    with_scopes(world, (*SCOPES, *lists))
    sandbox.org.integration_permissions = Permissions(
        unreadable={one.name for one in sandbox.org.schema.values()} - {*READ, "Campaign", "CampaignMember"},
        create={"CampaignMember"},
        edit={"Lead", "Opportunity"},
        delete={"CampaignMember"},
        view_setup=False,
    )
    with opened(sandbox, world.config()) as app:
        for crm in CRMS:
            assert app.sources[crm].problems([]) == []
        assert not app.cycle.run().troubles
        assert [len(members(world, crm)) for crm in CRMS] == [1, 1]
        for crm in CRMS:
            (lead,) = members(world, crm)
            world.on_crm(state(world, crm).edit, lead, {BUDGET[crm]: "Approved"}, "sam.selling@acme.example")
        sandbox.clock.advance(60)
        assert not app.cycle.run().troubles
        assert [len(members(world, crm)) for crm in CRMS] == [0, 0]

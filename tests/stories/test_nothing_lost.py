"""Ordinary bad days on both CRMs at default settings: zero lost, zero repeated, counted on the CRM's side."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.commands.demo import _prove
from connector.sandbox.clock import SandboxClock
from connector.sandbox.faults import Fault
from connector.sandbox.server import Sandbox
from connector.store import reading
from connector.store.decisions import ledger_balance
from tests.conftest import NOW
from tests.stories.counting import owner_writes, owners_by_rule
from tests.stories.test_main_job import CRMS, state
from tests.stories.world import World, opened

OWNER = {"salesforce": "OwnerId", "hubspot": "hubspot_owner_id"}
LEAD = {"country": "DE", "employees": 300, "sharing_consent": True, "budget": "Approved", "phone": "+49 30 1"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Both CRMs with their people and no leads yet."""
    with Sandbox([], [], clock=SandboxClock(NOW)) as sandbox:
        yield World(sandbox, tmp_path, of_every_record_type)


def of_every_record_type(text: str) -> str:
    return text.replace('record_types = ["Partner_Lead"]', "")


def add(world: World, crm: str, count: int, start: int = 0, **fields: Any) -> None:
    """New leads in the intake, all stamped now."""
    made = [
        {**LEAD, "last_name": f"Lead {n}", "email": f"lead{n}@company{n}.example", **fields}
        for n in range(start, start + count)
    ]
    world.on_crm(lambda: state(world, crm).add_leads(made, owners="intake"))


def proven(world: World, crm: str, leads: int) -> None:
    """Every lead decided once, each owner written once and read back, the ledger level."""
    with opened(world.sandbox, world.config()) as app:
        proof = _prove(app)
        with app.store.transaction() as session:
            assigned = sum(reading.assigned_by(session, "live").values())
            assert set(ledger_balance(session).values()) <= {0}
            decided = list(reading.decided_refs(session))
    assert len(decided) == leads == assigned
    assert proof.unaccounted == ()
    assert proof.verified == proof.written == leads
    writes = owner_writes(world.sandbox, crm)
    assert len(writes) == leads
    assert set(writes.values()) == {1}


def cycles(world: World, count: int = 12) -> None:
    reports = world.run(cycles=count)
    assert not reports[-1].troubles


def add_thousands(world: World, crm: str, thousands: int) -> None:
    for batch in range(thousands):
        add(world, crm, 1_000, start=batch * 1_000)
        world.sandbox.clock.advance(1)


def all_read(world: World, crm: str, leads: int) -> None:
    """Every lead of the CRM was taken in and decided once; in shadow, so nothing was written."""
    first, second = world.run(cycles=2, mode="shadow")
    assert first.pulled["new"] == first.decided.total() == leads
    assert second.quiet
    assert not owner_writes(world.sandbox, crm)


@pytest.mark.parametrize("crm", CRMS)
def test_5000_changed_rows_in_one_window_are_all_read(world: World, crm: str) -> None:
    add_thousands(world, crm, 5)
    all_read(world, crm, 5_000)


@pytest.mark.parametrize("crm", CRMS)
def test_10500_rows_in_one_millisecond_are_all_read(world: World, crm: str) -> None:
    add(world, crm, 10_500)
    all_read(world, crm, 10_500)


@pytest.mark.chaos
@pytest.mark.parametrize("crm", CRMS)
def test_25000_changed_rows_in_one_window_are_all_written_once(world: World, crm: str) -> None:
    without = ("max_writes_per_hour = 20_000", "")
    world.change = lambda text: of_every_record_type(text).replace(*without)
    add_thousands(world, crm, 25)
    cycles(world, 2)
    proven(world, crm, 25_000)


@pytest.mark.chaos
@pytest.mark.parametrize("crm", CRMS)
def test_10500_rows_in_one_millisecond_are_all_written_once(world: World, crm: str) -> None:
    add(world, crm, 10_500)
    cycles(world, 2)
    proven(world, crm, 10_500)


@pytest.mark.parametrize("crm", CRMS)
def test_rows_that_are_edited_while_paging(world: World, crm: str) -> None:
    add(world, crm, 4_500 if crm == "salesforce" else 900)
    pages = {"salesforce": "/query", "hubspot": "/search"}
    for seed in range(20):
        fault = Fault("human_edit", crm=crm, route=pages[crm], seed=seed)
        world.on_crm(world.sandbox.board.add, fault)
    world.run()
    world.on_crm(world.sandbox.board.clear)
    cycles(world, 2)
    proven(world, crm, 4_500 if crm == "salesforce" else 900)


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.parametrize("late", [30, 600])
def test_rows_that_become_visible_late(world: World, crm: str, late: int) -> None:
    settings = state(world, crm).settings
    settings.late_every, settings.late_by = 3, late
    add(world, crm, 30)
    world.run(cycles=2)
    cycles(world, 25)
    proven(world, crm, 30)


@pytest.mark.parametrize("crm", CRMS)
def test_a_whole_run_of_random_trouble(world: World, crm: str) -> None:
    add(world, crm, 600)
    kinds = ("429", "500", "502", "503", "reset_before", "reset_after")
    for number, kind in enumerate(kinds):
        fault = Fault(kind, crm=crm, probability=0.06, seed=number)
        world.on_crm(world.sandbox.board.add, fault)
    world.run(cycles=30)
    assert world.sandbox.run(lambda: sum(world.sandbox.board.fired.values())) >= 5
    world.on_crm(world.sandbox.board.clear)
    cycles(world, 70)
    proven(world, crm, 600)


@pytest.mark.parametrize("crm", CRMS)
def test_a_partial_failure_of_a_batch(world: World, crm: str) -> None:
    add(world, crm, 250)
    reason = {"salesforce": "UNABLE_TO_LOCK_ROW", "hubspot": "CONFLICT"}[crm]
    kind = "row_lock" if crm == "salesforce" else "row_fail"
    fault = Fault(kind, crm=crm, every=7, times=30, params={"reason": reason, "category": reason})
    world.on_crm(world.sandbox.board.add, fault)
    world.run(cycles=10)
    assert world.sandbox.run(lambda: sum(world.sandbox.board.fired.values())) == 30
    cycles(world, 60)
    proven(world, crm, 250)


def test_a_token_that_expires_within_200_writes_while_an_assignment_rule_is_active(world: World) -> None:
    assert world.sandbox.org.settings.assignment_rule_active
    add(world, "salesforce", 200)
    expired = Fault("401", crm="salesforce", route="PATCH", nth=1)
    world.on_crm(world.sandbox.board.add, expired)
    cycles(world, 2)
    assert world.sandbox.run(lambda: sum(world.sandbox.board.fired.values())) == 1
    assert owners_by_rule(world.sandbox) == 0
    proven(world, "salesforce", 200)


@pytest.mark.parametrize("crm", CRMS)
def test_two_records_merged_between_pull_and_write(world: World, crm: str) -> None:
    add(world, crm, 4)
    merged: list[str] = []

    def meddle(step: str, of_crm: str, count: int) -> None:
        if step == "decide" and not merged:
            ids = sorted(record_ids(world, crm))
            world.on_crm(state(world, crm).merge, ids[0], ids[1])
            merged.extend(ids[:2])

    world.run(progress=meddle)
    world.run(cycles=15)
    outcomes = world.outcomes()
    assert outcomes == {"assigned": 3, "gone": 1}
    with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
        assert sum(reading.assigned_by(session, "live").values()) == 3
        assert reading.parked(session) == []


@pytest.mark.parametrize("crm", CRMS)
def test_an_owner_who_became_inactive_stops_only_their_own_records(world: World, crm: str) -> None:
    add(world, crm, 40)
    world.run(mode="shadow")
    world.on_crm(lambda: retire(world, crm, "jonas.weber@rheintal-cloud.example"))
    world.run()
    with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
        parked = reading.parked(session)
        states = {name: count for (_, name), count in reading.outbox_by_state(session).items()}
    assert 0 < len(parked) < 40
    assert states["settled"] + len(parked) == 40
    assert all("jonas.weber" in row.error or "inactive" in row.error for row in parked)


def test_500_people_synced_into_both_crms_are_500_decisions_and_500_turns(world: World) -> None:
    fault = Fault("native_sync", params={"seconds": "30"})
    add(world, "salesforce", 500)
    world.sandbox.clock.advance(1)
    add(world, "hubspot", 500)
    world.on_crm(world.sandbox.board.add, fault)
    for crm in CRMS:
        world.on_crm(lambda crm=crm: touch(world, crm))
    world.sandbox.clock.advance(60)
    urllib.request.urlopen(
        f"{world.sandbox.salesforce_url}/services/data/"
    ).close()  # the sync works after calls

    def linked(text: str) -> str:
        return of_every_record_type(text).replace(
            'object = "contacts"',
            'object = "contacts"\nlinked_record = { field = "salesforceleadid", crm = "salesforce" }',
        )

    config = world.config(linked)
    with opened(world.sandbox, config) as app:
        for _ in range(8):
            app.cycle.run()
            world.sandbox.clock.advance(60)
        with app.store.transaction() as session:
            turns = sum(line.turns for line in reading.credits(session, "live"))
            kinds = {outcome: n for (crm, _, outcome, _), n in reading.leads_by_state(session).items()}
            assert sum(reading.assigned_by(session, "live").values()) == 500
    assert kinds == {"assigned": 500, "follows": 500}
    assert turns == 500
    ours = owner_writes(world.sandbox, "salesforce")
    assert len(ours) == 500
    assert set(ours.values()) == {1}


def record_ids(world: World, crm: str) -> list[str]:
    if crm == "salesforce":
        return world.sandbox.run(lambda: [str(row["Id"]) for row in world.sandbox.org.store.find("Lead")])
    return world.sandbox.run(
        lambda: [str(r.id) for r in world.sandbox.portal.table("contacts").page(0, 10_000, archived=False)[0]]
    )


def touch(world: World, crm: str) -> None:
    """A person edits every record, so that the native sync copies it."""
    city = {"salesforce": "City", "hubspot": "city"}[crm]
    if crm == "salesforce":
        ids = [str(row["Id"]) for row in world.sandbox.org.store.find("Lead")]
    else:
        ids = [str(r.id) for r in world.sandbox.portal.table("contacts").page(0, 10_000, archived=False)[0]]
    for record_id in ids:
        state(world, crm).edit(record_id, {city: "Kiel"}, by="sam.selling@acme.example")


def retire(world: World, crm: str, email: str) -> None:
    if crm == "salesforce":
        org = world.sandbox.org
        org.store.update("User", org.owner_id(email), {"IsActive": 0})
    else:
        owner = world.sandbox.portal.owners.by_email(email)
        assert owner is not None
        object.__setattr__(owner, "archived", True)

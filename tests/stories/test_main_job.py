"""The main job, end to end: both CRMs, real clients, real HTTP, a real database."""

from typing import Any

import pytest

from connector.sandbox.faults import Fault
from connector.store import reading
from tests.stories.world import World, opened

CRMS = ("salesforce", "hubspot")
OWNER = {"salesforce": "OwnerId", "hubspot": "hubspot_owner_id"}
COMPANY = {"salesforce": "Company", "hubspot": "company"}
TO_RETRY = [
    {"kind": "429", "params": {"retry_after": "2"}},
    {"kind": "429"},
    {"kind": "503"},
    {"kind": "502"},
    {"kind": "reset_before"},
    {"kind": "reset_after"},
    {"kind": "truncated"},
    {"kind": "malformed_json"},
]


def state(world: World, crm: str) -> Any:
    return world.sandbox.org if crm == "salesforce" else world.sandbox.portal


def held(world: World, crm: str, record_id: str) -> Any:
    return world.on_crm(state(world, crm).detail, record_id)


def writes(world: World) -> int:
    """Calls that change records, as the CRMs count them."""
    calls = world.sandbox.board.calls
    return sum(n for (_, route), n in calls.items() if route.startswith("PATCH") or "batch/update" in route)


def test_every_lead_of_both_crms_ends_somewhere_and_partners_see_theirs(world: World) -> None:
    (report,) = world.run()
    assert not report.troubles
    assert report.pulled["new"] > 100
    assert report.decided.total() == report.pulled["new"]
    outcomes = world.outcomes()
    assert "waiting" not in outcomes
    assert outcomes["assigned"] > 40
    for crm in CRMS:
        ref = world.first("assigned", crm)
        detail = held(world, crm, ref.id)
        assert detail.card.partner
        assert detail.card.status == "Assigned"
        assert "that fit" in detail.reason


def test_a_second_reading_of_the_same_leads_writes_nothing(world: World) -> None:
    world.run()
    before = writes(world)
    assert before > 0
    first, second = world.run(cycles=2)
    assert writes(world) == before
    assert not first.decided
    assert second.quiet


def test_new_leads_are_found_by_the_next_cycle(world: World) -> None:
    world.run()
    new = [{"last_name": "Late", "email": "l@late.example", "country": "DE", "sharing_consent": True}]
    for crm in CRMS:
        world.on_crm(lambda crm=crm: state(world, crm).add_leads(new, owners="intake"))
    world.sandbox.clock.advance(30)
    (report,) = world.run()
    assert report.decided["assigned"] >= 1
    assert report.decided.total() == 2 - report.decided["left_alone"]


@pytest.mark.parametrize("crm", CRMS)
def test_a_human_edit_between_pull_and_write_wins_and_the_turn_is_given_back(world: World, crm: str) -> None:
    done: list[str] = []

    def meddle(step: str, of_crm: str, count: int) -> None:
        if step != "decide" or done:
            return
        with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
            ref = next(r for r in reading.sample_refs(session, "assigned", 500) if r.crm == crm)
        edit = state(world, crm).edit
        owner = world.on_crm(lambda: _owner_id(world, crm, "sam.selling@acme.example"))
        world.on_crm(lambda: edit(ref.id, {OWNER[crm]: owner}, by="sam.selling@acme.example"))
        done.append(ref.id)

    (report,) = world.run(progress=meddle)
    assert report.delivered["yielded"] == 1
    card = held(world, crm, done[0]).card
    assert "sam" in card.owner.casefold()
    assert not card.partner
    with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
        from connector.model.lead import Ref

        kinds = [d.outcome.value for d in reading.decisions_of(session, Ref(crm, done[0]))]
        assert kinds == ["assigned", "left_alone"]
        open_leads = sum(reading.assigned_by(session, "live").values())
    assert world.outcomes()["assigned"] == open_leads


@pytest.mark.parametrize("crm", CRMS)
def test_a_lead_deleted_between_pull_and_write_is_gone_and_nobody_pays_for_it(world: World, crm: str) -> None:
    done: list[str] = []

    def meddle(step: str, of_crm: str, count: int) -> None:
        if step == "decide" and not done:
            with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
                ref = next(r for r in reading.sample_refs(session, "assigned", 500) if r.crm == crm)
            world.on_crm(state(world, crm).delete, ref.id)
            done.append(ref.id)

    (report,) = world.run(progress=meddle)
    assert report.delivered["gone"] == 1
    assert world.outcomes()["gone"] == 1


@pytest.mark.parametrize("crm", CRMS)
def test_a_person_who_takes_a_lead_over_later_keeps_it(world: World, crm: str) -> None:
    world.run()
    ref = world.first("assigned", crm)
    owner = world.on_crm(lambda: _owner_id(world, crm, "dora.direct@acme.example"))
    world.on_crm(lambda: state(world, crm).edit(ref.id, {OWNER[crm]: owner}, by="dora.direct@acme.example"))
    world.sandbox.clock.advance(60)
    (report,) = world.run()
    assert report.decided == {"left_alone": 1}
    assert "dora" in held(world, crm, ref.id).card.owner.casefold()


def test_shadow_writes_nothing_and_going_live_decides_again(world: World) -> None:
    (shadow,) = world.run(mode="shadow")
    assert shadow.decided["assigned"] > 40
    assert not shadow.delivered
    assert writes(world) == 0
    (live,) = world.run(mode="live")
    assert live.decided.total() == shadow.decided.total()
    assert live.delivered["written"] > 40


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.parametrize(
    "fault", TO_RETRY, ids=lambda fault: "-".join([fault["kind"], *fault.get("params", ())])
)
def test_a_passing_fault_in_reading_or_writing_costs_nothing(world: World, crm: str, fault: Any) -> None:
    routes = {
        "salesforce": ("GET /services/data", "composite/sobjects"),
        "hubspot": ("/search", "batch/update"),
    }
    for route in routes[crm]:
        world.on_crm(world.sandbox.board.add, Fault(crm=crm, route=route, nth=1, times=2, **fault))
    reports = world.run(cycles=3)
    assert not reports[-1].troubles
    assert world.sandbox.run(lambda: sum(world.sandbox.board.fired.values())) >= 3
    outcomes = world.outcomes()
    assert "waiting" not in outcomes
    _everything_written_reads_back(world)


@pytest.mark.parametrize("crm", CRMS)
def test_a_crm_that_refuses_the_login_stops_alone(world: World, crm: str) -> None:
    world.on_crm(world.sandbox.board.add, Fault(kind="401", crm=crm))
    (report,) = world.run()
    assert list(report.troubles) == [crm]
    assert report.decided["assigned"] > 20
    world.on_crm(world.sandbox.board.clear)
    (after,) = world.run()
    assert not after.troubles
    assert after.decided["assigned"] > 15


def test_a_crm_that_is_down_is_tried_again_and_the_other_goes_on(world: World) -> None:
    dead = world.config(lambda text: text.replace(world.sandbox.hubspot_url, "http://127.0.0.1:9"))
    with opened(world.sandbox, dead) as app:
        report = app.cycle.run()
    assert list(report.troubles) == ["hubspot"]
    assert "cannot be reached" in report.troubles["hubspot"]
    assert report.delivered["written"] > 20


def test_an_expired_token_is_renewed_and_our_owner_is_not_overruled(world: World) -> None:
    world.on_crm(
        world.sandbox.board.add, Fault(kind="401", crm="salesforce", route="composite/sobjects", nth=2)
    )
    (report,) = world.run()
    assert not report.troubles
    _everything_written_reads_back(world)


def test_one_owner_may_hold_the_records_of_many_partners(world: World) -> None:
    world.run()
    with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
        by_owner: dict[str, set[str]] = {}
        for ref in reading.sample_refs(session, "assigned", 1000):
            decision = reading.decisions_of(session, ref)[-1]
            if ref.crm == "hubspot":
                by_owner.setdefault(str(decision.owner), set()).add(str(decision.partner))
    assert len(by_owner["user:channel.emea@acme.example"]) > 1


def _everything_written_reads_back(world: World) -> None:
    from connector.commands.demo import _prove

    with opened(world.sandbox, world.config()) as app:
        proof = _prove(app)
    assert proof.written > 40
    assert proof.verified == proof.written
    assert proof.unaccounted == ()


def _owner_id(world: World, crm: str, email: str) -> str:
    if crm == "salesforce":
        return str(world.sandbox.org.owner_id(email))
    owner = world.sandbox.portal.owners.by_email(email)
    assert owner is not None
    return owner.id

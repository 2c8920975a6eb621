"""Deal registration, end to end: both CRMs, real clients, real HTTP, one line of who was first."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.model.decision import Decision
from connector.model.lead import Ref
from connector.routing.reasons import summary
from connector.sandbox.clock import SandboxClock
from connector.sandbox.faults import Fault
from connector.sandbox.server import Sandbox
from connector.store import reading
from connector.store.registration_reading import history
from connector.sync.registrar import Registrar
from tests.conftest import NOW
from tests.stories.registration_homes import CUSTOM, DEALS, LEADS, OWN_OBJECT, Home
from tests.stories.registrations import ANKE, CARLA, JONAS, Programme
from tests.stories.world import World, opened


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Sandbox((), (), clock=SandboxClock(NOW)) as sandbox:
        yield World(sandbox, tmp_path)


@pytest.fixture
def programme(world: World) -> Programme:
    return Programme(world)


def settle(world: World, cycles: int = 5) -> None:
    """Enough cycles for every CRM to be read past what was just submitted."""
    world.sandbox.clock.advance(60)
    reports = world.run(cycles)
    assert not [trouble for report in reports for trouble in report.troubles.items()]


def test_two_partners_register_one_customer_seconds_apart_in_different_crms(
    world: World, programme: Programme
) -> None:
    first = programme.register("hubspot", "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    world.sandbox.clock.advance(5)
    second = programme.register("salesforce", "Rheintal Cloud AG", by=JONAS, domain="zentrix-pumpen.de")
    settle(world)
    assert programme.status(first) == "Approved"
    assert programme.look(first, "credited_partner") == "Nordwind IT GmbH"
    assert programme.status(second) == "Conflict"
    assert programme.look(second, "conflict_with") == str(first)
    assert "Nordwind" not in programme.look(second, "reason")


def test_a_subsidiary_with_another_domain_goes_to_a_person_who_decides(
    world: World, programme: Programme
) -> None:
    programme.register("hubspot", "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    world.sandbox.clock.advance(5)
    sister = programme.register("salesforce", "Rheintal Cloud AG", by=JONAS, domain="zentrix-service.com")
    settle(world)
    assert programme.status(sister) == "Under review"
    assert "perhaps" in programme.look(sister, "reason")
    programme.edit(sister, status="approved")
    settle(world, 2)
    assert programme.look(sister, "credited_partner") == "Rheintal Cloud AG"


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "the account is missing": ({"company": None}, "please fill in company"),
    "the partner is unknown": (
        {"partner": "Nobody & Sons"},
        "'Nobody & Sons' is no partner of the programme",
    ),
    "the amount is negative": ({"amount": -5}, "cannot be; write what the deal is worth"),
    "the date has passed": ({"close_date": "2026-01-31"}, "2026-01-31 has passed; write when you expect"),
    "the country is none": ({"country": "Atlantis"}, "'Atlantis' is no country; write its name or ISO code"),
}


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_bad_input_comes_back_with_a_status_and_a_reason_that_its_submitter_can_act_on(
    world: World, programme: Programme, crm: str
) -> None:
    filed = {
        what: programme.register(crm, **{"partner": "Nordwind IT GmbH", **wrong})
        for what, (wrong, _) in BAD.items()
    }
    itself = programme.register(crm, "Nordwind IT GmbH", company="Ostrava Beton AG")
    programme.edit(itself, by=ANKE, lead=str(itself))
    settle(world)
    for what, (_, told) in BAD.items():
        assert programme.status(filed[what]) == "Returned", what
        assert told in programme.look(filed[what], "reason"), what
    assert programme.status(itself) == "Returned"
    assert "clear it or name a lead" in programme.look(itself, "reason")
    programme.edit(filed["the account is missing"], by=ANKE, company="Globex AG")
    settle(world)
    assert programme.status(filed["the account is missing"]) == "Approved", "once it is put right"


def test_the_domain_of_a_private_address_proves_nothing(world: World, programme: Programme) -> None:
    first = programme.register("hubspot", "Nordwind IT GmbH", email="paul@gmail.com")
    other = programme.register(
        "salesforce", "Rheintal Cloud AG", by=JONAS, company="Ostrava Beton AG", email="anna@gmail.com"
    )
    settle(world)
    assert [programme.status(ref) for ref in (first, other)] == ["Approved", "Approved"]


def test_a_deal_of_the_vendor_that_is_open_stands_in_the_way(world: World, programme: Programme) -> None:
    programme.vendor_deal("Zentrix Pumpen GmbH", "Germany", "https://www.zentrix-pumpen.de")
    world.sandbox.clock.advance(60)
    ref = programme.register("hubspot", "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    settle(world)
    assert programme.status(ref) == "Conflict"
    assert "an open deal of the vendor" in programme.look(ref, "reason")


def test_nothing_is_approved_while_one_crm_is_down_for_there_may_be_an_earlier_one(
    world: World, programme: Programme
) -> None:
    first = programme.register("hubspot", "Nordwind IT GmbH")
    world.sandbox.clock.advance(5)
    ref = programme.register("salesforce", "Rheintal Cloud AG", by=JONAS)
    world.sandbox.clock.advance(60)
    for _ in range(40):
        world.sandbox.board.add(Fault("503", crm="hubspot"))
    world.run(4)
    assert programme.look(ref, "credited_partner") == ""
    assert "waits until hubspot is read past its submission" in programme.look(ref, "reason")
    world.sandbox.clock.advance(7 * 24 * 3600)
    world.run(4)
    with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
        names = [event.name for event in history(session, ref)]
    assert names == ["submitted", "escalated"], "people hear of it when the time for a decision is over"
    world.sandbox.board.clear()
    world.sandbox.clock.advance(3600)
    settle(world)
    assert (programme.status(first), programme.status(ref)) == ("Approved", "Conflict")


def test_an_extension_during_a_review_is_refused_and_after_it_granted(
    world: World, programme: Programme
) -> None:
    programme.vendor_deal("Zentrix Pumpen Gruppe", "Austria", "https://www.zentrix-gruppe.at")
    ref = programme.register("salesforce", "Rheintal Cloud AG", by=JONAS)
    settle(world)
    assert programme.status(ref) == "Under review"
    programme.edit(ref, by=JONAS, extension="Requested")
    settle(world, 2)
    assert programme.look(ref, "extension") == "Refused"
    programme.edit(ref, status="approved")
    settle(world, 2)
    before = int(programme.look(ref, "expires"))
    programme.edit(ref, by=JONAS, extension="Requested")
    settle(world, 2)
    assert programme.look(ref, "extension") == "Granted"
    assert int(programme.look(ref, "expires")) - before == 30 * 24 * 3600


def test_a_person_approves_against_the_policy_and_nothing_takes_it_back(
    world: World, programme: Programme
) -> None:
    programme.register("hubspot", "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    world.sandbox.clock.advance(5)
    second = programme.register("salesforce", "Rheintal Cloud AG", by=JONAS, domain="zentrix-pumpen.de")
    settle(world)
    programme.edit(second, status="approved")
    settle(world, 3)
    assert programme.status(second) == "Approved"
    assert programme.look(second, "reason") == "Approved: decided by a person in the CRM"


def test_a_person_who_decides_between_the_ruling_and_the_answer_wins(
    world: World, programme: Programme
) -> None:
    ref = programme.register("salesforce", "Rheintal Cloud AG", by=JONAS)
    world.sandbox.clock.advance(60)
    with opened(world.sandbox, world.config()) as app:
        app.cycle.run()  # it waits until both CRMs are read past its submission
        world.sandbox.clock.advance(300)
        registrar = Registrar.of(app.cycle.means)
        assert registrar is not None
        for crm in registrar.desks:
            registrar.pull(crm)
        assert registrar.rule()["approved"] == 1
        programme.edit(ref, status="rejected")
    settle(world, 3)
    assert programme.status(ref) == "Rejected"


def test_a_crash_between_the_ruling_and_the_answer_loses_and_doubles_nothing(
    world: World, programme: Programme
) -> None:
    ref = programme.register("salesforce", "Rheintal Cloud AG", by=JONAS)
    world.sandbox.clock.advance(60)
    with opened(world.sandbox, world.config()) as app:
        app.cycle.run()  # it waits until both CRMs are read past its submission
        world.sandbox.clock.advance(300)
        registrar = Registrar.of(app.cycle.means)
        assert registrar is not None
        for crm in registrar.desks:
            registrar.pull(crm)
        assert registrar.rule()["approved"] == 1  # and here the machine stops
    assert programme.status(ref) != "Approved"
    settle(world, 3)
    assert programme.status(ref) == "Approved"
    with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
        names = [event.name for event in history(session, ref)]
    assert names == ["submitted", "approved"]


def test_the_protection_ends_at_its_time_of_day_across_the_clock_change_and_frees_the_customer(
    world: World, programme: Programme
) -> None:
    world.sandbox.clock.advance(86400 * 60)  # the first of January; 90 days later it is summer time
    first = programme.register("hubspot", "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    world.sandbox.clock.advance(5)
    second = programme.register("salesforce", "Rheintal Cloud AG", by=JONAS, domain="zentrix-pumpen.de")
    settle(world)
    approved = world.sandbox.clock()
    until = datetime.fromisoformat(programme.look(first, "expires").replace("Z", "+00:00"))
    berlin = ZoneInfo("Europe/Berlin")
    assert until.astimezone(berlin).hour == approved.astimezone(berlin).hour
    assert until.astimezone(berlin).utcoffset() != approved.astimezone(berlin).utcoffset()
    world.sandbox.clock.advance((until - world.sandbox.clock()).total_seconds() - 60)
    world.run(1)
    assert (programme.status(first), programme.status(second)) == ("Approved", "Conflict")
    settle(world, 6)
    assert (programme.status(first), programme.status(second)) == ("Expired", "Approved")


def test_a_won_deal_converts_and_its_partner_is_credited_and_rewarded(
    world: World, programme: Programme
) -> None:
    ref = programme.register("salesforce", "Rheintal Cloud AG", by=JONAS, amount=50_000)
    settle(world)
    programme.win(ref)
    settle(world, 3)
    assert programme.status(ref) == "Converted"
    assert programme.look(ref, "credited_partner") == "Rheintal Cloud AG"
    assert float(programme.look(ref, "reward")) == 5000


def test_a_deleted_registration_frees_the_customer(world: World, programme: Programme) -> None:
    first = programme.register("salesforce", "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    world.sandbox.clock.advance(5)
    second = programme.register("hubspot", "Rheintal Cloud AG", domain="zentrix-pumpen.de")
    settle(world)
    assert programme.status(second) == "Conflict"
    programme.delete(first)
    settle(world, 3)
    assert programme.status(second) == "Approved"


def new_lead(world: World, programme: Programme, crm: str, name: str = "Brandt") -> Ref:
    """Somebody at Zentrix asks for something; without a budget, so that a quality screen would say no."""
    if crm == "salesforce":
        told: dict[str, object] = {"LastName": name, "Company": "Zentrix Pumpen GmbH", "Country": "DE"}
        told |= {"Email": f"{name}@zentrix-pumpen.de", "Share_OK__c": True, "Budget__c": "No budget"}
        kind = programme.org.record_types("Lead")["Partner_Lead"]
        told |= {"RecordTypeId": kind, "OwnerId": "Web_Intake"}
        return Ref(crm, str(world.on_crm(programme.org.create, "Lead", told, "marketing@acme.example")))
    told = {"lastname": name, "company": "Zentrix Pumpen GmbH", "country": "DE", "budget": "No budget"}
    told |= {"email": f"{name}@zentrix-pumpen.de", "sharing_consent": "true"}
    return Ref(crm, str(world.on_crm(programme.portal.create, "contacts", told, "marketing@acme.example")))


def decided(world: World, ref: Ref) -> Decision:
    with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
        return reading.decisions_of(session, ref)[-1]


def away_and_full(text: str) -> str:
    """Nordwind is away all year, and has as many open leads as it may with the first one."""
    limits = "away = [{ from = 2026-01-01, until = 2027-12-31 }]\nmax_open_leads = 1"
    assert text.count("max_open_leads = 40 ") == 1
    return text.replace("max_open_leads = 40 ", f"{limits} ")


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_new_leads_go_to_the_partner_that_has_registered_their_company_though_it_is_away_and_full(
    world: World, programme: Programme, crm: str
) -> None:
    world.change = away_and_full
    registration = programme.register("salesforce", "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    settle(world)
    for name in ("Brandt", "Vogel"):
        ref = new_lead(world, programme, crm, name)
        settle(world, 1)
        decision = decided(world, ref)
        assert (decision.outcome.value, decision.partner) == ("assigned", "nordwind")
        assert decision.turns == ()
        assert summary(decision) == f"The customer is registered ({registration}, by domain)"
    with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
        assert reading.credits(session, "live") == []


def test_a_lead_waits_for_the_channel_manager_while_its_company_is_under_review(
    world: World, programme: Programme
) -> None:
    world.change = lambda text: text.replace('approve = "when_no_conflict"', 'approve = "by_person"')
    registration = programme.register("hubspot", "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    settle(world)
    ref = new_lead(world, programme, "salesforce")
    settle(world, 1)
    assert decided(world, ref).outcome.value == "held"
    programme.edit(registration, status="approved")
    world.sandbox.clock.advance(600)
    settle(world, 2)
    assert decided(world, ref).partner == "nordwind"


def test_a_lead_that_was_assigned_stays_and_is_a_prior_assignment_later(
    world: World, programme: Programme
) -> None:
    world.change = lambda text: text.replace('when = { budget = "No budget" }', 'when = { budget = "None" }')
    ref = new_lead(world, programme, "salesforce")
    settle(world, 1)
    first = decided(world, ref).partner
    assert first is not None
    others = {"nordwind": "Rheintal Cloud AG", "rheintal": "Nordwind IT GmbH"}
    later = programme.register("hubspot", others[first], domain="zentrix-pumpen.de")
    settle(world)
    assert programme.status(later) == "Conflict"
    assert "a lead that was assigned earlier" in programme.look(later, "reason")
    programme.edit(later, status="approved")
    settle(world, 3)
    assert programme.status(later) == "Approved"
    stays = decided(world, ref)
    assert stays.partner == first, "not even when a person approves the later one"
    with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
        assert reading.assigned_by(session, "live").keys() == {(first, stays.route)}


def test_in_shadow_nothing_is_written_and_going_live_answers(world: World, programme: Programme) -> None:
    ref = programme.register("hubspot", "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    world.sandbox.clock.advance(60)
    world.run(5, mode="shadow")
    assert programme.look(ref, "reason") == ""
    assert programme.status(ref) == "Submitted"
    world.run(2)
    assert programme.status(ref) == "Approved"
    with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
        assert [event.name for event in history(session, ref)] == ["submitted", "approved"]


def test_partners_and_channel_managers_see_status_reason_and_expiry_on_the_board(
    world: World, programme: Programme
) -> None:
    programme.register("salesforce", "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    programme.register("hubspot", "Nordwind IT GmbH", company="Ostrava Beton AG")
    settle(world)
    boards = (
        world.sandbox.run(lambda: programme.org.columns("Nordwind IT GmbH", object="Opportunity")),
        world.sandbox.run(lambda: programme.portal.columns("Nordwind IT GmbH", object="deals")),
    )
    for columns in boards:
        (card,) = [card for column in columns for card in column.cards if column.name == "Approved"]
        assert card.reason == "Approved: complete, eligible and first"
        assert card.until.startswith("2027-01-31")


@pytest.mark.parametrize("home", [LEADS, OWN_OBJECT, CUSTOM], ids=str)
def test_a_registration_lives_its_whole_life_wherever_it_is_kept(world: World, home: Home) -> None:
    world.change, programme = home.change, Programme(world, home)
    programme.org.integration_permissions.edit_converted_leads = True
    other = "hubspot" if home.crm == "salesforce" else "salesforce"
    ref = programme.register(home.crm, "Nordwind IT GmbH", domain="zentrix-pumpen.de", amount=50_000)
    world.sandbox.clock.advance(5)
    later = programme.register(other, "Rheintal Cloud AG", domain="zentrix-pumpen.de")
    settle(world)
    assert (programme.status(ref), programme.status(later)) == ("Approved", "Conflict")
    assert programme.look(ref, "credited_partner") == "Nordwind IT GmbH"
    programme.edit(ref, extension="Requested")
    settle(world, 2)
    assert programme.look(ref, "extension") == "Granted"
    programme.win(ref)
    settle(world, 3)
    assert (programme.status(ref), programme.status(later)) == ("Converted", "Conflict")
    assert float(programme.look(ref, "reward")) == 2500


@pytest.mark.parametrize("home", [LEADS, DEALS], ids=str)
def test_a_merge_of_two_records_hands_the_approval_on(world: World, home: Home) -> None:
    world.change, programme = home.change, Programme(world, home)
    first = programme.register(home.crm, "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    world.sandbox.clock.advance(5)
    second = programme.register(home.crm, "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    settle(world)
    assert (programme.status(first), programme.status(second)) == ("Approved", "Returned")
    crm = programme.org if home is LEADS else programme.portal
    world.on_crm(crm.merge, second.id, first.id, home.object)
    settle(world, 3)
    assert programme.status(second) == "Approved"


def test_a_converted_lead_that_may_not_be_answered_waits_for_the_permission(world: World) -> None:
    world.change, programme = LEADS.change, Programme(world, LEADS)
    ref = programme.register("salesforce", "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    settle(world)
    programme.win(ref)
    settle(world, 2)
    assert programme.status(ref) == "Approved"
    with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
        (parked,) = reading.parked(session)
    assert (parked.ref, "View and Edit Converted Leads" in str(parked.fix)) == (ref, True)


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_persons_end_of_the_protection_and_credit_stay_and_are_heard(
    world: World, programme: Programme, crm: str
) -> None:
    ref = programme.register(crm, "Nordwind IT GmbH", domain="zentrix-pumpen.de", amount=1000)
    settle(world)
    until = world.sandbox.clock() + timedelta(days=200)
    programme.edit(ref, expires=f"{until:%Y-%m-%dT%H:%M:%SZ}", credited_partner="Rheintal Cloud AG")
    settle(world, 3)
    assert programme.look(ref, "credited_partner") == "Rheintal Cloud AG"
    assert programme.look(ref, "protected_until") == programme.look(ref, "expires")
    world.sandbox.clock.advance(86400 * 150)
    settle(world, 2)
    assert programme.status(ref) == "Approved"
    programme.win(ref)
    settle(world, 2)
    assert float(programme.look(ref, "reward")) == 100, "by the tier of who is credited"
    with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
        names = [event.name for event in history(session, ref) if event.by == "person"]
    assert names[:2] == ["protection_changed", "credited"]


def test_a_persons_end_of_the_protection_between_ruling_and_answer_is_not_overwritten(
    world: World, programme: Programme
) -> None:
    ref = programme.register("salesforce", "Rheintal Cloud AG", by=JONAS)
    settle(world)
    programme.edit(ref, by=JONAS, extension="Requested")
    with opened(world.sandbox, world.config()) as app:
        registrar = Registrar.of(app.cycle.means)
        assert registrar is not None
        world.sandbox.clock.advance(60)
        registrar.pull("salesforce")
        assert registrar.rule()["extended"] == 1
        until = world.sandbox.clock() + timedelta(days=10)
        programme.edit(ref, protected_until=f"{until:%Y-%m-%dT%H:%M:%SZ}")
    settle(world, 3)
    assert int(programme.look(ref, "protected_until")) == int(until.timestamp())
    assert int(programme.look(ref, "expires")) == int(until.timestamp())


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_who_decided_in_the_crm_is_kept(world: World, programme: Programme, crm: str) -> None:
    ref = programme.register(crm, "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    settle(world)
    programme.edit(ref, status="rejected")
    settle(world, 2)
    with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
        (reason,) = history(session, ref)[-1].reasons
    assert reason.facts == {"who": f"user:{CARLA}"}
    assert "carla" not in programme.look(ref, "reason").casefold()
    assert CARLA not in programme.look(ref, "reason")


def test_an_index_that_is_minutes_behind_is_never_taken_for_a_persons_word(
    world: World, programme: Programme
) -> None:
    world.sandbox.portal.settings.index_delay = 200
    soon = ('remind_before = ["14d", "3d"]', 'remind_before = ["90d", "89d"]')
    world.change = lambda text: text.replace(*soon)
    ref = programme.register("hubspot", "Nordwind IT GmbH", domain="zentrix-pumpen.de")
    settle(world, 16)
    assert programme.status(ref) == "Approved"
    programme.edit(ref, by=ANKE, extension="Requested")
    settle(world, 16)
    assert (programme.status(ref), programme.look(ref, "extension")) == ("Approved", "Granted")
    with opened(world.sandbox, world.config()) as app, app.store.transaction() as session:
        events = history(session, ref)
    told = [event.name for event in events if event.name != "partner_reminded"]
    assert told == ["submitted", "approved", "extended"]
    assert {event.by for event in events} == {"connector"}

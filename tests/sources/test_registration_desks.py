"""Each place where registrations may live, behind one port: what it promises, asked of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from connector.app import App
from connector.config import load
from connector.model.lead import Ref
from connector.model.registration import ANSWERS, Registration, State
from connector.routing.registration.words import same_answer
from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import Sandbox
from connector.sources.base import SourceError, SourceRefused, Update
from connector.sources.registrations import RegistrationDesk
from connector.sync.pull import BEGINNING
from tests.conftest import NOW
from tests.stories.registration_homes import CUSTOM, DEALS, HOMES, LEADS, OPPORTUNITIES, Home
from tests.stories.registrations import CARLA, Programme
from tests.stories.world import World, write_config

NORDWIND = "Nordwind IT GmbH"


@dataclass(frozen=True)
class Office:
    """A home with its people, and the desk that reads and writes there."""

    home: Home
    world: World
    programme: Programme
    desk: RegistrationDesk

    def register(self, **fields: Any) -> Ref:
        return self.programme.register(self.home.crm, NORDWIND, **fields)

    def seen(self, ref: Ref) -> Registration:
        """What the desk reads of one registration."""
        (found,) = [each for each in self.desk.read_changed(BEGINNING, None, None).records if each.ref == ref]
        return found


@pytest.fixture(scope="module", params=HOMES, ids=str)
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    home: Home = request.param
    with Sandbox((), (), clock=SandboxClock(NOW)) as sandbox:
        world = World(sandbox, tmp_path_factory.mktemp("desk"), home.change)
        with App(world.config()) as app:
            desk = app.sources[home.crm].registrations
            assert desk is not None
            yield Office(home, world, Programme(world, home), desk)


def test_a_registration_is_read_under_neutral_names(office: Office) -> None:
    ref = office.register(amount=1500, domain="zentrix.de", email="eva@zentrix.de", product="ERP")
    seen = office.seen(ref)
    assert (seen.ref, seen.status, seen.won, seen.submitted_at) == (ref, State.SUBMITTED, None, NOW)
    told = {name: str(value).removeprefix("https://") for name, value in seen.fields.items()}
    wanted = {"partner": NORDWIND, "company": "Zentrix Pumpen GmbH", "country": "DE", "product": "ERP"}
    assert told == told | wanted | {"domain": "zentrix.de", "email": "eva@zentrix.de"}
    assert float(told["amount"]) == 1500


def test_what_is_no_registration_is_not_read(office: Office) -> None:
    office.programme.vendor_deal("Globex AG", "Germany", "https://globex.de")
    ref = office.register()
    told = {
        each.ref: each.fields.get("partner")
        for each in office.desk.read_changed(BEGINNING, None, None).records
    }
    assert set(told.values()) == {NORDWIND}
    assert ref in told


def test_pages_follow_one_another_by_id(office: Office) -> None:
    refs = [office.register() for _ in range(2)]
    page = office.desk.read_changed(BEGINNING, None, refs[0].id)
    assert [each.ref for each in page.records] == refs[1:]
    assert (page.last_id, page.done) == (refs[1].id, True)


def test_what_is_written_is_read_back_in_our_words(office: Office) -> None:
    ref = office.register()
    values = {"status": "under_review", "reason": "because", "decide_by": "2026-11-04T09:00:00+00:00"}
    assert office.desk.write([Update(ref.id, {**values, "nowhere": "x"})]) == [None]
    held = office.desk.read_back([ref.id])[ref.id].values
    assert (held["status"], held["reason"]) == ("under_review", "because")
    assert office.seen(ref).status is State.UNDER_REVIEW
    assert office.programme.status(ref) == "Under review"


def test_a_word_of_a_person_is_read_as_the_state_that_it_means(office: Office) -> None:
    ref = office.register()
    for state in (State.APPROVED, State.REJECTED, State.WITHDRAWN):
        office.programme.edit(ref, status=state.value)
        assert office.seen(ref).status is state
    assert office.desk.who_changed([ref.id]) == {ref.id: f"user:{CARLA}"}


def test_what_holds_our_answers_is_read_with_the_registration(office: Office) -> None:
    ref, until = office.register(), "2027-01-31T09:00:00+00:00"
    assert office.seen(ref).answers == dict.fromkeys(ANSWERS)
    office.desk.write([Update(ref.id, {"protected_until": until, "credited_partner": NORDWIND})])
    seen = office.seen(ref)
    assert same_answer(seen.answers["protected_until"], until)
    assert seen.answers["credited_partner"] == NORDWIND
    assert not any(name.startswith("answer.") for name in seen.fields)


def test_a_won_deal_is_read_as_won_and_as_changed(office: Office) -> None:
    ref = office.register(amount=1500)
    since = office.world.sandbox.clock.advance(3600)
    if office.home is LEADS:
        _win_the_converted(office, ref)
    else:
        office.programme.win(ref)
    changed = office.desk.read_changed(since, None, None).records
    assert [(each.ref, each.won) for each in changed] == [(ref, True)]


def _win_the_converted(office: Office, ref: Ref) -> None:
    """A lead becomes an opportunity, which is won much later: nothing changes on the lead then."""
    org, sandbox = office.programme.org, office.world.sandbox
    deal = str(sandbox.run(lambda: org.convert(ref.id))["ConvertedOpportunityId"])
    assert office.seen(ref).won is None
    sandbox.run(
        lambda: org.edit(deal, {"StageName": "Closed Won"}, "sam.selling@acme.example", object="Opportunity")
    )


def test_a_record_that_is_gone_is_absent_and_a_write_of_it_refused(office: Office) -> None:
    ref = office.register()
    office.programme.delete(ref)
    assert office.desk.read_back([ref.id]) == {}
    (answer,) = office.desk.write([Update(ref.id, {"status": "approved"})])
    assert isinstance(answer, SourceRefused)
    assert answer.gone


# Salesforce merges leads, accounts and contacts only.
@pytest.mark.parametrize("office", [LEADS, DEALS, CUSTOM], ids=str, indirect=True)
def test_a_merged_record_is_known_by_what_absorbed_it(office: Office) -> None:
    one, other = office.register(), office.register()
    crm = office.programme.org if office.home is LEADS else office.programme.portal
    office.world.sandbox.run(lambda: crm.merge(one.id, other.id, object=office.home.object))
    assert office.desk.read_back([other.id])[other.id].id == one.id
    if office.home is LEADS:
        assert office.seen(other).merged_into == one.id
    else:
        assert office.seen(one).absorbed == (other.id,)


def test_nothing_stands_in_the_way_of_what_is_shown(office: Office) -> None:
    assert office.desk.problems() == []


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with Sandbox((), (), clock=SandboxClock(NOW)) as sandbox:
        yield World(sandbox, tmp_path_factory.mktemp("world"))


def test_the_vendors_deals_are_read_and_no_registrations(world: World) -> None:
    programme = Programme(world)
    programme.register("salesforce", NORDWIND)
    programme.vendor_deal("Globex AG", "Germany", "https://globex.de")
    with App(world.config()) as app:
        desks = [app.sources[crm].registrations for crm in ("salesforce", "hubspot")]
        (deal,), none = (desk.read_deals(BEGINNING, None, None).records for desk in desks if desk)
    assert (deal.open, deal.fields["company"], deal.fields["country"]) == (True, "Globex AG", "Germany")
    assert none == ()


def test_a_custom_object_tells_of_its_only_company(world: World) -> None:
    programme = Programme(world, CUSTOM)
    ref = programme.register("hubspot", NORDWIND, company=None)
    portal = programme.portal

    def linked() -> None:
        company = portal.create("companies", {"name": "Zentrix Pumpen GmbH"}, by="dora.direct@acme.example")
        portal.links.put(int(ref.id), int(company), portal.links.types[CUSTOM.object, "0-2"])

    world.sandbox.run(linked)

    def by_company(text: str) -> str:
        return CUSTOM.change(text).replace('company = "end_customer_name"', 'company = "company.name"')

    with App(world.config(by_company)) as app:
        desk = app.sources["hubspot"].registrations
        assert desk is not None
        (seen,) = desk.read_changed(BEGINNING, None, None).records
    assert seen.fields["company"] == "Zentrix Pumpen GmbH"


MISTAKES = [
    (OPPORTUNITIES, "Registration_Status__c", "Reg_Status__c", "Opportunity has no field Reg_Status__c"),
    (OPPORTUNITIES, '["Deal_Registration"]', '["Deal"]', "has no record type Deal"),
    (OPPORTUNITIES, "Customer_Website__c", "Nowhere__c", "registrations: Salesforce says INVALID_FIELD"),
    (OPPORTUNITIES, "Account.Name", "Account.Nome", "registrations.deals: Salesforce says"),
    (DEALS, '"registration_reason"', '"reason_why"', "deals have no property reason_why"),
    (DEALS, "company.name", "company.nome", "companies have no property nome"),
    (DEALS, '"registration-approved"', '"yes"', "has no option yes; add them, or map stages"),
    (CUSTOM, "deal_amount", "amount", "2-47110815 have no property amount"),
]


@pytest.mark.parametrize(("home", "old", "new", "told"), MISTAKES)
def test_what_stands_in_the_way_is_told(world: World, home: Home, old: str, new: str, told: str) -> None:
    path = write_config(world.sandbox, world.folder, lambda text: home.change(text).replace(old, new))
    found: list[str] = []
    with App(load(path)) as app:
        desk = app.sources[home.crm].registrations
        assert desk is not None
        try:
            found += desk.problems()
        except SourceError as error:
            found.append(str(error))
    assert any(told in problem for problem in found), found

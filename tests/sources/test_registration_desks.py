"""Both CRMs' registrations behind one port: what it promises, asked of each."""

from collections.abc import Iterator
from typing import Any

import pytest

from connector.app import App
from connector.config import load
from connector.model.registration import State
from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import Sandbox
from connector.sources.base import SourceError, SourceRefused, Update
from connector.sources.registrations import RegistrationDesk
from connector.sync.pull import BEGINNING
from tests.conftest import NOW
from tests.stories.registrations import Programme
from tests.stories.world import World, write_config

CRMS = ("salesforce", "hubspot")


@pytest.fixture(params=CRMS)
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(tmp_path: Any) -> Iterator[World]:
    with Sandbox((), (), clock=SandboxClock(NOW)) as sandbox:
        yield World(sandbox, tmp_path)


@pytest.fixture
def desk(world: World, crm: str) -> Iterator[RegistrationDesk]:
    with App(load(write_config(world.sandbox, world.folder))) as app:
        found = app.sources[crm].registrations
        assert found is not None
        yield found


def test_a_registration_is_read_under_neutral_names(world: World, desk: RegistrationDesk, crm: str) -> None:
    ref = Programme(world).register(crm, "Nordwind IT GmbH", amount=1500, domain="zentrix.de")
    page = desk.read_changed(BEGINNING, None, None)
    (seen,) = page.records
    assert (seen.ref, seen.status, seen.won, page.done) == (ref, State.SUBMITTED, None, True)
    told = {name: str(seen.fields[name]) for name in ("partner", "company", "country")}
    assert told == {"partner": "Nordwind IT GmbH", "company": "Zentrix Pumpen GmbH", "country": "DE"}
    assert float(str(seen.fields["amount"])) == 1500
    assert page.last_id == ref.id


def test_other_deals_are_no_registrations_and_the_other_way_round(
    world: World, desk: RegistrationDesk, crm: str
) -> None:
    programme = Programme(world)
    programme.register(crm, "Nordwind IT GmbH")
    programme.vendor_deal("Globex AG", "Germany", "https://globex.de")
    assert len(desk.read_changed(BEGINNING, None, None).records) == 1
    deals = desk.read_deals(BEGINNING, None, None).records
    if crm == "salesforce":
        (deal,) = deals
        assert (deal.open, deal.fields["company"], deal.fields["country"]) == (True, "Globex AG", "Germany")
    else:
        assert deals == ()


def test_what_is_written_is_read_back_in_our_words(world: World, desk: RegistrationDesk, crm: str) -> None:
    ref = Programme(world).register(crm, "Nordwind IT GmbH")
    values = {"status": "under_review", "reason": "because", "decide_by": "2026-11-04T09:00:00+00:00"}
    assert desk.write([Update(ref.id, {**values, "nowhere": "x"})]) == [None]
    held = desk.read_back([ref.id])[ref.id].values
    assert (held["status"], held["reason"]) == ("under_review", "because")
    (seen,) = desk.read_changed(BEGINNING, None, None).records
    assert seen.status is State.UNDER_REVIEW


def test_a_record_that_is_gone_is_absent_and_a_write_of_it_refused(
    world: World, desk: RegistrationDesk, crm: str
) -> None:
    programme = Programme(world)
    ref = programme.register(crm, "Nordwind IT GmbH")
    crm_state: Any = programme.org if crm == "salesforce" else programme.portal
    world.on_crm(crm_state.delete, ref.id, "Opportunity" if crm == "salesforce" else "deals")
    assert desk.read_back([ref.id]) == {}
    (answer,) = desk.write([Update(ref.id, {"status": "approved"})])
    assert isinstance(answer, SourceRefused)
    assert answer.gone


def test_nothing_stands_in_the_way_of_the_shipped_config(desk: RegistrationDesk) -> None:
    assert desk.problems() == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'status = "Registration_Status__c"',
            'status = "Reg_Status__c"',
            "Opportunity has no field Reg_Status__c",
        ),
        ('record_types = ["Deal_Registration"]', 'record_types = ["Deal"]', "has no record type Deal"),
        (
            'domain = "Customer_Website__c"',
            'domain = "Nowhere__c"',
            "registrations: Salesforce says INVALID_FIELD",
        ),
        (
            'company = "Account.Name", d',
            'company = "Account.Nome", d',
            "registrations.deals: Salesforce says",
        ),
        ('reason = "registration_reason"', 'reason = "reason_why"', "deals have no property reason_why"),
        ('company = "company.name"', 'company = "company.nome"', "companies have no property nome"),
        (
            'approved = "registration-approved"',
            'approved = "yes"',
            "has no option yes; add them, or map stages",
        ),
    ],
)
def test_what_stands_in_the_way_is_told(world: World, old: str, new: str, told: str) -> None:
    path = write_config(world.sandbox, world.folder, lambda text: text.replace(old, new))
    found: list[str] = []
    with App(load(path)) as app:
        for source in app.sources.values():
            assert source.registrations is not None
            try:
                found += source.registrations.problems()
            except SourceError as error:
                found.append(str(error))
    assert any(told in problem for problem in found), found

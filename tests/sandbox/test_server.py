"""Both CRMs in one process: what they begin with, and how they start and stop."""

import threading
from urllib.parse import urlsplit

import pytest
import requests

from connector.sandbox.cards import Card
from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import PortTakenError, Sandbox
from tests.sandbox.conftest import START

TABS = (("salesforce", "Lead"), ("salesforce", "Opportunity"), ("hubspot", "contacts"), ("hubspot", "deals"))


def _cards(sandbox: Sandbox, crm: str, tab: str) -> list[Card]:
    state = sandbox.org if crm == "salesforce" else sandbox.portal
    columns = sandbox.run(lambda: state.columns(limit=1000, object=tab))
    return [card for column in columns for card in column.cards]


@pytest.mark.parametrize(("crm", "tab"), TABS)
def test_the_same_seed_fills_both_crms_alike(crm: str, tab: str) -> None:
    seen = [_cards(Sandbox(seed=seed, leads=30, clock=SandboxClock(START)), crm, tab) for seed in (3, 3, 4)]
    assert seen[0] == seen[1]
    assert seen[0] != seen[2]
    assert len(seen[0]) == 30


def test_leads_are_spread_over_the_intake_and_people(running: Sandbox) -> None:
    owners = [card.owner for card in _cards(running, "salesforce", "Lead")]
    assert 0.6 < owners.count("Web Intake") / len(owners) < 0.9
    assert "Mara Keting" in owners
    assert any(card.partner for card in _cards(running, "hubspot", "contacts"))


def test_given_leads_all_go_to_the_intake() -> None:
    leads = [{"last_name": f"N{number}", "company": "C"} for number in range(40)]
    sandbox = Sandbox(leads, leads)
    assert {card.owner for card in _cards(sandbox, "salesforce", "Lead")} == {"Web Intake"}
    assert {card.owner for card in _cards(sandbox, "hubspot", "contacts")} == {""}


def test_leads_for_one_crm_leave_the_other_empty() -> None:
    sandbox = Sandbox(hubspot_leads=[{"last_name": "Meier"}])
    assert (_cards(sandbox, "salesforce", "Lead"), len(_cards(sandbox, "hubspot", "contacts"))) == ([], 1)


def test_open_deals_of_partners_stand_in_both_crms(running: Sandbox) -> None:
    for crm, tab in (("salesforce", "Opportunity"), ("hubspot", "deals")):
        deals = _cards(running, crm, tab)
        assert len({deal.status for deal in deals}) > 3 or crm == "hubspot"
        assert 3 < sum(bool(deal.partner) for deal in deals) < len(deals)
    assert {deal.title for deal in _cards(running, "salesforce", "Opportunity")} == {
        deal.title for deal in _cards(running, "hubspot", "deals")
    }


def test_some_leads_come_from_companies_that_the_vendor_knows(running: Sandbox) -> None:
    known = running.run(lambda: {row["Name"] for row in running.org.store.find("Account")})
    assert sum(card.company in known for card in _cards(running, "salesforce", "Lead")) > 3


def test_state_is_touched_on_the_loops_thread_only(sandbox: Sandbox) -> None:
    assert sandbox.run(threading.current_thread).name == "sandbox"


def test_what_goes_wrong_on_the_loop_is_raised_here(sandbox: Sandbox) -> None:
    with pytest.raises(KeyError):
        sandbox.run({}.__getitem__, "nothing")


def test_a_stopped_sandbox_no_longer_answers_and_frees_its_ports() -> None:
    with Sandbox([], []) as sandbox:
        urls = sandbox.salesforce_url, sandbox.hubspot_url
    for url in urls:
        with pytest.raises(requests.ConnectionError):
            requests.get(url, timeout=1)
    ports = [int(urlsplit(url).port or 0) for url in urls]
    with Sandbox([], [], ports=(ports[0], ports[1])) as again:
        assert (again.salesforce_url, again.hubspot_url) == urls


def test_a_port_that_is_taken_is_named_and_the_other_is_freed(running: Sandbox) -> None:
    taken = int(urlsplit(running.hubspot_url).port or 0)
    with pytest.raises(PortTakenError, match=f"Port {taken} cannot be used"):
        Sandbox([], [], ports=(0, taken)).start()


def test_two_sandboxes_know_nothing_of_each_other(running: Sandbox) -> None:
    before = len(_cards(running, "hubspot", "contacts"))
    with Sandbox([], [{"last_name": "Other"}]) as other:
        assert len(_cards(other, "hubspot", "contacts")) == 1
    assert len(_cards(running, "hubspot", "contacts")) == before


def test_both_crms_only_listen_on_this_machine(running: Sandbox) -> None:
    assert {urlsplit(url).hostname for url in (running.salesforce_url, running.hubspot_url)} == {"127.0.0.1"}


def test_the_front_page_leads_to_the_pipeline(running: Sandbox) -> None:
    for url in (running.salesforce_url, running.hubspot_url):
        answer = requests.get(url, timeout=5, allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (307, "/pipeline")

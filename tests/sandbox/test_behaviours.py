"""What works in the CRMs themselves: people, automations, lagging indexes, the vendors' own sync."""

from collections.abc import Callable, Iterator

import pytest
import requests

from connector.sandbox.clock import SandboxClock
from connector.sandbox.faults import Fault, parse
from connector.sandbox.server import Sandbox
from tests.sandbox.conftest import START, TOKEN

LEADS = [
    {"first_name": "Ada", "last_name": "Both", "email": "ada@both.example", "company": "Both", "phone": "1"},
    {"first_name": "Bo", "last_name": "Both", "email": "bo@both.example", "company": "Both", "phone": "2"},
]
SEARCH = "/crm/v3/objects/contacts/search"


@pytest.fixture
def running() -> Iterator[Sandbox]:
    """A sandbox of its own for each test: the same two people in both CRMs, nobody's yet."""
    with Sandbox(LEADS, LEADS, clock=SandboxClock(START)) as sandbox:
        yield sandbox


@pytest.fixture
def call(sandbox: Sandbox, http: requests.Session) -> Callable[[], object]:
    """Any call to each CRM: what is due is done then."""
    return lambda: (
        http.get(sandbox.hubspot_url + "/crm/v3/owners", timeout=5),
        http.get(sandbox.salesforce_url + "/services/data/v62.0/limits", timeout=5),
    )


def _add(sandbox: Sandbox, text: str) -> Fault:
    return sandbox.run(sandbox.board.add, parse(text))


def _ids(sandbox: Sandbox, crm: str) -> list[str]:
    state = sandbox.org if crm == "salesforce" else sandbox.portal
    cards = sandbox.run(lambda: [card for column in state.columns() for card in column.cards])
    return [card.id for card in sorted(cards, key=lambda card: card.title)]


def _lead(sandbox: Sandbox, record: str) -> dict[str, object]:
    row = sandbox.run(sandbox.org.store.row, "Lead", record)
    assert row is not None
    return dict(row)


def _contact(sandbox: Sandbox, record: str) -> dict[str, str]:
    return sandbox.run(lambda: dict(sandbox.portal.table("contacts").records[int(record)].values))


def _owner(sandbox: Sandbox, crm: str, record: str) -> str:
    if crm == "salesforce":
        return str(sandbox.run(sandbox.org.owner_name, _lead(sandbox, record)["OwnerId"]))
    return sandbox.run(sandbox.portal.owners.name, _contact(sandbox, record).get("hubspot_owner_id"))


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_human_changes_owners_while_we_work(sandbox: Sandbox, call: Callable[[], object], crm: str) -> None:
    fault = _add(sandbox, f"kind=owner_change,crm={crm},every=3,seed=4")
    before = [_owner(sandbox, crm, record) for record in _ids(sandbox, crm)]
    for _ in range(7):
        call()
    assert sandbox.board.fired[fault.id] == 2
    after = [_owner(sandbox, crm, record) for record in _ids(sandbox, crm)]
    assert after != before
    assert set(after) - set(before) <= {"Dora Direct", "Sam Selling"}


def test_the_same_seed_changes_the_same_owners(http: requests.Session) -> None:
    seen = []
    for _ in range(2):
        with Sandbox(LEADS, LEADS, clock=SandboxClock(START)) as sandbox:
            _add(sandbox, "kind=owner_change,crm=hubspot,every=1,seed=9")
            for _ in range(3):
                http.get(sandbox.hubspot_url + "/crm/v3/owners", timeout=5)
            seen.append([_owner(sandbox, "hubspot", record) for record in _ids(sandbox, "hubspot")])
    assert seen[0] == seen[1]


def test_a_record_is_edited_in_the_middle_of_a_paged_read(sandbox: Sandbox, http: requests.Session) -> None:
    record = _ids(sandbox, "hubspot")[0]
    fault = _add(
        sandbox, f"kind=human_edit,crm=hubspot,route=/search,nth=1,target={record},field=city,value=Faro"
    )
    assert http.post(sandbox.hubspot_url + SEARCH, json={"limit": 1}, timeout=5).ok
    assert _contact(sandbox, record)["city"] == "Faro"
    assert sandbox.board.fired[fault.id] == 1


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_thousands_of_records_share_one_stamp(sandbox: Sandbox, crm: str) -> None:
    state = sandbox.org if crm == "salesforce" else sandbox.portal
    sandbox.run(state.add_leads, [{"last_name": f"N{number}"} for number in range(2100)])
    sandbox.run(sandbox.clock.advance, 100)
    fault = _add(sandbox, f"kind=same_stamp,crm={crm},count=2000")
    if crm == "salesforce":
        stamps = [
            int(row["SystemModstamp"] or 0)
            for row in sandbox.run(lambda: list(sandbox.org.store.find("Lead")))
        ]
    else:
        stamps = [each.modified for each in sandbox.portal.table("contacts").records.values()]
    assert stamps.count(max(stamps)) == sandbox.board.fired[fault.id] == 2000


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
@pytest.mark.parametrize("seconds", [0, 30])
def test_an_automation_resets_the_owner_every_time(
    sandbox: Sandbox, call: Callable[[], object], crm: str, seconds: int
) -> None:
    fault = _add(sandbox, f"kind=owner_reset,crm={crm},to=sam.selling@acme.example,seconds={seconds}")
    state, field = (sandbox.org, "OwnerId") if crm == "salesforce" else (sandbox.portal, "hubspot_owner_id")
    record = _ids(sandbox, crm)[0]
    for times in (1, 2):
        sandbox.run(
            lambda: state.edit(record, {field: "dora.direct@acme.example"}, by="dora.direct@acme.example")
        )
        assert _owner(sandbox, crm, record) == ("Dora Direct" if seconds else "Sam Selling")
        sandbox.run(sandbox.clock.advance, 31)
        call()
        assert _owner(sandbox, crm, record) == "Sam Selling"
        assert sandbox.board.fired[fault.id] == times


def test_an_automation_that_is_switched_off_lets_owners_be(sandbox: Sandbox) -> None:
    fault = _add(sandbox, "kind=owner_reset,to=sam.selling@acme.example")
    sandbox.run(sandbox.board.remove, fault.id)
    for crm, state, field in (
        ("salesforce", sandbox.org, "OwnerId"),
        ("hubspot", sandbox.portal, "hubspot_owner_id"),
    ):
        record = _ids(sandbox, crm)[0]
        sandbox.run(state.edit, record, {field: "dora.direct@acme.example"}, "dora.direct@acme.example")
        assert _owner(sandbox, crm, record) == "Dora Direct"


def test_the_search_index_lags(sandbox: Sandbox, http: requests.Session) -> None:
    fault = _add(sandbox, "kind=index_lag,crm=hubspot,seconds=30")
    record = _ids(sandbox, "hubspot")[0]
    sandbox.run(sandbox.clock.advance, 100)
    sandbox.run(sandbox.portal.edit, record, {"city": "Faro"}, "dora.direct@acme.example")
    query = {"filterGroups": [{"filters": [{"propertyName": "city", "operator": "EQ", "value": "Faro"}]}]}
    assert http.post(sandbox.hubspot_url + SEARCH, json=query, timeout=5).json()["total"] == 0
    sandbox.run(sandbox.clock.advance, 31)
    assert http.post(sandbox.hubspot_url + SEARCH, json=query, timeout=5).json()["total"] == 1
    assert sandbox.board.fired[fault.id] == 1


def test_a_row_becomes_visible_late_with_its_older_stamp(
    sandbox: Sandbox, call: Callable[[], object]
) -> None:
    fault = _add(sandbox, "kind=late_rows,crm=salesforce,nth=1,seconds=60")
    late, prompt = _ids(sandbox, "salesforce")
    for record, city in ((late, "Late"), (prompt, "Prompt")):
        sandbox.run(sandbox.clock.advance, 10)
        sandbox.run(sandbox.org.edit, record, {"City": city}, "dora.direct@acme.example")
    assert _lead(sandbox, late)["City"] is None
    sandbox.run(sandbox.clock.advance, 60)
    call()
    assert _lead(sandbox, late)["City"] == "Late"
    assert (
        int(str(_lead(sandbox, prompt)["SystemModstamp"])) - int(str(_lead(sandbox, late)["SystemModstamp"]))
        == 10
    )
    assert sandbox.board.fired[fault.id] == 1


def test_one_crms_clock_is_skewed_until_the_fault_is_switched_off(sandbox: Sandbox) -> None:
    fault = _add(sandbox, "kind=clock_skew,crm=salesforce,seconds=-45")
    assert (sandbox.org.now() - sandbox.portal.now()).total_seconds() == -45
    assert sandbox.board.fired[fault.id] == 1
    sandbox.run(sandbox.board.clear)
    assert sandbox.org.now() == sandbox.portal.now()


def test_the_native_sync_copies_owner_and_fields_after_a_delay(
    sandbox: Sandbox, call: Callable[[], object]
) -> None:
    fault = _add(sandbox, "kind=native_sync,seconds=60")
    lead, contact = _ids(sandbox, "salesforce")[0], _ids(sandbox, "hubspot")[0]
    sandbox.run(sandbox.clock.advance, 10)
    values = {"OwnerId": "sam.selling@acme.example", "Partner__c": "Fjord Solutions AS"}
    sandbox.run(sandbox.org.edit, lead, values, "dora.direct@acme.example")
    call()
    assert _owner(sandbox, "hubspot", contact) == ""
    sandbox.run(sandbox.clock.advance, 60)
    call()
    assert _owner(sandbox, "hubspot", contact) == "Sam Selling"
    assert _contact(sandbox, contact)["partner"] == "Fjord Solutions AS"
    assert sandbox.board.fired[fault.id] == 1


def test_the_native_sync_goes_both_ways_and_comes_to_rest(
    sandbox: Sandbox, call: Callable[[], object]
) -> None:
    fault = _add(sandbox, "kind=native_sync,seconds=60")
    lead, contact = _ids(sandbox, "salesforce")[1], _ids(sandbox, "hubspot")[1]
    sandbox.run(sandbox.clock.advance, 10)
    values = {"hubspot_owner_id": "dora.direct@acme.example", "phone": "+47 5"}
    sandbox.run(sandbox.portal.edit, contact, values, "sam.selling@acme.example")
    for _ in range(5):
        sandbox.run(sandbox.clock.advance, 61)
        call()
    assert _owner(sandbox, "salesforce", lead) == "Dora Direct"
    assert _lead(sandbox, lead)["Phone"] == "+47 5"
    assert (
        sandbox.run(sandbox.org.owner_name, _lead(sandbox, lead)["LastModifiedById"]) == "HubSpot Integration"
    )
    assert sandbox.board.fired[fault.id] == 1


def test_faults_can_be_given_from_the_start() -> None:
    faults = [parse("kind=clock_skew,crm=hubspot,seconds=5"), parse("kind=503,crm=hubspot")]
    with Sandbox(LEADS, LEADS, faults=faults) as sandbox:
        answer = requests.get(sandbox.hubspot_url + "/crm/v3/owners", headers=TOKEN, timeout=5)
    assert answer.status_code == 503
    assert list(sandbox.board.fired.values()) == [1, 1]

"""The programme and its leads, and the board on which a Salesforce user sees them."""

from datetime import UTC, datetime

import pytest

from connector.sandbox.people import salesforce_leads
from connector.sandbox.salesforce import Org, SalesforceError
from tests.sandbox.salesforce.serving import Client, Clock, Served

DORA = "dora.direct@acme.example"


@pytest.fixture
def org(clock: Clock) -> Org:
    """An org on its own, without a server."""
    org = Org(clock)
    org.seed_programme()
    return org


def test_partners_are_accounts_with_contacts_and_users(client: Client) -> None:
    soql = (
        "SELECT Username, Account.Name, Account.IsPartner, Account.ChannelProgramLevelName, Contact.Email "
        "FROM User WHERE UserType = 'PowerPartner' AND IsActive = true ORDER BY Username LIMIT 1"
    )
    (user,) = client.query(soql)["records"]
    assert user["Username"] == user["Contact"]["Email"] == "anke.petersen@nordwind-it.example"
    assert user["Account"]["Name"] == "Nordwind IT GmbH"
    assert (user["Account"]["IsPartner"], user["Account"]["ChannelProgramLevelName"]) == (True, "Gold")


def test_queues_say_which_objects_they_own(client: Client) -> None:
    soql = (
        "SELECT Queue.DeveloperName FROM QueueSobject WHERE SobjectType = 'Lead' ORDER BY Queue.DeveloperName"
    )
    names = [row["Queue"]["DeveloperName"] for row in client.query(soql)["records"]]
    assert names == ["Channel_Triage", "Partner_Offers", "Web_Intake"]


def test_leads_are_spread_over_intake_people_and_partners(org: Org, clock: Clock) -> None:
    assert org.add_leads(salesforce_leads(1, 400, clock())) == 400
    rows = list(org.store.find("Lead"))
    by_owner = [org.owner_name(row["OwnerId"]) for row in rows]
    assert by_owner.count("Web Intake") == 300
    assert by_owner.count("Mara Keting") == 48
    assert by_owner.count("Dora Direct") + by_owner.count("Sam Selling") == 32
    assert len([row for row in rows if row["Partner__c"] and row["PartnerAccountId"]]) == 20
    assert 10 <= len([r for r in rows if r["RecordTypeId"] == org.record_types("Lead")["Direct_Lead"]]) <= 30


def test_the_same_seed_gives_the_same_leads(clock: Clock) -> None:
    orgs = [Org(clock), Org(clock)]
    for org in orgs:
        org.seed_programme()
        org.add_leads(salesforce_leads(7, 50, clock()))
    first, second = (list(org.store.find("Lead")) for org in orgs)
    assert first == second


def test_leads_of_a_file_all_go_to_the_intake_with_their_columns_kept(org: Org) -> None:
    row = {"last_name": "Ito", "company": "Kaze KK", "created_at": "2026-11-01T08:00:00+00:00"}
    org.add_leads([{**row, "Lead Number": "4711", "TotalVisits": 3, "2nd choice?": None}], owners="intake")
    (lead,) = org.store.find("Lead")
    assert org.owner_name(lead["OwnerId"]) == "Web Intake"
    assert (lead["Lead_Number__c"], lead["TotalVisits__c"], lead["X2nd_choice__c"]) == ("4711", "3", None)
    assert datetime.fromtimestamp(int(lead["CreatedDate"] or 0), UTC).date().isoformat() == "2026-11-01"
    assert lead["SystemModstamp"] == org.stamp()


def test_a_loader_is_patient_with_messy_values(org: Org) -> None:
    messy = {"email": "not an address", "employees": "many", "city": "x" * 99, "expected_amount": "1e3"}
    org.add_leads([messy], owners="intake")
    (lead,) = org.store.find("Lead")
    assert (lead["Email"], lead["NumberOfEmployees"], lead["City"]) == (None, None, "x" * 40)
    assert (lead["LastName"], lead["Company"]) == ("[not provided]", "[not provided]")
    assert lead["Expected_Amount__c"] == 1000.0


def test_stamps_can_be_spread_over_time(org: Org, clock: Clock) -> None:
    org.add_leads(salesforce_leads(1, 200, clock()), stamps_over=86_400)
    stamps = [int(row["SystemModstamp"] or 0) for row in org.store.find("Lead")]
    assert len(set(stamps)) == 200
    assert all(org.stamp() - 86_400 < stamp <= org.stamp() for stamp in stamps)


def test_the_board_shows_leads_by_status_and_by_partner(org: Org, clock: Clock) -> None:
    org.add_leads(salesforce_leads(1, 100, clock()))
    first, second = (str(row["Id"]) for row in list(org.store.find("Lead"))[:2])
    org.edit(
        first, {"Routing_Status__c": "Assigned", "Partner__c": "Fjord", "Routing_Score__c": 71.5}, by=DORA
    )
    org.edit(second, {"Status": "Working - Contacted"}, by=DORA)
    board = {column.name: column for column in org.columns(limit=10)}
    assert {name: column.total for name, column in board.items()} == {
        "Open - Not Contacted": 98,
        "Working - Contacted": 1,
        "Assigned": 1,
    }
    assert len(board["Open - Not Contacted"].cards) == 10
    (card,) = board["Assigned"].cards
    assert (card.id, card.partner, card.score, card.status) == (first, "Fjord", "71.5", "Assigned")
    assert [(column.name, column.total) for column in org.columns(partner="Fjord")] == [("Assigned", 1)]


def test_deals_are_on_the_board_by_stage(org: Org) -> None:
    anke = "anke.petersen@nordwind-it.example"
    body = {"Name": "Deal", "StageName": "Qualification", "CloseDate": "2026-12-31", "Amount": 5}
    org.create("Opportunity", {**body, "OwnerId": anke}, by=anke)
    org.create("Opportunity", body, by=DORA)
    columns = {column.name: column.total for column in org.columns(object="Opportunity")}
    assert columns["Qualification"] == 2
    assert columns["Closed Won"] == 0
    (only,) = [c for c in org.columns("Nordwind IT GmbH", object="Opportunity") if c.total]
    assert only.cards[0].owner == "Anke Petersen"


def test_a_lead_in_full_tells_why_and_who(org: Org, clock: Clock) -> None:
    org.add_leads([{"last_name": "Ito", "company": "Kaze KK"}], owners="intake")
    (lead,) = (str(row["Id"]) for row in org.store.find("Lead"))
    clock.advance(60)
    org.edit(lead, {"OwnerId": DORA, "Routing_Reason__c": "Speaks Japanese"}, by=DORA)
    detail = org.detail(lead)
    assert detail.reason == "Speaks Japanese"
    assert detail.fields["Owner"] == "Dora Direct"
    newest, *_, oldest = detail.history
    assert newest == (clock(), "Dora Direct", "Routing Reason: Speaks Japanese")
    assert oldest[1:] == ("Mara Keting", "Created")


def test_a_lead_that_is_not_there_has_no_page(served: Served) -> None:
    with pytest.raises(SalesforceError):
        served.org.detail("00Q000000000001EAA")

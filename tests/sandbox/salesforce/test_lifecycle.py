"""What people do on the screen: edits, deletion, merging and conversion."""

import pytest

from connector.sandbox.salesforce import Org, SalesforceError
from tests.sandbox.salesforce.serving import Client, Clock, Served, error

DORA, ANKE = "dora.direct@acme.example", "anke.petersen@nordwind-it.example"


def test_a_persons_edit_is_stamped_with_that_person(
    served: Served, client: Client, org: Org, clock: Clock
) -> None:
    lead = client.lead()
    clock.advance(60)
    served.run(org.edit, lead, {"OwnerId": "Channel_Triage", "City": "Graz"}, by=DORA)
    fields = ("OwnerId", "LastModifiedById", "SystemModstamp")
    who, stamp = org.owner_id(DORA), "2026-11-23T12:01:00.000+0000"
    assert client.read("Lead", lead, *fields) == [org.owner_id("Channel_Triage"), who, stamp]


def test_people_are_bound_by_the_same_rules(served: Served, client: Client, org: Org) -> None:
    lead = client.lead()
    with pytest.raises(SalesforceError) as refused:
        served.run(org.edit, lead, {"OwnerId": "former.rep@acme.example"}, by=DORA)
    assert refused.value.code == "INACTIVE_OWNER_OR_USER"


def test_a_merge_leaves_the_loser_in_the_bin_with_its_master(
    served: Served, client: Client, org: Org
) -> None:
    winner, loser = client.lead(City="Graz"), client.lead(City="Linz", Phone="1")
    task = client.create("Task", {"WhoId": loser, "Subject": "Call"})
    assert served.run(org.merge, winner, loser) == winner
    assert client.read("Lead", winner, "City", "Phone") == ["Graz", "1"]
    assert error(client.call("GET", f"/sobjects/Lead/{loser}")) == (404, "ENTITY_IS_DELETED")
    soql = "SELECT Id, MasterRecordId FROM Lead WHERE IsDeleted = true AND MasterRecordId != null"
    (found,) = client.call("GET", "/queryAll", params={"q": soql}).json()["records"]
    assert (found["Id"], found["MasterRecordId"]) == (loser, winner)
    assert client.read("Task", task, "WhoId") == winner


def test_a_converted_lead_becomes_a_deal_and_is_read_only(
    served: Served, client: Client, org: Org, clock: Clock
) -> None:
    lead = client.lead(Email="ada@example.com", Expected_Amount__c=5000, OwnerId=org.owner_id(ANKE))
    clock.advance(60)
    served.run(org.convert, lead, by=ANKE)
    soql = (
        "SELECT IsConverted, ConvertedDate, Status, ConvertedAccount.Name, ConvertedContact.Email, "
        "ConvertedOpportunity.StageName, ConvertedOpportunity.Amount, SystemModstamp FROM Lead"
    )
    (row,) = client.query(soql)["records"]
    assert (row["IsConverted"], row["ConvertedDate"]) == (True, "2026-11-23")
    assert row["Status"] == "Closed - Converted"
    assert row["ConvertedAccount"]["Name"] == "Engines Ltd"
    assert row["ConvertedContact"]["Email"] == "ada@example.com"
    assert row["ConvertedOpportunity"]["Amount"] == 5000.0
    assert row["SystemModstamp"] == "2026-11-23T12:01:00.000+0000"
    answer = client.change(lead, City="Graz")
    assert error(answer) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")
    assert answer.json()[0]["message"] == "cannot reference converted lead"
    partner = "SELECT PartnerAccount.Name FROM Opportunity"
    assert client.query(partner)["records"][0]["PartnerAccount"]["Name"] == "Nordwind IT GmbH"


def test_a_lead_is_not_converted_by_writing_its_status(client: Client) -> None:
    lead = client.lead()
    client.change(lead, Status="Closed - Converted")
    assert client.read("Lead", lead, "IsConverted") is False
    assert error(client.change(lead, IsConverted=True)) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_a_lead_is_converted_once(served: Served, client: Client, org: Org) -> None:
    lead = client.lead()
    served.run(org.convert, lead)
    with pytest.raises(SalesforceError) as refused:
        served.run(org.convert, lead)
    assert refused.value.code == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_the_statuses_and_stages_of_the_org_can_be_read(client: Client) -> None:
    converted = client.query("SELECT ApiName FROM LeadStatus WHERE IsConverted = true")["records"]
    assert [row["ApiName"] for row in converted] == ["Closed - Converted"]
    won = client.query("SELECT ApiName, DefaultProbability FROM OpportunityStage WHERE IsWon = true")[
        "records"
    ]
    assert [(row["ApiName"], row["DefaultProbability"]) for row in won] == [("Closed Won", 100.0)]

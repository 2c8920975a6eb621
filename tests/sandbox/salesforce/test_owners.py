"""Who may own a lead, who is given one by Salesforce itself, and whose account that makes the partner's."""

from connector.sandbox.programme import Person
from connector.sandbox.salesforce import Org
from connector.sandbox.salesforce.seed import add_user
from tests.sandbox.salesforce.serving import Client, Clock, Served, error

DORA, ANKE = "dora.direct@acme.example", "anke.petersen@nordwind-it.example"


def test_an_update_that_forgets_the_header_is_overruled_by_the_assignment_rule(
    client: Client, org: Org
) -> None:
    lead, dora = client.lead(), org.owner_id(DORA)
    answer = client.change(lead, auto_assign=None, OwnerId=dora)
    assert answer.status_code == 204
    assert client.read("Lead", lead, "OwnerId") == org.owner_id("Web_Intake")
    client.change(lead, auto_assign="false", OwnerId=dora)
    assert client.read("Lead", lead, "OwnerId") == dora
    client.change(lead, auto_assign="TRUE", City="Graz")
    assert client.read("Lead", lead, "OwnerId") == org.owner_id("Web_Intake")


def test_a_new_lead_goes_where_the_assignment_rule_says(client: Client, org: Org) -> None:
    body = {"LastName": "A", "Company": "B", "OwnerId": org.owner_id(DORA)}
    for header in ({}, {"Sforce-Auto-Assign": org.assignment_rule_id}):
        made = client.call("POST", "/sobjects/Lead", json=body, headers=header).json()["id"]
        assert client.read("Lead", made, "OwnerId") == org.owner_id("Web_Intake")


def test_without_an_active_rule_the_owner_is_the_one_asked_for(client: Client, org: Org) -> None:
    org.settings.assignment_rule_active = False
    lead = client.lead()
    client.change(lead, auto_assign=None, OwnerId=org.owner_id(DORA))
    assert client.read("Lead", lead, "OwnerId") == org.owner_id(DORA)


def test_the_header_counts_for_a_collection_and_for_each_part_of_a_composite(
    client: Client, org: Org
) -> None:
    dora, queue = org.owner_id(DORA), org.owner_id("Web_Intake")
    leads = [client.lead() for _ in range(3)]
    records = [{"attributes": {"type": "Lead"}, "id": leads[0], "OwnerId": dora}]
    off = {"Sforce-Auto-Assign": "FALSE"}
    client.call("PATCH", "/composite/sobjects", json={"records": records}, headers=off)
    parts = [
        {
            "method": "PATCH",
            "url": f"{client.root}/sobjects/Lead/{lead}",
            "referenceId": f"r{number}",
            "body": {"OwnerId": dora},
            **({"httpHeaders": off} if number == 0 else {}),
        }
        for number, lead in enumerate(leads[1:])
    ]
    # The header of the whole request does not reach its parts.
    client.call("POST", "/composite", json={"compositeRequest": parts}, headers=off)
    assert [client.read("Lead", lead, "OwnerId") for lead in leads] == [dora, dora, queue]


def test_a_partner_user_makes_their_account_the_partner_account(client: Client, org: Org) -> None:
    lead = client.lead(OwnerId=org.owner_id(ANKE))
    account = client.read("Lead", lead, "PartnerAccountId")
    assert client.read("Account", account, "Name", "IsPartner") == ["Nordwind IT GmbH", True]
    client.change(lead, OwnerId=org.owner_id(DORA))
    assert client.read("Lead", lead, "PartnerAccountId") is None


def test_an_inactive_user_cannot_be_given_a_lead(client: Client, org: Org) -> None:
    former = org.owner_id("former.rep@acme.example")
    answer = client.change(client.lead(), OwnerId=former)
    assert error(answer) == (400, "INACTIVE_OWNER_OR_USER")
    assert (
        answer.json()[0]["message"] == f"operation performed with inactive user [{former}] as owner of lead"
    )


def test_a_user_of_the_wrong_kind_cannot_own_a_lead(served: Served, client: Client, org: Org) -> None:
    person = Person("Chat", "Only", "chat.only@acme.example")
    chatter = served.run(add_user, org, person, "Chatter Free User")
    answer = client.change(client.lead(), OwnerId=chatter)
    assert error(answer) == (400, "OP_WITH_INVALID_USER_TYPE_EXCEPTION")


def test_a_user_who_cannot_read_leads_cannot_be_given_one(client: Client, org: Org) -> None:
    org.cannot_read_leads.add(org.owner_id(DORA))
    assert error(client.change(client.lead(), OwnerId=org.owner_id(DORA))) == (400, "TRANSFER_REQUIRES_READ")


def test_a_queue_must_be_enabled_for_leads(client: Client, org: Org) -> None:
    answer = client.change(client.lead(), OwnerId=org.owner_id("Support_Cases"))
    assert error(answer) == (400, "INVALID_OPERATION")
    assert answer.json()[0]["message"] == "Queue not associated with this SObject type"


def test_an_owner_must_exist_and_be_a_user_or_a_queue(client: Client, org: Org) -> None:
    lead = client.lead()
    assert error(client.change(lead, OwnerId="005000000000001AAA"[:15])) == (
        400,
        "INVALID_CROSS_REFERENCE_KEY",
    )
    assert error(client.change(lead, OwnerId=lead)) == (400, "MALFORMED_ID")


def test_an_opportunity_is_owned_by_users_only(client: Client, org: Org) -> None:
    body = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
    queued = client.call(
        "POST", "/sobjects/Opportunity", json={**body, "OwnerId": org.owner_id("Web_Intake")}
    )
    assert error(queued) == (400, "MALFORMED_ID")
    deal = client.create("Opportunity", {**body, "OwnerId": org.owner_id(ANKE)})
    account = client.read("Opportunity", deal, "PartnerAccountId")
    assert client.read("Account", account, "Name") == "Nordwind IT GmbH"


def test_a_change_of_owner_is_kept_in_the_history_by_name_and_by_id(client: Client, org: Org) -> None:
    lead = client.lead(OwnerId=org.owner_id("Web_Intake"))
    client.change(lead, OwnerId=org.owner_id(DORA), Partner__c="Nordwind", City="Graz")
    soql = "SELECT Field, DataType, OldValue, NewValue, CreatedBy.Name FROM LeadHistory ORDER BY Id"
    rows = [
        (row["Field"], row["OldValue"], row["NewValue"], row["CreatedBy"]["Name"])
        for row in client.query(soql)["records"]
    ]
    me = "Lead Connector"
    assert rows == [
        ("created", None, None, me),
        ("Owner", "Web Intake", "Dora Direct", me),
        ("Owner", org.owner_id("Web_Intake"), org.owner_id(DORA), me),
        ("Partner__c", None, "Nordwind", me),
    ]


def test_an_automation_takes_the_owner_back_every_time(client: Client, org: Org, clock: Clock) -> None:
    marketing = org.owner_id("marketing@acme.example")
    org.settings.owner_automation = "marketing@acme.example"
    lead = client.lead(OwnerId=org.owner_id(DORA))
    client.change(lead, OwnerId=org.owner_id(DORA))
    automatic = org.owner_id("autoproc@acme.example")
    assert client.read("Lead", lead, "OwnerId", "LastModifiedById") == [marketing, automatic]
    org.settings.owner_automation_after = 30
    client.change(lead, OwnerId=org.owner_id(DORA))
    assert client.read("Lead", lead, "OwnerId") == org.owner_id(DORA)
    clock.advance(31)
    assert client.read("Lead", lead, "OwnerId") == marketing

"""One record at a time: made, read, changed, deleted, by id and by external id."""

from typing import Any

import pytest
import requests

from connector.sandbox.salesforce import Org, ids
from tests.sandbox.salesforce.serving import Client, Clock, Served, error

LEAD = "/sobjects/Lead"
UNKNOWN = "00Q000000000001EAA"


@pytest.fixture
def keyed(served: Served, org: Org) -> None:
    """Leads have an external id."""
    served.run(org.declare_field, "Lead", "Web_Id__c", size="40", flags="EIQ")


def test_a_new_record_answers_its_id_and_its_address(client: Client) -> None:
    answer = client.call("POST", f"{LEAD}/", json={"LastName": "Hopper", "Company": "Cobol Inc"})
    assert answer.status_code == 201
    record_id = answer.json()["id"]
    assert answer.json() == {"id": record_id, "success": True, "errors": []}
    assert len(record_id) == 18
    assert record_id.startswith("00Q")
    assert answer.headers["Location"] == f"/services/data/v62.0/sobjects/Lead/{record_id}"


def test_ids_carry_the_checksum_of_their_letters_case() -> None:
    assert ids.with_checksum("001D000000IqhSL") == "001D000000IqhSLIAZ"
    assert ids.with_checksum("00Q000000000001") == "00Q000000000001EAA"
    assert ids.normal("001D000000IqhSL") == "001D000000IqhSLIAZ"
    assert ids.normal("001d000000iqhslIAZ") is None


def test_fifteen_characters_of_an_id_are_enough(client: Client) -> None:
    lead = client.lead(City="Graz")
    assert client.read("Lead", lead[:15], "Id", "City") == [lead, "Graz"]
    assert client.change(lead[:15], City="Linz").status_code == 204
    assert client.read("Lead", lead, "City") == "Linz"


def test_a_change_stamps_the_record_with_time_and_user(client: Client, org: Org, clock: Clock) -> None:
    lead = client.lead()
    clock.advance(90.7)
    answer = client.change(lead, City="Graz", Website=None)
    assert (answer.status_code, answer.content) == (204, b"")
    fields = ("SystemModstamp", "LastModifiedDate", "CreatedDate", "LastModifiedById")
    stamp, created = "2026-11-23T12:01:30.000+0000", "2026-11-23T12:00:00.000+0000"
    user = org.owner_id("integration@acme.example")
    assert client.read("Lead", lead, *fields) == [stamp, stamp, created, user]


def test_null_clears_a_field(client: Client) -> None:
    lead = client.lead(City="Graz", NumberOfEmployees=5)
    client.change(lead, City=None, NumberOfEmployees=None)
    assert client.read("Lead", lead, "City", "NumberOfEmployees") == [None, None]


def test_a_post_may_stand_in_for_a_patch(client: Client) -> None:
    lead = client.lead()
    path = f"{LEAD}/{lead}?_HttpMethod=PATCH"
    answer = client.call("POST", path, json={"City": "Graz"}, headers={"Sforce-Auto-Assign": "FALSE"})
    assert answer.status_code == 204
    assert client.read("Lead", lead, "City") == "Graz"


@pytest.mark.parametrize(
    ("body", "refusal", "message"),
    [
        ({"Foo__c": 1}, (400, "INVALID_FIELD"), "No such column 'Foo__c' on sobject of type Lead"),
        (
            {"Id": UNKNOWN},
            (400, "INVALID_FIELD"),
            "The Id field should not be specified",
        ),
        (
            {"City": "x" * 41},
            (400, "STRING_TOO_LONG"),
            f"City: data value too large: {'x' * 41} (max length=40)",
        ),
        ({"Email": "no at sign"}, (400, "INVALID_EMAIL_ADDRESS"), "Email: invalid email address: no at sign"),
        ({"LastName": None}, (400, "REQUIRED_FIELD_MISSING"), "Required fields are missing: [LastName]"),
        (
            {"CleanStatus": "Spotless"},
            (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
            "bad value for restricted",
        ),
        ({"NumberOfEmployees": "many"}, (400, "JSON_PARSER_ERROR"), "Cannot deserialize instance of int"),
        ({"NumberOfEmployees": 10**9}, (400, "NUMBER_OUTSIDE_VALID_RANGE"), "outside of valid range"),
        ({"City": {"name": "Graz"}}, (400, "JSON_PARSER_ERROR"), "START_OBJECT"),
        ({"Accept_By__c": "soon"}, (400, "JSON_PARSER_ERROR"), "Cannot deserialize instance of datetime"),
        ({"Share_OK__c": None}, (400, "INVALID_TYPE_ON_FIELD_IN_RECORD"), "value not of required type"),
        ({"RecordTypeId": "short"}, (400, "MALFORMED_ID"), "id value of incorrect type: short"),
        ({"PartnerAccountId": None}, (400, "INVALID_FIELD_FOR_INSERT_UPDATE"), "fields: PartnerAccountId."),
        (
            {"SystemModstamp": "2026-01-01T00:00:00Z"},
            (400, "INVALID_FIELD_FOR_INSERT_UPDATE"),
            "SystemModstamp",
        ),
    ],
)
def test_a_bad_value_is_refused_and_nothing_is_written(
    client: Client, body: dict[str, Any], refusal: tuple[int, str], message: str
) -> None:
    lead = client.lead(City="Graz")
    answer = client.call("PATCH", f"{LEAD}/{lead}", json={"City": "Linz", **body})
    assert error(answer) == refusal
    assert message in answer.json()[0]["message"]
    assert client.read("Lead", lead, "City") == "Graz"


def test_all_required_fields_that_are_missing_are_named(client: Client) -> None:
    answer = client.call("POST", LEAD, json={"FirstName": "Ada"})
    assert answer.json() == [
        {
            "message": "Required fields are missing: [LastName, Company]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["LastName", "Company"],
        }
    ]


def test_an_open_picklist_takes_any_value(client: Client) -> None:
    lead = client.lead(Status="Whatever", Budget__c="A fortune", Industry="Alchemy")
    assert client.read("Lead", lead, "Status", "Budget__c", "Industry") == [
        "Whatever",
        "A fortune",
        "Alchemy",
    ]


def test_values_are_read_as_leniently_as_salesforce_reads_them(client: Client) -> None:
    lead = client.lead(
        FirstName="  Ada ",
        NumberOfEmployees="12",
        Share_OK__c="true",
        Accept_By__c="2026-12-24T18:00:00+01:00",
    )
    fields = ("FirstName", "NumberOfEmployees", "Share_OK__c", "Accept_By__c", "Name")
    assert client.read("Lead", lead, *fields) == [
        "Ada",
        12,
        True,
        "2026-12-24T17:00:00.000+0000",
        "Ada Lovelace",
    ]


def test_an_id_that_is_not_there_is_not_found(client: Client) -> None:
    assert error(client.call("GET", f"{LEAD}/{UNKNOWN}")) == (404, "NOT_FOUND")
    assert error(client.change(UNKNOWN, City="Graz")) == (404, "NOT_FOUND")


def test_an_id_of_another_object_is_malformed(client: Client, org: Org) -> None:
    user = org.owner_id("dora.direct@acme.example")
    assert error(client.call("GET", f"{LEAD}/{user}")) == (400, "MALFORMED_ID")
    assert error(client.call("GET", f"{LEAD}/{UNKNOWN[:15]}AAB")) == (400, "MALFORMED_ID")


def test_a_deleted_lead_answers_entity_is_deleted(client: Client) -> None:
    lead = client.lead()
    assert client.call("DELETE", f"{LEAD}/{lead}").status_code == 204
    for answer in (client.call("GET", f"{LEAD}/{lead}"), client.change(lead, City="Graz")):
        assert error(answer) == (404, "ENTITY_IS_DELETED")


@pytest.mark.usefixtures("keyed")
def test_an_upsert_makes_a_record_once_and_changes_it_then(client: Client) -> None:
    path = f"{LEAD}/Web_Id__c/form 17"
    body = {"LastName": "Hopper", "Company": "Cobol Inc"}
    made = client.call("PATCH", path, json=body)
    changed = client.call("PATCH", path, json={"City": "Graz"})
    assert (made.status_code, made.json()["created"]) == (201, True)
    assert (changed.status_code, changed.json()["created"]) == (200, False)
    assert changed.json()["id"] == made.json()["id"]
    found = client.call("GET", path, params={"fields": "City,Web_Id__c"}).json()
    assert (found["City"], found["Web_Id__c"]) == ("Graz", "form 17")


@pytest.mark.usefixtures("keyed")
def test_an_upsert_that_only_updates_never_makes_a_record(client: Client) -> None:
    answer = client.call(
        "PATCH", f"{LEAD}/Web_Id__c/17", json={"City": "Graz"}, params={"updateOnly": "true"}
    )
    assert error(answer) == (404, "NOT_FOUND")


@pytest.mark.usefixtures("keyed")
def test_a_unique_external_id_is_given_once(client: Client) -> None:
    first = client.lead(Web_Id__c="17")
    answer = client.call("POST", LEAD, json={"LastName": "B", "Company": "C", "Web_Id__c": "17"})
    assert error(answer) == (400, "DUPLICATE_VALUE")
    assert f"Web_Id__c duplicates value on record with id: {first}" in answer.json()[0]["message"]


def test_an_external_id_of_several_records_answers_their_addresses(client: Client) -> None:
    both = [client.lead(Email="shared@example.com") for _ in range(2)]
    answer = client.call("GET", f"{LEAD}/Email/shared@example.com")
    assert answer.status_code == 300
    assert answer.json() == [f"/services/data/v62.0/sobjects/Lead/{each}" for each in both]


def test_a_field_that_is_no_external_id_finds_nothing(client: Client) -> None:
    answer = client.call("GET", f"{LEAD}/City/Graz")
    assert error(answer) == (404, "NOT_FOUND")
    assert "Provided external ID field does not exist or is not accessible: City" in answer.text


def test_a_parent_may_be_named_by_its_external_id(client: Client, org: Org) -> None:
    lead = client.lead(Owner={"Username": "dora.direct@acme.example"})
    assert client.read("Lead", lead, "OwnerId") == org.owner_id("dora.direct@acme.example")
    opportunity = {
        "Name": "Deal",
        "StageName": "Prospecting",
        "CloseDate": "2026-12-31",
        "Account": {"External_Id__c": "fjord.example"},
    }
    made = client.create("Opportunity", opportunity)
    soql = f"SELECT Account.Name FROM Opportunity WHERE Id = '{made}'"  # noqa: S608
    assert client.query(soql)["records"][0]["Account"]["Name"] == "Fjord Solutions AS"


def condition(client: Client, lead: str, method: str, header: str, when: str) -> requests.Response:
    body = {"json": {"City": "Graz"}} if method == "PATCH" else {}
    headers = {header: when, "Sforce-Auto-Assign": "FALSE"}
    return client.call(method, f"{LEAD}/{lead}", headers=headers, **body)


def test_a_write_on_condition_fails_when_someone_was_faster(
    served: Served, client: Client, org: Org, clock: Clock
) -> None:
    lead = client.lead(City="Wien")
    seen = client.call("GET", f"{LEAD}/{lead}").headers["Date"]
    assert condition(client, lead, "PATCH", "If-Unmodified-Since", seen).status_code == 204
    clock.advance(5)
    served.run(org.edit, lead, {"City": "Linz"}, by="dora.direct@acme.example")
    answer = condition(client, lead, "PATCH", "If-Unmodified-Since", seen)
    assert answer.status_code == 412
    assert client.read("Lead", lead, "City") == "Linz"


def test_a_read_on_condition_says_when_nothing_changed(client: Client, clock: Clock) -> None:
    lead = client.lead()
    clock.advance(10)
    now = client.call("GET", "/limits").headers["Date"]
    answer = condition(client, lead, "GET", "If-Modified-Since", now)
    assert (answer.status_code, answer.content) == (304, b"")
    clock.advance(10)
    client.change(lead, City="Linz")
    assert condition(client, lead, "GET", "If-Modified-Since", now).status_code == 200


def test_a_condition_that_is_no_date_is_refused(client: Client) -> None:
    answer = condition(client, client.lead(), "PATCH", "If-Unmodified-Since", "yesterday")
    assert answer.status_code == 400


def test_an_opportunity_follows_its_stage(client: Client) -> None:
    body = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-12-31", "Amount": 1000}
    deal = client.create("Opportunity", body)
    fields = ("IsClosed", "IsWon", "Probability", "ExpectedRevenue", "FiscalQuarter")
    assert client.read("Opportunity", deal, *fields) == [False, False, 10.0, 100.0, 4]
    client.call("PATCH", f"/sobjects/Opportunity/{deal}", json={"StageName": "Closed Won"})
    assert client.read("Opportunity", deal, *fields) == [True, True, 100.0, 1000.0, 4]
    steps = client.query("SELECT StageName FROM OpportunityHistory ORDER BY Id")["records"]
    assert [step["StageName"] for step in steps] == ["Prospecting", "Closed Won"]
    answer = client.call("PATCH", f"/sobjects/Opportunity/{deal}", json={"IsWon": False})
    assert error(answer) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_a_completed_task_is_the_leads_last_activity(client: Client, org: Org) -> None:
    lead = client.lead()
    task = client.create("Task", {"WhoId": lead, "Subject": "Routed", "Status": "Completed"})
    assert client.read("Lead", lead, "LastActivityDate") == "2026-11-23"
    assert client.read("Task", task, "IsClosed", "Priority", "OwnerId") == [
        True,
        "Normal",
        org.owner_id("integration@acme.example"),
    ]

"""Composite and batch: requests within a request."""

from typing import Any

import pytest

from connector.sandbox.salesforce import Org
from tests.sandbox.salesforce.serving import Client, Clock, Served, error

OFF = {"Sforce-Auto-Assign": "FALSE"}


def composite(client: Client, *parts: dict[str, Any], **more: Any) -> Any:
    numbered = [{"referenceId": f"r{number}", **part} for number, part in enumerate(parts)]
    return client.call("POST", "/composite", json={"compositeRequest": numbered, **more})


def part(client: Client, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    made = {"method": method, "url": client.root + path, "httpHeaders": named}
    return made if body is None else {**made, "body": body}


def test_a_later_part_refers_to_an_earlier_answer(client: Client) -> None:
    answer = composite(
        client,
        part(client, "POST", "/sobjects/Lead", {"LastName": "A", "Company": "B"}),
        part(client, "POST", "/sobjects/Task", {"WhoId": "@{r0.id}", "Subject": "About @{r0.id}"}),
        part(client, "GET", "/query?q=SELECT+Id,+WhoId,+Subject+FROM+Task"),
        part(client, "GET", "/sobjects/Lead/@{r2.records[0].WhoId}?fields=LastName"),
    )
    assert answer.status_code == 200
    made, _, found, lead = answer.json()["compositeResponse"]
    lead_id = made["body"]["id"]
    assert (made["httpStatusCode"], made["referenceId"]) == (201, "r0")
    assert made["httpHeaders"]["Location"].endswith(lead_id)
    assert found["body"]["records"][0]["WhoId"] == lead_id
    assert found["body"]["records"][0]["Subject"] == f"About {lead_id}"
    assert lead["body"]["LastName"] == "A"


def test_a_whole_composite_is_one_call(client: Client, org: Org) -> None:
    lead, before = client.lead(), org.limits.used
    composite(client, *[part(client, "GET", f"/sobjects/Lead/{lead}")] * 25)
    assert org.limits.used == before + 1


def test_parts_fail_alone_unless_all_or_none_is_asked(client: Client) -> None:
    lead = client.lead(City="Wien")
    good = part(
        client, "PATCH", f"/sobjects/Lead/{lead}", {"City": "Graz"}, **{"Sforce_Auto_Assign": "FALSE"}
    )
    bad = part(client, "PATCH", f"/sobjects/Lead/{lead}", {"Foo__c": 1})
    together = composite(client, good, bad, allOrNone=True).json()["compositeResponse"]
    assert [each["httpStatusCode"] for each in together] == [400, 400]
    assert together[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert client.read("Lead", lead, "City") == "Wien"
    alone = composite(client, good, bad).json()["compositeResponse"]
    assert [each["httpStatusCode"] for each in alone] == [204, 400]
    assert alone[0]["body"] is None
    assert alone[1]["body"][0]["errorCode"] == "INVALID_FIELD"
    assert client.read("Lead", lead, "City") == "Graz"


def test_each_part_has_a_condition_of_its_own(served: Served, client: Client, org: Org, clock: Clock) -> None:
    leads = [client.lead() for _ in range(3)]
    seen = client.call("GET", "/limits").headers["Date"]
    clock.advance(10)
    served.run(org.edit, leads[1], {"City": "Linz"}, by="dora.direct@acme.example")
    conditions = {"If_Unmodified_Since": seen, "Sforce_Auto_Assign": "FALSE"}
    parts = [
        part(client, "PATCH", f"/sobjects/Lead/{lead}", {"City": "Graz"}, **conditions) for lead in leads
    ]
    answers = composite(client, *parts).json()["compositeResponse"]
    assert [each["httpStatusCode"] for each in answers] == [204, 412, 204]
    assert [client.read("Lead", lead, "City") for lead in leads] == ["Graz", "Linz", "Graz"]


def test_more_than_twenty_five_parts_are_refused(client: Client) -> None:
    parts = [part(client, "GET", "/limits")] * 26
    assert error(composite(client, *parts)) == (400, "LIMIT_EXCEEDED")


def test_more_than_five_queries_and_collections_are_refused(client: Client) -> None:
    query = part(client, "GET", "/query?q=SELECT+Id+FROM+Lead")
    assert composite(client, *[query] * 5).status_code == 200
    assert error(composite(client, *[query] * 6)) == (400, "LIMIT_EXCEEDED")


def test_inherited_headers_must_not_be_set_in_a_part(client: Client) -> None:
    only = composite(client, part(client, "GET", "/limits", Authorization="x")).json()["compositeResponse"][0]
    assert only["httpStatusCode"] == 400


@pytest.mark.parametrize("reference", ["", "a b", "a-b"])
def test_a_reference_is_made_of_letters_digits_and_underscores(client: Client, reference: str) -> None:
    answer = composite(client, {**part(client, "GET", "/limits"), "referenceId": reference})
    assert error(answer) == (400, "JSON_PARSER_ERROR")


def test_a_reference_to_what_failed_halts_the_part(client: Client) -> None:
    answers = composite(
        client,
        part(client, "POST", "/sobjects/Lead", {"LastName": "A"}),
        part(client, "POST", "/sobjects/Task", {"WhoId": "@{r0.id}"}),
    ).json()["compositeResponse"]
    assert answers[0]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert answers[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_a_batch_counts_each_of_its_requests(client: Client, org: Org) -> None:
    lead, before = client.lead(), org.limits.used
    requests = [
        {"method": "GET", "url": f"v62.0/sobjects/Lead/{lead}?fields=LastName"},
        {"method": "PATCH", "url": f"v62.0/sobjects/Lead/{lead}", "richInput": {"City": "Graz"}},
        {"method": "GET", "url": "v62.0/sobjects/Lead/00Q000000000001EAA"},
    ]
    body = client.call("POST", "/composite/batch", json={"batchRequests": requests}).json()
    assert body["hasErrors"] is True
    assert [each["statusCode"] for each in body["results"]] == [200, 204, 404]
    assert body["results"][0]["result"]["LastName"] == "Lovelace"
    assert org.limits.used == before + 3

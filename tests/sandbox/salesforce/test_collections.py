"""sObject Collections: many records in one call, each with its own fate."""

from typing import Any

import pytest

from connector.sandbox.faults import Fault
from connector.sandbox.salesforce import Org
from tests.sandbox.salesforce.serving import Client, Served, error

PATH = "/composite/sobjects"
TYPE = {"attributes": {"type": "Lead"}}
OFF = {"Sforce-Auto-Assign": "FALSE"}


def update(client: Client, records: list[dict[str, Any]], **more: Any) -> Any:
    body = {"records": [{**TYPE, **record} for record in records], **more}
    return client.call("PATCH", PATH, json=body, headers=OFF).json()


def codes(results: Any) -> list[str]:
    return ["ok" if each["success"] else each["errors"][0]["statusCode"] for each in results]


def test_each_record_has_its_own_result_in_order(client: Client) -> None:
    leads = [client.lead() for _ in range(3)]
    client.call("DELETE", f"/sobjects/Lead/{leads[1]}")
    results = update(
        client,
        [
            {"id": leads[0], "City": "Graz"},
            {"id": leads[1], "City": "Graz"},
            {"Id": leads[2][:15], "City": "x" * 41},
            {"id": "00Q000000000001EAA", "City": "Graz"},
            {"id": "nonsense", "City": "Graz"},
            {"City": "Graz"},
        ],
    )
    assert results[0] == {"id": leads[0], "success": True, "errors": []}
    assert results[2]["errors"] == [
        {
            "statusCode": "STRING_TOO_LONG",
            "message": f"City: data value too large: {'x' * 41} (max length=40)",
            "fields": ["City"],
        }
    ]
    assert codes(results) == [
        "ok",
        "ENTITY_IS_DELETED",
        "STRING_TOO_LONG",
        "INVALID_CROSS_REFERENCE_KEY",
        "MALFORMED_ID",
        "MISSING_ARGUMENT",
    ]
    assert client.read("Lead", leads[0], "City") == "Graz"


def test_all_or_none_undoes_the_innocent_too(client: Client) -> None:
    leads = [client.lead(City="Wien") for _ in range(2)]
    records = [{"id": leads[0], "City": "Graz"}, {"id": leads[1], "City": "x" * 41}]
    results = update(client, records, allOrNone=True)
    assert codes(results) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "STRING_TOO_LONG"]
    assert client.read("Lead", leads[0], "City") == "Wien"
    assert client.query("SELECT COUNT() FROM LeadHistory WHERE Field != 'created'")["totalSize"] == 0


def test_a_record_named_twice_is_written_once(client: Client) -> None:
    lead = client.lead()
    results = update(client, [{"id": lead, "City": "Graz"}, {"id": lead[:15], "City": "Linz"}])
    assert codes(results) == ["ok", "DUPLICATE_VALUE"]
    assert client.read("Lead", lead, "City") == "Graz"


def test_two_hundred_records_are_written_in_one_call_and_no_more(client: Client, org: Org) -> None:
    rows = [{**TYPE, "LastName": f"L{number}", "Company": "C"} for number in range(201)]
    answer = client.call("POST", PATH, json={"records": rows})
    assert error(answer) == (400, "EXCEEDED_ID_LIMIT")
    before = org.limits.used
    results = client.call("POST", PATH, json={"records": rows[:200]}).json()
    assert all(each["success"] for each in results)
    assert len({each["id"] for each in results}) == 200
    assert org.limits.used == before + 1


def test_records_of_several_objects_are_written_together(client: Client) -> None:
    lead = {**TYPE, "LastName": "A", "Company": "B"}
    task = {"attributes": {"type": "Task"}, "Subject": "Call"}
    results = client.call("POST", PATH, json={"records": [lead, task]}).json()
    assert [each["id"][:3] for each in results] == ["00Q", "00T"]
    mixed = client.call("POST", PATH, json={"records": [lead, task] * 6})
    assert error(mixed) == (400, "LIMIT_EXCEEDED")


def test_records_are_read_by_id_with_null_for_what_is_missing(client: Client) -> None:
    leads = [client.lead(LastName=name) for name in ("A", "B")]
    client.call("DELETE", f"/sobjects/Lead/{leads[1]}")
    wanted = [leads[1], "00Q000000000001EAA", leads[0][:15], "nonsense"]
    by_post = client.call("POST", f"{PATH}/Lead", json={"ids": wanted, "fields": ["LastName"]}).json()
    query = {"ids": ",".join(wanted), "fields": "LastName"}
    by_get = client.call("GET", f"{PATH}/Lead", params=query).json()
    assert [each and each["LastName"] for each in by_post] == [None, None, "A", None]
    assert by_get == by_post


def test_two_thousand_records_are_read_in_one_call_and_no_more(client: Client) -> None:
    lead = client.lead()
    body = {"ids": [lead] * 2000, "fields": ["Id"]}
    assert len(client.call("POST", f"{PATH}/Lead", json=body).json()) == 2000
    body["ids"].append(lead)
    assert error(client.call("POST", f"{PATH}/Lead", json=body)) == (400, "EXCEEDED_ID_LIMIT")


def test_a_field_that_does_not_exist_fails_the_whole_read(client: Client) -> None:
    answer = client.call("POST", f"{PATH}/Lead", json={"ids": [client.lead()], "fields": ["Foo__c"]})
    assert error(answer) == (400, "INVALID_FIELD")


def test_records_are_deleted_together(client: Client) -> None:
    leads = [client.lead() for _ in range(2)]
    query = {"ids": ",".join([*leads, "00Q000000000001EAA"]), "allOrNone": "false"}
    results = client.call("DELETE", PATH, params=query).json()
    assert codes(results) == ["ok", "ok", "INVALID_CROSS_REFERENCE_KEY"]
    assert client.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_a_collection_is_upserted_by_external_id(served: Served, client: Client, org: Org) -> None:
    served.run(org.declare_field, "Lead", "Web_Id__c", size="40", flags="EIQ")
    known = client.lead(Web_Id__c="1")
    rows = [
        {**TYPE, "Web_Id__c": "1", "City": "Graz"},
        {**TYPE, "Web_Id__c": "2", "LastName": "New", "Company": "C"},
        {**TYPE, "LastName": "Keyless", "Company": "C"},
    ]
    results = client.call("PATCH", f"{PATH}/Lead/Web_Id__c", json={"records": rows}).json()
    assert results[0] == {"id": known, "success": True, "errors": [], "created": False}
    assert results[1]["created"] is True
    assert codes(results) == ["ok", "ok", "MISSING_ARGUMENT"]


@pytest.mark.parametrize("body", [{}, {"records": "no"}, {"records": [1]}, []])
def test_a_malformed_collection_fails_as_a_whole(client: Client, body: Any) -> None:
    assert error(client.call("PATCH", PATH, json=body)) == (400, "JSON_PARSER_ERROR")


def test_a_locked_row_fails_alone(served: Served, client: Client) -> None:
    leads = [client.lead() for _ in range(4)]
    fault = served.run(served.board.add, Fault("row_lock", "salesforce", nth=3))
    results = update(client, [{"id": lead, "City": "Graz"} for lead in leads])
    assert codes(results) == ["ok", "ok", "UNABLE_TO_LOCK_ROW", "ok"]
    message = results[2]["errors"][0]["message"]
    assert message == f"unable to obtain exclusive access to this record or 1 records: {leads[2]}"
    assert served.board.fired[fault.id] == 1


def test_a_locked_batch_fails_together(served: Served, client: Client) -> None:
    leads = [client.lead() for _ in range(2)]
    served.run(served.board.add, Fault("batch_lock", "salesforce", times=1))
    records = [{"id": lead, "City": "Graz"} for lead in leads]
    assert codes(update(client, records)) == ["UNABLE_TO_LOCK_ROW"] * 2
    assert codes(update(client, records)) == ["ok", "ok"]


def test_a_record_can_be_made_to_fail_for_a_given_reason(served: Served, client: Client) -> None:
    leads = [client.lead() for _ in range(2)]
    params = {"record": leads[1], "code": "CANNOT_EXECUTE_FLOW_TRIGGER", "message": "Flow failed"}
    served.run(served.board.add, Fault("row_fail", "salesforce", params=params))
    results = update(client, [{"id": lead, "City": "Graz"} for lead in leads])
    assert codes(results) == ["ok", "CANNOT_EXECUTE_FLOW_TRIGGER"]

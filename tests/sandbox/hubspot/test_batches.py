"""Batches: order, partial success, limits, and what is silently left out."""

import json
from typing import Any

import pytest

from connector.sandbox.faults import Fault, FaultBoard
from connector.sandbox.hubspot import Portal
from tests.sandbox.hubspot.conftest import Http

BATCH = "/crm/v3/objects/contacts/batch"


@pytest.fixture
def ids(http: Http) -> list[str]:
    """Five contacts."""
    return [http.create(email=f"{number}@example.com") for number in range(5)]


def updates(ids: list[str], **properties: str) -> dict[str, Any]:
    """A batch that gives all of them the same values."""
    return {"inputs": [{"id": record_id, "properties": properties} for record_id in ids]}


def test_results_come_in_another_order_than_the_inputs(http: Http, ids: list[str]) -> None:
    answer = http.post(f"{BATCH}/update", updates(ids, city="Bonn"))
    assert answer.status_code == 200
    order = [each["id"] for each in answer.json()["results"]]
    assert order != ids
    assert sorted(order) == ids
    assert answer.json()["status"] == "COMPLETE"
    again = http.post(f"{BATCH}/update", updates(ids, city="Bonn"))
    assert [each["id"] for each in again.json()["results"]] == order


def test_unknown_ids_of_a_read_are_one_entry_of_a_207(http: Http, ids: list[str]) -> None:
    inputs = [{"id": record_id} for record_id in (*ids, "998", "999")]
    answer = http.post(f"{BATCH}/read", {"inputs": inputs, "properties": ["city"]})
    assert answer.status_code == 207
    body = answer.json()
    assert len(body["results"]) == 5
    assert body["numErrors"] == 1
    assert body["errors"] == [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "Could not get some CONTACT objects, they may be deleted or not exist. "
            "Check that ids are valid.",
            "context": {"ids": ["998", "999"]},
        }
    ]


def test_a_read_by_email_finds_contacts(http: Http, ids: list[str]) -> None:
    inputs = [{"id": "3@example.com"}]
    answer = http.post(f"{BATCH}/read", {"inputs": inputs, "idProperty": "email"}).json()
    assert [each["id"] for each in answer["results"]] == [ids[3]]


def test_one_bad_input_spoils_a_batch_without_trace_ids(http: Http, ids: list[str]) -> None:
    body = updates(ids, city="Bonn")
    body["inputs"][2]["properties"] = {"shoe_size": "43"}
    answer = http.post(f"{BATCH}/update", body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert http.read(ids[0], "city")["city"] is None


def test_with_trace_ids_only_the_bad_input_fails(http: Http, ids: list[str]) -> None:
    body = updates(ids, city="Bonn")
    body["inputs"][2]["properties"] = {"shoe_size": "43"}
    for number, each in enumerate(body["inputs"]):
        each["objectWriteTraceId"] = f"t{number}"
    answer = http.post(f"{BATCH}/update", body)
    assert answer.status_code == 207
    assert {each["objectWriteTraceId"] for each in answer.json()["results"]} == {"t0", "t1", "t3", "t4"}
    (error,) = answer.json()["errors"]
    assert error["context"] == {"objectWriteTraceId": ["t2"]}
    assert json.loads(error["message"].partition(": ")[2])[0]["error"] == "PROPERTY_DOESNT_EXIST"
    assert http.read(ids[0], "city")["city"] == "Bonn"


def test_trace_ids_that_are_not_unique_count_for_nothing(http: Http, ids: list[str]) -> None:
    body = updates(ids[:2], city="Bonn")
    body["inputs"][1]["properties"] = {"shoe_size": "43"}
    for each in body["inputs"]:
        each["objectWriteTraceId"] = "same"
    assert http.post(f"{BATCH}/update", body).status_code == 400
    assert http.read(ids[0], "city")["city"] is None


def test_the_newest_version_answers_200_with_errors_inside(http: Http, ids: list[str]) -> None:
    body = {"inputs": [{"id": ids[0]}, {"id": "999"}]}
    for version, status in (("2026-03", 207), ("2026-09", 200)):
        answer = http.post(f"/crm/objects/{version}/contacts/batch/read", body)
        assert (answer.status_code, answer.json()["numErrors"]) == (status, 1)


def test_creates_are_answered_201_and_conflict_on_a_known_email(http: Http, ids: list[str]) -> None:
    def batch(*emails: str) -> dict[str, Any]:
        return {"inputs": [{"properties": {"email": email}} for email in emails]}

    made = http.post(f"{BATCH}/create", batch("x@example.com", "y@example.com"))
    assert made.status_code == 201
    assert {each["properties"]["email"] for each in made.json()["results"]} == {
        "x@example.com",
        "y@example.com",
    }
    taken = http.post(f"{BATCH}/create", batch("z@example.com", "0@example.com"))
    assert taken.status_code == 409
    assert taken.json()["message"] == f"Contact already exists. Existing ID: {ids[0]}"
    assert http.search(query="z@example.com")["total"] == 0


def test_an_upsert_tells_what_is_new(http: Http, ids: list[str]) -> None:
    inputs = [
        {"id": email, "idProperty": "email", "properties": {"city": "Bonn"}}
        for email in ("0@example.com", "new@example.com")
    ]
    answer = http.post(f"{BATCH}/upsert", {"inputs": inputs})
    assert answer.status_code == 200
    assert {each["id"] == ids[0]: each["new"] for each in answer.json()["results"]} == {
        True: False,
        False: True,
    }


def test_an_upsert_by_email_never_succeeds_in_part(http: Http, ids: list[str]) -> None:
    inputs = [
        {"id": email, "idProperty": "email", "properties": properties, "objectWriteTraceId": email}
        for email, properties in (("0@example.com", {"city": "Bonn"}), ("1@example.com", {"no": "x"}))
    ]
    assert http.post(f"{BATCH}/upsert", {"inputs": inputs}).status_code == 400
    assert http.read(ids[0], "city")["city"] is None


def test_an_upsert_needs_a_unique_property(http: Http) -> None:
    inputs = [{"id": "Bonn", "idProperty": "city", "properties": {}}]
    answer = http.post(f"{BATCH}/upsert", {"inputs": inputs})
    assert answer.status_code == 400
    assert "by non-unique 0-1 property city in portal ID 147975758" in answer.json()["message"]


def test_ids_of_merged_contacts_are_left_out_of_a_batch_update(
    http: Http, portal: Portal, ids: list[str]
) -> None:
    portal.merge(ids[0], ids[1])
    answer = http.post(f"{BATCH}/update", updates(ids[1:3], city="Bonn"))
    assert answer.status_code == 200
    assert [each["id"] for each in answer.json()["results"]] == [ids[2]]
    assert http.read(ids[0], "city")["city"] is None
    read = http.post(f"{BATCH}/read", {"inputs": [{"id": ids[1]}]})
    assert (read.status_code, [each["id"] for each in read.json()["results"]]) == (200, [ids[0]])


def test_deleted_contacts_are_listed_by_a_batch_update(http: Http, portal: Portal, ids: list[str]) -> None:
    portal.delete(ids[0])
    answer = http.post(f"{BATCH}/update", updates(ids[:2], city="Bonn"))
    assert answer.status_code == 207
    assert answer.json()["errors"][0]["context"] == {"ids": [ids[0]]}
    assert http.read(ids[1], "city")["city"] == "Bonn"


def test_contacts_are_not_updated_by_email(http: Http, ids: list[str]) -> None:
    inputs = [{"id": "0@example.com", "idProperty": "email", "properties": {"city": "Bonn"}}]
    answer = http.post(f"{BATCH}/update", {"inputs": inputs})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Unable to perform update/upsert by non-unique 0-1 property")


def test_the_same_id_twice_is_refused(http: Http, ids: list[str]) -> None:
    answer = http.post(f"{BATCH}/update", updates([ids[0], ids[0]], city="Bonn"))
    assert answer.status_code == 400
    message = f"Duplicate IDs found in batch input: [{ids[0]}]. IDs must be unique"
    assert answer.json()["message"] == message
    assert answer.json()["context"] == {"ids": [ids[0]]}


@pytest.mark.parametrize("name", ["read", "update", "create", "upsert", "archive"])
def test_a_batch_holds_one_to_a_hundred(http: Http, name: str) -> None:
    too_many = http.post(
        f"{BATCH}/{name}", {"inputs": [{"id": str(n), "properties": {}} for n in range(101)]}
    )
    assert too_many.status_code == 400
    assert too_many.json()["message"].startswith("The maximum number of inputs supported in a batch is 100.")
    assert http.post(f"{BATCH}/{name}", {"inputs": []}).status_code == 400
    assert "[inputs]" in http.post(f"{BATCH}/{name}", {}).json()["message"]


def test_fifty_at_most_with_history(http: Http) -> None:
    body = {"inputs": [{"id": str(n)} for n in range(51)], "propertiesWithHistory": ["email"]}
    assert http.post(f"{BATCH}/read", body).status_code == 400


def test_archiving_passes_over_what_is_not_there(http: Http, ids: list[str]) -> None:
    answer = http.post(f"{BATCH}/archive", {"inputs": [{"id": ids[0]}, {"id": "999"}]})
    assert (answer.status_code, answer.text) == (204, "")
    assert http.search()["total"] == 4


def test_a_record_can_be_made_to_fail(http: Http, board: FaultBoard, ids: list[str]) -> None:
    fault = board.add(Fault("row_fail", crm="hubspot", params={"record": ids[1], "reason": "Not today"}))
    answer = http.post(f"{BATCH}/update", updates(ids, city="Bonn"))
    assert answer.status_code == 207
    assert len(answer.json()["results"]) == 4
    assert answer.json()["errors"][0]["message"] == "Not today"
    assert answer.json()["errors"][0]["context"]["ids"] == [ids[1]]
    assert board.fired[fault.id] == 1
    assert http.read(ids[1], "city")["city"] is None


def test_a_whole_batch_can_be_made_to_fail(http: Http, board: FaultBoard, ids: list[str]) -> None:
    fault = board.add(Fault("batch_fail", crm="hubspot", route="/batch/update", nth=1))
    assert http.post(f"{BATCH}/update", updates(ids, city="Bonn")).status_code == 500
    assert http.read(ids[0], "city")["city"] is None
    assert http.post(f"{BATCH}/update", updates(ids, city="Bonn")).status_code == 200
    assert board.fired[fault.id] == 1

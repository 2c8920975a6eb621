"""Associations: types, directions, replacement, and the numbers that are not strings."""

from typing import Any

import pytest

from connector.sandbox.hubspot import Portal
from tests.sandbox.hubspot.conftest import Http

PAIRS = "/crm/v4/associations/contacts/companies"


@pytest.fixture
def ends(http: Http) -> tuple[str, str]:
    """A contact and a company."""
    return http.create(email="a@example.com"), http.create("companies", name="Acme")


def types(*numbers: int, category: str = "HUBSPOT_DEFINED") -> list[dict[str, Any]]:
    """Association types as the API takes them."""
    return [{"associationCategory": category, "associationTypeId": number} for number in numbers]


def test_a_single_put_takes_a_bare_list_and_answers_201(http: Http, ends: tuple[str, str]) -> None:
    contact, company = ends
    path = f"/crm/v4/objects/contacts/{contact}/associations/companies/{company}"
    answer = http("PUT", path, types(1))
    assert answer.status_code == 201
    assert answer.json() == {
        "fromObjectTypeId": "0-1",
        "fromObjectId": int(contact),
        "toObjectTypeId": "0-2",
        "toObjectId": int(company),
        "labels": [],
    }
    assert http("PUT", path, {"types": types(1)}).status_code == 400


def test_both_ends_know_of_it_each_by_its_own_type(http: Http, ends: tuple[str, str]) -> None:
    contact, company = ends
    inputs = [{"from": {"id": contact}, "to": {"id": company}, "types": types(1)}]
    assert http.post(f"{PAIRS}/batch/create", {"inputs": inputs}).status_code == 201
    there = http.post(f"{PAIRS}/batch/read", {"inputs": [{"id": contact}]}).json()
    assert there["results"] == [
        {
            "from": {"id": contact},
            "to": [
                {
                    "toObjectId": int(company),
                    "associationTypes": [
                        {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None},
                        {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"},
                    ],
                }
            ],
        }
    ]
    back = http.get(f"/crm/objects/2026-03/companies/{company}/associations/contacts").json()
    assert {each["typeId"] for each in back["results"][0]["associationTypes"]} == {280, 2}


def test_records_without_associations_are_reported_in_a_207(http: Http, ends: tuple[str, str]) -> None:
    answer = http.post(f"{PAIRS}/batch/read", {"inputs": [{"id": ends[0]}]})
    assert answer.status_code == 207
    assert answer.json()["results"] == []
    assert answer.json()["errors"][0]["category"] == "OBJECT_NOT_FOUND"


def test_labels_that_are_sent_replace_those_that_were_there(http: Http, ends: tuple[str, str]) -> None:
    contact, company = ends
    made = []
    for label in ("Partner", "Customer"):
        body = {"label": label, "name": label.lower()}
        made.append(http.post(f"{PAIRS}/labels", body).json()["results"][0]["typeId"])
    path = f"/crm/v4/objects/contacts/{contact}/associations/companies/{company}"
    assert http("PUT", path, types(made[0], category="USER_DEFINED")).json()["labels"] == ["Partner"]
    assert http("PUT", path, types(made[1], category="USER_DEFINED")).json()["labels"] == ["Customer"]
    page = http.get(f"/crm/v4/objects/contacts/{contact}/associations/companies").json()
    assert {each["label"] for each in page["results"][0]["associationTypes"]} == {None, "Customer"}
    listed = http.get(f"{PAIRS}/labels").json()["results"]
    assert {each["typeId"] for each in listed} >= {279, 1, *made}


def test_a_default_association_tells_both_directions(http: Http, ends: tuple[str, str]) -> None:
    contact, company = ends
    answer = http("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}")
    assert answer.status_code == 200
    specs = [each["associationSpec"]["associationTypeId"] for each in answer.json()["results"]]
    assert specs == [279, 280]


def test_removing_answers_204_on_v4_and_200_on_a_date(http: Http, ends: tuple[str, str]) -> None:
    contact, company = ends
    body = {"inputs": [{"from": {"id": contact}, "to": [{"id": company}]}]}
    for base, status in (("/crm/v4/associations", 204), ("/crm/associations/2026-03", 200)):
        inputs = [{"from": {"id": contact}, "to": {"id": company}, "types": types(279)}]
        http.post(f"{PAIRS}/batch/create", {"inputs": inputs})
        assert http.post(f"{base}/contacts/companies/batch/archive", body).status_code == status
        read = http.post(f"{PAIRS}/batch/read", {"inputs": [{"id": contact}]})
        assert read.json()["results"] == []


def test_a_thousand_may_be_read_and_two_thousand_created(http: Http) -> None:
    def ask(name: str, count: int) -> str:
        each = {"id": "1", "from": {"id": "1"}, "to": {"id": "2"}, "types": types(279)}
        answer = http.post(f"{PAIRS}/batch/{name}", {"inputs": [each] * count})
        return f"{answer.status_code} {answer.json().get('message', '')}"

    assert ask("read", 1000).startswith("207")
    assert "is 1000." in ask("read", 1001)
    assert ask("create", 2000).startswith("207")
    assert "is 2000." in ask("create", 2001)


def test_a_note_is_created_with_its_contact(http: Http, ends: tuple[str, str]) -> None:
    note = {
        "properties": {"hs_timestamp": "2026-11-22T10:00:00.000Z", "hs_note_body": "Routed to Acme"},
        "associations": [{"to": {"id": ends[0]}, "types": types(202)}],
    }
    answer = http.post("/crm/v3/objects/notes", note)
    assert answer.status_code == 201
    assert answer.json()["properties"]["hs_timestamp"] == "2026-11-22T10:00:00Z"
    read = http.get(f"/crm/v3/objects/contacts/{ends[0]}", params={"associations": "notes"}).json()
    results = [{"id": answer.json()["id"], "type": "contact_to_note"}]
    assert read["associations"] == {"notes": {"results": results}}


def test_associations_that_make_no_sense_stop_the_create(http: Http, ends: tuple[str, str]) -> None:
    task = {
        "hs_timestamp": "2026-11-23T10:00:00Z",
        "hs_task_subject": "Call",
        "hs_task_status": "NOT_STARTED",
    }
    for to, number in ((ends[0], 202), ("999", 204)):
        links = [{"to": {"id": to}, "types": types(number)}]
        answer = http.post("/crm/v3/objects/tasks", {"properties": task, "associations": links})
        assert answer.status_code == 400
    assert http.get("/crm/v3/objects/tasks").json()["results"] == []
    links = [{"to": {"id": ends[0]}, "types": types(204)}]
    assert http.post("/crm/v3/objects/tasks", {"properties": task, "associations": links}).status_code == 201


def test_a_lead_needs_a_contact_and_goes_with_the_last_of_them(http: Http, ends: tuple[str, str]) -> None:
    lead: dict[str, Any] = {"properties": {"hs_lead_name": "Ada at Acme", "hs_lead_type": "NEW BUSINESS"}}
    assert http.post("/crm/v3/objects/leads", lead).status_code == 400
    lead["associations"] = [{"to": {"id": ends[0]}, "types": types(578)}]
    made = http.post("/crm/v3/objects/leads", lead)
    assert made.status_code == 201
    lead_id = made.json()["id"]
    assert http.read(lead_id, "hs_pipeline_stage", kind="leads")["hs_pipeline_stage"] == "new-stage-id"
    answer = http("DELETE", f"/crm/v4/objects/leads/{lead_id}/associations/contacts/{ends[0]}")
    assert answer.status_code == 204
    assert http.get(f"/crm/v3/objects/leads/{lead_id}").status_code == 404


def test_a_merge_keeps_the_associations_of_both(http: Http, portal: Portal, ends: tuple[str, str]) -> None:
    contact, company = ends
    other = http.create(email="b@example.com")
    inputs = [{"from": {"id": other}, "to": {"id": company}, "types": types(1)}]
    http.post(f"{PAIRS}/batch/create", {"inputs": inputs})
    portal.merge(contact, other)
    page = http.get(f"/crm/v4/objects/contacts/{contact}/associations/companies").json()
    assert [each["toObjectId"] for each in page["results"]] == [int(company)]

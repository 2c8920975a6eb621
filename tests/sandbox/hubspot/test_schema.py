"""Owners, property definitions and pipelines."""

from connector.sandbox.hubspot import Portal
from connector.sandbox.programme import PARTNER_COMPANIES, VENDOR_PEOPLE
from tests.sandbox.hubspot.conftest import Http


def test_everyone_with_a_seat_is_an_owner(http: Http) -> None:
    listed = http.get("/crm/v3/owners/", params={"limit": 500}).json()["results"]
    seats = {person.email for person in VENDOR_PEOPLE if person.hubspot and person.active}
    partners = {person.email for each in PARTNER_COMPANIES for person in each.people if person.hubspot}
    assert {owner["email"] for owner in listed} == seats | partners
    assert all(isinstance(owner["userId"], int) and isinstance(owner["id"], str) for owner in listed)


def test_someone_who_left_is_an_archived_owner_without_user_id(http: Http) -> None:
    (former,) = http.get("/crm/v3/owners/", params={"archived": "true"}).json()["results"]
    assert (former["email"], former["userId"], former["archived"]) == ("former.rep@acme.example", None, True)
    assert http.get(f"/crm/v3/owners/{former['id']}").status_code == 404
    assert http.get(f"/crm/v3/owners/{former['id']}", params={"archived": "true"}).status_code == 200


def test_owners_come_by_email_by_user_id_and_in_pages(http: Http) -> None:
    (dora,) = http.get("/crm/v3/owners/", params={"email": "dora.direct@acme.example"}).json()["results"]
    by_user = http.get(f"/crm/owners/2026-03/{dora['userId']}", params={"idProperty": "userId"}).json()
    assert by_user["id"] == dora["id"]
    assert http.get(f"/crm/v3/owners/{dora['userId']}").status_code == 404
    seen, after = [], "0"
    while after:
        page = http.get("/crm/v3/owners", params={"limit": 4, "after": after}).json()
        seen += [owner["id"] for owner in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")
    assert len(seen) == len(set(seen)) == len(http.get("/crm/v3/owners").json()["results"])


def test_the_owner_property_has_no_options(http: Http) -> None:
    definition = http.get("/crm/v3/properties/contacts/hubspot_owner_id").json()
    assert (definition["type"], definition["options"]) == ("enumeration", [])
    assert (definition["externalOptions"], definition["referencedObjectType"]) == (True, "OWNER")


def test_definitions_say_what_is_read_only_and_what_is_ours(http: Http) -> None:
    listed = http.get("/crm/properties/2026-09/contacts").json()["results"]
    by_name = {each["name"]: each for each in listed}
    assert by_name["lastmodifieddate"]["modificationMetadata"]["readOnlyValue"] is True
    assert by_name["email"]["hasUniqueValue"] is True
    assert by_name["partner"]["hubspotDefined"] is False
    values = [option["value"] for option in by_name["budget"]["options"]]
    assert values == ["Approved", "Planned", "No budget"]


def test_a_property_can_be_declared_once_and_then_written(http: Http) -> None:
    body = {
        "groupName": "partner_distribution",
        "name": "erp_number",
        "label": "ERP number",
        "type": "string",
        "fieldType": "text",
        "hasUniqueValue": True,
    }
    assert http.post("/crm/v3/properties/contacts", body).status_code == 201
    again = http.post("/crm/v3/properties/contacts", body)
    assert (again.status_code, again.json()["category"]) == (409, "OBJECT_ALREADY_EXISTS")
    record_id = http.create(email="a@example.com", erp_number="E1")
    read = http.get("/crm/v3/objects/contacts/E1", params={"idProperty": "erp_number"})
    assert read.json()["id"] == record_id
    for wrong in ({"name": "Erp"}, {"name": "x", "fieldType": "date"}, {"name": "x", "groupName": "none"}):
        assert http.post("/crm/v3/properties/contacts", body | wrong).status_code == 400
    assert "[label]" in http.post("/crm/v3/properties/contacts", body | {"label": ""}).json()["message"]


def test_properties_are_read_and_declared_in_batches(http: Http) -> None:
    base = "/crm/v3/properties/contacts/batch"
    known = http.post(f"{base}/read", {"inputs": [{"name": "email"}, {"name": "shoe_size"}]})
    assert known.status_code == 207
    assert [each["name"] for each in known.json()["results"]] == ["email"]
    assert known.json()["errors"][0]["context"] == {"name": ["shoe_size"]}
    wanted = {"groupName": "partner_distribution", "label": "X", "type": "string", "fieldType": "text"}
    made = http.post(f"{base}/create", {"inputs": [wanted | {"name": name} for name in ("one", "two")]})
    assert (made.status_code, len(made.json()["results"])) == (201, 2)
    again = http.post(f"{base}/create", {"inputs": [wanted | {"name": name} for name in ("two", "three")]})
    assert (again.status_code, again.json()["errors"][0]["category"]) == (207, "OBJECT_ALREADY_EXISTS")
    assert http.post(f"{base}/archive", {"inputs": [{"name": "one"}]}).status_code == 204
    assert http.get("/crm/v3/properties/contacts/one").status_code == 404


def test_a_semicolon_in_front_adds_to_a_multiple_checkbox(http: Http) -> None:
    options = [{"label": name, "value": name, "hidden": False} for name in ("sap", "aws", "gcp")]
    body = {"groupName": "partner_distribution", "name": "skills", "label": "Skills", "options": options}
    made = http.post("/crm/v3/properties/contacts", body | {"type": "enumeration", "fieldType": "checkbox"})
    assert made.status_code == 201
    record_id = http.create(email="a@example.com", skills="sap;aws")
    path = f"/crm/v3/objects/contacts/{record_id}"
    http.patch(path, {"properties": {"skills": ";gcp"}})
    assert http.read(record_id, "skills")["skills"] == "sap;aws;gcp"
    http.patch(path, {"properties": {"skills": "gcp"}})
    assert http.read(record_id, "skills")["skills"] == "gcp"
    assert http.patch(path, {"properties": {"skills": "gcp;cobol"}}).status_code == 400


def test_an_unknown_property_is_404(http: Http) -> None:
    answer = http.get("/crm/v3/properties/contacts/shoe_size")
    assert answer.status_code == 404
    assert answer.json()["subCategory"] == "PropertyValidationError.PROPERTY_DOESNT_EXIST"


def test_hubspots_own_properties_cannot_be_archived(http: Http) -> None:
    assert http("DELETE", "/crm/v3/properties/contacts/email").status_code == 400
    assert http("DELETE", "/crm/v3/properties/contacts/partner").status_code == 204
    assert http.get("/crm/v3/properties/contacts/partner").status_code == 404


def test_there_is_a_pipeline_for_deal_registrations(http: Http) -> None:
    listed = http.get("/crm/v3/pipelines/deals").json()["results"]
    assert [each["label"] for each in listed] == ["Sales Pipeline", "Deal registration"]
    stages = {stage["label"]: stage["metadata"] for stage in listed[1]["stages"]}
    assert stages["Submitted"]["isClosed"] == "false"
    assert stages["Rejected"] == {"isClosed": "true", "probability": "0.0"}
    assert http.get("/crm/pipelines/2026-03/deals/default").json()["stages"][-2]["id"] == "closedwon"


def test_a_new_pipeline_brings_stages_that_deals_may_have(http: Http) -> None:
    deal = {"properties": {"dealname": "Acme", "pipeline": "p1", "dealstage": "s1"}}
    assert http.post("/crm/v3/objects/deals", deal).status_code == 400
    pipeline = {
        "label": "Partners",
        "displayOrder": 2,
        "pipelineId": "p1",
        "stages": [{"label": "Open", "stageId": "s1", "metadata": {"probability": "0.3"}}],
    }
    made = http.post("/crm/v3/pipelines/deals", pipeline)
    assert made.status_code == 201
    assert made.json()["stages"][0]["metadata"]["isClosed"] == "false"
    assert http.post("/crm/v3/objects/deals", deal).status_code == 201
    stage = {"label": "Won", "stageId": "s2", "metadata": {"probability": "1.0"}}
    assert http.post("/crm/v3/pipelines/deals/p1/stages", stage).json()["metadata"]["isClosed"] == "true"
    assert http.post("/crm/v3/pipelines/deals/p1/stages", {"label": "Lost"}).status_code == 400


def test_a_deal_stage_belongs_to_its_pipeline(http: Http, portal: Portal) -> None:
    deal = {"dealname": "Acme", "pipeline": "default", "dealstage": "registration-submitted"}
    answer = http.post("/crm/v3/objects/deals", {"properties": deal})
    assert answer.status_code == 400
    assert "registration-submitted was not one of the allowed options" in answer.json()["message"]
    deal["pipeline"] = "deal-registration"
    made = http.post("/crm/v3/objects/deals", {"properties": deal}).json()
    assert made["properties"]["dealstage"] == "registration-submitted"
    board = portal.columns(object="deals")
    assert [(column.name, column.total) for column in board if column.total] == [("Submitted", 1)]

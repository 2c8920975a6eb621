"""What HubSpot answers when it does not do what it was asked."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from connector.sandbox.hubspot import Portal
from connector.sandbox.hubspot.routes import ENDPOINTS, Endpoint
from tests.sandbox.hubspot.conftest import Http

CONTACTS = "/crm/v3/objects/contacts"


def problems(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The list that HubSpot puts into its message."""
    assert body["category"] == "VALIDATION_ERROR"
    found: list[dict[str, Any]] = json.loads(body["message"].removeprefix("Property values were not valid: "))
    return found


@pytest.mark.parametrize(
    ("properties", "code", "message"),
    [
        ({"shoe_size": "43"}, "PROPERTY_DOESNT_EXIST", 'Property "shoe_size" does not exist'),
        (
            {"hs_lead_status": "TEPID"},
            "INVALID_OPTION",
            "TEPID was not one of the allowed options: [NEW, OPEN, IN_PROGRESS, OPEN_DEAL, UNQUALIFIED, "
            "ATTEMPTED_TO_CONTACT, CONNECTED, BAD_TIMING]",
        ),
        (
            {"hs_object_id": "1"},
            "READ_ONLY_VALUE",
            '"hs_object_id" is a calculated property; its value cannot be set.',
        ),
        ({"email": "ada at home"}, "INVALID_EMAIL", "Email address ada at home is invalid"),
        ({"hubspot_owner_id": "9586500"}, "INVALID_OWNER_ID", "9586500 was not a valid owner ID"),
        ({"accept_by": "tomorrow"}, "INVALID_LONG", "tomorrow was not a valid long."),
    ],
)
def test_a_bad_value_is_told_as_json_in_the_message(
    http: Http, properties: dict[str, str], code: str, message: str
) -> None:
    answer = http.post(CONTACTS, {"properties": properties})
    (problem,) = problems(answer.json())
    assert answer.status_code == 400
    assert problem == {
        "isValid": False,
        "message": message,
        "error": code,
        "name": next(iter(properties)),
        "localizedErrorMessage": message,
        "portalId": 147975758,
    }


def test_an_archived_owner_cannot_be_given_records(http: Http, portal: Portal) -> None:
    former = portal.owners.by_email("former.rep@acme.example")
    assert former
    answer = http.post(CONTACTS, {"properties": {"hubspot_owner_id": former.id}})
    assert problems(answer.json())[0]["error"] == "INVALID_OWNER_ID"


def test_all_bad_properties_are_told_at_once(http: Http) -> None:
    answer = http.post(CONTACTS, {"properties": {"shoe_size": "43", "email": "x"}})
    assert [each["name"] for each in problems(answer.json())] == ["shoe_size", "email"]


def test_an_unknown_id_has_no_category_and_a_wrong_one_has(http: Http) -> None:
    unknown = http.get(f"{CONTACTS}/424242")
    assert unknown.status_code == 404
    assert set(unknown.json()) == {"status", "message", "correlationId"}
    wrong = http.get(f"{CONTACTS}/ada").json()
    assert wrong["message"] == "Object not found.  objectId are usually numeric."
    assert (wrong["category"], wrong["context"]) == ("OBJECT_NOT_FOUND", {"id": ["ada"]})


def test_every_answer_carries_its_correlation_id_and_the_portals_time(http: Http) -> None:
    answer = http.get(f"{CONTACTS}/424242")
    assert answer.headers["X-HubSpot-Correlation-Id"] == answer.json()["correlationId"]
    assert uuid.UUID(answer.json()["correlationId"]).version == 7
    assert answer.headers["Content-Type"] == "application/json;charset=utf-8"
    assert answer.headers["Date"] == "Sun, 22 Nov 2026 10:00:00 GMT"


def test_broken_json_is_located(http: Http) -> None:
    answer = http("POST", CONTACTS, data='{"properties": {', headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Invalid input JSON on line 1, column ")
    assert "category" not in answer.json()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "Cannot deserialize value of type"),
        ({}, "Some required fields were not set: [properties]"),
        ({"properties": []}, "Cannot deserialize value of type"),
        ({"properties": {"city": ["Bonn"]}}, "Cannot deserialize value of type `java.lang.String`"),
    ],
)
def test_json_of_another_shape_is_refused(http: Http, body: Any, words: str) -> None:
    answer = http.post(CONTACTS, body)
    assert answer.status_code == 400
    assert words in answer.json()["message"]


def test_a_patch_without_properties_is_refused(http: Http) -> None:
    record_id = http.create(email="a@b.example")
    answer = http.patch(f"{CONTACTS}/{record_id}", {"properties": {}})
    assert answer.status_code == 400
    assert answer.json()["message"] == "No properties found to update, please provide at least one."


def test_an_unknown_path_gets_the_web_servers_page(http: Http) -> None:
    answer = http.get("/crm/v3/no-such-thing")
    assert answer.status_code == 404
    assert "<title>Error 404 Not Found</title>" in answer.text


def test_a_wrong_method_is_told_what_is_allowed(http: Http) -> None:
    answer = http("PUT", CONTACTS, {})
    assert (answer.status_code, answer.text) == (405, "")
    assert answer.headers["Allow"] == "GET,POST,OPTIONS"


def test_an_unknown_type_is_400(http: Http) -> None:
    assert (
        http.get("/crm/v3/objects/widgets").json()["message"] == "Unable to infer object type from: widgets"
    )
    numbered = http.get("/crm/v3/objects/0-9999")
    assert numbered.status_code == 400
    assert numbered.json()["message"] == "Invalid object or event type id: 0-9999"


def test_a_body_over_ten_megabytes_is_413(http: Http) -> None:
    answer = http.post(CONTACTS, {"properties": {"city": "x" * (10 * 1024 * 1024)}})
    assert answer.status_code == 413
    assert answer.json()["status"] == "error"


def test_without_a_known_token_nothing_is_answered(http: Http) -> None:
    for header in ("", "Bearer nonsense", "Basic pat-na1-sandbox"):
        answer = http.get(CONTACTS, headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.json()["category"] == "INVALID_AUTHENTICATION"


def test_notes_need_a_timestamp(http: Http) -> None:
    answer = http.post("/crm/v3/objects/notes", {"properties": {"hs_note_body": "Hello"}})
    assert answer.status_code == 400
    assert answer.json()["message"] == "Error creating NOTE. Some required properties were not set."


ODD: tuple[Any, ...] = (None, 1, True, "x", [], {}, [1], [{}], {"id": []}, [{"id": {}}])
FIELDS: tuple[str, ...] = (
    "inputs",
    "properties",
    "associations",
    "filterGroups",
    "filters",
    "sorts",
    "limit",
    "after",
)
FIELDS += (
    "query",
    "objectId",
    "primaryObjectId",
    "label",
    "name",
    "options",
    "stages",
    "from",
    "to",
    "types",
)


def odd_bodies() -> Iterator[Any]:
    """Bodies in which something is not what it should be."""
    yield from ODD
    for odd in ODD:
        yield dict.fromkeys(FIELDS, odd)
        inputs = [{"id": "1", "properties": odd, "from": odd, "to": odd, "types": odd, "idProperty": odd}]
        yield {"inputs": inputs, "filters": [{"propertyName": odd, "operator": odd, "value": odd}]}
        yield {"properties": {"email": odd}, "associations": [{"to": odd, "types": odd}], "label": "x"}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: f"{each.method} {each.path}")
def test_no_odd_body_breaks_an_endpoint(http: Http, endpoint: Endpoint) -> None:
    path = next(iter(endpoint.paths()))
    for name, value in {"type": "deals", "to": "contacts", "to_id": "2", "id": "1", "name": "x"}.items():
        path = path.replace(f"{{{name}}}", value)
    bodies = [None] if endpoint.method in ("GET", "DELETE") else odd_bodies()
    for body in bodies:
        answer = http(endpoint.method, path, body)
        assert answer.status_code < 500, body
        assert answer.status_code == 204 or answer.json()

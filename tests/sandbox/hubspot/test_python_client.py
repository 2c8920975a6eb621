"""The contract as hubspot-api-client sees it: v3 and v4 as it is, date-based paths through a shim."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hubspot import HubSpot

from connector.sandbox.hubspot import Portal
from tests.sandbox.hubspot.conftest import Hands, where

DATED = (
    (r"^/crm/v3/objects/", r"/crm/objects/{v}/"),
    (r"^/crm/v3/(owners|properties|pipelines)/?", r"/crm/\1/{v}/"),
    (r"^/crm/v4/associations/", r"/crm/associations/{v}/"),
    (r"^/crm/v4/objects/", r"/crm/objects/{v}/"),
)

Api = Callable[[str], Any]


@pytest.fixture(params=["v3", "2026-03", "2026-09"])
def api(request: pytest.FixtureRequest, address: str) -> Api:
    """The client's APIs by their dotted name, e.g. `contacts.search_api`."""
    client = HubSpot(access_token="pat-na1-sandbox", retry=False, host=address)

    def get(name: str) -> Any:
        found: Any = client.crm
        for part in name.split("."):
            found = getattr(found, part)
        return found if request.param == "v3" else on_dated_paths(found, request.param)

    return get


def on_dated_paths(api: Any, version: str) -> Any:
    """The same API, but its calls go to the paths of a version."""
    plain = api.api_client.call_api

    def call(path: str, *positional: Any, **named: Any) -> Any:
        for pattern, form in DATED:
            dated, found = re.subn(pattern, form.replace("{v}", version), path, count=1)
            if found:
                return plain(dated.rstrip("/"), *positional, **named)
        return plain(path, *positional, **named)

    api.api_client.call_api = call
    return api


def contact(email: str, **more: str) -> dict[str, Any]:
    """A contact to create."""
    return {"properties": {"email": email, **more}}


def test_a_contact_lives_and_dies(api: Api) -> None:
    contacts = api("contacts.basic_api")
    made = contacts.create(contact("a@example.com", firstname="Ada"))
    read = contacts.get_by_id(made.id, properties=["firstname", "city"], archived=False)
    assert read.properties["firstname"] == "Ada"
    assert read.properties["city"] is None
    assert contacts.get_by_id("a@example.com", id_property="email").id == made.id
    changed = contacts.update(made.id, {"properties": {"city": "Bonn"}})
    assert changed.properties["city"] == "Bonn"
    assert contacts.archive(made.id) is None
    with pytest.raises(Exception, match="resource not found") as gone:
        contacts.get_by_id(made.id)
    assert gone.value.status == 404  # type: ignore[attr-defined]
    assert [each.id for each in contacts.get_page(archived=True).results] == [made.id]


def test_search_pages_through_all(api: Api, portal: Portal) -> None:
    portal.add_leads(({"email": f"{number}@example.com"} for number in range(450)), owners="intake")
    search = api("contacts.search_api")
    seen: list[str] = []
    after: str | None = "0"
    while after:
        page = search.do_search(
            {
                "filterGroups": [{"filters": [where("email", "CONTAINS_TOKEN", "example*")]}],
                "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
                "properties": ["email"],
                "limit": 200,
                "after": after,
            }
        )
        assert page.total == 450
        seen += [each.id for each in page.results]
        after = page.paging.next.after if page.paging else None
    assert len(seen) == len(set(seen)) == 450


def test_a_batch_succeeds_in_part_without_an_exception(api: Api) -> None:
    batch = api("contacts.batch_api")
    made = batch.create({"inputs": [contact("a@example.com"), contact("b@example.com")]})
    ids = [each.id for each in made.results]
    inputs = [
        {"id": ids[0], "properties": {"city": "Bonn"}, "objectWriteTraceId": "good"},
        {"id": ids[1], "properties": {"no_such": "x"}, "objectWriteTraceId": "bad"},
    ]
    answer = batch.update({"inputs": inputs}, _preload_content=False)
    body = json.loads(answer.data)
    assert [each["id"] for each in body["results"]] == [ids[0]]
    assert body["errors"][0]["context"]["objectWriteTraceId"] == ["bad"]
    read = batch.read({"inputs": [{"id": each} for each in ids], "properties": ["city"]})
    assert {each.id: each.properties["city"] for each in read.results} == {ids[0]: "Bonn", ids[1]: None}


def test_unknown_ids_come_back_as_errors(api: Api, request: pytest.FixtureRequest) -> None:
    answer = api("contacts.batch_api").read({"inputs": [{"id": "999"}], "properties": []})
    assert answer.results == []
    if "2026-09" not in request.node.name:
        assert answer.num_errors == 1
        assert answer.errors[0].context["ids"] == ["999"]


def test_an_upsert_says_what_is_new(api: Api) -> None:
    batch = api("contacts.batch_api")
    inputs = [{"id": "a@example.com", "idProperty": "email", "properties": {"city": "Bonn"}}]
    assert [batch.upsert({"inputs": inputs}).results[0].new for _ in range(2)] == [True, False]


def test_a_conflict_names_the_contact_that_is_there(api: Api) -> None:
    contacts = api("contacts.basic_api")
    made = contacts.create(contact("a@example.com"))
    with pytest.raises(Exception, match="Contact already exists") as taken:
        contacts.create(contact("A@example.com"))
    assert taken.value.status == 409  # type: ignore[attr-defined]
    assert f"Existing ID: {made.id}" in taken.value.body  # type: ignore[attr-defined]


def test_a_merge_answers_under_the_old_id(api: Api) -> None:
    contacts = api("contacts.basic_api")
    winner, loser = (contacts.create(contact(f"{name}@example.com")) for name in "ab")
    merge = {"primaryObjectId": winner.id, "objectIdToMerge": loser.id}
    assert contacts.merge(merge).id == winner.id
    assert contacts.get_by_id(loser.id).id == winner.id


def test_owners_properties_and_pipelines_are_models(api: Api, portal: Portal) -> None:
    owners = api("owners.owners_api").get_page(limit=100).results
    assert {owner.id for owner in owners} == {owner.id for owner in portal.owners if not owner.archived}
    email = api("properties.core_api").get_by_name("contacts", "email")
    assert (email.has_unique_value, email.created_at.year) == (True, 2026)
    wanted = {
        "groupName": "partner_distribution",
        "name": "erp",
        "label": "ERP",
        "type": "string",
        "fieldType": "text",
    }
    assert api("properties.core_api").create("contacts", wanted).name == "erp"
    pipelines = api("pipelines.pipelines_api").get_all("deals").results
    assert pipelines[0].stages[0].metadata["probability"] == "0.2"


def test_associations_go_both_ways(api: Api) -> None:
    made = api("contacts.basic_api").create(contact("a@example.com"))
    deal = {"dealname": "Acme", "pipeline": "deal-registration", "dealstage": "registration-submitted"}
    links = [
        {"to": {"id": made.id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]}
    ]
    registered = api("deals.basic_api").create({"properties": deal, "associations": links})
    batch = api("associations.v4.batch_api")
    read = batch.get_page("contacts", "deals", {"inputs": [{"id": made.id}]})
    assert [int(end.to_object_id) for end in read.results[0].to] == [int(registered.id)]
    company = api("companies.basic_api").create({"properties": {"name": "Acme"}})
    api("associations.v4.basic_api").create_default("deals", registered.id, "companies", company.id)
    page = api("associations.v4.basic_api").get_page("companies", company.id, "deals")
    assert [each.type_id for each in page.results[0].association_types] == [342]


def test_notes_and_tasks_are_written_to_a_contact(api: Api) -> None:
    made = api("contacts.basic_api").create(contact("a@example.com"))
    for kind, number, properties in (
        ("notes", 202, {"hs_note_body": "Routed"}),
        ("tasks", 204, {"hs_task_subject": "Call", "hs_task_priority": "HIGH"}),
    ):
        body = {
            "properties": {"hs_timestamp": "2026-11-22T10:00:00.000Z", **properties},
            "associations": [
                {
                    "to": {"id": made.id},
                    "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}],
                }
            ],
        }
        assert api(f"objects.{kind}.basic_api").create(body).id


def test_history_tells_people_and_integrations_apart(api: Api, portal: Portal, clock: Hands) -> None:
    contacts = api("contacts.basic_api")
    made = contacts.create(contact("a@example.com", city="Bonn"))
    clock.forward(1)
    portal.edit(made.id, {"city": "Ulm"}, by="sam.selling@acme.example")
    read = contacts.get_by_id(made.id, properties_with_history=["city"])
    history = read.properties_with_history["city"]
    assert [(each.value, each.source_type) for each in history] == [
        ("Ulm", "CRM_UI"),
        ("Bonn", "INTEGRATION"),
    ]


def test_the_client_renews_an_oauth_token(address: str) -> None:
    tokens = HubSpot(retry=False, host=address).oauth.tokens_api
    answer = tokens.create(
        grant_type="refresh_token",
        client_id="sandbox-client",
        client_secret="sandbox-secret",
        refresh_token="refresh-sandbox",
    )
    assert answer.expires_in == 1800
    contacts = HubSpot(access_token=answer.access_token, retry=False, host=address).crm.contacts.basic_api
    assert contacts.get_page().results == []

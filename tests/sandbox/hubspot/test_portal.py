"""What people and machines other than the API do to the records, and what the pipeline page shows."""

from collections import Counter

import pytest

from connector.sandbox.cards import NeutralLead
from connector.sandbox.hubspot import Portal
from connector.sandbox.hubspot.errors import HubSpotError
from tests.sandbox.hubspot.conftest import Hands, Http


def owner_id(portal: Portal, email: str) -> str:
    """The owner id of a person."""
    owner = portal.owners.by_email(email)
    assert owner
    return owner.id


def test_generated_leads_are_spread_over_intake_and_people(http: Http, portal: Portal) -> None:
    assert portal.add_leads({"email": f"{number}@example.com"} for number in range(1000)) == 1000
    owners: Counter[str] = Counter()
    partners = 0
    after: str | None = "0"
    while after:
        params = {"limit": "100", "after": after, "properties": "hubspot_owner_id,partner"}
        page = http.get("/crm/v3/objects/contacts", params=params).json()
        for each in page["results"]:
            owner = portal.owners.by_id(each["properties"]["hubspot_owner_id"] or "")
            owners[owner.email if owner else ""] += 1
            partners += each["properties"]["partner"] is not None
        after = page.get("paging", {}).get("next", {}).get("after")
    assert owners[""] == 750
    assert owners["marketing@acme.example"] == 120
    assert owners["dora.direct@acme.example"] + owners["sam.selling@acme.example"] == 80
    assert partners == 50


def test_leads_from_a_file_all_go_to_the_intake_with_their_columns(http: Http, portal: Portal) -> None:
    lead: NeutralLead = {
        "first_name": "Ada",
        "email": "Ada@Example.com",
        "title": "CTO",
        "employees": 250,
        "authority": True,
        "budget": "Lots",
        "Lead Number": 660737,
        "created_at": "2026-10-01T08:00:00Z",
        "website": None,
    }
    portal.add_leads([lead], owners="intake")
    (found,) = http.search(
        properties=[
            "email",
            "jobtitle",
            "company_size",
            "decision_maker",
            "budget",
            "lead_number",
            "website",
            "hubspot_owner_id",
        ]
    )["results"]
    assert found["createdAt"] == found["updatedAt"] == "2026-10-01T08:00:00Z"
    shown = {name: value for name, value in found["properties"].items() if "date" not in name}
    assert shown == {
        "budget": "Lots",
        "company_size": "250",
        "decision_maker": "true",
        "email": "ada@example.com",
        "hs_object_id": found["id"],
        "hubspot_owner_id": None,
        "jobtitle": "CTO",
        "lead_number": "660737",
        "website": None,
    }
    assert http.get("/crm/v3/properties/contacts/lead_number").json()["hubspotDefined"] is False


def test_a_second_row_with_the_same_email_changes_the_first(portal: Portal, http: Http) -> None:
    rows = [{"email": "a@example.com", "city": city} for city in ("Bonn", "Ulm")]
    assert portal.add_leads(rows, owners="intake") == 1
    assert http.search(properties=["city"])["results"][0]["properties"]["city"] == "Ulm"


def test_an_automation_resets_our_owner_every_time(http: Http, portal: Portal, clock: Hands) -> None:
    portal.settings.reset_owner_to = "marketing@acme.example"
    portal.settings.reset_owner_after = 5
    marketing, dora = (owner_id(portal, f"{name}@acme.example") for name in ("marketing", "dora.direct"))
    record_id = http.create(email="a@example.com")
    for _ in range(2):
        path = f"/crm/v3/objects/contacts/{record_id}"
        http.patch(path, {"properties": {"hubspot_owner_id": dora}})
        assert http.read(record_id, "hubspot_owner_id")["hubspot_owner_id"] == dora
        clock.forward(5)
        assert http.read(record_id, "hubspot_owner_id")["hubspot_owner_id"] == marketing
        clock.forward(60)
    params = {"propertiesWithHistory": "hubspot_owner_id"}
    read = http.get(f"/crm/v3/objects/contacts/{record_id}", params=params).json()
    history = read["propertiesWithHistory"]["hubspot_owner_id"]
    assert [each["sourceType"] for each in history] == ["AUTOMATION_PLATFORM", "INTEGRATION"] * 2
    assert history[0]["timestamp"] == "2026-11-22T10:01:10.123Z"


def test_an_automation_may_write_anything_at_once(http: Http, portal: Portal) -> None:
    portal.automation = lambda kind, record, changed: {"city": "Bonn"} if "company" in changed else {}
    record_id = http.create(email="a@example.com", company="Acme")
    assert http.read(record_id, "city")["city"] == "Bonn"


def test_the_board_counts_all_and_shows_some(http: Http, portal: Portal) -> None:
    dora = owner_id(portal, "dora.direct@acme.example")
    for number in range(5):
        http.create(email=f"{number}@example.com", firstname="Ada", lastname=f"L{number}")
    record_id = http.create(
        email="x@example.com",
        company="Acme",
        hubspot_owner_id=dora,
        partner="Globex",
        routing_status="assigned",
        routing_score="42",
    )
    new, assigned = portal.columns(limit=2)
    assert (new.name, new.total, [card.title for card in new.cards]) == ("New", 5, ["Ada L0", "Ada L1"])
    assert (assigned.name, assigned.total) == ("assigned", 1)
    (card,) = assigned.cards
    assert (card.id, card.title, card.company) == (record_id, "x@example.com", "Acme")
    assert (card.owner, card.partner, card.score) == ("Dora Direct", "Globex", "42")
    assert [(column.name, column.total) for column in portal.columns(partner="Globex")] == [("assigned", 1)]
    portal.delete(record_id)
    assert [column.name for column in portal.columns()] == ["New"]


def test_a_detail_tells_who_did_what(http: Http, portal: Portal, clock: Hands) -> None:
    record_id = http.create(email="a@example.com", routing_reason="best fit")
    clock.forward(60)
    portal.edit(
        record_id,
        {"hubspot_owner_id": "dora.direct@acme.example", "city": "Bonn"},
        by="sam.selling@acme.example",
    )
    detail = portal.detail(record_id)
    assert (detail.reason, detail.card.owner) == ("best fit", "Dora Direct")
    assert detail.fields["City"] == "Bonn"
    told = [(who, what) for _, who, what in detail.history]
    assert told[-1] == ("Sandbox app", "Created")
    assert ("Sam Selling", "City: Bonn") in told
    assert ("Sam Selling", "Owner: Dora Direct") in told
    assert detail.fields["Owner"] == "Dora Direct"
    assert next(when for when, _, _ in detail.history) == clock()


def test_people_may_move_a_lifecycle_stage_back(http: Http, portal: Portal) -> None:
    record_id = http.create(email="a@example.com", lifecyclestage="customer")
    portal.edit(record_id, {"lifecyclestage": "lead"}, by="sam.selling@acme.example")
    assert http.read(record_id, "lifecyclestage")["lifecyclestage"] == "lead"


def test_what_is_not_there_cannot_be_edited(portal: Portal) -> None:
    with pytest.raises(HubSpotError, match="resource not found"):
        portal.edit("424242", {"city": "Bonn"}, by="sam.selling@acme.example")


def test_partner_companies_are_in_the_portal(http: Http) -> None:
    found = http.search({"propertyName": "type", "operator": "EQ", "value": "PARTNER"}, kind="companies")
    assert found["total"] == 12
    window = {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "1790000000000"}
    assert http.search(window, kind="companies")["total"] == 12

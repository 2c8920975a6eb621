"""Search: what it finds, what it refuses, and how far behind it is."""

from typing import Any

import pytest

from connector.sandbox.cards import NeutralLead
from connector.sandbox.hubspot import Portal
from tests.sandbox.hubspot.conftest import START, Hands, Http, where

SEARCH = "/crm/v3/objects/contacts/search"


@pytest.fixture
def people(http: Http, clock: Hands) -> dict[str, str]:
    """Three contacts, a second apart: their ids by first name."""
    made = {}
    for number, (name, city, score) in enumerate(
        [("Ada", "Bonn", "9"), ("Bob", "Bad Ems", "30"), ("Cleo", "", "")]
    ):
        made[name] = http.create(
            email=f"{name}@example.com".lower(),
            firstname=name,
            city=city,
            routing_score=score,
            hs_lead_status="NEW" if number else "OPEN",
        )
        clock.forward(1)
    return made


def found(http: Http, people: dict[str, str], *filters: dict[str, Any], **more: Any) -> list[str]:
    """The first names that a search finds, in its order."""
    names = {record_id: name for name, record_id in people.items()}
    return [names[each["id"]] for each in http.search(*filters, **more)["results"]]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (where("firstname", "EQ", "aDA"), "Ada"),
        (where("firstname", "NEQ", "ada"), "Bob Cleo"),
        (where("routing_score", "LT", "10"), "Ada"),
        (where("routing_score", "LTE", "9"), "Ada"),
        (where("routing_score", "GT", "9"), "Bob"),
        (where("routing_score", "GTE", "9"), "Ada Bob"),
        (where("routing_score", "BETWEEN", "9", "30"), "Ada Bob"),
        (where("hs_lead_status", "EQ", "NEW"), "Bob Cleo"),
        (where("hs_lead_status", "EQ", "new"), ""),
        (where("hs_lead_status", "IN", ["NEW", "OPEN"]), "Ada Bob Cleo"),
        (where("firstname", "IN", ["ada", "bob"]), "Ada Bob"),
        (where("firstname", "IN", ["Ada", "Bob"]), ""),
        (where("firstname", "NOT_IN", ["ada"]), "Bob Cleo"),
        (where("city", "HAS_PROPERTY"), "Ada Bob"),
        (where("city", "NOT_HAS_PROPERTY"), "Cleo"),
        (where("city", "CONTAINS_TOKEN", "bad"), "Bob"),
        (where("email", "CONTAINS_TOKEN", "*example*"), "Ada Bob Cleo"),
        (where("city", "NOT_CONTAINS_TOKEN", "b*"), "Cleo"),
        (where("createdate", "GT", "2026-11-22T10:00:00.123Z"), "Bob Cleo"),
        (where("createdate", "LTE", str(int(START.timestamp() * 1000))), "Ada"),
    ],
)
def test_an_operator_selects(
    http: Http, people: dict[str, str], condition: dict[str, Any], names: str
) -> None:
    assert found(http, people, condition) == names.split()


def test_records_are_searched_by_id(http: Http, people: dict[str, str]) -> None:
    assert found(http, people, where("hs_object_id", "EQ", people["Bob"])) == ["Bob"]
    two = where("hs_object_id", "IN", [people["Cleo"], people["Ada"], "999"])
    assert found(http, people, two) == ["Ada", "Cleo"]
    assert found(http, people, two, where("city", "HAS_PROPERTY")) == ["Ada"]


def test_filters_are_anded_and_groups_are_ored(http: Http, people: dict[str, str]) -> None:
    ada, bonn = where("firstname", "EQ", "Ada"), where("city", "EQ", "Bonn")
    assert found(http, people, ada, where("city", "EQ", "Ulm")) == []
    groups = [{"filters": [ada, bonn]}, {"filters": [where("firstname", "EQ", "Cleo")]}]
    assert found(http, people, filterGroups=groups) == ["Ada", "Cleo"]
    assert found(http, people, filters=[ada]) == ["Ada"]


def test_free_text_reads_names_and_addresses(http: Http, people: dict[str, str]) -> None:
    assert found(http, people, query="cleo@example") == ["Cleo"]


def test_one_sort_in_either_form_and_direction(http: Http, people: dict[str, str]) -> None:
    by_score = {"propertyName": "routing_score", "direction": "DESCENDING"}
    assert found(http, people, where("city", "HAS_PROPERTY"), sorts=[by_score]) == ["Bob", "Ada"]
    assert found(http, people, sorts=["-createdate"]) == ["Cleo", "Bob", "Ada"]
    assert found(http, people, sorts=["firstname"]) == ["Ada", "Bob", "Cleo"]
    assert http.post(SEARCH, {"sorts": [by_score, by_score]}).status_code == 400


def test_a_descending_walk_goes_from_page_to_page(http: Http, people: dict[str, str]) -> None:
    pages = [found(http, people, sorts=["-firstname"], limit=2, after=after) for after in ("0", "2")]
    assert pages == [["Cleo", "Bob"], ["Ada"]]


def test_pages_end_when_paging_is_absent(http: Http, people: dict[str, str]) -> None:
    first = http.search(limit=2)
    assert (first["total"], first["paging"]) == (3, {"next": {"after": "2"}})
    last = http.search(limit=2, after=first["paging"]["next"]["after"])
    assert (last["total"], len(last["results"])) == (3, 1)
    assert "paging" not in last


def test_a_walk_by_id_sees_every_record_once(http: Http, people: dict[str, str]) -> None:
    window = where("lastmodifieddate", "BETWEEN", "1760000000000", "1800000000000")
    order = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    seen: list[str] = []
    totals = []
    while True:
        last = seen[-1] if seen else "0"
        page = http.search(window, where("hs_object_id", "GT", last), sorts=order, limit=1)
        totals.append(page["total"])
        if not page["results"]:
            break
        seen += [each["id"] for each in page["results"]]
    assert seen == list(people.values())
    assert totals == [3, 2, 1, 0]


@pytest.mark.parametrize(
    "body",
    [
        {"filterGroups": [{"filters": []}] * 6},
        {"filters": [where("city", "HAS_PROPERTY")] * 7},
        {"filterGroups": [{"filters": [where("city", "HAS_PROPERTY")] * 5}] * 4},
        {"limit": 201},
        {"limit": 200, "after": "9801"},
        {"after": "abc"},
        {"filters": [where("city", "LIKE", "B")]},
        {"filters": [where("city", "EQ")]},
        {"filters": [where("city", "BETWEEN", "1")]},
        {"filters": [where("city", "IN", [])]},
        {"filters": [where("shoe_size", "EQ", "43")]},
        {"filters": [where("createdate", "GT", "yesterday")]},
        {"filters": [where("routing_score", "GT", "high")]},
        {"filters": [where("associations.companies", "GT", "1")]},
        {"properties": ["city"] * 500},
    ],
)
def test_what_is_over_a_limit_or_makes_no_sense_is_400(http: Http, body: dict[str, Any]) -> None:
    answer = http.post(SEARCH, body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_the_last_page_within_ten_thousand_is_answered(http: Http, people: dict[str, str]) -> None:
    assert http.search(limit=200, after="9800") == {"total": 3, "results": []}


def test_associations_are_searched_by_the_other_end(http: Http, people: dict[str, str]) -> None:
    company = http.create("companies", name="Acme")
    assert found(http, people, where("associations.companies", "EQ", company)) == []
    http("PUT", f"/crm/v4/objects/contacts/{people['Bob']}/associations/default/companies/{company}")
    assert found(http, people, where("associations.companies", "EQ", company)) == ["Bob"]
    assert found(http, people, where("associations.company", "EQ", company)) == ["Bob"]


def test_open_deals_are_found_by_their_stage(http: Http) -> None:
    ids = [http.create("deals", dealname="D", dealstage=stage) for stage in ("contractsent", "closedwon")]
    open_deals = http.search(
        where("hs_is_closed", "EQ", "false"), kind="deals", properties=["hs_is_closed_won"]
    )
    assert [each["id"] for each in open_deals["results"]] == ids[:1]
    assert open_deals["results"][0]["properties"]["hs_is_closed_won"] == "false"
    http.patch(f"/crm/v3/objects/deals/{ids[0]}", {"properties": {"dealstage": "closedlost"}})
    assert http.search(where("hs_is_closed", "EQ", "false"), kind="deals")["total"] == 0


def test_large_answers_are_compressed_for_those_who_ask(http: Http, people: dict[str, str]) -> None:
    body = {"properties": ["firstname", "city", "company", "country", "hs_lead_status", "partner", "budget"]}
    plain = http.post(SEARCH, body, headers={"Accept-Encoding": "identity"})
    packed = http.post(SEARCH, body, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.json() == plain.json()


def test_search_asks_the_index_and_shows_the_records(http: Http, portal: Portal, clock: Hands) -> None:
    record_id = http.create(email="a@example.com", city="Bonn")
    portal.settings.index_delay = 30
    http.patch(f"/crm/v3/objects/contacts/{record_id}", {"properties": {"city": "Ulm"}})
    stale = http.search(where("city", "EQ", "Bonn"), properties=["city"])
    assert [each["properties"]["city"] for each in stale["results"]] == ["Ulm"]
    assert http.search(where("city", "EQ", "Ulm"))["total"] == 0
    clock.forward(30)
    assert http.search(where("city", "EQ", "Bonn"))["total"] == 0
    assert http.search(where("city", "EQ", "Ulm"))["total"] == 1


def test_new_records_are_invisible_until_they_are_indexed(http: Http, portal: Portal, clock: Hands) -> None:
    portal.settings.index_delay = 30
    record_id = http.create(email="a@example.com")
    assert http.search()["total"] == 0
    assert http.read(record_id)["email"] == "a@example.com"
    clock.forward(31)
    assert http.search()["total"] == 1


def test_archived_records_leave_the_results_before_they_leave_the_total(
    http: Http, portal: Portal, clock: Hands
) -> None:
    record_id = http.create(email="a@example.com")
    portal.settings.index_delay = 30
    portal.delete(record_id)
    assert http.search() == {"total": 1, "results": []}
    clock.forward(30)
    assert http.search() == {"total": 0, "results": []}


def test_some_records_become_visible_late_with_an_older_stamp(
    http: Http, portal: Portal, clock: Hands
) -> None:
    portal.settings.late_every, portal.settings.late_by = 2, 120
    made = [http.create(email=f"{number}@example.com") for number in range(4)]
    early = [each["id"] for each in http.search()["results"]]
    assert len(early) == 2
    clock.forward(120)
    late = [each for each in http.search()["results"] if each["id"] not in early]
    assert {each["updatedAt"] for each in late} == {"2026-11-22T10:00:00.123Z"}
    assert sorted([*early, *(each["id"] for each in late)]) == made


def test_two_changes_within_the_delay_are_seen_one_after_the_other(
    http: Http, portal: Portal, clock: Hands
) -> None:
    record_id = http.create(email="a@example.com", city="Bonn")
    portal.settings.index_delay = 30
    path = f"/crm/v3/objects/contacts/{record_id}"
    http.patch(path, {"properties": {"city": "Ulm"}})
    clock.forward(20)
    http.patch(path, {"properties": {"city": "Kiel"}})
    clock.forward(15)
    assert [http.search(where("city", "EQ", city))["total"] for city in ("Bonn", "Ulm", "Kiel")] == [0, 1, 0]
    clock.forward(15)
    assert [http.search(where("city", "EQ", city))["total"] for city in ("Bonn", "Ulm", "Kiel")] == [0, 0, 1]


def test_a_shorter_delay_does_not_bring_an_older_state_back(http: Http, portal: Portal, clock: Hands) -> None:
    record_id = http.create(email="a@example.com", city="Bonn")
    portal.settings.index_delay = 30
    path = f"/crm/v3/objects/contacts/{record_id}"
    http.patch(path, {"properties": {"city": "Ulm"}})
    portal.settings.index_delay = 0
    http.patch(path, {"properties": {"city": "Kiel"}})
    clock.forward(30)
    assert [http.search(where("city", "EQ", city))["total"] for city in ("Bonn", "Ulm", "Kiel")] == [0, 0, 1]


def test_a_record_that_moves_within_a_narrow_window_is_found_once(
    http: Http, portal: Portal, clock: Hands
) -> None:
    rows: list[NeutralLead] = [
        {"email": f"{day}@example.com", "created_at": f"2026-11-{day:02d}T10:00:00Z"} for day in range(1, 22)
    ]
    portal.add_leads(rows, owners="intake")
    last_two_days = where("lastmodifieddate", "GTE", "2026-11-20T00:00:00Z")
    assert http.search(last_two_days)["total"] == 2
    (youngest,) = http.search(where("email", "EQ", "21@example.com"))["results"]
    portal.edit(youngest["id"], {"city": "Bonn"}, by="sam.selling@acme.example")
    again = http.search(last_two_days, where("hs_object_id", "GT", "1"))
    assert again["total"] == 2
    assert len({each["id"] for each in again["results"]}) == 2
    clock.forward(1)
    assert http.search(where("lastmodifieddate", "GTE", "2026-11-20T00:00:01Z"))["total"] == 2


def test_thousands_of_records_may_share_one_millisecond(http: Http, portal: Portal, clock: Hands) -> None:
    portal.add_leads(({"email": f"{number}@example.com"} for number in range(3000)), owners="intake")
    clock.forward(60)
    assert portal.bulk_edit({"city": "Bonn"}, by="marketing@acme.example", count=2500) == 2500
    at = str(int(START.timestamp() * 1000) + 60_000)
    assert http.search(where("lastmodifieddate", "EQ", at))["total"] == 2500


def test_hubspots_own_work_moves_the_change_stamp(http: Http, portal: Portal, clock: Hands) -> None:
    portal.settings.bump_after_create = 20
    record_id = http.create(email="a@example.com")
    clock.forward(25)
    assert http.read(record_id)["lastmodifieddate"] == "2026-11-22T10:00:20.123Z"

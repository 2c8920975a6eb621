"""Single objects: what is shown, what is stored, what is refused."""

from connector.sandbox.hubspot import Portal
from tests.sandbox.hubspot.conftest import Hands, Http


def test_a_created_contact_is_answered_with_what_hubspot_worked_out(http: Http) -> None:
    answer = http.post("/crm/v3/objects/contacts", {"properties": {"email": "Ada@Example.com"}})
    body = answer.json()
    assert answer.status_code == 201
    assert body["properties"] == {
        "createdate": "2026-11-22T10:00:00.123Z",
        "email": "ada@example.com",
        "hs_all_contact_vids": body["id"],
        "hs_email_domain": "example.com",
        "hs_is_contact": "true",
        "hs_is_unworked": "true",
        "hs_object_id": body["id"],
        "hs_pipeline": "contacts-lifecycle-pipeline",
        "lastmodifieddate": "2026-11-22T10:00:00.123Z",
    }
    assert list(body["properties"]) == sorted(body["properties"])
    assert body["archived"] is False


def test_every_path_form_and_name_of_a_type_leads_to_the_same_record(http: Http) -> None:
    record_id = http.create(email="a@b.example")
    for kind in ("contacts", "contact", "CONTACT", "0-1"):
        for base in ("/crm/v3/objects", "/crm/objects/2026-03", "/crm/objects/2026-09"):
            for end in ("", "/"):
                answer = http.get(f"{base}/{kind}/{record_id}{end}")
                assert (answer.status_code, answer.json()["id"]) == (200, record_id)


def test_default_properties_come_unless_others_are_asked_for(http: Http) -> None:
    record_id = http.create(email="a@b.example", firstname="Ada", city="Bonn")
    assert set(http.read(record_id)) == {
        "createdate",
        "email",
        "firstname",
        "hs_object_id",
        "lastmodifieddate",
        "lastname",
    }
    asked = http.read(record_id, "city", "state", "no_such_property")
    assert asked == {
        "city": "Bonn",
        "createdate": "2026-11-22T10:00:00.123Z",
        "hs_object_id": record_id,
        "lastmodifieddate": "2026-11-22T10:00:00.123Z",
        "state": None,
    }


def test_an_empty_string_clears_and_null_leaves_alone(http: Http) -> None:
    record_id = http.create(email="a@b.example", city="Bonn", state="NRW")
    http.patch(f"/crm/v3/objects/contacts/{record_id}", {"properties": {"city": "", "state": None}})
    assert http.read(record_id, "city")["city"] is None
    assert http.read(record_id, "state")["state"] == "NRW"


def test_an_update_answers_what_was_sent_and_the_change_stamp(http: Http, clock: Hands) -> None:
    record_id = http.create(email="a@b.example")
    clock.forward(1.5)
    answer = http.patch(f"/crm/v3/objects/contacts/{record_id}", {"properties": {"city": "Bonn"}})
    assert answer.status_code == 200
    assert answer.json()["properties"] == {"city": "Bonn", "lastmodifieddate": "2026-11-22T10:00:01.623Z"}


def test_companies_have_their_own_change_stamp(http: Http) -> None:
    record_id = http.create("companies", name="Acme")
    assert "hs_lastmodifieddate" in http.read(record_id, kind="companies")
    assert "lastmodifieddate" not in http.read(record_id, kind="companies")


def test_an_email_address_belongs_to_one_contact(http: Http) -> None:
    record_id = http.create(email="a@b.example")
    answer = http.post("/crm/v3/objects/contacts", {"properties": {"email": "A@b.example"}})
    assert answer.status_code == 409
    assert answer.json()["message"] == f"Contact already exists. Existing ID: {record_id}"
    assert answer.json()["category"] == "CONFLICT"


def test_a_contact_can_be_read_by_email(http: Http) -> None:
    record_id = http.create(email="a@b.example")
    answer = http.get("/crm/v3/objects/contacts/a%40b.example", params={"idProperty": "email"})
    assert answer.json()["id"] == record_id


def test_an_owner_change_is_dated_and_has_a_history(http: Http, portal: Portal, clock: Hands) -> None:
    dora, sam = (portal.owners.by_email(f"{name}@acme.example") for name in ("dora.direct", "sam.selling"))
    assert dora
    assert sam
    record_id = http.create(email="a@b.example", hubspot_owner_id=dora.id)
    clock.forward(60)
    http.patch(f"/crm/v3/objects/contacts/{record_id}", {"properties": {"hubspot_owner_id": sam.id}})
    clock.forward(60)
    portal.edit(record_id, {"hubspot_owner_id": "dora.direct@acme.example"}, by="marketing@acme.example")
    answer = http.get(
        f"/crm/v3/objects/contacts/{record_id}",
        params={"propertiesWithHistory": "hubspot_owner_id", "properties": "hubspot_owner_assigneddate"},
    ).json()
    history = answer["propertiesWithHistory"]["hubspot_owner_id"]
    assert [each["value"] for each in history] == [dora.id, sam.id, dora.id]
    assert [each["sourceType"] for each in history] == ["CRM_UI", "INTEGRATION", "INTEGRATION"]
    assert history[0]["updatedByUserId"] == portal.owners.by_email("marketing@acme.example").user_id  # type: ignore[union-attr]
    assert history[1]["sourceId"] == "1160452"
    assert answer["properties"]["hubspot_owner_assigneddate"] == "2026-11-22T10:02:00.123Z"


def test_lifecycle_stages_only_move_forward(http: Http) -> None:
    record_id = http.create(email="a@b.example", lifecyclestage="opportunity")
    path = f"/crm/v3/objects/contacts/{record_id}"
    assert http.patch(path, {"properties": {"lifecyclestage": "lead"}}).status_code == 200
    assert http.read(record_id, "lifecyclestage")["lifecyclestage"] == "opportunity"
    http.patch(path, {"properties": {"lifecyclestage": ""}})
    http.patch(path, {"properties": {"lifecyclestage": "lead"}})
    assert http.read(record_id, "lifecyclestage")["lifecyclestage"] == "lead"


def test_a_merged_contact_answers_under_both_ids(http: Http) -> None:
    winner = http.create(email="a@b.example", firstname="Ada")
    loser = http.create(email="c@d.example", firstname="Zoe", city="Bonn")
    body = {"primaryObjectId": winner, "objectIdToMerge": loser}
    assert http.post("/crm/v3/objects/contacts/merge", body).status_code == 200
    read = http.get(f"/crm/v3/objects/contacts/{loser}", params={"properties": "firstname,city"}).json()
    assert read["id"] == winner
    assert (read["properties"]["firstname"], read["properties"]["city"]) == ("Ada", "Bonn")
    merged = http.read(winner, "hs_merged_object_ids", "hs_all_contact_vids", "hs_additional_emails")
    assert merged["hs_merged_object_ids"] == loser
    assert merged["hs_all_contact_vids"] == f"{winner};{loser}"
    assert merged["hs_additional_emails"] == "c@d.example"
    patched = http.patch(f"/crm/v3/objects/contacts/{loser}", {"properties": {"city": "Ulm"}})
    assert patched.status_code == 200
    assert http.read(winner, "city")["city"] == "Ulm"


def test_a_merged_contact_keeps_both_addresses(http: Http, portal: Portal) -> None:
    winner, loser = http.create(email="a@b.example"), http.create(email="c@d.example")
    portal.merge(winner, loser)
    read = http.get("/crm/v3/objects/contacts/c@d.example", params={"idProperty": "email"})
    assert read.json()["id"] == winner
    taken = http.post("/crm/v3/objects/contacts", {"properties": {"email": "c@d.example"}})
    assert (taken.status_code, taken.json()["message"][-len(winner) :]) == (409, winner)


def test_a_merge_may_make_a_new_record(http: Http, portal: Portal) -> None:
    portal.settings.merge_makes_new_record = True
    winner, loser = http.create(email="a@b.example"), http.create(email="c@d.example")
    body = {"primaryObjectId": winner, "objectIdToMerge": loser}
    heir = http.post("/crm/v3/objects/contacts/merge", body).json()["id"]
    assert heir not in (winner, loser)
    for record_id in (winner, loser, heir):
        assert http.get(f"/crm/v3/objects/contacts/{record_id}").json()["id"] == heir
    assert http.read(heir, "email")["email"] == "a@b.example"
    assert http.search()["total"] == 1


def test_a_deleted_contact_is_found_among_the_archived(http: Http) -> None:
    kept, gone = http.create(email="a@b.example"), http.create(email="c@d.example")
    assert http("DELETE", f"/crm/v3/objects/contacts/{gone}").status_code == 204
    assert http("DELETE", f"/crm/v3/objects/contacts/{gone}").status_code == 204
    assert http.get(f"/crm/v3/objects/contacts/{gone}").status_code == 404
    listed = http.get("/crm/v3/objects/contacts").json()["results"]
    archived = http.get("/crm/v3/objects/contacts", params={"archived": "True"}).json()["results"]
    assert [each["id"] for each in listed] == [kept]
    assert [(each["id"], each["archived"]) for each in archived] == [(gone, True)]
    assert http.create(email="c@d.example") != gone


def test_a_gdpr_deletion_leaves_nothing(http: Http) -> None:
    gone = http.create(email="a@b.example")
    assert http.post("/crm/v3/objects/contacts/gdpr-delete", {"objectId": gone}).status_code == 204
    assert http.get("/crm/v3/objects/contacts", params={"archived": "true"}).json()["results"] == []
    assert http.get(f"/crm/v3/objects/contacts/{gone}", params={"archived": "true"}).status_code == 404


def test_a_list_pages_by_the_id_of_the_next_record(http: Http) -> None:
    ids = [http.create(email=f"{number}@b.example") for number in range(5)]
    seen, after = [], "0"
    while after:
        page = http.get("/crm/v3/objects/contacts", params={"limit": 2, "after": after}).json()
        seen += [each["id"] for each in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")
        assert after in (None, *ids)
    assert seen == ids
    assert http.get("/crm/v3/objects/contacts", params={"limit": 101}).status_code == 400
    with_history = {"limit": 51, "propertiesWithHistory": "email"}
    assert http.get("/crm/v3/objects/contacts", params=with_history).status_code == 400

"""Lists and who is in them."""

from typing import Any

from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.errors import HubSpotError, invalid, required
from connector.sandbox.hubspot.kinds import kind_named
from connector.sandbox.hubspot.lists import PROCESSING, WRITABLE, RecordList
from connector.sandbox.hubspot.shapes import is_whole, text, texts
from connector.sandbox.hubspot.stamps import stamp

MOST = 250


def create(call: Call) -> Answer:
    """POST …/lists."""
    body = call.body
    absent = [name for name in ("name", "objectTypeId", "processingType") if body.get(name) is None]
    if absent:
        raise required(*absent)
    name, processing = text(body["name"]), text(body["processingType"])
    kind = kind_named(text(body["objectTypeId"]))
    if processing not in PROCESSING:
        raise invalid(f"{processing} is not one of {', '.join(PROCESSING)}")
    if call.portal.lists.named(kind.type_id, name):
        raise invalid(f"A list already exists with name: {name} and object type ID: {kind.type_id}.")
    made = call.portal.lists.add(name, kind.type_id, processing, call.now)
    return Answer(200, {"list": made.body()})


def get_by_id(call: Call) -> Answer:
    """GET …/lists/{id}."""
    return Answer(200, {"list": _existing(call).body()})


def get_by_name(call: Call) -> Answer:
    """GET …/lists/object-type-id/{type}/name/{name}."""
    name = call.params["name"]
    found = call.portal.lists.named(call.kind.type_id, name)
    if found is None:
        raise _unknown(f"List does not exist with name: {name} and object type ID: {call.kind.type_id}.")
    return Answer(200, {"list": found.body()})


def memberships(call: Call) -> Answer:
    """GET …/lists/{id}/memberships, in the order of the record ids."""
    found, after = _existing(call), call.query.get("after", "0")
    if not is_whole(after):
        raise invalid(f"Invalid paging token: {after}")
    limit = call.whole("limit", 100, MOST)
    members = sorted(member for member in _live(call, found) if member > int(after))
    answer: dict[str, Any] = {
        "results": [
            {"recordId": str(each), "membershipTimestamp": stamp(found.members[each])}
            for each in members[:limit]
        ]
    }
    if len(members) > limit:
        last = str(members[limit - 1])
        link = f"https://api.hubapi.com{call.path}?limit={limit}&after={last}"
        answer["paging"] = {"next": {"after": last, "link": link}}
    return Answer(200, answer)


def add(call: Call) -> Answer:
    """PUT …/memberships/add: ids as a bare list."""
    return _changed(call, texts(call.json), [])


def remove(call: Call) -> Answer:
    """PUT …/memberships/remove: ids as a bare list."""
    return _changed(call, [], texts(call.json))


def add_and_remove(call: Call) -> Answer:
    """PUT …/memberships/add-and-remove."""
    body = call.body
    return _changed(call, texts(body.get("recordIdsToAdd")), texts(body.get("recordIdsToRemove")))


def _changed(call: Call, wanted: list[str], unwanted: list[str]) -> Answer:
    """Members that are there already, or are not, are passed over; records that do not exist are told."""
    found = _existing(call)
    if found.processing not in WRITABLE:
        raise invalid(f"List {found.id} is {found.processing}; its memberships cannot be changed by hand.")
    live = call.portal.table(kind_named(found.type_id)).records
    missing = [each for each in (*wanted, *unwanted) if not is_whole(each) or int(each) not in live]
    added = [each for each in wanted if each not in missing and int(each) not in found.members]
    removed = [each for each in unwanted if each not in missing and int(each) in found.members]
    found.members |= {int(each): call.now for each in added}
    for each in removed:
        del found.members[int(each)]
    return Answer(200, {"recordsIdsAdded": added, "recordIdsRemoved": removed, "recordIdsMissing": missing})


def _live(call: Call, found: RecordList) -> list[int]:
    records = call.portal.table(kind_named(found.type_id)).records
    return [each for each in found.members if each in records and records[each].archived_at is None]


def _existing(call: Call) -> RecordList:
    found = call.portal.lists.get(call.params["id"])
    if found is None:
        raise _unknown(f"List does not exist with ID {call.params['id']}.")
    return found


def _unknown(message: str) -> HubSpotError:
    return HubSpotError(404, message, "OBJECT_NOT_FOUND")

"""Single objects: search, list, read, create, update, archive, merge, erase."""

from typing import Any

from connector.sandbox.hubspot import writes
from connector.sandbox.hubspot.call import Answer, Call, properties_of
from connector.sandbox.hubspot.errors import HubSpotError, invalid, required
from connector.sandbox.hubspot.inline_links import link, understand
from connector.sandbox.hubspot.query import parse_search
from connector.sandbox.hubspot.records import Record
from connector.sandbox.hubspot.shapes import is_whole, text, texts
from connector.sandbox.hubspot.views import View, associations, written

MAX_PAGE, MAX_PAGE_WITH_HISTORY = 100, 50


def search(call: Call) -> Answer:
    """POST …/search: selects on the index, shows the records as they are now."""
    body = call.body
    search = parse_search(body, len(call.raw.decode("utf-8", "replace")), call.kind)
    total, records = call.table.search(search, call.now)
    view = View(call, texts(body.get("properties")))
    answer: dict[str, Any] = {"total": total, "results": [view(record) for record in records]}
    following = search.offset + search.limit
    if following < total and search.limit:
        answer["paging"] = {"next": {"after": str(following)}}
    return Answer(200, answer)


def get_page(call: Call) -> Answer:
    """GET …/{type}: all records in id order."""
    history = call.names("propertiesWithHistory")
    limit = call.whole("limit", 10, MAX_PAGE_WITH_HISTORY if history else MAX_PAGE)
    after = call.query.get("after", "0")
    if not is_whole(after):
        raise invalid(f"Invalid paging token: {after}")
    records, following = call.table.page(int(after), limit, archived=call.flag("archived"))
    view = View(call, call.names("properties"), history)
    answer: dict[str, Any] = {"results": [_with_associations(call, view(each), each) for each in records]}
    if following is not None:
        link = f"https://api.hubapi.com{call.path}?limit={limit}&after={following}"
        answer["paging"] = {"next": {"after": str(following), "link": link}}
    return Answer(200, answer)


def get_one(call: Call) -> Answer:
    """GET …/{type}/{id}; a merged-away id gives the record that it lives on in."""
    record = _found(call)
    view = View(call, call.names("properties"), call.names("propertiesWithHistory"))
    return Answer(200, _with_associations(call, view(record), record))


def _found(call: Call) -> Record:
    key, table = call.params["id"], call.table
    if call.flag("archived"):
        record = table.records.get(int(key)) if is_whole(key) else None
        if record and record.archived_at is not None and record.id not in table.merged:
            return record
    return writes.existing(table, key, call.query.get("idProperty"))


def _with_associations(call: Call, body: dict[str, Any], record: Record) -> dict[str, Any]:
    targets = call.names("associations")
    block = associations(call, record, targets) if targets else {}
    return body | {"associations": block} if block else body


def create(call: Call) -> Answer:
    """POST …/{type}."""
    body = call.body
    values = writes.check(call.portal, call.table, properties_of(body))
    wanted = understand(call, body.get("associations"))
    record = writes.create(call.portal, call.table, values, call.source)
    link(call, record, wanted)
    return Answer(201, written(call, record, values, created=True))


def update(call: Call) -> Answer:
    """PATCH …/{type}/{id}."""
    record = writes.existing(call.table, call.params["id"], call.query.get("idProperty"))
    properties = properties_of(call.body)
    if not properties:
        raise invalid(
            "No properties found to update, please provide at least one.", context={"properties": ["{}"]}
        )
    values = writes.check(call.portal, call.table, properties)
    writes.check_fits(call.portal, call.table, values, record)
    writes.update(call.portal, call.table, record, values, call.source)
    return Answer(200, written(call, record, values, created=False))


def archive(call: Call) -> Answer:
    """DELETE …/{type}/{id}; deleting what is already deleted succeeds."""
    key, table = call.params["id"], call.table
    record = table.find(key, call.query.get("idProperty"))
    if record is None:
        if is_whole(key) and int(key) in table.records:
            return Answer(204)
        raise HubSpotError(404, "resource not found")
    writes.archive(call.portal, table, record)
    return Answer(204)


def merge(call: Call) -> Answer:
    """POST …/{type}/merge."""
    body = call.body
    names = ("primaryObjectId", "objectIdToMerge")
    missing = [name for name in names if not body.get(name)]
    if missing:
        raise required(*missing)
    winner, loser = (writes.existing(call.table, text(body[name])) for name in names)
    if winner is loser:
        raise invalid("Cannot merge an object with itself")
    heir = writes.merge(call.portal, call.table, winner, loser)
    return Answer(200, View(call, ())(heir))


def erase(call: Call) -> Answer:
    """POST …/{type}/gdpr-delete."""
    key = call.body.get("objectId")
    if not key:
        raise required("objectId")
    record = writes.existing(call.table, text(key), text(call.body.get("idProperty")))
    writes.erase(call.portal, call.table, record)
    return Answer(204)

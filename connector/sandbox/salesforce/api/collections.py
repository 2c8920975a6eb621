"""sObject Collections: up to 200 records written, or 2,000 read, in one call."""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from connector.sandbox.salesforce import ids, writes
from connector.sandbox.salesforce.api import rows
from connector.sandbox.salesforce.api.call import Call, Reply, truth
from connector.sandbox.salesforce.errors import SalesforceError, bad_json, malformed_id
from connector.sandbox.salesforce.writes import Actor, locked

MOST_WRITTEN = 200
MOST_READ = 2000
MOST_READ_BY_ADDRESS = 800
MOST_CHUNKS = 10

Record = dict[str, Any]
Result = dict[str, Any]


def create(call: Call) -> Reply:
    """Make records of one or several objects."""
    records, all_or_none = _given(call)
    actor = call.actor()

    def write(record: Record) -> Result:
        return _done(writes.create(call.org, _type_of(record), record, actor))

    return _write_all(call, records, write, all_or_none)


def update(call: Call) -> Reply:
    """Change records named by id."""
    records, all_or_none = _given(call)
    actor = call.actor()
    seen: set[str] = set()

    def write(record: Record) -> Result:
        record_id, rest = _without_id(record)
        _refuse_twice(seen, record_id)
        writes.update(call.org, _type_of(record), record_id, rest, actor)
        return _done(str(ids.normal(record_id)))

    return _write_all(call, records, write, all_or_none)


def upsert(call: Call) -> Reply:
    """Change the records with these external ids, or make them."""
    records, all_or_none = _given(call)
    actor = call.actor()
    key = rows.key_field(rows.seen_object(call), call.parameters["key"])

    def write(record: Record) -> Result:
        if _type_of(record).lower() != call.parameters["object"].lower():
            raise SalesforceError("INVALID_TYPE", "All records must be of the type in the address.")
        return _upsert_one(call, record, key.name, actor)

    return _write_all(call, records, write, all_or_none)


def delete(call: Call) -> Reply:
    """Delete the records whose ids are in the address."""
    record_ids = [each for each in call.query.get("ids", "").split(",") if each]
    _check_count(len(record_ids), MOST_WRITTEN)
    actor = call.actor()

    def write(record: Record) -> Result:
        writes.delete(call.org, _object_of(call, record["id"]), record["id"], actor)
        return _done(str(ids.normal(record["id"])))

    return _write_all(call, [{"id": each} for each in record_ids], write, truth(call, "allOrNone"))


def read(call: Call) -> Reply:
    """Records of one object by id, with null where there is none."""
    if call.method == "GET":
        wanted = [each.strip() for each in call.query.get("ids", "").split(",") if each]
        names = [each for each in call.query.get("fields", "").split(",") if each]
        most = MOST_READ_BY_ADDRESS
    else:
        body = call.record()
        wanted, names, most = _words(body, "ids"), _words(body, "fields"), MOST_READ
    _check_count(len(wanted), most)
    if not names:
        raise SalesforceError("INVALID_FIELD", "The fields parameter is required.")
    return Reply(200, rows.fetch(call, rows.seen_object(call), wanted, names))


def _words(body: Record, name: str) -> list[str]:
    given = body.get(name, [])
    if not isinstance(given, list):
        raise bad_json(f"The property {name} must be an array of strings.")
    return [str(each) for each in given]


def _given(call: Call) -> tuple[list[Record], bool]:
    body = call.record()
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise bad_json("The property records must be an array of sObjects.")
    _check_count(len(records), MOST_WRITTEN)
    types = [str(_type_name(record)).lower() for record in records]
    if 1 + sum(one != other for one, other in pairwise(types)) > MOST_CHUNKS:
        message = (
            f"Cannot have more than {MOST_CHUNKS} chunks in a single operation. Please rearrange the data."
        )
        raise SalesforceError("LIMIT_EXCEEDED", message)
    return records, bool(body.get("allOrNone", False))


def _check_count(count: int, most: int) -> None:
    if count > most:
        message = f"Maximum number of records allowed is {most}"
        raise SalesforceError("EXCEEDED_ID_LIMIT", message)


def _write_all(
    call: Call, records: Iterable[Record], write: Callable[[Record], Result], all_or_none: bool
) -> Reply:
    lock_all = call.fault("batch_lock") is not None
    results: list[Result] = []
    try:
        with call.org.store.all_or_none():
            for record in records:
                results.append(_attempt(call, write, record, lock=lock_all))
            if all_or_none and not all(result["success"] for result in results):
                raise _RolledBack
    except _RolledBack:
        results = [result if not result["success"] else _ROLLED_BACK for result in results]
    return Reply(200, results)


class _RolledBack(Exception):
    """Leaves a transaction whose records were to succeed together."""


def _attempt(call: Call, write: Callable[[Record], Result], record: Record, *, lock: bool) -> Result:
    try:
        if lock:
            raise locked(str(record.get("id") or record.get("Id") or ""))
        with call.org.store.all_or_none():
            return write(record)
    except SalesforceError as error:
        return _failed(_MISSING if error.code == "NOT_FOUND" else error)


def _done(record_id: str, **more: bool) -> Result:
    return {"id": record_id, "success": True, "errors": [], **more}


def _failed(error: SalesforceError) -> Result:
    return {"success": False, "errors": [error.fault.item()]}


# A record that is missing is "not found" only in an address of its own.
_MISSING = SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
_ROLLED_BACK = _failed(
    SalesforceError(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
    )
)


def _type_of(record: Mapping[str, Any]) -> str:
    name = _type_name(record)
    if not isinstance(name, str):
        raise SalesforceError("INVALID_TYPE", "The attribute type is required for each record.")
    return name


def _type_name(record: Mapping[str, Any]) -> object:
    attributes = record.get("attributes")
    return attributes.get("type") if isinstance(attributes, dict) else None


def _without_id(record: Record) -> tuple[str, Record]:
    given = {name.lower(): value for name, value in record.items()}
    if not given.get("id"):
        raise SalesforceError("MISSING_ARGUMENT", "Id not specified in an update call")
    if ids.normal(str(given["id"])) is None:
        raise malformed_id(f"{_type_of(record)} ID", given["id"])
    return str(given["id"]), {name: value for name, value in record.items() if name.lower() != "id"}


def _refuse_twice(seen: set[str], record_id: str) -> None:
    full = ids.normal(record_id) or record_id
    if full in seen:
        raise SalesforceError("DUPLICATE_VALUE", f"duplicate id in list: {full}", ["Id"])
    seen.add(full)


def _upsert_one(call: Call, record: Record, key: str, actor: Actor) -> Result:
    value = next((value for name, value in record.items() if name.lower() == key.lower()), None)
    object_name = _type_of(record)
    if key == "Id":
        rest = {name: given for name, given in record.items() if name.lower() != "id"}
        found = [str(value)] if value else []
    else:
        rest = record
        found = [str(row["Id"]) for row in call.org.by_key(object_name, key, value)] if value else []
    if len(found) > 1:
        message = f"{key}: more than one record found for external id field: {found}"
        raise SalesforceError("DUPLICATE_EXTERNAL_ID", message)
    if found:
        writes.update(call.org, object_name, found[0], rest, actor)
        return _done(str(ids.normal(found[0])), created=False)
    if value is None and key != "Id":
        raise SalesforceError("MISSING_ARGUMENT", f"{key} not specified")
    return _done(writes.create(call.org, object_name, rest, actor), created=True)


def _object_of(call: Call, record_id: str) -> str:
    for sobject in call.org.schema.values():
        if record_id.startswith(sobject.prefix) and ids.normal(record_id) is not None:
            return sobject.name
    raise malformed_id("Record ID", record_id)

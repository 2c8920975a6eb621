"""One record: made, read, changed and deleted, by id or by external id."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from lark import Token

from connector.sandbox.salesforce import ids, writes
from connector.sandbox.salesforce.api.call import Call, Reply, truth
from connector.sandbox.salesforce.errors import SalesforceError, no_such_column, not_found
from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.soql.columns import Scope
from connector.sandbox.salesforce.soql.errors import QueryProblem
from connector.sandbox.salesforce.soql.projection import Projection
from connector.sandbox.salesforce.soql.syntax import Path
from connector.sandbox.salesforce.store import Row, quoted
from connector.sandbox.salesforce.times import parse_http_date


def create(call: Call) -> Reply:
    """Make a record."""
    record_id = writes.create(call.org, call.parameters["object"], call.record(), call.actor())
    location = f"{call.root}/sobjects/{call.parameters['object']}/{record_id}"
    return Reply(201, {"id": record_id, "success": True, "errors": []}, {"Location": location})


def read(call: Call) -> Reply:
    """One record with all fields, or with those asked for."""
    sobject = seen_object(call)
    row = writes.existing(call.org, sobject, call.parameters["id"])
    return _answer_read(call, sobject, row)


def update(call: Call) -> Reply:
    """Change a record, unless it changed since the moment that the client names."""
    actor = call.actor()
    sobject = writes.visible(actor.schema, call.parameters["object"])
    _check_unmodified(call, writes.existing(call.org, sobject, call.parameters["id"]))
    writes.update(call.org, sobject.name, call.parameters["id"], call.record(), actor)
    return Reply(204)


def delete(call: Call) -> Reply:
    """Put a record into the recycle bin."""
    writes.delete(call.org, call.parameters["object"], call.parameters["id"], call.actor())
    return Reply(204)


def read_by_key(call: Call) -> Reply:
    """One record by external id; 300 with their addresses when there are several."""
    sobject = seen_object(call)
    matches = _matches(call, sobject)
    if not matches:
        raise not_found()
    return _answer_read(call, sobject, matches[0]) if len(matches) == 1 else _several(call, sobject, matches)


def upsert(call: Call) -> Reply:
    """Change the record with this external id, or make it."""
    actor = call.actor()
    sobject = writes.visible(actor.schema, call.parameters["object"])
    matches = _matches(call, sobject)
    if len(matches) > 1:
        return _several(call, sobject, matches)
    if matches:
        writes.update(call.org, sobject.name, str(matches[0]["Id"]), call.record(), actor)
        record_id, created = str(matches[0]["Id"]), False
    elif truth(call, "updateOnly"):
        raise not_found()
    else:
        body = {**call.record(), key_field(sobject, call.parameters["key"]).name: call.parameters["value"]}
        record_id, created = writes.create(call.org, sobject.name, body, actor), True
    answer = {"id": record_id, "success": True, "errors": [], "created": created}
    return Reply(201 if created else 200, answer)


def delete_by_key(call: Call) -> Reply:
    """Delete the record with this external id."""
    sobject = seen_object(call)
    matches = _matches(call, sobject)
    if not matches:
        raise not_found()
    writes.delete(call.org, sobject.name, str(matches[0]["Id"]), call.actor())
    return Reply(204)


def seen_object(call: Call) -> SObject:
    """The object in the address as this user sees it; raises SalesforceError."""
    return writes.visible(call.org.seen_by(call.session.user_id), call.parameters["object"])


def key_field(sobject: SObject, name: str) -> Field:
    """A field that records may be found by; raises SalesforceError."""
    one = sobject.field(name)
    if one is None or not (one.has("E") or one.has("I") or one.type == "id"):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return one


def _matches(call: Call, sobject: SObject) -> list[Row]:
    one = key_field(sobject, call.parameters["key"])
    return call.org.by_key(sobject.name, one.name, call.parameters["value"])


def _several(call: Call, sobject: SObject, matches: Sequence[Row]) -> Reply:
    return Reply(300, [f"{call.root}/sobjects/{sobject.name}/{row['Id']}" for row in matches])


def _answer_read(call: Call, sobject: SObject, row: Row) -> Reply:
    since = _condition(call, "if-modified-since")
    if since is not None and int(row.get("LastModifiedDate") or 0) <= since:
        return Reply(304)
    asked = call.query.get("fields")
    names = asked.split(",") if asked else [one.name for one in sobject]
    return Reply(200, fetch(call, sobject, [str(row["Id"])], names)[0])


def _check_unmodified(call: Call, row: Row) -> None:
    since = _condition(call, "if-unmodified-since")
    if since is not None and int(row.get("LastModifiedDate") or 0) > since:
        message = "The resource has been modified since the given date."
        raise SalesforceError("PRECONDITION_FAILED", message, status=412)


def _condition(call: Call, header: str) -> int | None:
    given = call.headers.get(header)
    if given is None:
        return None
    since = parse_http_date(given)
    if since is None:
        raise SalesforceError("INVALID_HEADER", f"Invalid date in the header {header}: {given}")
    return since


def fetch(call: Call, sobject: SObject, record_ids: Sequence[str], names: Iterable[str]) -> list[Any]:
    """Records by id, in the order of the ids and with null for what there is not; raises SalesforceError."""
    scope = Scope(call.org.seen_by(call.session.user_id), sobject)
    projection = Projection(scope, call.root)
    for name in dict.fromkeys(name.strip() for name in names):
        try:
            projection.add(scope.column(Path(Token("NAME", name))))
        except QueryProblem:
            raise no_such_column(name, sobject.name) from None
    wanted = [ids.normal(record_id) for record_id in record_ids]
    alive = ' AND t."IsDeleted" = 0' if sobject.field("IsDeleted") else ""
    rows = call.org.store.run(
        f"SELECT {', '.join(projection.columns)} FROM json_each(?) wanted "  # noqa: S608
        f'LEFT JOIN {quoted(sobject.name)} t ON t."Id" = wanted.value{alive}{scope.joins} '
        "ORDER BY wanted.key",
        (orjson.dumps(wanted).decode(),),
    )
    return [projection.shape.record(row) for row in rows]

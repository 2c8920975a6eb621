"""Creating, changing and deleting records, with every check that Salesforce makes on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from connector.sandbox.faults import Fault
from connector.sandbox.salesforce import assignment, history, ids, rules, values
from connector.sandbox.salesforce.errors import (
    SalesforceError,
    bad_json,
    deleted,
    malformed_id,
    no_access,
    no_such_column,
    not_found,
    not_writable,
)
from connector.sandbox.salesforce.schema import Field, Schema, SObject
from connector.sandbox.salesforce.store import Row, Value

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org


class Asking(Protocol):
    """Whether a fault of a kind befalls a record now."""

    def __call__(self, kind: str, record: str) -> Fault | None: ...


def never(kind: str, record: str) -> None:
    """No faults."""


@dataclass(frozen=True)
class Actor:
    """Who writes: the user, what they may see, and the assignment rule to run: TRUE, FALSE or its id."""

    user_id: str
    schema: Schema
    auto_assign: str = "FALSE"
    fault: Asking = never
    may_transfer: bool = True
    may_edit_converted: bool = False
    stamp: int | None = None


def create(org: Org, object_name: str, body: Mapping[str, object], by: Actor) -> str:
    """Make a record; returns its id, raises SalesforceError."""
    sobject = visible(by.schema, object_name)
    if not sobject.has("C"):
        raise _cannot(sobject, "inserted") if not org.sobject(sobject.name).has("C") else no_access()
    if any(name.lower() == "id" for name in body):
        raise SalesforceError("INVALID_FIELD", "The Id field should not be specified in the sobject data.")
    given = _read(org, sobject, body, "C")
    _require(sobject, given)
    rules.check_references(org, sobject, given)
    row = rules.defaults(org, sobject, by.user_id) | given
    if sobject.name == "Lead":
        row |= assignment.on_create(org, by.auto_assign)
    if "OwnerId" in row:
        rules.check_owner(org, sobject, str(row["OwnerId"]))
    _check_unique(org, sobject, row, None)
    if sobject.name == "CampaignMember":
        rules.check_member(org, row)
    return insert(org, sobject, row, by)


def insert(org: Org, sobject: SObject, row: Row, by: Actor) -> str:
    """Store a new record whose fields are known to be good."""
    stamp = org.stamp() if by.stamp is None else by.stamp
    row = row | rules.derived(org, sobject, row) | {"Id": org.new_id(sobject)}
    if sobject.custom:
        row["Name"] = row.get("Name") or row["Id"]
    _fail_when_told(by, str(row["Id"]))
    row |= {name: value for name, value in _stamps(stamp, by.user_id).items() if sobject.field(name)}
    stored = {one.name: row[one.name] for one in org.sobject(sobject.name) if one.name in row}
    org.store.add(sobject.name, {name: value for name, value in stored.items() if _has_column(sobject, name)})
    history.created(org, sobject, row, by.user_id, stamp)
    if sobject.name == "Task":
        rules.after_task(org, row)
    return str(row["Id"])


def update(org: Org, object_name: str, record_id: str, body: Mapping[str, object], by: Actor) -> None:
    """Change a record; raises SalesforceError."""
    sobject = visible(by.schema, object_name)
    before = existing(org, sobject, record_id)
    if not sobject.has("U"):
        raise _cannot(sobject, "updated") if not org.sobject(sobject.name).has("U") else no_access()
    if any(name.lower() == "id" for name in body):
        raise SalesforceError("INVALID_FIELD", "The Id field should not be specified in the sobject data.")
    _fail_when_told(by, str(before["Id"]))
    if before.get("IsConverted") and not by.may_edit_converted:
        raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    changes = _read(org, sobject, body, "U")
    _require(sobject, changes, only_given=True)
    rules.check_references(org, sobject, changes)
    if sobject.name == "Lead":
        changes |= assignment.on_update(org, by.auto_assign)
    _check_transfer(org, sobject, before, changes, by)
    _check_unique(org, sobject, changes, str(before["Id"]))
    change(org, sobject, before, changes, by)
    if sobject.name == "Lead":
        assignment.after_save(org, str(before["Id"]))


def change(org: Org, sobject: SObject, before: Row, changes: Row, by: Actor) -> None:
    """Store changes that are known to be good."""
    stamp = org.stamp() if by.stamp is None else by.stamp
    if "StageName" in changes and "Probability" not in changes:
        changes = changes | {"Probability": None}
    after = before | changes
    changes = changes | rules.derived(org, sobject, after)
    changes |= {"LastModifiedDate": stamp, "LastModifiedById": by.user_id, "SystemModstamp": stamp}
    known = {name: value for name, value in changes.items() if sobject.field(name)}
    org.store.update(sobject.name, str(before["Id"]), known)
    history.changed(org, sobject, before, changes, by.user_id, stamp)
    if sobject.name == "Task":
        rules.after_task(org, before | changes)


def delete(org: Org, object_name: str, record_id: str, by: Actor) -> None:
    """Put a record into the recycle bin; raises SalesforceError."""
    sobject = visible(by.schema, object_name)
    before = existing(org, sobject, record_id)
    if not sobject.has("D"):
        raise _cannot(sobject, "deleted") if not org.sobject(sobject.name).has("D") else no_access()
    _fail_when_told(by, str(before["Id"]))
    bin_it(org, sobject, before, by)


def bin_it(org: Org, sobject: SObject, before: Row, by: Actor, **more: Value) -> None:
    """Mark as deleted what has a mark, and remove the rest."""
    stamp = org.stamp() if by.stamp is None else by.stamp
    if sobject.field("IsDeleted") is None:
        org.store.remove(sobject.name, str(before["Id"]))
        return
    gone: Row = {"IsDeleted": 1, "SystemModstamp": stamp, "LastModifiedDate": stamp}
    org.store.update(sobject.name, str(before["Id"]), gone | {"LastModifiedById": by.user_id} | more)


def visible(schema: Schema, object_name: str) -> SObject:
    """The object as this user sees it; raises SalesforceError."""
    found = schema.get(object_name.lower())
    if found is None:
        raise not_found()
    return found


def existing(org: Org, sobject: SObject, given: str) -> Row:
    """The record with this id in 15 or 18 characters; raises SalesforceError."""
    full = ids.normal(given)
    if full is None or not full.startswith(sobject.prefix):
        if full is None and len(given) not in (15, 18):
            raise not_found(f"Provided external ID field does not exist or is not accessible: {given}")
        raise malformed_id(f"{sobject.label} ID", given)
    row = org.store.row(sobject.name, full)
    if row is None:
        raise not_found()
    if row.get("IsDeleted"):
        raise deleted()
    return row


def _read(org: Org, sobject: SObject, body: Mapping[str, object], flag: str) -> Row:
    """A body as what is to be stored; fields that must not be set are named together."""
    read: Row = {}
    refused: list[str] = []
    for name, given in body.items():
        if name.lower() == "attributes":
            continue
        one, value = _field_and_value(org, sobject, name, given)
        if not one.has(flag):
            refused.append(one.name)
        else:
            read[one.name] = value
    if refused:
        raise not_writable(refused)
    return read


def _field_and_value(org: Org, sobject: SObject, name: str, given: object) -> tuple[Field, Value]:
    one = sobject.field(name)
    if one is None and isinstance(given, dict) and sobject.relationship(name) is not None:
        return _by_external_id(org, sobject, name, given)
    if one is None:
        raise no_such_column(name, sobject.name)
    value = values.stored(one, given)
    if one.type == "reference" and value is not None:
        rules.target_object(org, one, str(value))
    return one, value


def _by_external_id(
    org: Org, sobject: SObject, name: str, given: Mapping[str, object]
) -> tuple[Field, Value]:
    """A parent named by an external id of its own: {"Owner": {"Username": "…"}}."""
    lookup = sobject.relationship(name)
    named = {key: value for key, value in given.items() if key.lower() != "attributes"}
    if lookup is None or len(named) != 1:
        raise bad_json(f"Cannot deserialize instance of {name} from START_OBJECT value")
    key, value = next(iter(named.items()))
    found = [row for parent in lookup.refers_to for row in org.by_key(parent, key, value)]
    if not found:
        message = (
            f"Foreign key external ID: {value} not found for field {key} in entity {lookup.refers_to[0]}"
        )
        raise SalesforceError("INVALID_FIELD", message)
    return lookup, found[0]["Id"]


def _require(sobject: SObject, given: Row, *, only_given: bool = False) -> None:
    asked = map(sobject.fields.__getitem__, map(str.lower, given)) if only_given else sobject
    missing = [one.name for one in asked if one.required and given.get(one.name) is None]
    if missing:
        message = f"Required fields are missing: [{', '.join(missing)}]"
        raise SalesforceError("REQUIRED_FIELD_MISSING", message, missing)


def _check_transfer(org: Org, sobject: SObject, before: Row, changes: Row, by: Actor) -> None:
    owner = changes.get("OwnerId")
    if owner is None or owner == before.get("OwnerId"):
        changes.pop("OwnerId", None)
        return
    if sobject.name == "Lead" and not by.may_transfer:
        raise no_access()
    rules.check_owner(org, sobject, str(owner))


def _check_unique(org: Org, sobject: SObject, row: Row, own_id: str | None) -> None:
    for name, value in row.items():
        one = sobject.field(name)
        if one is None or not one.has("Q") or value is None:
            continue
        for other in org.store.find(sobject.name, **{one.name: value}):
            if other["Id"] != own_id and not other.get("IsDeleted"):
                message = (
                    f"duplicate value found: {one.name} duplicates value on record with id: {other['Id']}"
                )
                raise SalesforceError("DUPLICATE_VALUE", message)


def _fail_when_told(by: Actor, record_id: str) -> None:
    if by.fault("row_lock", record_id) is not None:
        raise locked(record_id)
    fault = by.fault("row_fail", record_id)
    if fault is not None:
        code = fault.params.get("code", "FIELD_CUSTOM_VALIDATION_EXCEPTION")
        raise SalesforceError(code, fault.params.get("message", "A validation rule refuses this record."))


def locked(record_id: str) -> SalesforceError:
    """Someone else is writing this record."""
    message = f"unable to obtain exclusive access to this record or 1 records: {record_id}"
    return SalesforceError("UNABLE_TO_LOCK_ROW", message)


def _cannot(sobject: SObject, done: str) -> SalesforceError:
    message = f"entity type cannot be {done}: {sobject.label}"
    return SalesforceError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)


def _stamps(stamp: int, user_id: str) -> Row:
    return {
        "CreatedDate": stamp,
        "CreatedById": user_id,
        "LastModifiedDate": stamp,
        "LastModifiedById": user_id,
        "SystemModstamp": stamp,
    }


def _has_column(sobject: SObject, name: str) -> bool:
    return not (name == "Name" and sobject.name in ("Lead", "Contact", "User"))

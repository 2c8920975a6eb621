"""What Salesforce remembers of changes: field history of leads, stage history of opportunities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.store import Row, Value
from connector.sandbox.salesforce.times import shown

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

# Besides all custom fields.
TRACKED = ("OwnerId", "Status")
STAGE_FIELDS = ("StageName", "Amount", "Probability", "CloseDate")
COLUMNS = (
    "Id",
    "IsDeleted",
    "LeadId",
    "CreatedById",
    "CreatedDate",
    "Field",
    "DataType",
    "OldValue",
    "NewValue",
)
# Field, data type, old and new value.
Change = tuple[str, str | None, Value, Value]


def created(org: Org, sobject: SObject, row: Row, user_id: str, stamp: int) -> None:
    """A new record's first row of history."""
    if sobject.name == "Lead":
        noted(org, str(row["Id"]), "created", user_id, stamp)
    if sobject.name == "Opportunity":
        _keep_stage(org, {}, row, user_id, stamp)


def noted(org: Org, lead_id: str, what: str, user_id: str, stamp: int) -> None:
    """A row of a lead's history that is about no field: created, leadConverted, leadMerged."""
    _keep(org, lead_id, [(what, None, None, None)], user_id, stamp)


def changed(org: Org, sobject: SObject, before: Row, changes: Row, user_id: str, stamp: int) -> None:
    """A row for each tracked field that has another value than before."""
    other = {name: value for name, value in changes.items() if before.get(name) != value}
    if sobject.name == "Lead":
        _keep(org, str(before["Id"]), _lead_changes(org, sobject, before, other), user_id, stamp)
    if sobject.name == "Opportunity" and any(name in other for name in STAGE_FIELDS):
        _keep_stage(org, before, before | changes, user_id, stamp)


def _lead_changes(org: Org, sobject: SObject, before: Row, other: Row) -> Iterator[Change]:
    for name, new in other.items():
        one, old = sobject.field(name), before.get(name)
        if name == "OwnerId":
            # A change of owner is told twice, by name and by id.
            yield "Owner", "Text", org.owner_name(old), org.owner_name(new)
            yield "Owner", "EntityId", old, new
        elif one is not None and (one.custom or one.name in TRACKED):
            yield one.name, one.type.title(), _told(one, old), _told(one, new)


def _told(one: Field, value: Value) -> Value:
    if value is None:
        return None
    if one.type == "boolean":
        return "true" if value else "false"
    return shown(int(value)) if one.type == "datetime" else str(value)


def _keep(org: Org, lead_id: str, changes: Iterable[Change], user_id: str, stamp: int) -> None:
    history = org.sobject("LeadHistory")
    rows = [(org.new_id(history), 0, lead_id, user_id, stamp, *change) for change in changes]
    org.store.insert("LeadHistory", COLUMNS, rows)


def _keep_stage(org: Org, before: Row, after: Row, user_id: str, stamp: int) -> None:
    names = ("StageName", "Amount", "ExpectedRevenue", "CloseDate", "Probability", "ForecastCategory")
    row: Row = {
        "Id": org.new_id(org.sobject("OpportunityHistory")),
        "OpportunityId": after["Id"],
        "CreatedById": user_id,
        "CreatedDate": stamp,
        "SystemModstamp": stamp,
        "IsDeleted": 0,
        "PrevAmount": before.get("Amount"),
        "PrevCloseDate": before.get("CloseDate"),
        **{name: after.get(name) for name in names},
    }
    org.store.add("OpportunityHistory", row)

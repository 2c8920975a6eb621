"""What Salesforce remembers of changes: field history of leads, stage history of opportunities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.store import Row, Value
from connector.sandbox.salesforce.times import shown

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

# Besides all custom fields.
TRACKED = ("OwnerId", "Status")
STAGE_FIELDS = ("StageName", "Amount", "Probability", "CloseDate")


def created(org: Org, sobject: SObject, row: Row, user_id: str, stamp: int) -> None:
    """A new record's first row of history."""
    if sobject.name == "Lead":
        _lead_row(org, row["Id"], "created", None, None, None, user_id, stamp)
    if sobject.name == "Opportunity":
        _stage_row(org, {}, row, user_id, stamp)


def changed(org: Org, sobject: SObject, before: Row, changes: Row, user_id: str, stamp: int) -> None:
    """A row for each tracked field that has another value than before."""
    other = {name: value for name, value in changes.items() if before.get(name) != value}
    if sobject.name == "Lead":
        for one in (sobject.fields[name.lower()] for name in other if name.lower() in sobject.fields):
            if one.custom or one.name in TRACKED:
                _lead_change(org, one, before, other, user_id, stamp)
    if sobject.name == "Opportunity" and any(name in other for name in STAGE_FIELDS):
        _stage_row(org, before, before | changes, user_id, stamp)


def _lead_change(org: Org, one: Field, before: Row, changes: Row, user_id: str, stamp: int) -> None:
    old, new, lead = before.get(one.name), changes[one.name], before["Id"]
    if one.name != "OwnerId":
        _lead_row(org, lead, one.name, one.type.title(), _told(one, old), _told(one, new), user_id, stamp)
        return
    # A change of owner is told twice, by name and by id.
    _lead_row(org, lead, "Owner", "Text", org.owner_name(old), org.owner_name(new), user_id, stamp)
    _lead_row(org, lead, "Owner", "EntityId", old, new, user_id, stamp)


def _told(one: Field, value: Value) -> Value:
    if value is None:
        return None
    if one.type == "boolean":
        return "true" if value else "false"
    return shown(int(value)) if one.type == "datetime" else str(value)


def _lead_row(
    org: Org, lead: Value, field: str, kind: str | None, old: Value, new: Value, user_id: str, stamp: int
) -> None:
    row: Row = {
        "Id": org.new_id(org.sobject("LeadHistory")),
        "IsDeleted": 0,
        "LeadId": lead,
        "CreatedById": user_id,
        "CreatedDate": stamp,
        "Field": field,
        "DataType": kind,
        "OldValue": old,
        "NewValue": new,
    }
    org.store.add("LeadHistory", row)


def _stage_row(org: Org, before: Row, after: Row, user_id: str, stamp: int) -> None:
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

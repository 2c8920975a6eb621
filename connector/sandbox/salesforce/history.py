"""What Salesforce remembers of changes: field history of leads, stage history of opportunities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.store import Row, Value
from connector.sandbox.salesforce.times import shown

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

STAGE_FIELDS = ("StageName", "Amount", "Probability", "CloseDate")


def created(org: Org, sobject: SObject, row: Row, user_id: str, stamp: int) -> None:
    """A new record's first row of history."""
    if sobject.name == "Lead":
        _lead_row(org, row, "created", None, None, None, user_id, stamp)
    if sobject.name == "Opportunity":
        _stage_row(org, {}, row, user_id, stamp)


def changed(org: Org, sobject: SObject, before: Row, after: Row, user_id: str, stamp: int) -> None:
    """A row for each tracked field that has another value than before."""
    if sobject.name == "Lead":
        for one in org.tracked_lead_fields():
            if before.get(one.name) != after.get(one.name):
                _lead_change(org, one, before, after, user_id, stamp)
    if sobject.name == "Opportunity" and any(before.get(n) != after.get(n) for n in STAGE_FIELDS):
        _stage_row(org, before, after, user_id, stamp)


def _lead_change(org: Org, one: Field, before: Row, after: Row, user_id: str, stamp: int) -> None:
    old, new = before.get(one.name), after.get(one.name)
    if one.name != "OwnerId":
        _lead_row(org, after, one.name, one.type.title(), _told(one, old), _told(one, new), user_id, stamp)
        return
    # A change of owner is told twice, by name and by id.
    _lead_row(org, after, "Owner", "Text", org.owner_name(old), org.owner_name(new), user_id, stamp)
    _lead_row(org, after, "Owner", "EntityId", old, new, user_id, stamp)


def _told(one: Field, value: Value) -> Value:
    if value is None:
        return None
    if one.type == "boolean":
        return "true" if value else "false"
    return shown(int(value)) if one.type == "datetime" else str(value)


def _lead_row(
    org: Org, lead: Row, field: str, kind: str | None, old: Value, new: Value, user_id: str, stamp: int
) -> None:
    row: Row = {
        "Id": org.new_id(org.sobject("LeadHistory")),
        "IsDeleted": 0,
        "LeadId": lead["Id"],
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

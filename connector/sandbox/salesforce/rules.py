"""What Salesforce itself makes of a record when it is saved: owners, partner accounts, stages, defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from connector.sandbox.salesforce.errors import SalesforceError, malformed_id
from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.store import Row, Value
from connector.sandbox.salesforce.times import moment

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

MAY_OWN = ("Standard", "PowerPartner", "CustomerSuccess", "PowerCustomerSuccess", "AutomatedProcess")
PARTNER = "PowerPartner"


def check_references(org: Org, sobject: SObject, values: Mapping[str, Value]) -> None:
    """Refuse a lookup to a record that is not there or of a wrong object; raises SalesforceError."""
    for name, value in values.items():
        one = sobject.field(name)
        if one is None or one.type != "reference" or value is None:
            continue
        if org.target(one, str(value)) is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [name])


def target_object(org: Org, one: Field, value: str) -> str:
    """The object that a lookup's value belongs to; raises SalesforceError when the lookup cannot hold it."""
    for name in one.refers_to:
        known = org.schema.get(name.lower())
        if known is not None and value.startswith(known.prefix):
            return known.name
    raise malformed_id(one.label, value, one.name)


def check_owner(org: Org, sobject: SObject, owner_id: str) -> None:
    """Refuse an owner who cannot own records of this object; raises SalesforceError."""
    if owner_id.startswith("00G"):
        _check_queue(org, sobject, owner_id)
        return
    user = org.store.row("User", owner_id) or {}
    if not user.get("IsActive"):
        message = f"operation performed with inactive user [{owner_id}] as owner of {sobject.label.lower()}"
        raise SalesforceError("INACTIVE_OWNER_OR_USER", message)
    if user.get("UserType") not in MAY_OWN:
        raise SalesforceError("OP_WITH_INVALID_USER_TYPE_EXCEPTION", "Operation not valid for this user type")
    if owner_id in org.cannot_read_leads and sobject.name == "Lead":
        message = "The new owner must have read permission on the object"
        raise SalesforceError("TRANSFER_REQUIRES_READ", message, ["OwnerId"])


def _check_queue(org: Org, sobject: SObject, group_id: str) -> None:
    group = org.store.row("Group", group_id) or {}
    if group.get("Type") != "Queue":
        raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ["OwnerId"])
    if not any(org.store.find("QueueSobject", QueueId=group_id, SobjectType=sobject.name)):
        raise SalesforceError("INVALID_OPERATION", "Queue not associated with this SObject type")


def derived(org: Org, sobject: SObject, row: Row) -> Row:
    """The fields that follow from others of the same record."""
    made: Row = {}
    for rule in _RULES.get(sobject.name, ()):
        made |= dict(rule(org, row | made))
    return made


Derived = Iterator[tuple[str, Value]]


def _partner_account(org: Org, row: Row) -> Derived:
    """The account of the partner user who owns the record; null for any other owner."""
    owner = org.user(str(row["OwnerId"])) if str(row["OwnerId"]).startswith("005") else None
    is_partner = owner is not None and owner["UserType"] == PARTNER
    yield "PartnerAccountId", owner["AccountId"] if owner is not None and is_partner else None


def _stage(org: Org, row: Row) -> Derived:
    stage = next(org.store.find("OpportunityStage", ApiName=row["StageName"]), {})
    yield "IsClosed", stage.get("IsClosed", 0)
    yield "IsWon", stage.get("IsWon", 0)
    yield "ForecastCategory", stage.get("ForecastCategory", "Pipeline")
    yield "ForecastCategoryName", stage.get("ForecastCategoryName", "Pipeline")
    if row.get("Probability") is None:
        yield "Probability", stage.get("DefaultProbability", 10)


def _money(org: Org, row: Row) -> Derived:
    amount, probability = row.get("Amount"), row.get("Probability")
    expected = None if amount is None else round(float(amount) * float(probability or 0) / 100, 2)
    yield "ExpectedRevenue", expected


def _fiscal(org: Org, row: Row) -> Derived:
    year, month = (int(part) for part in str(row["CloseDate"]).split("-")[:2])
    quarter = (month + 2) // 3
    yield "FiscalYear", year
    yield "FiscalQuarter", quarter
    yield "Fiscal", f"{year} {quarter}"


def _task(org: Org, row: Row) -> Derived:
    closed = row.get("Status") == "Completed"
    yield "IsClosed", int(closed)
    yield "CompletedDateTime", row.get("CompletedDateTime") or (org.stamp() if closed else None)
    yield "IsHighPriority", int(row.get("Priority") == "High")


def _member(org: Org, row: Row) -> Derived:
    yield "HasResponded", int(row.get("Status") == "Responded")


def check_member(org: Org, row: Row) -> None:
    """Refuse a campaign member without anybody, or a second one of the same; raises SalesforceError."""
    who = "LeadId" if row.get("LeadId") else "ContactId"
    if row.get(who) is None:
        raise SalesforceError("REQUIRED_FIELD_MISSING", "Required fields are missing: [LeadId]", ["LeadId"])
    same = {"CampaignId": row["CampaignId"], who: row[who]}
    if any(not other.get("IsDeleted") for other in org.store.find("CampaignMember", **same)):
        raise SalesforceError("DUPLICATE_VALUE", "Already a campaign member.")


_RULES = {
    "CampaignMember": (_member,),
    "Lead": (_partner_account,),
    "Opportunity": (_partner_account, _stage, _money, _fiscal),
    "Task": (_task,),
}


def after_task(org: Org, row: Row) -> None:
    """A completed task is the last activity of the lead that it is about."""
    who = str(row.get("WhoId") or "")
    if who.startswith("00Q") and row.get("IsClosed"):
        day = row.get("ActivityDate") or moment(org.stamp()).date().isoformat()
        org.store.update("Lead", who, {"LastActivityDate": day})


def defaults(org: Org, sobject: SObject, user_id: str) -> Row:
    """What a new record has when nothing else was said."""
    given: Row = {one.name: 0 for one in sobject if one.type == "boolean"}
    given.update(_DEFAULTS.get(sobject.name, {}))
    if sobject.field("OwnerId") is not None:
        given["OwnerId"] = user_id
    if sobject.field("RecordTypeId") is not None:
        given["RecordTypeId"] = org.default_record_types.get(sobject.name)
    return given


_DEFAULTS: dict[str, Row] = {
    "Lead": {"Status": "Open - Not Contacted", "IsUnreadByOwner": 1},
    "Task": {"Status": "Not Started", "Priority": "Normal", "TaskSubtype": "Task"},
    "CampaignMember": {"Status": "Sent"},
    "User": {"IsActive": 1, "UserType": "Standard"},
    "RecordType": {"IsActive": 1},
}

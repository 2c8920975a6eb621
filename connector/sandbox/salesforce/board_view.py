"""What a Salesforce user sees: leads by routing status, opportunities by stage, one record in full."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from connector.sandbox.cards import Card, Column, Detail
from connector.sandbox.salesforce import writes
from connector.sandbox.salesforce.registrations import DEAL_REGISTRATION, STATES
from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.store import Row, Value, quoted
from connector.sandbox.salesforce.times import moment, shown

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

# What a column of the board is, as SQL, and the object that holds its names in order.
BOARDS: dict[str, tuple[str, str | None]] = {
    "Lead": ('coalesce("Routing_Status__c", "Registration_Status__c", "Status")', "LeadStatus"),
    "Opportunity": ('coalesce("Registration_Status__c", "StageName")', "OpportunityStage"),
    DEAL_REGISTRATION: ("coalesce(\"Registration_Status__c\", 'Submitted')", None),
}
NOTES = {"leadMerged": "Merged with another lead", "leadConverted": "Converted"}
QUIET_FIELDS = ("Id", "SystemModstamp", "IsDeleted", "Routing_Reason__c", "Registration_Reason__c")


def columns(org: Org, object_name: str, partner: str | None, limit: int) -> list[Column]:
    """Columns in the order of statuses or stages, then the others by name; empty statuses are left out."""
    name_sql, listed = BOARDS[object_name]
    where, given = _filter(org, object_name, partner)
    table = quoted(object_name)
    counted = org.store.run(f"SELECT {name_sql}, count(*) FROM {table} WHERE {where} GROUP BY 1", given)  # noqa: S608
    totals: dict[str, int] = {str(name): int(total) for name, total in counted}
    order = [str(row["MasterLabel"]) for row in org.store.find(listed)] if listed else list(STATES)
    shown_first = [name for name in order if name in totals or object_name == "Opportunity"]
    rest = sorted(set(totals) - set(order))
    return [
        Column(name, totals.get(name, 0), _cards(org, object_name, name, where, given, limit))
        for name in [*shown_first, *rest]
    ]


def _filter(org: Org, object_name: str, partner: str | None) -> tuple[str, tuple[Value, ...]]:
    if not partner:
        return '"IsDeleted" = 0', ()
    if object_name != "Opportunity":
        return '"IsDeleted" = 0 AND "Partner__c" = ?', (partner,)
    accounts = 'SELECT "Id" FROM "Account" WHERE "Name" = ?'
    theirs = f'"Partner__c" = ? OR "PartnerAccountId" IN ({accounts})'
    return f'"IsDeleted" = 0 AND ({theirs})', (partner, partner)


def _cards(
    org: Org, object_name: str, name: str, where: str, given: tuple[Value, ...], limit: int
) -> tuple[Card, ...]:
    name_sql, table = BOARDS[object_name][0], quoted(object_name)
    found = org.store.run(
        f'SELECT "Id" FROM {table} WHERE {where} AND {name_sql} = ? ORDER BY "SystemModstamp" DESC LIMIT ?',  # noqa: S608
        (*given, name, limit),
    )
    rows = (org.store.row(object_name, record_id) for (record_id,) in found.fetchall())
    return tuple(card(org, row) for row in rows if row is not None)


def card(org: Org, row: Row) -> Card:
    """A record as a card."""
    account = org.store.row("Account", str(row.get("AccountId") or "")) or {}
    partner = org.store.row("Account", str(row.get("PartnerAccountId") or "")) or {}
    return Card(
        id=str(row["Id"]),
        title=str(row.get("Name") or row["Id"]),
        company=_text(row.get("Company") or account.get("Name") or row.get("Customer_Name__c")),
        owner=org.owner_name(row.get("OwnerId")),
        partner=_text(row.get("Partner__c") or partner.get("Name")),
        score=_text(row.get("Routing_Score__c")),
        route=_text(row.get("Routing_Route__c")),
        status=_text(
            row.get("Routing_Status__c")
            or row.get("Registration_Status__c")
            or row.get("Status")
            or row.get("StageName")
        ),
        country=_text(row.get("Country") or row.get("BillingCountry") or row.get("Customer_Country__c")),
        amount=_text(row.get("Expected_Amount__c") or row.get("Amount") or row.get("Amount__c")),
        reason=_text(row.get("Registration_Reason__c")),
        until=_until(row.get("Registration_Expires__c")),
    )


def _until(stamp: Value) -> str:
    return f"{moment(int(stamp)):%Y-%m-%d %H:%M}" if stamp else ""


def _text(value: Value) -> str:
    return (
        f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str("" if value is None else value)
    )


def detail(org: Org, object_name: str, record_id: str) -> Detail:
    """A record with its fields by label and what happened to it, newest first; raises SalesforceError."""
    sobject = org.sobject(object_name)
    row = writes.existing(org, sobject, record_id)
    told = [one for one in sobject if _worth_telling(one, row)]
    return Detail(
        card=card(org, row),
        fields={one.label.removesuffix(" ID"): _told(org, one, row[one.name]) for one in told},
        reason=_text(row.get("Routing_Reason__c") or row.get("Registration_Reason__c")),
        history=_history(org, sobject, row),
    )


def _worth_telling(one: Field, row: Row) -> bool:
    return one.name not in QUIET_FIELDS and row.get(one.name) is not None


def _told(org: Org, one: Field, value: Value) -> str:
    if one.type == "reference":
        return _named(org, one, str(value))
    if one.type == "datetime":
        return shown(int(value or 0)).replace("T", " ").removesuffix(".000+0000")
    return ("Yes" if value else "No") if one.type == "boolean" else _text(value)


def _named(org: Org, one: Field, value: str) -> str:
    for name in one.refers_to:
        row = org.store.row(name, value) if name.lower() in org.schema else None
        if row is not None:
            return _text(row.get("Name") or value)
    return value


def _history(org: Org, sobject: SObject, row: Row) -> list[tuple[datetime, str, str]]:
    created = (moment(int(row["CreatedDate"] or 0)), org.owner_name(row["CreatedById"]), "Created")
    told = [_change(org, each) for each in _changes(org, sobject, str(row["Id"]))]
    return [*reversed(told), created]


def _changes(org: Org, sobject: SObject, record_id: str) -> list[Row]:
    if sobject.name == "Lead":
        rows = org.store.find("LeadHistory", LeadId=record_id)
        return [row for row in rows if row["Field"] != "created" and row["DataType"] != "EntityId"]
    if sobject.name == "Opportunity":
        return list(org.store.find("OpportunityHistory", OpportunityId=record_id))[1:]
    return []


def _change(org: Org, row: Row) -> tuple[datetime, str, str]:
    if "StageName" in row:
        what = f"Stage: {_text(row['StageName'])}, amount: {_text(row['Amount'])}"
    elif row["Field"] in NOTES:
        what = NOTES[str(row["Field"])]
    else:
        one = org.sobject("Lead").field(str(row["Field"]))
        what = f"{one.label if one else row['Field']}: {_text(row['NewValue']) or '(cleared)'}"
    return moment(int(row["CreatedDate"] or 0)), org.owner_name(row["CreatedById"]), what

"""Turns neutral leads into rows quickly: names are translated and declared once, rows go in by the batch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from connector.sandbox.cards import NeutralLead
from connector.sandbox.programme import PARTNER_COMPANIES
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.schema import Field
from connector.sandbox.salesforce.store import Row, Value
from connector.sandbox.salesforce.values import stored

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

NAMES = {
    "first_name": "FirstName",
    "last_name": "LastName",
    "title": "Title",
    "email": "Email",
    "phone": "Phone",
    "company": "Company",
    "website": "Website",
    "street": "Street",
    "city": "City",
    "state": "State",
    "postal_code": "PostalCode",
    "country": "Country",
    "industry": "Industry",
    "employees": "NumberOfEmployees",
    "annual_revenue": "AnnualRevenue",
    "lead_source": "LeadSource",
    "description": "Description",
    "created_at": "CreatedDate",
    "product": "Product__c",
    "budget": "Budget__c",
    "need": "Need__c",
    "timeline": "Timeline__c",
    "authority": "Decision_Maker__c",
    "expected_amount": "Expected_Amount__c",
    "sharing_consent": "Share_OK__c",
}
# Company and last name are required in Salesforce; forms fill in what a visitor left out.
PLACEHOLDERS: Row = {"LastName": "[not provided]", "Company": "[not provided]"}
BATCH = 2000
IMPORTER = "marketing@acme.example"
DIRECT_EVERY = 20


class Loader:
    """Loads leads for one org."""

    def __init__(self, org: Org, *, spread: bool, stamps_over: float) -> None:
        self._org = org
        self._lead = org.sobject("Lead")
        self._stamp = org.stamp()
        self._stamps_over = stamps_over
        self._fields: dict[str, Field] = {}
        self._places = _places(org) if spread else [_queue(org)]
        self._record_types = org.record_types("Lead")
        self._blank = self._new_blank()

    def load(self, leads: Iterable[NeutralLead]) -> int:
        """Store the leads; returns how many."""
        before = self._org.store.size("Lead")
        for some in _batches(leads):
            rows = [self._row(lead) for lead in some]
            names = tuple(dict.fromkeys(name for row in rows for name in row))
            self._org.store.insert("Lead", names, (tuple(map(row.get, names)) for row in rows))
        if self._stamps_over:
            self._spread_stamps(before)
        return self._org.store.size("Lead") - before

    def _row(self, lead: NeutralLead) -> Row:
        row: Row = dict(self._blank)
        for name, given in lead.items():
            one = self._fields.get(name) or self._declared(name)
            value = _tolerant(one, given)
            if value is not None:
                row[one.name] = value
        number = self._org.store.last_number("Lead")
        row["Id"] = self._org.new_id(self._lead)
        row |= self._places[number * 37 % len(self._places)]
        row["RecordTypeId"] = self._record_types[
            "Direct_Lead" if number % DIRECT_EVERY == 7 else "Partner_Lead"
        ]
        row["CreatedDate"] = min(int(row["CreatedDate"] or 0), self._stamp)
        return row

    def _new_blank(self) -> Row:
        flags: Row = {one.name: 0 for one in self._lead if one.type == "boolean"}
        stamps = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), self._stamp)
        people = dict.fromkeys(("CreatedById", "LastModifiedById"), self._org.owner_id(IMPORTER))
        fixed: Row = {"Status": "Open - Not Contacted", "IsUnreadByOwner": 1}
        return {**flags, **fixed, **stamps, **people, **PLACEHOLDERS}

    def _declared(self, name: str) -> Field:
        own = NAMES.get(name) or f"{_identifier(name)}__c"
        self._org.declare_field("Lead", own, label=name)
        self._fields[name] = self._lead.fields[own.lower()]
        return self._fields[name]

    def _spread_stamps(self, before: int) -> None:
        """Give the newest leads stamps evenly over the last seconds, in order of their ids."""
        seconds, count = int(self._stamps_over), self._org.store.size("Lead") - before
        self._org.store.run(
            'UPDATE "Lead" SET "SystemModstamp" = ? + (rowid - ?) * ? / ? WHERE rowid > ?',
            (self._stamp - seconds, before, seconds, count, before),
        )


def _identifier(name: str) -> str:
    """A field name from any heading: Lead_Number from "Lead Number"."""
    words = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")[:40].rstrip("_") or "Column"
    return words if words[0].isalpha() else f"X{words}"


def _tolerant(one: Field, given: str | int | float | bool | None) -> Value:
    """The value as stored; a loader cuts what is too long and leaves out what it cannot read."""
    if isinstance(given, str) and one.length and len(given) > one.length:
        given = given[: one.length]
    try:
        return stored(one, given)
    except SalesforceError:
        return None


def _batches(leads: Iterable[NeutralLead]) -> Iterator[tuple[NeutralLead, ...]]:
    remaining = iter(leads)
    while some := tuple(islice(remaining, BATCH)):
        yield some


def _queue(org: Org) -> Row:
    return {"OwnerId": org.owner_id("Web_Intake")}


def _places(org: Org) -> list[Row]:
    """A hundred places in turn: 75 in the queue, 12 with marketing, 8 with a salesperson, 5 with partners."""
    marketing: Row = {"OwnerId": org.owner_id("marketing@acme.example")}
    direct: list[Row] = [
        {"OwnerId": org.owner_id(email)} for email in ("dora.direct@acme.example", "sam.selling@acme.example")
    ]
    return [_queue(org)] * 75 + [marketing] * 12 + direct * 4 + [_partner(org, number) for number in range(5)]


def _partner(org: Org, number: int) -> Row:
    company = PARTNER_COMPANIES[number]
    owner = org.user(org.owner_id(company.people[0].email)) or {}
    return {"OwnerId": owner["Id"], "PartnerAccountId": owner["AccountId"], "Partner__c": company.name}

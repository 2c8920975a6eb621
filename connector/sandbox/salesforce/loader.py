"""Turns neutral leads into rows quickly: names are translated and declared once, rows go in by the batch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from connector.sandbox.cards import NeutralLead
from connector.sandbox.programme import PARTNER_COMPANIES
from connector.sandbox.salesforce import ids
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.schema import DECIMALS, TEXT, Field
from connector.sandbox.salesforce.store import Row, Value
from connector.sandbox.salesforce.values import stored

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

NeutralValue = str | int | float | bool | None
Reading = Callable[[NeutralValue], Value]
# Owner, partner account and the name of the partner.
Place = tuple[Value, Value, Value]

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
SPREAD = 7919
IMPORTER = "marketing@acme.example"
DIRECT_EVERY = 20


class Loader:
    """Loads leads for one org."""

    def __init__(self, org: Org, *, spread: bool, stamps_over: float) -> None:
        self._org = org
        self._lead = org.sobject("Lead")
        self._stamp = org.stamp()
        self._stamps_over = int(stamps_over)
        self._places = _places(org) if spread else [_queue(org)]
        self._record_types = org.record_types("Lead")
        self._columns: list[str] = []
        self._blank: list[Value] = []
        self._reading: dict[str, tuple[int, Reading]] = {}
        self._number = org.store.last_number("Lead")
        for name, value in self._common().items():
            self._column(name, value)

    def load(self, leads: Iterable[NeutralLead]) -> int:
        """Store the leads; returns how many."""
        loaded = 0
        for some in _batches(leads):
            rows = [self._row(lead) for lead in some]
            width = len(self._columns)
            with self._org.store.all_or_none():
                self._org.store.insert(
                    "Lead", self._columns, (row + self._blank[len(row) : width] for row in rows)
                )
            loaded += len(rows)
        return loaded

    def _row(self, lead: NeutralLead) -> list[Value]:
        """The values of one lead in the order of the columns known so far."""
        readings = [(self._reading.get(name) or self._known(name), given) for name, given in lead.items()]
        row = self._blank.copy()
        for (at, read), given in readings:
            value = read(given)
            if value is not None:
                row[at] = value
        self._number = self._org.store.next_number("Lead")
        record_type = "Direct_Lead" if self._number % DIRECT_EVERY == 7 else "Partner_Lead"
        changed = self._stamp - (self._number * SPREAD % self._stamps_over if self._stamps_over else 0)
        row[:4] = (
            ids.new_id(self._lead.prefix, self._number),
            self._record_types[record_type],
            changed,
            changed,
        )
        row[4:7] = self._places[self._number * 37 % len(self._places)]
        row[7] = min(int(row[7] or changed), changed)
        return row

    def _common(self) -> Row:
        """What all leads have; those that `_row` sets come first."""
        own = ("Id", "RecordTypeId", "SystemModstamp", "LastModifiedDate")
        owner = ("OwnerId", "PartnerAccountId", "Partner__c")
        first: Row = dict.fromkeys((*own, *owner, "CreatedDate"))
        people = dict.fromkeys(("CreatedById", "LastModifiedById"), self._org.owner_id(IMPORTER))
        flags: Row = {one.name: 0 for one in self._lead if one.type == "boolean"}
        fixed: Row = {"Status": "Open - Not Contacted", "IsUnreadByOwner": 1}
        return {**first, **flags, **fixed, **people, **PLACEHOLDERS}

    def _column(self, name: str, value: Value) -> int:
        if name not in self._columns:
            self._columns.append(name)
            self._blank.append(value)
        return self._columns.index(name)

    def _known(self, name: str) -> tuple[int, Reading]:
        """Where a neutral name goes and how its values are read; an unknown one is declared as a field."""
        own = NAMES.get(name) or f"{_identifier(name)}__c"
        self._org.declare_field("Lead", own, label=name)
        self._reading[name] = self._column(own, None), _reading(self._lead.fields[own.lower()])
        return self._reading[name]


def _identifier(name: str) -> str:
    """A field name from any heading: Lead_Number from "Lead Number"."""
    words = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")[:40].rstrip("_") or "Column"
    return words if words[0].isalpha() else f"X{words}"


def _reading(one: Field) -> Reading:
    """How values of a field are read: what is too long is cut, what is not of its type is left out."""

    def text(given: NeutralValue) -> Value:
        return str(given).strip()[: one.length] or None if given is not None else None

    def number(given: NeutralValue) -> Value:
        return given if type(given) in (int, float) else other(given)

    def other(given: NeutralValue) -> Value:
        try:
            return stored(one, given)
        except SalesforceError:
            return None

    if one.type in DECIMALS:
        return number
    return text if one.type in TEXT and one.type != "email" else other


def _batches(leads: Iterable[NeutralLead]) -> Iterator[tuple[NeutralLead, ...]]:
    remaining = iter(leads)
    while some := tuple(islice(remaining, BATCH)):
        yield some


def _queue(org: Org) -> Place:
    return org.owner_id("Web_Intake"), None, None


def _places(org: Org) -> list[Place]:
    """A hundred places in turn: 75 in the queue, 12 with marketing, 8 with a salesperson, 5 with partners."""
    marketing = org.owner_id("marketing@acme.example"), None, None
    direct = [
        (org.owner_id(email), None, None)
        for email in ("dora.direct@acme.example", "sam.selling@acme.example")
    ]
    return [_queue(org)] * 75 + [marketing] * 12 + direct * 4 + [_partner(org, number) for number in range(5)]


def _partner(org: Org, number: int) -> Place:
    company = PARTNER_COMPANIES[number]
    owner = org.user(org.owner_id(company.people[0].email)) or {}
    return owner["Id"], owner["AccountId"], company.name

"""Filling the portal: the vendor's people and partners, and leads from a generator or a file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.sandbox.cards import NeutralLead
from connector.sandbox.hubspot.definitions import Option, Property
from connector.sandbox.hubspot.kinds import COMPANIES, CONTACTS, DEALS, LEADS, REGISTRATIONS
from connector.sandbox.hubspot.owners import Owner
from connector.sandbox.hubspot.pipelines import standard_pipelines
from connector.sandbox.hubspot.records import IMPORT, Record
from connector.sandbox.hubspot.stamps import parse, stamp
from connector.sandbox.hubspot.standard import CUSTOM_GROUP
from connector.sandbox.hubspot.table import Table
from connector.sandbox.programme import NURTURE, PARTNER_COMPANIES, VENDOR_PEOPLE, PartnerCompany, Person

if TYPE_CHECKING:
    from connector.sandbox.hubspot.portal import Portal

NAMES = {
    "first_name": "firstname",
    "last_name": "lastname",
    "title": "jobtitle",
    "street": "address",
    "postal_code": "zip",
    "employees": "company_size",
    "annual_revenue": "annualrevenue",
    "description": "message",
    "product": "product_interest",
    "authority": "decision_maker",
}
SHARED_TEXTS = 2000
UNMAPPED = re.compile(r"[^a-z0-9]+")


def seed_programme(portal: Portal) -> None:
    """Owners for everyone with a HubSpot seat, companies for the partners, and the pipelines."""
    for person in VENDOR_PEOPLE:
        _add_owner(portal, person, "Acme")
    for company in PARTNER_COMPANIES:
        for person in company.people:
            _add_owner(portal, person, company.name)
        _add_company(portal, company)
    portal.lists.add(NURTURE, CONTACTS.type_id, "MANUAL", portal.now_ms())
    pipelines = standard_pipelines(portal.now_ms())
    for kind in (DEALS, LEADS, REGISTRATIONS):
        for pipeline in pipelines[kind.name].values():
            portal.add_pipeline(kind, pipeline)


def _add_owner(portal: Portal, person: Person, team: str) -> None:
    if not person.hubspot:
        return
    number = len(portal.owners)
    portal.owners.add(
        Owner(
            id=str(41629700 + 37 * number),
            user_id=9586500 + number,
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            created_at=portal.now_ms(),
            archived=not person.active,
            team=team if person.active else "",
        )
    )


def _add_company(portal: Portal, company: PartnerCompany) -> None:
    table, now = portal.table(COMPANIES), portal.now_ms()
    values = {
        "name": company.name,
        "domain": company.domain,
        "country": company.country,
        "type": "PARTNER",
        "programme_level": company.programme_level,
    }
    table.insert(Record(table.new_id(), now, now, values, IMPORT))


def add_leads(portal: Portal, leads: Iterable[NeutralLead], owners: str) -> int:
    """Contacts from neutral leads, by the rules of `Portal.add_leads`."""
    table = portal.table(CONTACTS)
    loader = _Loader(portal, table, spread=owners == "spread")
    before = len(table)
    for lead in leads:
        loader.load(lead)
    table.index.tidy()
    return len(table) - before


class _Column:
    """A neutral name, as the contact's own property."""

    def __init__(self, name: str, options: Iterable[str]) -> None:
        self.name = name
        self.options = set(options)
        self.is_closed = bool(self.options)
        self.seen: dict[str, str] = {}

    def shared(self, text: str) -> str:
        """The same text, as one object for many records where there are few different ones."""
        if len(self.seen) < SHARED_TEXTS:
            return self.seen.setdefault(text, text)
        return self.seen.get(text, text)


class _Loader:
    """Turns leads into contacts quickly: names are translated and declared once."""

    def __init__(self, portal: Portal, table: Table, *, spread: bool) -> None:
        self._table = table
        self._now = portal.now_ms()
        self._columns: dict[str, _Column] = {}
        self._loaded = 0
        self._placements = _placements(portal) if spread else []

    def load(self, lead: NeutralLead) -> None:
        """One row; a known e-mail address changes the contact that has it, as an import does."""
        values = self._values(lead)
        holder = self._table.holder("email", values.get("email", ""))
        if holder is not None:
            self._table.records[holder].values.update(values)
            return
        self._insert(values, lead.get("created_at"))

    def _values(self, lead: NeutralLead) -> dict[str, str]:
        values: dict[str, str] = {}
        for name, value in lead.items():
            if value is None or value == "" or name == "created_at":
                continue
            column = self._columns.get(name) or self._declare(name)
            text = value.strip() if type(value) is str else _text(value)
            if column.is_closed and text not in column.options:
                self._allow(column, text)
            values[column.name] = column.shared(text)
        if "email" in values:
            values["email"] = values["email"].lower()
        return values

    def _insert(self, values: dict[str, str], created_at: object) -> None:
        values.setdefault("lifecyclestage", "lead")
        created = (parse(str(created_at)) if created_at else None) or self._now
        if self._placements:
            values.update(self._placements[self._loaded * 37 % len(self._placements)])
        if "hubspot_owner_id" in values:
            values["hubspot_owner_assigneddate"] = stamp(created)
        self._loaded += 1
        self._table.insert(Record(self._table.new_id(), created, created, values, IMPORT))

    def _declare(self, name: str) -> _Column:
        own = NAMES.get(name) or UNMAPPED.sub("_", name.lower()).strip("_") or "column"
        own = own if own[0].isalpha() else f"x_{own}"
        if own not in self._table.properties:
            self._table.properties[own] = Property(
                own, name, group=CUSTOM_GROUP, hubspot_defined=False, created_at=self._now
            )
        self._columns[name] = _Column(own, self._table.properties[own].values)
        return self._columns[name]

    def _allow(self, column: _Column, text: str) -> None:
        definition = self._table.properties[column.name]
        options = (*definition.options, Option(text, text))
        self._table.properties[column.name] = replace(definition, options=options)
        column.options.add(text)


def _text(value: str | int | float | bool | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()


def _placements(portal: Portal) -> list[dict[str, str]]:
    """A hundred places in turn: 75 without owner, 12 marketing, 8 with a salesperson, 5 with a partner."""
    direct = [_owned(portal, email) for email in ("dora.direct@acme.example", "sam.selling@acme.example")]
    marketing = _owned(portal, "marketing@acme.example")
    seated = [each for each in PARTNER_COMPANIES if portal.owners.by_email(each.people[0].email)]
    partners = [_owned(portal, each.people[0].email) | {"partner": each.name} for each in seated[:5]]
    return [{}] * 75 + [marketing] * 12 + direct * 4 + partners


def _owned(portal: Portal, email: str) -> dict[str, str]:
    owner = portal.owners.by_email(email)
    return {"hubspot_owner_id": owner.id} if owner else {}

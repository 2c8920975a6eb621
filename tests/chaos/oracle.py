"""Says from the CRMs alone whether every lead ended well; it shares no code with the product.

It reads each CRM's records and their histories over HTTP, and the admin's file with the standard library.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.eyes import Org, Portal

_LEADS = "SELECT Id, OwnerId, Partner__c, Routing_Status__c, Share_OK__c FROM Lead"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a field, oldest first in a record's history; `ours` when the integration made it."""

    field: str
    to: str | None
    ours: bool


@dataclass(frozen=True, slots=True)
class Record:
    """What a CRM holds of a lead, and how it came about. Owners are names such as `user:anna@x.example`."""

    id: str
    owner: str | None
    partner: str | None
    status: str | None
    consent: bool
    history: tuple[Change, ...]


@dataclass(slots=True)
class Findings:
    """What was counted and what is wrong; `violations` are sentences."""

    leads: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    by_partner: Counter[str] = field(default_factory=Counter)
    furthest: float = 0.0
    violations: list[str] = field(default_factory=list)


class SalesforceEye:
    """Looks at Leads and LeadHistory with SOQL."""

    def __init__(self, base: str, key: str, secret: str):
        self._org = Org(base, key, secret)

    def records(self) -> list[Record]:
        owners, integration = self._org.owners(), self._org.integration()
        history: dict[str, list[Change]] = {}
        changes = "SELECT LeadId, Field, NewValue, CreatedById FROM LeadHistory ORDER BY CreatedDate, Id"
        for row in self._org.query(changes):
            # An owner's change is told twice, by name and by id; ids are what can be compared.
            to = str(row["NewValue"]) if row["NewValue"] is not None else None
            if row["Field"] == "Owner" and to not in owners:
                continue
            ours = row["CreatedById"] == integration
            change = Change(row["Field"], owners.get(to or "", to), ours)
            history.setdefault(row["LeadId"], []).append(change)
        return [
            Record(
                row["Id"],
                owners.get(row["OwnerId"]),
                row["Partner__c"],
                row["Routing_Status__c"],
                row["Share_OK__c"] is True,
                tuple(history.get(row["Id"], ())),
            )
            for row in self._org.query(_LEADS)
        ]


class HubSpotEye:
    """Looks at contacts and the histories of their properties."""

    def __init__(self, base: str, token: str):
        self._portal = Portal(base, token)

    def records(self) -> list[Record]:
        owners = self._portal.owners()
        query = {
            "properties": "hubspot_owner_id,partner,routing_status,sharing_consent",
            "propertiesWithHistory": "hubspot_owner_id,partner",
        }
        return [self._record(row, owners) for row in self._portal.records("contacts", query)]

    def _record(self, row: Mapping[str, Any], owners: Mapping[str, str]) -> Record:
        held, past = row["properties"], row["propertiesWithHistory"]
        return Record(
            row["id"],
            owners.get(held["hubspot_owner_id"] or ""),
            held["partner"] or None,
            held["routing_status"] or None,
            held["sharing_consent"] == "true",
            tuple(
                Change("Owner" if name == "hubspot_owner_id" else name, _named(each, owners), _ours(each))
                for name in ("hubspot_owner_id", "partner")
                for each in reversed(past.get(name, ()))
            ),
        )


def _named(change: Mapping[str, Any], owners: Mapping[str, str]) -> str | None:
    value = change["value"] or None
    return owners.get(str(value), value)


def _ours(change: Mapping[str, Any]) -> bool:
    return bool(change["sourceType"] == "INTEGRATION")


def judge(config: Path, crms: Mapping[str, Sequence[Record]]) -> Findings:
    """Hold every record against what the admin's file promises."""
    with config.open("rb") as file:
        rules = tomllib.load(file)
    found = Findings()
    for crm, records in crms.items():
        for record in records:
            found.leads += 1
            found.violations += [f"{crm}:{record.id} {wrong}" for wrong in _wrong(rules, crm, record)]
            found.statuses[record.status or "none"] += 1
            if record.status == "Assigned":
                found.by_partner[str(record.partner)] += 1
    found.furthest = _furthest(rules, found.by_partner)
    return found


def _wrong(rules: Mapping[str, Any], crm: str, record: Record) -> Iterator[str]:
    """What is wrong with one record."""
    ours = [change for change in record.history if change.ours]
    partners = [c.to for c in ours if c.field in ("Partner__c", "partner") and c.to]
    owners = [c.to for c in ours if c.field == "Owner"]
    human = any(c.field == "Owner" and not c.ours for c in record.history[1:])
    if len(set(partners)) > 1:
        yield f"was given to {len(set(partners))} partners: {partners}"
    if len(owners) > 1 and not human:
        yield f"had its owner written {len(owners)} times: {owners}"
    if human:
        return
    if record.status is None:
        yield "has no outcome"
    wanted = "Assigned" if record.consent else "Held"
    if record.status not in (None, wanted):
        yield f"is {record.status}, not {wanted}"
    named = {each["name"]: each["owners"][crm] for each in rules["partner"]}
    if record.status == "Assigned":
        if record.partner not in named:
            yield f"is assigned to {record.partner!r}"
        elif record.owner not in named[record.partner]:
            yield f"is {record.partner}'s, but {record.owner} holds it"
    if record.status == "Held" and (record.partner or owners):
        yield f"is held, but was given to {record.partner or owners}"


def _furthest(rules: Mapping[str, Any], counts: Mapping[str, int]) -> float:
    """How far a partner is from its share of all assigned leads, in leads."""
    weights = rules["route"][0]["rotation"]["weights"]
    names = {each["id"]: each["name"] for each in rules["partner"]}
    whole, total = sum(weights.values()), sum(counts.values())
    off = [abs(counts[names[who]] - total * weight / whole) for who, weight in weights.items()]
    return float(max(off))

"""Leads, partners and policies with just the facts that matter to a test."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import Any

import toml_rs

from connector.config.settings import Settings
from connector.model.lead import Lead, Ref, Value
from connector.model.snapshot import Snapshot
from connector.routing.policy import CrmRules, Policy, understand_policy
from tests.conftest import NOW

ROOT = Path(__file__).parent.parent
INTAKE = "queue:Intake"
FALLBACK = "queue:Triage"


def a_lead(
    number: int = 1,
    *,
    crm: str = "salesforce",
    owner: str | None = INTAKE,
    created: datetime = NOW - timedelta(days=1),
    converted: bool = False,
    **fields: Value,
) -> Lead:
    """A lead in the intake; numbers give ids in order."""
    return Lead(Ref(crm, f"{number:06d}"), owner, created, created, fields, converted)


def leads(count: int, **facts: Any) -> list[Lead]:
    """Leads in order of arrival."""
    start = NOW - timedelta(days=1)
    return [a_lead(n, created=start + timedelta(seconds=n), **facts) for n in range(1, count + 1)]


def settings(toml: str) -> Settings:
    """Rules as an admin writes them, with the two CRMs around them."""
    crms = """
        [crm.salesforce]
        kind = "salesforce"
        login = { flow = "client_credentials", domain = "x", key = "env:K", secret = "env:S" }
        take_from = ["queue:Intake"]
        offer_to = "queue:Offers"
        fallback_owner = "queue:Triage"
        write = { partner = "Partner__c" }
        [crm.hubspot]
        kind = "hubspot"
        login = { token = "env:T" }
        take_from = ["nobody"]
        offer_to = "user:offers@acme.example"
        fallback_owner = "user:triage@acme.example"
        write = { partner = "partner" }
    """
    return Settings.model_validate(toml_rs.loads(toml + "\n" + crms))


def a_policy(
    toml: str,
    custom_fields: Sequence[str] = (),
    zone: tzinfo = UTC,
    files: Mapping[str, str] = MappingProxyType({}),
) -> Policy:
    """The policy of some rules and of the files that they name."""
    rules = settings(toml)
    crms = {
        name: CrmRules(frozenset(o.casefold() for o in crm.take_from), crm.fallback_owner, crm.offer_to)
        for name, crm in rules.crm.items()
    }
    return understand_policy(rules, crms, custom_fields, zone=zone, files=files)


def partner(name: str, /, **keys: Any) -> str:
    """A `[[partner]]` table; everyone has an owner in both CRMs."""
    owner = [f"user:{name}@x.example"]
    given = {"id": name, "name": name.title(), "owners": {"salesforce": owner, "hubspot": owner}, **keys}
    return "\n".join(["[[partner]]", *(f"{key} = {_toml(value)}" for key, value in given.items()), ""])


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f'"{key}" = {_toml(part)}' for key, part in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else str(value)


def a_snapshot(now: datetime = NOW, load: Mapping[str, int] | None = None) -> Snapshot:
    """A moment at which nobody has had a turn yet."""
    snapshot = Snapshot(now)
    snapshot.load.update(load or {})
    return snapshot

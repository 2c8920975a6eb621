"""Registrations, rights and terms with just the facts that matter to a test."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import toml_rs

from connector.model.lead import Ref, Value
from connector.model.registration import Life, Registration, Right, State
from connector.routing.registration.claims import Claim, understood
from connector.routing.registration.conflicts import Rights
from connector.routing.registration.life import begun, decide, heard
from connector.routing.registration.ruling import Known
from connector.routing.registration.settings import DealRegistrationSettings
from connector.routing.registration.terms import Terms
from connector.routing.registration.walk import Walk
from tests.builders import a_policy, partner
from tests.conftest import NOW

PARTNERS = partner("anna", tier="gold") + partner("bert", tier="platinum") + partner("carl", tier="silver")
LATER = NOW + timedelta(hours=1)


def terms(toml: str = "", partners: str = PARTNERS, zone: tzinfo = UTC) -> Terms:
    """The terms of a `[deal_registration]` table."""
    policy = a_policy(partners, zone=zone)
    return Terms.of(DealRegistrationSettings.model_validate(toml_rs.loads(toml)), policy)


def a_registration(
    number: int = 1,
    crm: str = "salesforce",
    *,
    status: State | None = State.SUBMITTED,
    submitted: datetime = NOW,
    changed: datetime | None = None,
    won: bool | None = None,
    deleted: bool = False,
    **fields: Value,
) -> Registration:
    """Anna's registration of Globex in Germany, unless told otherwise."""
    told: dict[str, Value] = {"partner": "Anna", "company": "Globex GmbH", "country": "DE", **fields}
    ref = Ref(crm, f"{number:06d}")
    return Registration(ref, submitted, changed or submitted, status, fields=told, won=won, deleted=deleted)


def a_right(kind: str = "registration", ref: str = "salesforce:000099", **facts: Any) -> Right:
    """Bert's earlier approved claim to Globex in Germany, unless told otherwise."""
    told: dict[str, Any] = {
        "partner": "bert",
        "company": "Globex GmbH",
        "domain": None,
        "country": "DE",
        "at": NOW - timedelta(days=1),
        "state": State.APPROVED if kind == "registration" else None,
        "tier": "platinum",
    }
    return Right(kind, ref, **(told | facts))


def known(*rights: Right, **facts: Any) -> Known:
    """Some rights, with both CRMs read past now."""
    read: dict[str, datetime | None] = {"salesforce": LATER, "hubspot": LATER}
    return Known(Rights.of(rights), **({"read_until": read} | facts))


def claim(rules: Terms, registration: Registration) -> Claim:
    return understood(rules, registration, NOW)


def ruled(rules: Terms, registration: Registration, *rights: Right, **facts: Any) -> Life:
    """The life of a registration after its first ruling."""
    walk = begun(rules, registration, claim(rules, registration), NOW)
    decide(walk, known(*rights, **facts), was_open=False)
    return walk.life


def then(
    rules: Terms, life: Life, registration: Registration, now: datetime, *, changed: bool = False
) -> Walk:
    """The next look at a registration."""
    walk = Walk(rules, registration, understood(rules, registration, now), life, now)
    heard(walk, content_changed=changed)
    return walk

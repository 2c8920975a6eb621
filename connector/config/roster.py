"""Partners that are maintained in a CRM, merged with those of the file, whose values win."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
import structlog
from pydantic import ValidationError

from connector.config.load import Config, understood
from connector.model.lead import Value
from connector.routing.normal.countries import country_code
from connector.routing.partner_settings import PartnerSettings

Roster = Mapping[str, Sequence[Mapping[str, Value]]]
"""Rows of partners by CRM, under the keys of `[[partner]]`; lists are separated by semicolons."""

_LISTS = ("countries", "industries", "products", "lead_sources", "languages", "certifications")


def with_roster(config: Config, roster: Roster) -> Config:
    """The config with the CRMs' partners in it; a row that cannot be used is logged and left out."""
    partners = {partner.id: partner for partner in config.settings.partner}
    ids = {partner.name.casefold(): partner.id for partner in partners.values()}
    for crm, rows in roster.items():
        for row in rows:
            given = _given(crm, row)
            known = partners.get(ids.get(str(given["name"]).casefold(), str(given["id"])))
            merged = _merged(given, known)
            if merged is not None:
                partners[merged.id] = merged
                ids[merged.name.casefold()] = merged.id
    settings = config.settings.model_copy(update={"partner": tuple(partners.values())})
    policy = understood(settings, config.files)
    return replace(config, settings=settings, policy=policy, hash=_hash(config.hash, roster))


def _hash(config_hash: str, roster: Roster) -> str:
    """What identifies the rules with these rows, whatever order a CRM lists them in."""
    rows = {crm: sorted(map(orjson.dumps, of)) for crm, of in roster.items()}
    whole = hashlib.sha256(config_hash.encode())
    for crm, of in sorted(rows.items()):
        whole.update(b"\0" + crm.encode() + b"\0" + b"\0".join(of))
    return whole.hexdigest()[:16]


def _given(crm: str, row: Mapping[str, Value]) -> dict[str, Any]:
    given: dict[str, Any] = {name: value for name, value in row.items() if value not in (None, "")}
    for name in _LISTS:
        if name in given:
            given[name] = [part.strip() for part in str(given[name]).split(";") if part.strip()]
    if "countries" in given:
        given["countries"] = [code for code in map(country_code, given["countries"]) if code]
    if "max_open_leads" in given:
        given["max_open_leads"] = int(float(given["max_open_leads"]))
    given["owners"] = {crm: [given.pop("owner")]} if "owner" in given else {}
    given.setdefault("name", "")
    given["id"] = _slug(str(given.get("id") or given["name"]))
    return given


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", text.casefold()).strip("-")[:60]


def _merged(given: Mapping[str, Any], known: PartnerSettings | None) -> PartnerSettings | None:
    own = {name: getattr(known, name) for name in known.model_fields_set} if known else {}
    owners = {**given["owners"], **own.get("owners", {})}
    try:
        return PartnerSettings.model_validate({**given, **own, "owners": owners})
    except ValidationError as error:
        wrong = sorted({str(details["loc"][0]) for details in error.errors()})
        structlog.get_logger().warning("partner.skipped", partner=given["id"], wrong=wrong)
        return None

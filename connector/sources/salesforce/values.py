"""Values as a Salesforce field takes them, checked against its description before they are sent."""

from collections.abc import Mapping
from typing import Any

from connector.model.lead import Value
from connector.sources.base import SourceRefused
from connector.sources.mapping import moment

NUMBERS = frozenset({"int", "double", "currency", "percent"})
TEXTS = frozenset(
    {
        "string",
        "textarea",
        "url",
        "email",
        "phone",
        "picklist",
        "multipicklist",
        "combobox",
        "encryptedstring",
    }
)
HELD_BY: Mapping[str, frozenset[str]] = {
    "partner": TEXTS | {"reference"},
    "status": TEXTS,
    "score": TEXTS | NUMBERS,
    "grade": TEXTS,
    "route": TEXTS,
    "reason": TEXTS,
    "link": TEXTS,
    "due": TEXTS | {"date", "datetime"},
    "offered_to": TEXTS,
    "lead_status": TEXTS,
    "partner_answer": TEXTS | {"boolean"},
    "decline_reason": TEXTS,
    "claimed_by": TEXTS,
    "breaches": TEXTS | NUMBERS,
}
"""Types of field that can hold each name of `write`."""


def fitted(field: Mapping[str, Any], name: str, value: Value) -> Any:
    """The value as JSON for a field; SourceRefused when it cannot hold it.

    Only a reason and a list of names are cut to fit: every other value would mean something else.
    """
    if value is None or value == "":
        return None
    kind = field["type"]
    if kind in NUMBERS:
        return _number(field, name, value)
    if kind == "boolean":
        return bool(value)
    if kind in ("date", "datetime"):
        return _time(field, name, str(value))
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _text(field, name, text)


def _text(field: Mapping[str, Any], name: str, text: str) -> str:
    most = field["length"]
    if most and len(text) > most:
        if name not in ("reason", "offered_to"):
            raise _refused(field, name, "STRING_TOO_LONG", f"holds {most} characters, not {len(text)}")
        return text[: most - 1].rstrip() + "…"
    if field["restrictedPicklist"] and text not in _active(field):
        raise _refused(
            field,
            name,
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"is a restricted picklist without {text!r}",
        )
    return text


def _active(field: Mapping[str, Any]) -> set[str]:
    return {entry["value"] for entry in field["picklistValues"] if entry["active"]}


def _number(field: Mapping[str, Any], name: str, value: Value) -> float | int:
    try:
        number = float(str(value))
    except ValueError:
        raise _refused(field, name, "JSON_PARSER_ERROR", f"holds numbers, not {value!r}") from None
    return round(number) if field["type"] == "int" or number.is_integer() else number


def _time(field: Mapping[str, Any], name: str, text: str) -> str:
    try:
        at = moment(text)
    except ValueError:
        raise _refused(field, name, "JSON_PARSER_ERROR", f"holds times, not {text!r}") from None
    return at.date().isoformat() if field["type"] == "date" else at.isoformat()


def _refused(field: Mapping[str, Any], name: str, code: str, because: str) -> SourceRefused:
    return SourceRefused(f"Lead.{field['name']} (mapped as {name}) {because}", code)

"""Neutral names beside a CRM's own field names, and when two values are the same."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connector.model.lead import Ref, Value

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def read_map(
    defaults: Mapping[str, str], read: Mapping[str, str], write: Mapping[str, str]
) -> dict[str, str]:
    """CRM field by neutral name to read; what others answer into the fields of `write` is read as well."""
    return {**defaults, **answered(write), **read}


def answered(write: Mapping[str, str]) -> dict[str, str]:
    """The fields of `write` that people fill in as well: the partner, its answer, who claims."""
    return {name: own for name, own in write.items() if name in _ANSWERED}


_ANSWERED = ("partner", "partner_answer", "decline_reason", "claimed_by")


def same_value(wanted: Value, held: Value) -> bool:
    """Whether a CRM already holds a value: blank is missing, 42 is "42" and 42.0, true is "true", and a
    moment is the same in every notation.
    """
    return _plain(wanted) == _plain(held)


def _plain(value: Value) -> str | float | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return moment(str(value)).timestamp() if _TIME.match(str(value)) else float(value)
    except ValueError:
        return str(value)


def moment(text: str) -> datetime:
    """A CRM's timestamp (`…Z`, `…+0000`, `…+00:00`) as aware UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def address(crm: str, record_id: Any) -> Ref:
    """The address of a record that a CRM told of; ValueError where it told no id."""
    told = str(record_id) if isinstance(record_id, str | int) else ""
    if not told.strip():
        raise ValueError("a record without an id")
    return Ref(crm, told)


def as_value(told: Any) -> Value:
    """A value as a lead can hold it; anything but a text, a number or a truth is shown as a text."""
    return told if told is None or isinstance(told, str | int | float) else repr(told)

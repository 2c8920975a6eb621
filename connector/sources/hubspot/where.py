"""`where`: filters of a search as an admin writes them, `property OPERATOR value; ...`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

Filter = dict[str, Any]

MOST_FILTERS = 6
"""What HubSpot takes in one group; all of a group must hold."""

_ONE = ("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN")
_LIST = ("IN", "NOT_IN")
_NONE = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")
_OPERATORS = (*_ONE, *_LIST, *_NONE, "BETWEEN")
_PART = re.compile(r"(?P<name>[a-z][a-z0-9_]*)\s+(?P<operator>[A-Z_]+)(?:\s+(?P<value>.+))?")


class BadWhere(ValueError):
    """A `where` that cannot be understood; the message is one sentence for the admin."""


def parsed(text: str | None, room: int = MOST_FILTERS) -> tuple[Filter, ...]:
    """The filters of a `where`; `room` is how many there may be. Raises BadWhere."""
    parts = [part.strip() for part in (text or "").split(";") if part.strip()]
    if len(parts) > room:
        raise BadWhere(f"where has {len(parts)} filters, but HubSpot leaves room for {room}")
    return tuple(map(_filter, parts))


def _filter(part: str) -> Filter:
    found = _PART.fullmatch(part)
    if found is None:
        raise BadWhere(f'"{part}" in where is not "property OPERATOR value"; separate filters with ";"')
    name, operator, value = found["name"], found["operator"], (found["value"] or "").strip()
    if operator not in _OPERATORS:
        raise BadWhere(f'where has no operator {operator} in "{part}"; use one of {", ".join(_OPERATORS)}')
    return {"propertyName": name, "operator": operator, **_operand(part, operator, value)}


def _operand(part: str, operator: str, value: str) -> Mapping[str, Any]:
    values = [each.strip() for each in value.split(",") if each.strip()]
    if operator in _NONE:
        if value:
            raise BadWhere(f'{operator} in where takes no value, as in "{part}"')
        return {}
    if not values:
        raise BadWhere(f'{operator} in where needs a value after it, in "{part}"')
    if operator in _LIST:
        return {"values": values}
    if operator != "BETWEEN":
        return {"value": value}
    if len(values) != 2:
        raise BadWhere(f'BETWEEN in where needs two values with a comma between them, in "{part}"')
    return {"value": values[0], "highValue": values[1]}


def in_capitals(filters: Sequence[Filter], text_properties: frozenset[str]) -> list[str]:
    """The properties for which HubSpot would find nothing: it compares lists of text in lower case."""
    return [
        each["propertyName"]
        for each in filters
        if each["propertyName"] in text_properties
        and any(value != value.lower() for value in each.get("values", ()))
    ]

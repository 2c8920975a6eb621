"""Small pieces of SOQL. Field and object names come from the config and are checked against the org."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from simple_salesforce.format import format_soql

Item = TypeVar("Item")

MOST_IN_LIST = 300
"""Ids that one query may list: address and headers together must stay below 16,384 bytes."""


def select(fields: Iterable[str], sobject: str, tests: Sequence[str] = (), end: str = "") -> str:
    """A query of rows that pass all tests, each field once."""
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    return f"SELECT {', '.join(dict.fromkeys(fields))} FROM {sobject}{where}{end and ' ' + end}"  # noqa: S608


def among(field: str, values: Iterable[str]) -> str:
    """A test that a field holds one of the values."""
    return str(format_soql(f"{field} IN {{}}", list(values)))


def test(template: str, value: object) -> str:
    """A test with its value quoted, such as `Id > {}`."""
    return str(format_soql(template, value))


def chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items in order, so many at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """What a row holds under a field or, by dots, a field of a parent; None where there is no parent."""
    at: Any = row
    for name in path.split("."):
        if at is None:
            return None
        at = at.get(name)
    return at

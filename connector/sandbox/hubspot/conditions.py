"""The conditions of a search as tests on records, and what the index may skip because of them."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connector.sandbox.hubspot.definitions import Property
from connector.sandbox.hubspot.errors import invalid
from connector.sandbox.hubspot.index import Order, Question, Test
from connector.sandbox.hubspot.kinds import kind_named
from connector.sandbox.hubspot.links import Links
from connector.sandbox.hubspot.query import Filter, Search
from connector.sandbox.hubspot.records import Record, Shape
from connector.sandbox.hubspot.shapes import is_whole
from connector.sandbox.hubspot.stamps import parse

Read = Callable[[Record], Any]

BOUNDS = ("LT", "LTE", "GT", "GTE", "EQ", "BETWEEN")
LAST_STAMP = 1 << 62
ASSOCIATED = "associations."


def _asks_for_links(search: Search) -> bool:
    return any(each.name.startswith(ASSOCIATED) for group in search.groups for each in group)


def _check(definition: Property, each: Filter) -> None:
    """Raise 400 where a time or a number is compared with neither."""
    given = [value for value in (each.value, each.high, *each.values) if value]
    if definition.type in ("date", "datetime") and any(parse(value) is None for value in given):
        raise invalid(f"{definition.name} must be compared with a time, not with {', '.join(given)}")
    if definition.type == "number" and any(math.isnan(_number(value)) for value in given):
        raise invalid(f"{definition.name} must be compared with a number, not with {', '.join(given)}")


def _common(windows: Sequence[tuple[int, int] | None]) -> tuple[int, int] | None:
    known = [window for window in windows if window]
    if not known or len(known) < len(windows):
        return None
    return min(low for low, _ in known), max(high for _, high in known)


def _only(groups: Sequence[Sequence[Filter]]) -> frozenset[int] | None:
    """The ids that every group is restricted to by name."""
    named: set[int] = set()
    for group in groups:
        exact = [each for each in group if each.name == "hs_object_id" and each.operator in ("EQ", "IN")]
        if not exact:
            return None
        named |= {int(value) for value in (*exact[0].values, exact[0].value) if is_whole(value)}
    return frozenset(named) if groups else None


def _modified(record: Record) -> int:
    return record.modified


class Conditions:
    """Turns the filters of one object type into tests on its records."""

    def __init__(self, shape: Shape, properties: Mapping[str, Property], links: Links) -> None:
        self._kind = shape.kind
        self._properties = properties
        self._computed = shape.computed
        self._links = links

    def question(self, search: Search) -> Question:
        """What to ask the index."""
        return Question(
            f"{search.name} {self._links.changes}" if _asks_for_links(search) else search.name,
            self._test(search),
            self._order(search),
            _common([self._window(group) for group in search.groups]),
            _only(search.groups),
        )

    def _window(self, group: Sequence[Filter]) -> tuple[int, int] | None:
        """The bounds that a group sets to the change stamp."""
        low, high = 0, LAST_STAMP
        for each in group:
            if each.name != self._kind.modified or each.operator not in BOUNDS:
                continue
            at = parse(each.value) or 0
            if each.operator in ("GT", "GTE", "EQ", "BETWEEN"):
                low = max(low, at)
            if each.operator in ("LT", "LTE", "EQ"):
                high = min(high, at)
            if each.operator == "BETWEEN":
                high = min(high, parse(each.high) or 0)
        return None if (low, high) == (0, LAST_STAMP) else (low, high)

    def _test(self, search: Search) -> Test:
        """Whether a record passes: any group, all of its filters, and the free text."""
        groups = [_all([self._one(each) for each in group]) for group in search.groups]
        tests = [_any(groups)] if groups else []
        return _all([*tests, self._free_text(search.text)] if search.text else tests)

    def _order(self, search: Search) -> Order | None:
        """What to sort by; None for the record id. Records without a value come last."""
        if not search.sort:
            return None
        if search.sort == self._kind.modified:
            return _modified
        read = self._comparable(self._definition(search.sort))
        return lambda record: ((value := read(record)) is None, 0 if value is None else value)

    def _one(self, each: Filter) -> Test:
        if each.name.startswith(ASSOCIATED):
            return self._associated(each)
        definition = self._definition(each.name)
        if each.operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
            has = self._text(each.name)
            wanted = each.operator == "HAS_PROPERTY"
            return lambda record: (has(record) is not None) is wanted
        if each.operator.endswith("CONTAINS_TOKEN"):
            return self._tokens(each)
        _check(definition, each)
        return _comparison(each, self._comparable(definition), _operand(definition))

    def _associated(self, each: Filter) -> Test:
        other = kind_named(each.name.removeprefix(ASSOCIATED))
        if each.operator != "EQ" or not is_whole(each.value):
            raise invalid(f"{each.name} can only be compared with EQ to an id")
        ends = self._links.of(other.type_id, int(each.value), self._kind.type_id)
        ids = {record_id for record_id, _ in ends}
        return lambda record: record.id in ids

    def _definition(self, name: str) -> Property:
        definition = self._properties.get(name)
        if definition is None:
            raise invalid(f"There was a problem with the request. Property {name} does not exist")
        return definition

    def _text(self, name: str) -> Read:
        getter = self._computed.get(name)
        return getter or (lambda record: record.values.get(name))

    def _comparable(self, definition: Property) -> Read:
        name = definition.name
        if name == "hs_object_id":
            return lambda record: record.id
        if name == self._kind.modified:
            return lambda record: record.modified
        if name == self._kind.created:
            return lambda record: record.created
        read, operand = self._text(name), _operand(definition)
        return lambda record: None if (value := read(record)) is None else operand(value)

    def _tokens(self, each: Filter) -> Test:
        read, wanted = self._text(each.name), each.operator == "CONTAINS_TOKEN"
        patterns = [_pattern(word) for word in each.value.lower().split()]
        return lambda record: _has_tokens(read(record), patterns) is wanted

    def _free_text(self, text: str) -> Test:
        reads = [self._text(name) for name in self._kind.searched]
        words = text.lower().split()
        return lambda record: _mentions(" ".join(read(record) or "" for read in reads).lower(), words)


def _mentions(haystack: str, words: Sequence[str]) -> bool:
    return all(word in haystack for word in words)


def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in word.split("*")))


def _has_tokens(value: str | None, patterns: Sequence[re.Pattern[str]]) -> bool:
    if value is None:
        return False
    tokens = [*re.split(r"[\s@.,;:/_-]+", value.lower()), value.lower()]
    return all(any(pattern.fullmatch(token) for token in tokens) for pattern in patterns)


def _operand(definition: Property) -> Callable[[str], Any]:
    """Read a value as its type compares: enumerations keep their case, other text does not."""
    if definition.name == "hs_object_id":
        return lambda text: int(text) if is_whole(text) else -1
    if definition.type in ("datetime", "date"):
        return lambda text: parse(text) or 0
    if definition.type == "number":
        return _number
    return str if definition.type in ("enumeration", "bool") else str.lower


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _comparison(each: Filter, read: Read, operand: Callable[[str], Any]) -> Test:
    if each.operator in ("IN", "NOT_IN"):
        return _membership(each, read, operand)
    low = operand(each.value)
    if each.operator == "EQ":
        return lambda record: read(record) == low
    if each.operator == "NEQ":
        return lambda record: read(record) != low
    if each.operator == "BETWEEN":
        high = operand(each.high)
        return lambda record: (value := read(record)) is not None and low <= value <= high
    holds = _RELATIONS[each.operator]
    return lambda record: (value := read(record)) is not None and holds(value, low)


_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "LT": lambda value, limit: bool(value < limit),
    "LTE": lambda value, limit: bool(value <= limit),
    "GT": lambda value, limit: bool(value > limit),
    "GTE": lambda value, limit: bool(value >= limit),
}


def _membership(each: Filter, read: Read, operand: Callable[[str], Any]) -> Test:
    # HubSpot finds string values of IN only when the request has them in lower case.
    keep_case = operand is str.lower
    wanted = {value if keep_case else operand(value) for value in each.values}
    if each.operator == "IN":
        return lambda record: read(record) in wanted
    return lambda record: (value := read(record)) is not None and value not in wanted


def _all(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda record: first(record) and second(record)
    return lambda record: all(test(record) for test in tests)


def _any(tests: Sequence[Test]) -> Test:
    return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

"""A search request understood: which records it wants, in which order, and how many."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.hubspot.definitions import Property
from connector.sandbox.hubspot.errors import invalid
from connector.sandbox.hubspot.index import Order, Question, Test
from connector.sandbox.hubspot.kinds import Kind
from connector.sandbox.hubspot.records import Record, getters
from connector.sandbox.hubspot.shapes import Object, is_whole, items, number, text, texts, thing, things
from connector.sandbox.hubspot.stamps import parse

MAX_GROUPS, MAX_FILTERS_A_GROUP, MAX_FILTERS = 5, 6, 18
MAX_BODY, MAX_LIMIT, DEFAULT_LIMIT, WINDOW = 3000, 200, 10, 10_000

Read = Callable[[Record], Any]


@dataclass(frozen=True)
class Filter:
    """One condition of a search."""

    name: str
    operator: str
    value: str = ""
    high: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Search:
    """What a search request asks for. `above_id` is its `hs_object_id > x`, kept apart so that the
    next page of the same question is a step in the same answer."""

    groups: tuple[tuple[Filter, ...], ...] = ()
    text: str = ""
    sort: str = ""
    descending: bool = False
    above_id: int | None = None
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    properties: tuple[str, ...] = field(default=(), compare=False)

    @property
    def name(self) -> str:
        """The same for all pages of the same question."""
        return repr((self.groups, self.text, self.sort))


def parse_search(body: Mapping[str, Any], size: int, kind: Kind) -> Search:
    """Read a request body; raises HubSpot's own 400 for what is over a limit or makes no sense."""
    if size > MAX_BODY:
        raise invalid(f"The request body is too long: {size} characters, the maximum is {MAX_BODY}.")
    sort, descending = _sort(items(body.get("sorts")))
    groups = _groups(body)
    by_id = sort in ("", "hs_object_id") and not descending
    above_id, groups = _above_id(groups) if by_id else (None, groups)
    limit, offset = _page(body)
    return Search(
        groups=groups,
        text=text(body.get("query")),
        sort="" if by_id else sort or kind.created,
        descending=descending,
        above_id=above_id,
        limit=limit,
        offset=offset,
        properties=tuple(texts(body.get("properties"))),
    )


def _page(body: Mapping[str, Any]) -> tuple[int, int]:
    limit, after = number(body.get("limit"), DEFAULT_LIMIT), text(body.get("after")) or "0"
    if not 0 <= limit <= MAX_LIMIT:
        raise invalid(f"limit must be between 0 and {MAX_LIMIT}, but was {limit}")
    if not is_whole(after):
        raise invalid(f"Invalid paging token: after must be an integer, but was {after}")
    if int(after) + limit > WINDOW:
        raise invalid(f"Paging through more than {WINDOW} results of one search is not possible.")
    return limit, int(after)


def _sort(sorts: list[Any]) -> tuple[str, bool]:
    if len(sorts) > 1:
        raise invalid(f"Too many sorts: {len(sorts)}, the maximum is 1")
    if not sorts:
        return "", False
    rule = sorts[0]
    if isinstance(rule, str):
        return rule.removeprefix("-"), rule.startswith("-")
    direction = text(thing(rule).get("direction"), "ASCENDING")
    if direction not in ("ASCENDING", "DESCENDING"):
        raise invalid(f"Invalid sort direction: {direction}")
    return text(rule.get("propertyName")), direction == "DESCENDING"


def _groups(body: Mapping[str, Any]) -> tuple[tuple[Filter, ...], ...]:
    raw = body.get("filterGroups") or ([{"filters": body["filters"]}] if body.get("filters") else [])
    groups = tuple(tuple(map(_filter, things(group.get("filters")))) for group in things(raw))
    if len(groups) > MAX_GROUPS:
        raise invalid(f"Too many filter groups: {len(groups)}, the maximum is {MAX_GROUPS}")
    if any(len(group) > MAX_FILTERS_A_GROUP for group in groups):
        raise invalid(f"Too many filters in a group: the maximum is {MAX_FILTERS_A_GROUP}")
    if sum(map(len, groups)) > MAX_FILTERS:
        raise invalid(f"Too many filters: {sum(map(len, groups))}, the maximum is {MAX_FILTERS}")
    return groups


def _filter(raw: Object) -> Filter:
    operator = text(raw.get("operator"))
    if operator not in OPERATORS:
        raise invalid(
            f"Invalid input JSON on line 1, column 1: Cannot deserialize value of type `FilterOperator` "
            f'from String "{operator}": not one of the values accepted for Enum class: '
            f"[{', '.join(sorted(OPERATORS))}]"
        )
    missing = [name for name in NEEDED.get(operator, ("value",)) if raw.get(name) in (None, "", [])]
    if missing:
        raise invalid(f"operator {operator} requires {' and '.join(missing)}")
    return Filter(
        name=text(raw.get("propertyName")),
        operator=operator,
        value=text(raw.get("value")),
        high=text(raw.get("highValue")),
        values=tuple(texts(raw.get("values"))),
    )


def _above_id(
    groups: tuple[tuple[Filter, ...], ...],
) -> tuple[int | None, tuple[tuple[Filter, ...], ...]]:
    if len(groups) != 1:
        return None, groups
    for each in groups[0]:
        if each.name == "hs_object_id" and each.operator == "GT" and is_whole(each.value):
            return int(each.value), (tuple(other for other in groups[0] if other is not each),)
    return None, groups


OPERATORS = frozenset(
    (
        "LT",
        "LTE",
        "GT",
        "GTE",
        "EQ",
        "NEQ",
        "BETWEEN",
        "IN",
        "NOT_IN",
        "HAS_PROPERTY",
        "NOT_HAS_PROPERTY",
        "CONTAINS_TOKEN",
        "NOT_CONTAINS_TOKEN",
    )
)
NEEDED: dict[str, tuple[str, ...]] = {
    "BETWEEN": ("value", "highValue"),
    "IN": ("values",),
    "NOT_IN": ("values",),
    "HAS_PROPERTY": (),
    "NOT_HAS_PROPERTY": (),
}


BOUNDS = ("LT", "LTE", "GT", "GTE", "EQ", "BETWEEN")
LAST_STAMP = 1 << 62


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

    def __init__(self, kind: Kind, properties: Mapping[str, Property]) -> None:
        self._kind = kind
        self._properties = properties
        self._computed = getters(kind)

    def question(self, search: Search) -> Question:
        """What to ask the index."""
        return Question(
            search.name,
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
        definition = self._definition(each.name)
        if each.operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
            has = self._text(each.name)
            wanted = each.operator == "HAS_PROPERTY"
            return lambda record: (has(record) is not None) is wanted
        if each.operator.endswith("CONTAINS_TOKEN"):
            return self._tokens(each)
        operand = _operand(definition)
        return _comparison(each, self._comparable(definition), operand)

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

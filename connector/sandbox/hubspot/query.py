"""A search request understood: which records it wants, in which order, and how many."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.hubspot.errors import invalid
from connector.sandbox.hubspot.kinds import Kind
from connector.sandbox.hubspot.shapes import Object, is_whole, items, number, text, texts, thing, things

MAX_GROUPS, MAX_FILTERS_A_GROUP, MAX_FILTERS = 5, 6, 18
MAX_BODY, MAX_LIMIT, DEFAULT_LIMIT, WINDOW = 3000, 200, 10, 10_000


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

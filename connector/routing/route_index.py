"""Which routes a lead may meet, found by the values that they ask for instead of one after another."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import product
from math import prod

from connector.routing.conditions import Condition
from connector.routing.facts import Fact, Facts

_MOST_KEYS = 256
"""Entries of one condition: a list of countries times a list of products and so on."""

Signature = tuple[str, ...]
Key = tuple[Fact | None, ...]


class RouteIndex:
    """Conditions by the values that their plain comparisons ask for.

    A lead that lacks one of these values cannot meet the condition; all others are looked at in full.
    """

    def __init__(self, conditions: Sequence[Condition]):
        found: defaultdict[Signature, defaultdict[Key, list[int]]] = defaultdict(lambda: defaultdict(list))
        for place, condition in enumerate(conditions):
            fields = _signature(condition)
            for key in product(*(condition.asks[field] for field in fields)):
                found[fields][key].append(place)
        self._by_signature = [
            (fields, {key: tuple(places) for key, places in by_key.items()})
            for fields, by_key in found.items()
        ]

    def places(self, facts: Facts) -> list[int]:
        """The places of the conditions that may hold, in order."""
        places: list[int] = []
        value = facts.folded.get
        for fields, by_key in self._by_signature:
            places += by_key.get(tuple([value(field) for field in fields]), ())
        places.sort()
        return places


def _signature(condition: Condition) -> Signature:
    """The fields to look up by: those with the fewest values, as long as they make few keys."""
    fields: list[str] = []
    for field in sorted(condition.asks, key=lambda name: (len(condition.asks[name]), name)):
        if not fields or prod(len(condition.asks[name]) for name in (*fields, field)) <= _MOST_KEYS:
            fields.append(field)
    return tuple(sorted(fields))

"""Associations between records, with their types in both directions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connector.sandbox.hubspot.kinds import REGISTRATIONS

HUBSPOT_DEFINED, USER_DEFINED = "HUBSPOT_DEFINED", "USER_DEFINED"


@dataclass(frozen=True)
class LinkType:
    """One kind of association, as seen from one side; `back` is its type id from the other side."""

    source: str
    target: str
    id: int
    back: int
    label: str | None = None
    category: str = HUBSPOT_DEFINED


CONTACT, COMPANY, DEAL, LEAD, NOTE, TASK = "0-1", "0-2", "0-3", "0-136", "0-46", "0-27"

PAIRS = (
    (CONTACT, COMPANY, 279, 280, None),
    (CONTACT, COMPANY, 1, 2, "Primary"),
    (CONTACT, DEAL, 4, 3, None),
    (DEAL, COMPANY, 341, 342, None),
    (DEAL, COMPANY, 5, 6, "Primary"),
    (NOTE, CONTACT, 202, 201, None),
    (NOTE, COMPANY, 190, 189, None),
    (NOTE, DEAL, 214, 213, None),
    (NOTE, LEAD, 855, 854, None),
    (TASK, CONTACT, 204, 203, None),
    (TASK, COMPANY, 192, 191, None),
    (TASK, DEAL, 216, 215, None),
    (TASK, LEAD, 647, 646, None),
    (LEAD, CONTACT, 608, 609, None),
    (LEAD, CONTACT, 578, 579, "Primary"),
    (LEAD, COMPANY, 610, 611, None),
    (LEAD, COMPANY, 580, 581, "Primary"),
    (LEAD, DEAL, 1037, 1036, None),
    (LEAD, DEAL, 582, 583, "Primary"),
    (COMPANY, COMPANY, 450, 450, None),
    (CONTACT, CONTACT, 449, 449, None),
)

# Custom objects have association types of the portal's own, without a primary one.
OWN_PAIRS = ((REGISTRATIONS.type_id, COMPANY, 27, 28, None), (REGISTRATIONS.type_id, CONTACT, 29, 30, None))

Key = tuple[str, int]


class Links:
    """All associations of the portal; every one is kept from both ends."""

    def __init__(self) -> None:
        self.types: dict[tuple[str, str], list[LinkType]] = defaultdict(list)
        self._links: dict[Key, dict[str, dict[int, set[int]]]] = {}
        self._next_label = 35
        self.changes = 0
        for source, target, there, back, label in PAIRS:
            self._define(source, target, there, back, label, HUBSPOT_DEFINED)
        for source, target, there, back, label in OWN_PAIRS:
            self._define(source, target, there, back, label, USER_DEFINED)

    def _define(
        self, source: str, target: str, there: int, back: int, label: str | None, category: str
    ) -> list[LinkType]:
        made = [LinkType(source, target, there, back, label, category)]
        if there != back:
            made.append(LinkType(target, source, back, there, label, category))
        for each in made:
            self.types[each.source, each.target].append(each)
        return made

    def add_label(self, source: str, target: str, label: str, inverse: str = "") -> list[LinkType]:
        """A user's own label, with one type id for each direction."""
        self._next_label += 2
        there, back = self._next_label - 1, self._next_label
        made = [LinkType(source, target, there, back, label, USER_DEFINED)]
        made.append(LinkType(target, source, back, there, inverse or label, USER_DEFINED))
        for each in made:
            self.types[each.source, each.target].append(each)
        return made

    def known(self, source: str, target: str, category: str, type_id: int) -> LinkType | None:
        """The association type with this id, or None."""
        return next(
            (each for each in self.types[source, target] if (each.category, each.id) == (category, type_id)),
            None,
        )

    def plain(self, source: str, target: str) -> LinkType | None:
        """The unlabelled type between two object types."""
        return next((each for each in self.types[source, target] if each.label is None), None)

    def put(self, from_id: int, to_id: int, types: Iterable[LinkType]) -> list[LinkType]:
        """Set the types between two records, in place of the user's labels that were there."""
        wanted = list(types)
        source, target = wanted[0].source, wanted[0].target
        plain = self.plain(source, target)
        stored = [*wanted, plain] if plain and plain not in wanted else wanted
        self._set(source, from_id, target, to_id, {each.id for each in stored})
        self._set(target, to_id, source, from_id, {each.back for each in stored})
        return stored

    def _set(self, source: str, from_id: int, target: str, to_id: int, types: set[int]) -> None:
        self.changes += 1
        ends = self._links.setdefault((source, from_id), {})
        ends.setdefault(target, {})[to_id] = types

    def remove(self, source: str, from_id: int, target: str, to_id: int) -> None:
        """No association at all between two records."""
        self.changes += 1
        self._links.get((source, from_id), {}).get(target, {}).pop(to_id, None)
        self._links.get((target, to_id), {}).get(source, {}).pop(from_id, None)

    def remove_types(self, from_id: int, to_id: int, types: Iterable[LinkType]) -> None:
        """Take labels away; without its unlabelled type an association is gone."""
        for each in types:
            if each.label is None:
                self.remove(each.source, from_id, each.target, to_id)
                continue
            self._links.get((each.source, from_id), {}).get(each.target, {}).get(to_id, set()).discard(
                each.id
            )
            self._links.get((each.target, to_id), {}).get(each.source, {}).get(from_id, set()).discard(
                each.back
            )

    def of(self, source: str, from_id: int, target: str) -> list[tuple[int, list[LinkType]]]:
        """The records of a type that a record is associated with, each with the types, in id order."""
        ends = self._links.get((source, from_id), {}).get(target, {})
        return [
            (to_id, [each for each in self.types[source, target] if each.id in ends[to_id]])
            for to_id in sorted(ends)
        ]

    def move(self, type_id: str, from_id: int, to_id: int) -> None:
        """Hand the associations of one record on to another of its type."""
        self.changes += 1
        for target, ends in self._links.pop((type_id, from_id), {}).items():
            mine = self._links.setdefault((type_id, to_id), {}).setdefault(target, {})
            for other, types in ends.items():
                theirs = self._links[target, other][type_id]
                theirs[to_id] = theirs.pop(from_id) | theirs.get(to_id, set())
                mine[other] = types | mine.get(other, set())

    def forget(self, type_id: str, record_id: int) -> None:
        """Drop every association of a record."""
        self.changes += 1
        for target, ends in self._links.pop((type_id, record_id), {}).items():
            for other in ends:
                self._links.get((target, other), {}).get(type_id, {}).pop(record_id, None)

    def ends(self, type_id: str, record_id: int) -> Iterator[tuple[str, int, set[int]]]:
        """Everything that a record is associated with: object type, id, type ids."""
        for target, ends in self._links.get((type_id, record_id), {}).items():
            for other, types in ends.items():
                yield target, other, types

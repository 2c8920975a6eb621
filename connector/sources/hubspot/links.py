"""Associations between records, read and written in batches."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.sources.base import SourceBusy
from connector.sources.hubspot.batches import next_page, pieces, rows
from connector.sources.hubspot.connection import Connection

_READ, _WRITE = 1000, 1000
HUBSPOT_DEFINED = "HUBSPOT_DEFINED"

# The types under which HubSpot keeps the first among a record's companies or contacts.
PRIMARY = {
    ("contacts", "companies"): 1,
    ("deals", "companies"): 5,
    ("leads", "contacts"): 578,
    ("leads", "companies"): 580,
}


@dataclass(frozen=True, slots=True)
class LinkType:
    """One kind of association between two object types, seen from one side."""

    category: str
    id: int
    label: str | None = None

    @property
    def spec(self) -> dict[str, Any]:
        """How a write names it."""
        return {"associationCategory": self.category, "associationTypeId": self.id}


@dataclass(frozen=True, slots=True)
class Link:
    """A record that another one is associated with, and how."""

    to: str
    types: tuple[LinkType, ...]

    def has(self, type_id: int, category: str = HUBSPOT_DEFINED) -> bool:
        """Whether this kind of association is among them."""
        return any((each.category, each.id) == (category, type_id) for each in self.types)


class Links:
    """Reads and writes associations."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def of(
        self, purpose: str, object_type: str, to_type: str, ids: Iterable[str]
    ) -> Mapping[str, Sequence[Link]]:
        """What records are associated with, by the id asked for."""
        found: defaultdict[str, list[Link]] = defaultdict(list)
        asked: list[dict[str, str]] = [{"id": each} for each in dict.fromkeys(ids)]
        while asked:
            following: list[dict[str, str]] = []
            for piece in pieces(asked, _READ):
                following += self._piece(purpose, object_type, to_type, piece, found)
            asked = following
        return found

    def _piece(
        self,
        purpose: str,
        object_type: str,
        to_type: str,
        inputs: Sequence[Mapping[str, str]],
        found: defaultdict[str, list[Link]],
    ) -> list[dict[str, str]]:
        """Read one batch; what is left to ask, where a record has more links than fit in an answer."""
        answer = self._connection.call(
            purpose,
            self._connection.links.get_page,
            object_type,
            to_type,
            {"inputs": inputs},
            kind="association",
        )
        _raise_if_unclear(answer)
        left = []
        for row in rows(answer):
            record_id = str(row["from"]["id"])
            found[record_id] += map(_link, row["to"])
            after = next_page(row)
            if after is not None:
                left.append({"id": record_id, "after": after})
        return left

    def primary(self, purpose: str, object_type: str, to_type: str, ids: Iterable[str]) -> dict[str, str]:
        """The id of each record's primary one among its associated, or of the only one."""
        links = self.of(purpose, object_type, to_type, ids)
        # Custom objects have no primary one.
        marked = PRIMARY.get((object_type, to_type))
        chosen = {each: primary(links[each], marked) for each in links}
        return {each: to for each, to in chosen.items() if to is not None}


def primary(links: Sequence[Link], type_id: int | None) -> str | None:
    """The record that is marked as primary, else the only one there is."""
    marked = [link.to for link in links if type_id is not None and link.has(type_id)]
    if marked:
        return marked[0]
    return links[0].to if len(links) == 1 else None


def _link(end: Mapping[str, Any]) -> Link:
    types = tuple(
        LinkType(str(each["category"]), int(each["typeId"]), each.get("label"))
        for each in end.get("associationTypes") or ()
    )
    return Link(str(end["toObjectId"]), types)


def _raise_if_unclear(answer: Mapping[str, Any]) -> None:
    """No association is told as an error, too; anything else means that we do not know."""
    for entry in answer.get("errors") or ():
        if entry.get("category") != "OBJECT_NOT_FOUND":
            raise SourceBusy(f"HubSpot says {entry.get('category')}: {entry.get('message')}")

"""Lists of records: static ones, whose members an app adds and removes, and active ones."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.hubspot.stamps import stamp

WRITABLE = ("MANUAL", "SNAPSHOT")
PROCESSING = (*WRITABLE, "DYNAMIC")


@dataclass
class RecordList:
    """A list of records of one type; `members` says since when each is in it, in milliseconds."""

    id: str
    name: str
    type_id: str
    processing: str
    created_at: int
    members: dict[int, int] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The definition as an answer shows it."""
        return {
            "listId": self.id,
            "listVersion": 1,
            "createdAt": stamp(self.created_at),
            "updatedAt": stamp(self.created_at),
            "processingStatus": "COMPLETE",
            "processingType": self.processing,
            "objectTypeId": self.type_id,
            "name": self.name,
            "size": len(self.members),
        }


class Lists:
    """All lists of the portal; names are unique within a type, whatever their case."""

    def __init__(self) -> None:
        self._lists: dict[str, RecordList] = {}

    def add(self, name: str, type_id: str, processing: str, at: int) -> RecordList:
        """A new list."""
        made = RecordList(str(len(self._lists) + 1), name, type_id, processing, at)
        self._lists[made.id] = made
        return made

    def get(self, list_id: str) -> RecordList | None:
        """The list with this id."""
        return self._lists.get(list_id)

    def named(self, type_id: str, name: str) -> RecordList | None:
        """The list of this name, in any case."""
        wanted = name.casefold()
        return next((one for one in self if one.type_id == type_id and one.name.casefold() == wanted), None)

    def __iter__(self) -> Iterator[RecordList]:
        return iter(self._lists.values())

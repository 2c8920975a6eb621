"""All records of one object type: by id, by merged-away id, by unique property, and as search sees them."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import replace

from connector.sandbox.hubspot.conditions import Conditions
from connector.sandbox.hubspot.definitions import Property
from connector.sandbox.hubspot.errors import invalid
from connector.sandbox.hubspot.index import SearchIndex
from connector.sandbox.hubspot.kinds import Kind
from connector.sandbox.hubspot.links import Links
from connector.sandbox.hubspot.query import Search
from connector.sandbox.hubspot.records import Record, Shape
from connector.sandbox.hubspot.shapes import is_whole
from connector.sandbox.hubspot.standard import CUSTOM_GROUP, STANDARD

ID_STEP = 50


class Table:
    """The records of one type, archived ones included, in the order of their ids."""

    def __init__(self, kind: Kind, created_at: int, links: Links) -> None:
        self.kind = kind
        self.shape = Shape(kind)
        self.links = links
        self.created_at = created_at
        self.properties: dict[str, Property] = {each.name: each for each in STANDARD[kind.name]()}
        self.groups: dict[str, str] = {each.group: each.group for each in self.properties.values()}
        self.groups[CUSTOM_GROUP] = "Partner distribution"
        self.records: dict[int, Record] = {}
        self.ids: list[int] = []
        self.merged: dict[int, int] = {}
        self.unique: dict[str, dict[str, int]] = {
            each.name: {} for each in self.properties.values() if each.unique
        }
        self.index = SearchIndex(self.records)
        self._next_id = kind.first_id

    def __len__(self) -> int:
        return len(self.records)

    def new_id(self) -> int:
        """An id above all that were given out."""
        self._next_id += ID_STEP
        return self._next_id - ID_STEP

    def insert(self, record: Record) -> None:
        """Take in a new record; its id must come from `new_id`."""
        self.records[record.id] = record
        self.ids.append(record.id)
        self.claim(record)
        self.index.mark(record.id)

    def claim(self, record: Record) -> None:
        """Enter a record under its unique values."""
        for name, holders in self.unique.items():
            if value := record.values.get(name):
                holders[value.lower()] = record.id
        for address in _additional(record):
            self.unique["email"].setdefault(address, record.id)

    def release(self, record: Record) -> None:
        """Take a record out of the lists of unique values."""
        for name, holders in self.unique.items():
            value = record.values.get(name, "").lower()
            if holders.get(value) == record.id:
                del holders[value]
        for address in _additional(record):
            if self.unique["email"].get(address) == record.id:
                del self.unique["email"][address]

    def remove(self, record: Record) -> None:
        """Take a record out altogether, leaving no trace."""
        self.release(record)
        del self.records[record.id]
        del self.ids[bisect_left(self.ids, record.id)]

    def holder(self, name: str, value: str) -> int | None:
        """The id of the record that has this unique value."""
        return self.unique.get(name, {}).get(value.lower())

    def find(self, key: str, id_property: str | None = "") -> Record | None:
        """A live record by id, by the id of a record merged into it, or by a unique property."""
        if id_property and id_property != "hs_object_id":
            return self._by_unique(id_property, key)
        if not is_whole(key):
            return None
        record = self.records.get(self.winner(int(key)))
        return record if record and record.archived_at is None else None

    def winner(self, record_id: int) -> int:
        """The id under which a record lives on after its merges."""
        while record_id in self.merged:
            record_id = self.merged[record_id]
        return record_id

    def search(self, search: Search, now: int) -> tuple[int, list[Record]]:
        """How many records match as search sees them, and those of the page that are still there."""
        self.index.settle(now)
        question = Conditions(self.shape, self.properties, self.links).question(search)
        result = self.index.find(replace(question, ids=question.ids or self._holders(search)))
        start = 0 if search.above_id is None else result.after(search.above_id)
        total = len(result.keys) - start
        ids = _page(result.ids, start, total, search)
        found = (self.records.get(number) for number in ids)
        return total, [record for record in found if record and record.archived_at is None]

    def _holders(self, search: Search) -> frozenset[int] | None:
        """The only records that can match, where a unique value is asked for and search is up to date."""
        named = [
            each
            for group in search.groups
            for each in group
            if each.operator == "EQ" and each.name in self.unique
        ]
        if len(search.groups) != 1 or not named or self.index.is_behind:
            return None
        holder = self.holder(named[0].name, named[0].value)
        return frozenset() if holder is None else frozenset((holder,))

    def page(self, after: int, limit: int, *, archived: bool) -> tuple[list[Record], int | None]:
        """Records in id order from an id on, and the id at which the next page begins."""
        page: list[Record] = []
        for record in self._from(after):
            if (record.archived_at is not None) is not archived or record.id in self.merged:
                continue
            if len(page) == limit:
                return page, record.id
            page.append(record)
        return page, None

    def _from(self, record_id: int) -> Iterator[Record]:
        start = bisect_left(self.ids, record_id)
        return (self.records[self.ids[place]] for place in range(start, len(self.ids)))

    def _by_unique(self, name: str, value: str) -> Record | None:
        if name not in self.unique:
            raise invalid(f"Unable to perform lookup by non-unique {self.kind.type_id} property {name}")
        holder = self.holder(name, value)
        return self.records.get(holder) if holder is not None else None


def _additional(record: Record) -> list[str]:
    """The further e-mail addresses that a contact has since a merge."""
    addresses = record.values.get("hs_additional_emails")
    return addresses.lower().split(";") if addresses else []


def _page(ids: Callable[[int, int], list[int]], start: int, total: int, search: Search) -> list[int]:
    first, last = search.offset, min(search.offset + search.limit, total)
    if not search.descending:
        return ids(start + first, start + last)
    return ids(total - last, total - first)[::-1] if last > first else []

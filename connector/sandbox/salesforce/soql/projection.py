"""What a query selects: the SQL that fetches it, and the JSON records that it becomes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.salesforce.schema import Field
from connector.sandbox.salesforce.soql.columns import BASE, Column, Lookup, Parent, Scope
from connector.sandbox.salesforce.store import Value, quoted

SqlRow = Sequence[Value]
Reading = Callable[[SqlRow, int], Any]
ADDRESS_PARTS = (
    "City",
    "Country",
    "GeocodeAccuracy",
    "Latitude",
    "Longitude",
    "PostalCode",
    "State",
    "Street",
)


@dataclass
class Shape:
    """A record as it is answered: its type and the place of its id, then each key with its place."""

    type_name: str
    id_at: int
    url: str
    kinds: dict[str, str] = field(default_factory=dict)
    entries: list[tuple[str, int, Reading | None]] = field(default_factory=list)
    nested: dict[str, "Shape"] = field(default_factory=dict)

    def record(self, row: SqlRow, _: int = 0) -> dict[str, Any] | None:
        """The record of a row; None for a parent that there is not."""
        record_id = row[self.id_at]
        if record_id is None:
            return None
        kind = self.kinds.get(str(record_id)[:3], self.type_name)
        made: dict[str, Any] = {
            "attributes": {"type": self.type_name, "url": f"{self.url}/sobjects/{kind}/{record_id}"}
        }
        for key, at, reading in self.entries:
            made[key] = row[at] if reading is None else reading(row, at)
        return made


@dataclass
class ByType:
    """A parent that shows other fields for each object that it may be of."""

    shapes: list[Shape] = field(default_factory=list)

    def record(self, row: SqlRow, _: int = 0) -> dict[str, Any] | None:
        """The parent's record; None when it is of no object that was asked for."""
        return next((shape.record(row) for shape in self.shapes if row[shape.id_at] is not None), None)


class Projection:
    """Collects the columns of the select list; `url` is the address of the API version asked."""

    def __init__(self, scope: Scope, url: str) -> None:
        self.columns = [f'{BASE}."Id"']
        self.shape = Shape(scope.sobject.name, 0, url)
        self._url = url
        self._cases: dict[str, ByType] = {}

    def add(self, column: Column) -> None:
        """Select one field, under its parents."""
        shape = self.shape
        for lookup in column.via:
            shape = self._parent(shape, lookup)
        shape.entries.append((column.field.name, *self._place(column)))

    def add_by_type(self, lookup: Lookup, parent: Parent, columns: Sequence[Column]) -> None:
        """Select fields of a parent for the case that it is of this object."""
        if not columns:
            return
        either = self._cases.get(lookup.name)
        if either is None:
            either = self._cases[lookup.name] = ByType()
            self.shape.entries.append((lookup.name, 0, either.record))
        shape = Shape(parent.sobject.name, self._select(f'{parent.alias}."Id"'), self._url)
        shape.entries += [(column.field.name, *self._place(column)) for column in columns]
        either.shapes.append(shape)

    def _parent(self, shape: Shape, lookup: Lookup) -> Shape:
        if lookup.name not in shape.nested:
            ids = [f'{parent.alias}."Id"' for parent in lookup.parents]
            at = self._select(f"coalesce({', '.join(ids)})" if lookup.polymorphic else ids[0])
            kinds = {parent.sobject.prefix: parent.sobject.name for parent in lookup.parents}
            name = "Name" if lookup.polymorphic else lookup.parents[0].sobject.name
            below = Shape(name, at, self._url, kinds)
            shape.nested[lookup.name] = below
            shape.entries.append((lookup.name, at, below.record))
        return shape.nested[lookup.name]

    def _place(self, column: Column) -> tuple[int, Reading | None]:
        if column.field.type == "address":
            return self._select_address(column), _address
        return self._select(
            shown(column.sql, column.field)
        ), _boolean if column.field.type == "boolean" else None

    def _select(self, sql: str) -> int:
        self.columns.append(sql)
        return len(self.columns) - 1

    def _select_address(self, column: Column) -> int:
        table, prefix = column.sql.split(".")[0], column.field.name.removesuffix("Address")
        first = len(self.columns)
        for part in ADDRESS_PARTS:
            self._select(f"{table}.{quoted(prefix + part)}")
        return first


def shown(sql: str, of: Field) -> str:
    """A column as it is answered."""
    return f"strftime('%Y-%m-%dT%H:%M:%S.000+0000', {sql}, 'unixepoch')" if of.type == "datetime" else sql


def _boolean(row: SqlRow, at: int) -> bool | None:
    return None if row[at] is None else bool(row[at])


def _address(row: SqlRow, at: int) -> dict[str, Value] | None:
    parts = row[at : at + len(ADDRESS_PARTS)]
    if all(part is None for part in parts):
        return None
    return {name[0].lower() + name[1:]: part for name, part in zip(ADDRESS_PARTS, parts, strict=True)}

"""What the org says of its objects and fields, as far as this user may see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from connector.sources.salesforce.connection import Connection

_KEPT = timedelta(hours=1)
"""How long a description is believed: an admin may lengthen a field or add a picklist value."""


@dataclass(frozen=True, slots=True)
class SObject:
    """One object: its name, its fields by name, and what this user may do."""

    name: str
    fields: Mapping[str, Mapping[str, Any]]
    updateable: bool
    createable: bool
    record_types: frozenset[str]

    def missing(self, field: str, mapped_as: str) -> str:
        """The sentence about a field that is not there."""
        near = get_close_matches(field, self.fields, n=1)
        hint = f"; did you mean {near[0]}?" if near else ", or the user may not see it"
        return f"{self.name} has no field {field} (mapped as {mapped_as}){hint}"

    def parent(self, field: str) -> tuple[str, str] | None:
        """For a lookup, the name by which queries reach its parent, and the parent's object."""
        known = self.fields.get(field)
        if known is None or not known["referenceTo"] or not known["relationshipName"]:
            return None
        return known["relationshipName"], known["referenceTo"][0]


class Catalog:
    """Descriptions by object, each asked for once an hour."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._known: dict[str, tuple[datetime, SObject]] = {}

    def of(self, name: str) -> SObject:
        """The description of an object; SourceLocked if there is none for this user."""
        asked_at, known = self._known.get(name, (None, None))
        if asked_at is None or known is None or self._connection.server_time - asked_at > _KEPT:
            known = self._ask(name)
            self._known[name] = self._connection.server_time, known
        return known

    def _ask(self, name: str) -> SObject:
        return self._connection.call(
            "metadata", lambda sf: _described(name, sf.restful(f"sobjects/{name}/describe"))
        )


def _described(name: str, told: Any) -> SObject:
    return SObject(
        name,
        {field["name"]: field for field in told["fields"]},
        bool(told["updateable"]),
        bool(told["createable"]),
        frozenset(info["developerName"] for info in told["recordTypeInfos"]),
    )

"""Records as JSON: which properties an answer shows, their history, and their associations."""

from collections.abc import Iterable
from typing import Any

from connector.sandbox.hubspot.call import Call
from connector.sandbox.hubspot.kinds import CONTACTS, kind_named
from connector.sandbox.hubspot.records import CONTACT_GETTERS, Getter, Record
from connector.sandbox.hubspot.stamps import stamp

CREATED_WITH = frozenset(CONTACT_GETTERS) - {"hs_calculated_merged_vids"}


class View:
    """Shows the records of one call, all with the same properties."""

    def __init__(self, call: Call, names: Iterable[str], history: Iterable[str] = ()) -> None:
        table = call.table
        asked = [name for name in names if name in table.properties]
        wanted = set(asked or (table.kind.shown if not list(names) else ()))
        self._call = call
        self._shape = table.shape
        self._columns = self._shape.columns(wanted | self._shape.always)
        self._history = [name for name in history if name in table.properties]

    def __call__(self, record: Record) -> dict[str, Any]:
        """The JSON object of one record."""
        body = self._shape.render(record, self._columns)
        if self._history:
            body["propertiesWithHistory"] = {name: _history(record, name) for name in self._history}
        return body


def _history(record: Record, name: str) -> list[dict[str, Any]]:
    shown = []
    for change in record.history(name):
        source = change.source
        item: dict[str, Any] = {
            "value": change.value,
            "timestamp": stamp(change.at),
            "sourceType": source.type,
            "sourceId": source.id,
            "sourceLabel": source.label,
        }
        shown.append(item | {"updatedByUserId": source.user_id} if source.user_id is not None else item)
    return shown


def written(call: Call, record: Record, sent: Iterable[str], *, created: bool) -> dict[str, Any]:
    """The answer to a write: what was sent, what HubSpot worked out, and the stamps.

    An update of a contact comes back without createdate and hs_object_id, as was recorded.
    """
    shape, is_contact = call.table.shape, call.kind is CONTACTS
    names = set(sent)
    if created or not is_contact:
        names |= shape.always
    names.add(call.kind.modified)
    if is_contact and (created or "email" in names):
        names |= CREATED_WITH if created else {"hs_email_domain"}
    columns: list[tuple[str, Getter | None]] = shape.columns(names)
    body = shape.render(record, columns)
    properties = body["properties"]
    body["properties"] = {
        name: "" if value is None and name in sent else value
        for name, value in properties.items()
        if value is not None or name in sent
    }
    return body


def associations(call: Call, record: Record, targets: Iterable[str]) -> dict[str, Any]:
    """The `associations` block of a read."""
    block: dict[str, Any] = {}
    for target in map(kind_named, targets):
        ends = call.portal.links.of(call.kind.type_id, record.id, target.type_id)
        results = [
            {"id": str(other), "type": _type_name(call, target.singular, each.label)}
            for other, types in ends
            for each in types
        ]
        if results:
            block[target.name] = {"results": results}
    return block


def _type_name(call: Call, target: str, label: str | None) -> str:
    plain = f"{call.kind.singular}_to_{target}"
    return plain if label in (None, "Primary") else str(label).lower().replace(" ", "_")

"""One CRM record, who changed it when, and the properties that HubSpot works out by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.hubspot.kinds import CONTACTS, DEALS, Kind
from connector.sandbox.hubspot.stamps import stamp


@dataclass(frozen=True)
class Source:
    """Who changed something, as the property history tells it."""

    type: str
    id: str = ""
    label: str = ""
    user_id: int | None = None


IMPORT = Source("IMPORT", "1", "Import")
MERGE = Source("MERGE_OBJECTS", "", "Merge")
WORKFLOW = Source("AUTOMATION_PLATFORM", "enrollmentId:1", "Workflow")
CALCULATED = Source("CALCULATED", "PropertyChangeCalculator")
SALESFORCE = Source("SALESFORCE", "salesforce-sync", "Salesforce")


@dataclass(slots=True, frozen=True)
class Change:
    """One value that a property got."""

    name: str
    value: str
    at: int
    source: Source


@dataclass(slots=True)
class Record:
    """A record: its values are strings as on the wire, its times milliseconds since 1970."""

    id: int
    created: int
    modified: int
    values: dict[str, str]
    source: Source
    archived_at: int | None = None
    changes: list[Change] | None = None
    merged: list[tuple[int, int]] | None = None

    def copy(self) -> "Record":
        """This record as it is now, whatever happens to it later."""
        return Record(self.id, self.created, self.modified, dict(self.values), self.source, self.archived_at)

    def change(self, name: str, value: str, at: int, source: Source) -> None:
        """Give a property a value ("" clears it) and remember who did so."""
        if self.changes is None:
            self.changes = []
        if name in self.values and not any(change.name == name for change in self.changes):
            self.changes.append(Change(name, self.values[name], self.created, self.source))
        self.changes.append(Change(name, value, at, source))
        if value:
            self.values[name] = value
        else:
            self.values.pop(name, None)

    def history(self, name: str) -> list[Change]:
        """The values that a property had, newest first."""
        known = [change for change in self.changes or () if change.name == name]
        if not known and name in self.values:
            known = [Change(name, self.values[name], self.created, self.source)]
        return known[::-1]


Getter = Callable[[Record], str | None]


def _email_domain(record: Record) -> str | None:
    return record.values.get("email", "").partition("@")[2] or None


def _all_vids(record: Record) -> str:
    return ";".join(str(number) for number in (record.id, *(vid for vid, _ in record.merged or ())))


def _merged_ids(record: Record) -> str | None:
    return ";".join(str(number) for number, _ in record.merged or ()) or None


def _merged_vids(record: Record) -> str | None:
    return ";".join(f"{number}:{at}" for number, at in record.merged or ()) or None


CONTACT_GETTERS: dict[str, Getter] = {
    "hs_all_contact_vids": _all_vids,
    "hs_calculated_merged_vids": _merged_vids,
    "hs_email_domain": _email_domain,
    "hs_is_contact": lambda record: "true",
    "hs_is_unworked": lambda record: "false" if "hs_lead_status" in record.values else "true",
    "hs_pipeline": lambda record: "contacts-lifecycle-pipeline",
}


def _getters(kind: Kind, chances: Mapping[str, str]) -> dict[str, Getter]:
    """How to read the properties that are not in `values`."""
    own: dict[str, Getter] = {
        "hs_object_id": lambda record: str(record.id),
        kind.created: lambda record: stamp(record.created),
        kind.modified: lambda record: stamp(record.modified),
        "hs_merged_object_ids": _merged_ids,
        "hs_object_source": lambda record: record.source.type,
        "hs_object_source_id": lambda record: record.source.id or None,
        "hs_object_source_label": lambda record: record.source.type,
    }
    if kind is DEALS:
        return own | _deal_getters(chances)
    return own | (CONTACT_GETTERS if kind is CONTACTS else {})


def _deal_getters(chances: Mapping[str, str]) -> dict[str, Getter]:
    def chance(record: Record) -> str | None:
        return chances.get(record.values.get("dealstage", ""))

    return {
        "hs_deal_stage_probability": chance,
        "hs_is_closed": lambda record: str(chance(record) in ("0", "0.0", "1", "1.0")).lower(),
        "hs_is_closed_won": lambda record: str(chance(record) in ("1", "1.0")).lower(),
    }


@dataclass
class Shape:
    """How records of one type are turned into JSON objects; `chances` are those of the deal stages."""

    kind: Kind
    chances: dict[str, str] = field(default_factory=dict)
    computed: dict[str, Getter] = field(init=False)
    always: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.computed = _getters(self.kind, self.chances)
        self.always = frozenset((self.kind.created, self.kind.modified, "hs_object_id"))

    def columns(self, names: frozenset[str] | set[str]) -> list[tuple[str, Getter | None]]:
        """The properties to show, in HubSpot's order, each with how to read it (None: from `values`)."""
        return [(name, self.computed.get(name)) for name in sorted(names)]

    def render(self, record: Record, columns: list[tuple[str, Getter | None]]) -> dict[str, Any]:
        """The JSON object of a record with these columns."""
        values = record.values
        body: dict[str, Any] = {
            "id": str(record.id),
            "properties": {name: getter(record) if getter else values.get(name) for name, getter in columns},
            "createdAt": stamp(record.created),
            "updatedAt": stamp(record.modified),
            "archived": record.archived_at is not None,
        }
        return body if record.archived_at is None else body | {"archivedAt": stamp(record.archived_at)}

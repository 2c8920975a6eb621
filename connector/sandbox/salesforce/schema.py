"""Objects and their fields: the standard ones from the catalogue, custom ones as they are declared."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files

import orjson

TEXT = frozenset(
    ("string", "textarea", "phone", "email", "url", "picklist", "multipicklist", "combobox", "anyType")
)
IDS = frozenset(("id", "reference"))
DECIMALS = frozenset(("double", "currency", "percent"))
COMPOUNDS = frozenset(("address",))
CUSTOM_DEFAULTS = {
    "string": "255",
    "url": "255",
    "picklist": "255",
    "multipicklist": "4099",
    "textarea": "32768",
}


@dataclass(frozen=True)
class Field:
    """One field as describe shows it; `flags` are those of the catalogue.

    C createable, U updateable, N nillable, D defaulted on create, R restricted picklist, X not filterable,
    I lookup by id, A the object's name, E external id, Q unique.
    """

    name: str
    label: str
    type: str
    length: int = 0
    scale: int = 0
    flags: str = ""
    refers_to: tuple[str, ...] = ()
    relationship: str = ""
    values: tuple[str, ...] = ()

    @cached_property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def stored(self) -> bool:
        """Whether the field has a column of its own."""
        return self.type not in COMPOUNDS

    @property
    def writable(self) -> bool:
        return "C" in self.flags or "U" in self.flags

    def has(self, flag: str) -> bool:
        return flag in self.flags

    @cached_property
    def required(self) -> bool:
        """Whether a create must give it a value."""
        return "C" in self.flags and not any(flag in self.flags for flag in "ND") and self.type != "boolean"


@dataclass
class SObject:
    """One object; `fields` are by lower-case name, since names are not case-sensitive.

    `flags`: C createable, U updateable, D deletable, M mergeable, R replicateable, S searchable.
    """

    name: str
    label: str
    plural: str
    prefix: str
    flags: str = ""
    fields: dict[str, Field] = field(default_factory=dict)

    def field(self, name: str) -> Field | None:
        """The field of this name in any case; None when there is none."""
        return self.fields.get(name.lower())

    def relationship(self, name: str) -> Field | None:
        """The lookup field whose parent is reached under this name."""
        wanted = name.lower()
        return next(
            (f for f in self.fields.values() if f.relationship and f.relationship.lower() == wanted), None
        )

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    def has(self, flag: str) -> bool:
        return flag in self.flags

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields.values())


Schema = dict[str, SObject]


def standard_schema() -> Schema:
    """A new set of the standard objects, by lower-case name."""
    schema = {row["name"].lower(): _standard_object(row) for row in _rows("objects.csv")}
    for object_name, made in _standard_fields():
        schema[object_name.lower()].fields[made.name.lower()] = made
    return schema


def _standard_object(row: dict[str, str]) -> SObject:
    return SObject(row["name"], row["label"], row["plural"], row["prefix"], row["flags"])


@cache
def _standard_fields() -> tuple[tuple[str, Field], ...]:
    picklists = orjson.loads(_text("picklists.json"))
    return tuple(
        (row["object"], _standard_field(row, tuple(picklists.get(f"{row['object']}.{row['name']}", ()))))
        for row in _rows("fields.csv")
    )


def _standard_field(row: dict[str, str], values: tuple[str, ...]) -> Field:
    length, scale = _size(row["length"])
    return Field(
        name=row["name"],
        label=row["label"],
        type=row["type"],
        length=length,
        scale=scale,
        flags=row["flags"],
        refers_to=tuple(row["refers_to"].split(";")) if row["refers_to"] else (),
        relationship=row["relationship"],
        values=values,
    )


def children_of(schema: Schema, sobject: SObject) -> Iterator[tuple[str, SObject, Field]]:
    """What points to an object: the name of the relationship, if it has one, the child and its field."""
    for child in schema.values():
        for one in child:
            if sobject.name in one.refers_to:
                name = _child_names().get((sobject.name, child.name, one.name), "")
                yield (f"{child.plural}__r" if one.custom else name), child, one


@cache
def _child_names() -> dict[tuple[str, str, str], str]:
    return {(row["parent"], row["child"], row["field"]): row["name"] for row in _rows("children.csv")}


_OF_EVERY_OBJECT = (
    "Id",
    "IsDeleted",
    "CreatedDate",
    "CreatedById",
    "LastModifiedDate",
    "LastModifiedById",
    "SystemModstamp",
    "LastActivityDate",
    "LastViewedDate",
    "LastReferencedDate",
    "OwnerId",
    "RecordTypeId",
)


def custom_object(name: str, label: str, plural: str, prefix: str) -> SObject:
    """A custom object as an admin declares it: with a name, an owner who may be a queue, and record types."""
    common = {each.name: each for of, each in _standard_fields() if of == "Lead"}
    named = Field("Name", f"{label} Name", "string", 80, flags="CUDA")
    fields = [common["Id"], named, *(common[each] for each in _OF_EVERY_OBJECT[1:])]
    return SObject(name, label, plural, prefix, "CUDRS", {each.name.lower(): each for each in fields})


def custom_field(
    name: str,
    type: str,
    label: str = "",
    size: str = "",
    *,
    flags: str = "",
    refers_to: str = "",
    values: tuple[str, ...] = (),
) -> Field:
    """A custom field as an admin declares it; `size` is a length, or digits before and after the point."""
    length, scale = _size(size or CUSTOM_DEFAULTS.get(type, "18.2" if type in DECIMALS else "0"))
    return Field(
        name=name,
        label=label or name.removesuffix("__c").replace("_", " "),
        type=type,
        length=18 if type == "reference" else length,
        scale=scale,
        flags="CU" + ("D" if type == "boolean" else "N") + ("X" if type == "textarea" else "") + flags,
        refers_to=(refers_to,) if refers_to else (),
        relationship=name.removesuffix("__c") + "__r" if refers_to else "",
        values=values,
    )


def _size(text: str) -> tuple[int, int]:
    whole, _, scale = text.partition(".")
    return int(whole or 0), int(scale or 0)


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(name).splitlines()))


def _text(name: str) -> str:
    return (files(__package__) / "catalog" / name).read_text(encoding="utf-8")

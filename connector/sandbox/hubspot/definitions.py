"""Property definitions: what may stand in a field, and how the API describes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connector.sandbox.hubspot.stamps import stamp

FIELD_TYPES = {
    "bool": ("booleancheckbox",),
    "enumeration": ("booleancheckbox", "checkbox", "radio", "select"),
    "date": ("date",),
    "datetime": ("date",),
    "string": ("text", "textarea", "html", "file", "phonenumber"),
    "number": ("number", "calculation_equation"),
}


@dataclass(frozen=True)
class Option:
    """One value of an enumeration."""

    value: str
    label: str
    hidden: bool = False
    description: str = ""


@dataclass(frozen=True)
class Property:
    """One property of an object type."""

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    group: str = ""
    options: tuple[Option, ...] = ()
    read_only: bool = False
    unique: bool = False
    owner: bool = False
    hubspot_defined: bool = True
    description: str = ""
    created_at: int = 0
    updated_at: int = 0

    @property
    def values(self) -> tuple[str, ...]:
        """The allowed values of an enumeration."""
        return tuple(option.value for option in self.options)

    def body(self) -> dict[str, Any]:
        """The definition as the properties API answers it."""
        body: dict[str, Any] = {
            "updatedAt": stamp(self.updated_at),
            "createdAt": stamp(self.created_at),
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [
                {
                    "label": option.label,
                    "value": option.value,
                    "description": option.description,
                    "displayOrder": number,
                    "hidden": option.hidden,
                }
                for number, option in enumerate(self.options)
            ],
            "displayOrder": -1,
            "calculated": False,
            "externalOptions": self.owner,
            "archived": False,
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": self.hubspot_defined,
            "modificationMetadata": {
                "archivable": not self.hubspot_defined,
                "readOnlyDefinition": self.hubspot_defined,
                "readOnlyValue": self.read_only,
                "readOnlyOptions": self.hubspot_defined,
            },
            "formField": not self.read_only,
            "dataSensitivity": "non_sensitive",
        }
        return body | {"referencedObjectType": "OWNER"} if self.owner else body


def choices(values: Sequence[str]) -> tuple[Option, ...]:
    """Options whose labels are the values in plain words."""
    return tuple(Option(value, _in_words(value)) for value in values)


def _in_words(value: str) -> str:
    return value.replace("_", " ").capitalize() if value.isupper() else value

"""Our names beside HubSpot's: what to ask of a lead, of its contact, and of its company."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from connector.model.lead import Value
from connector.sources.hubspot.objects import BY_NAME, OF_CONTACT, OWNER, LeadObject, merged_properties
from connector.sources.mapping import as_value, read_map
from connector.sources.settings import HubSpotSettings


@dataclass(frozen=True, slots=True)
class FieldMap:
    """HubSpot's property by our name: read from the record, from its contact, its company; and written.

    `partner_is_link` says that the partner is known by an association alone, with no text beside it.
    """

    lead: LeadObject
    own: Mapping[str, str]
    contact: Mapping[str, str]
    company: Mapping[str, str]
    written: Mapping[str, str]
    linked: str | None
    partner_is_link: bool

    @classmethod
    def of(cls, settings: HubSpotSettings) -> Self:
        """The map of a `[crm.NAME]` table."""
        lead = BY_NAME[settings.object]
        written = {str(name): own for name, own in settings.write.items()}
        read = read_map(lead.read, settings.read, written)
        on_contact = {name: own for name, own in read.items() if own.startswith(OF_CONTACT)}
        return cls(
            lead=lead,
            own={name: own for name, own in read.items() if name not in on_contact},
            contact={name: own.removeprefix(OF_CONTACT) for name, own in on_contact.items()},
            company={f"company.{name}": own for name, own in settings.read_company.items()},
            written=written,
            linked=settings.linked_record.field if settings.linked_record else None,
            partner_is_link=settings.partner_link is not None and "partner" not in written,
        )

    @property
    def to_read(self) -> list[str]:
        """The properties of the record that make it a lead."""
        linked = [self.linked] if self.linked else []
        return _once(OWNER, *self.own.values(), *linked, *merged_properties(self.lead.type))

    @property
    def to_compare(self) -> list[str]:
        """The properties that tell what was written."""
        return _once(OWNER, self.lead.modified, *self.written.values())


def _once(*names: str) -> list[str]:
    return list(dict.fromkeys(names))


def values_of(held: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Value]:
    """What a record says under our names, without what is blank; what is no text is shown as one."""
    values = {name: held.get(own) for name, own in names.items()}
    return {name: as_value(value) for name, value in values.items() if value not in (None, "")}

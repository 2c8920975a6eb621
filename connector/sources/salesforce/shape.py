"""Which fields of a Lead are read and written under which names, and what a row says."""

from collections.abc import Mapping
from typing import Any

from connector.model.lead import Lead, Value
from connector.sources.base import Held, SourceLocked
from connector.sources.mapping import address, answered, as_value, moment
from connector.sources.owners import OwnerDirectory
from connector.sources.salesforce.catalog import Catalog
from connector.sources.salesforce.soql import value_at
from connector.sources.settings import SalesforceSettings

READ = {
    "first_name": "FirstName",
    "last_name": "LastName",
    "title": "Title",
    "email": "Email",
    "phone": "Phone",
    "company": "Company",
    "website": "Website",
    "street": "Street",
    "city": "City",
    "state": "State",
    "postal_code": "PostalCode",
    "country": "Country",
    "industry": "Industry",
    "employees": "NumberOfEmployees",
    "annual_revenue": "AnnualRevenue",
    "lead_source": "LeadSource",
    "status": "Status",
}
_SYSTEM = ("Id", "OwnerId", "CreatedDate", "SystemModstamp", "IsConverted", "IsDeleted", "MasterRecordId")
_RECORD_TYPE = "RecordType.DeveloperName"
Row = Mapping[str, Any]


class LeadShape:
    """The mapping of `[crm.NAME]` beside what the org describes."""

    def __init__(self, crm: str, settings: SalesforceSettings, catalog: Catalog, owners: OwnerDirectory):
        self._crm = crm
        self._settings = settings
        self._catalog = catalog
        self._owners = owners
        self.written: dict[str, str] = {str(name): own for name, own in settings.write.items()}
        self._linked = settings.linked_record.field if settings.linked_record else None

    def read_fields(self) -> list[str]:
        """What to select for `lead`."""
        record_type = [_RECORD_TYPE] if "RecordTypeId" in self._catalog.of("Lead").fields else []
        linked = [self._linked] if self._linked else []
        return [*_SYSTEM, *self._readable().values(), *record_type, *linked]

    def held_fields(self) -> list[str]:
        """What to select for `held`."""
        return [*_SYSTEM, *(self._path(name, own) for name, own in self.written.items())]

    def lead(self, row: Row) -> Lead:
        """A row with `read_fields` as a lead."""
        fields: dict[str, Value] = {name: value_at(row, path) for name, path in self._readable().items()}
        fields["record_type"] = value_at(row, _RECORD_TYPE)
        linked = row.get(self._linked) if self._linked else None
        return Lead(
            ref=address(self._crm, row["Id"]),
            owner=self._owners.name_of(row["OwnerId"]),
            created_at=moment(row["CreatedDate"]),
            changed_at=moment(row["SystemModstamp"]),
            fields={name: as_value(value) for name, value in fields.items() if value is not None},
            converted=bool(row["IsConverted"]),
            deleted=bool(row["IsDeleted"]),
            merged_into=row["MasterRecordId"] or None,
            linked=str(linked) if linked else None,
        )

    def held(self, row: Row) -> Held:
        """A row with `held_fields` as what the record holds."""
        values: dict[str, Value] = {
            name: value_at(row, self._path(name, own)) for name, own in self.written.items()
        }
        values["owner"] = self._owners.name_of(row["OwnerId"])
        return Held(row["Id"], values, moment(row["SystemModstamp"]))

    def _readable(self) -> dict[str, str]:
        """Path by neutral name; a standard field that the user may not see is a missing value."""
        known = self._catalog.of("Lead").fields
        standard = {name: own for name, own in READ.items() if own in known}
        named = {**answered(self.written), **self._settings.read}
        return {**standard, **{name: self._path(name, own) for name, own in named.items()}}

    def _path(self, name: str, own: str) -> str:
        """The field itself or, for a partner that is a record of its own, that record's name."""
        lead = self._catalog.of("Lead")
        if own not in lead.fields:
            raise SourceLocked(lead.missing(own, name), "INVALID_FIELD")
        link = self._settings.partner_link
        if link is None or own != self.written.get("partner"):
            return own
        parent = lead.parent(own)
        if parent is None:
            raise SourceLocked(f"Lead.{own} (mapped as {name}) is no lookup, but [crm] has a partner_link")
        return f"{parent[0]}.{found_by(link.by)}"


def found_by(by: str) -> str:
    """The field by which partner records are found."""
    return "Name" if by == "name" else by

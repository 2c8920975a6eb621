"""Salesforce Leads: read what changed, read back, write."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from simple_salesforce.format import format_soql

from connector.model.lead import Lead, Ref, Value
from connector.sources.base import Owner, Page, Source, SourceBusy, SourceError, SourceLocked, Update
from connector.sources.mapping import moment, read_map
from connector.sources.owners import OwnerDirectory
from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.errors import by_code, first_error
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
_SYSTEM = ("Id", "OwnerId", "CreatedDate", "SystemModstamp", "IsConverted")


class SalesforceSource(Source):
    """One Salesforce org."""

    read_size = 2000
    write_size = 200

    def __init__(self, crm: str, settings: SalesforceSettings, connection: Connection):
        super().__init__(crm, connection.calls)
        self._settings = settings
        self._connection = connection
        self._mapped: dict[str, str] = {str(name): own for name, own in settings.write.items()}
        self._read = read_map(READ, settings.read, self._mapped)
        self._owners = OwnerDirectory(self._load_owners, "Salesforce")

    def read_changed(self, since: datetime, until: datetime | None, after: str | None) -> Page:
        soql = self._changed_soql(since, until, after)
        answer = self._connection.call("pull", lambda sf: sf.query(soql))
        records = answer["records"]
        leads = tuple(self._lead(record) for record in records)
        # A page may be smaller than asked for; only `done` and the total say that it was the last.
        last = answer["done"] and answer["totalSize"] < self.read_size
        return Page(leads, until or self._server_time(), records[-1]["Id"] if records else after, last)

    def _changed_soql(self, since: datetime, until: datetime | None, after: str | None) -> str:
        record_type = "RecordType.DeveloperName" if self._has_record_types else None
        fields = dict.fromkeys([*_SYSTEM, *self._read.values(), *([record_type] if record_type else [])])
        tests = [format_soql("SystemModstamp >= {}", since)]
        if until:
            tests.append(format_soql("SystemModstamp <= {}", until))
        if after:
            tests.append(format_soql("Id > {}", after))
        if self._settings.created_after:
            tests.append(format_soql("CreatedDate >= {}", _midnight(self._settings.created_after)))
        if self._settings.record_types:
            tests.append(format_soql("RecordType.DeveloperName IN {}", list(self._settings.record_types)))
        where = " AND ".join(tests)
        # Field names come from the config and are checked against the org's own description of Lead.
        return f"SELECT {', '.join(fields)} FROM Lead WHERE {where} ORDER BY Id LIMIT {self.read_size}"  # noqa: S608

    def _lead(self, record: Mapping[str, Any]) -> Lead:
        fields: dict[str, Value] = {name: record.get(own) for name, own in self._read.items()}
        record_type = record.get("RecordType")
        if record_type:
            fields["record_type"] = record_type["DeveloperName"]
        return Lead(
            ref=Ref(self.crm, record["Id"]),
            owner=self._owners.name_of(record["OwnerId"]),
            created_at=moment(record["CreatedDate"]),
            changed_at=moment(record["SystemModstamp"]),
            fields={name: value for name, value in fields.items() if value is not None},
            converted=bool(record["IsConverted"]),
        )

    def read_back(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Value]]:
        own = ["Id", "OwnerId", *self._mapped.values()]
        body = {"ids": list(ids), "fields": own}
        rows = self._connection.call(
            "compare", lambda sf: sf.restful("composite/sobjects/Lead", method="POST", json=body)
        )
        return {row["Id"]: self._written(row) for row in rows or () if row}

    def _written(self, row: Mapping[str, Any]) -> dict[str, Value]:
        values: dict[str, Value] = {name: row.get(own) for name, own in self._mapped.items()}
        values["owner"] = self._owners.name_of(row["OwnerId"])
        return values

    def write(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        return self._owners.write_known(updates, self._write)

    def _write(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        records = [
            {"attributes": {"type": "Lead"}, "id": update.id, **self._own_values(update)}
            for update in updates
        ]
        body = {"allOrNone": False, "records": records}
        rows = self._connection.call(
            "write", lambda sf: sf.restful("composite/sobjects", method="PATCH", json=body)
        )
        if not isinstance(rows, list) or len(rows) != len(updates):
            raise SourceBusy("Salesforce did not answer for every record of a batch")
        return [_row_error(row) for row in rows]

    def _own_values(self, update: Update) -> dict[str, Any]:
        values: dict[str, Any] = {
            self._mapped[name]: value for name, value in update.values.items() if name in self._mapped
        }
        if "owner" in update.values:
            values["OwnerId"] = self._owner_id(str(update.values["owner"]))
        return values

    def _owner_id(self, name: str) -> str:
        owner = self._owners.get(name)
        if owner is None:
            raise SourceLocked(f"there is no {name} in Salesforce any more; correct it in the config")
        return owner.id

    def problems(self, owners: Sequence[str]) -> list[str]:
        found = [self._owners.problem(name) for name in owners]
        known = self._fields
        for name, own in {**self._settings.read, **self._mapped}.items():
            if own not in known:
                found.append(f"Lead has no field {own} (mapped as {name}), or the user may not see it")
        for name, own in self._mapped.items():
            if own in known and not known[own]["updateable"]:
                found.append(f"the user may not write Lead.{own} (mapped as {name})")
        return [problem for problem in found if problem]

    @cached_property
    def _fields(self) -> dict[str, Any]:
        described = self._connection.call("metadata", lambda sf: sf.restful("sobjects/Lead/describe"))
        if not described:
            raise SourceLocked("Salesforce does not describe the Lead object to this user")
        return {field["name"]: field for field in described["fields"]}

    @cached_property
    def _has_record_types(self) -> bool:
        return "RecordTypeId" in self._fields

    def _load_owners(self) -> list[Owner]:
        return [*self._queues(), *self._users()]

    def _users(self) -> list[Owner]:
        rows = self._all("SELECT Id, Username, IsActive, UserType FROM User")
        owning = ("Standard", "PowerPartner")
        return [
            Owner(f"user:{row['Username']}", row["Id"], bool(row["IsActive"]), row["UserType"] in owning)
            for row in rows
        ]

    def _queues(self) -> list[Owner]:
        rows = self._all("SELECT Id, DeveloperName FROM Group WHERE Type = 'Queue'")
        allowed = {
            row["QueueId"] for row in self._all("SELECT QueueId FROM QueueSobject WHERE SobjectType = 'Lead'")
        }
        return [
            Owner(f"queue:{row['DeveloperName']}", row["Id"], may_own=row["Id"] in allowed) for row in rows
        ]

    def _all(self, soql: str) -> list[Mapping[str, Any]]:
        answer = self._connection.call("directory", lambda sf: sf.query(soql))
        rows = list(answer["records"])
        while not answer["done"]:
            answer = self._more(answer["nextRecordsUrl"])
            rows += answer["records"]
        return rows

    def _more(self, url: str) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._connection.call(
            "directory", lambda sf: sf.query_more(url, identifier_is_url=True)
        )
        return answer

    def _server_time(self) -> datetime:
        return self._connection.transport.server_time or datetime.min.replace(tzinfo=UTC)

    def close(self) -> None:
        self._connection.close()


def _row_error(row: Mapping[str, Any]) -> SourceError | None:
    if row.get("success"):
        return None
    return by_code(*first_error(row.get("errors")))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)

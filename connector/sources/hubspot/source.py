"""HubSpot contacts: read what changed, read back, write."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from connector.model.lead import Lead, Ref, Value
from connector.sources.base import Owner, Page, Source, SourceBusy, SourceError, SourceLocked, Update
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.errors import row_error
from connector.sources.mapping import moment, read_map
from connector.sources.owners import OwnerDirectory
from connector.sources.settings import HubSpotSettings

READ = {
    "first_name": "firstname",
    "last_name": "lastname",
    "title": "jobtitle",
    "email": "email",
    "phone": "phone",
    "company": "company",
    "website": "website",
    "street": "address",
    "city": "city",
    "state": "state",
    "postal_code": "zip",
    "country": "country",
    "industry": "industry",
    "employees": "company_size",
    "annual_revenue": "annualrevenue",
    "lead_source": "hs_analytics_source",
    "status": "hs_lead_status",
}
_EARLIEST = datetime(2005, 1, 1, tzinfo=UTC)  # HubSpot's search has answered 500 to filters from 1970
_OWNER = "hubspot_owner_id"


class HubSpotSource(Source):
    """One HubSpot account."""

    read_size = 200
    write_size = 100

    def __init__(self, crm: str, settings: HubSpotSettings, connection: Connection):
        super().__init__(crm, connection.calls)
        self._settings = settings
        self._connection = connection
        self._mapped: dict[str, str] = {str(name): own for name, own in settings.write.items()}
        self._read = read_map(READ, settings.read, self._mapped)
        self._owners = OwnerDirectory(self._load_owners, "HubSpot")

    def read_changed(self, since: datetime, until: datetime | None, after: str | None) -> Page:
        body = {
            "filterGroups": [{"filters": self._filters(since, until, after)}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(dict.fromkeys([_OWNER, *self._read.values()])),
            "limit": self.read_size,
        }
        answer = self._connection.call("pull", self._connection.search.do_search, body)
        rows = answer["results"]
        last_id = str(rows[-1]["id"]) if rows else after
        if rows and after and int(rows[0]["id"]) <= int(after):
            raise SourceLocked("HubSpot's search did not page by id as asked; reading on could lose leads")
        # Neither `total` nor a short page marks the end: both count a stale index.
        done = "next" not in (answer.get("paging") or {})
        return Page(tuple(self._lead(row) for row in rows), until or self._server_time(), last_id, done)

    def _filters(self, since: datetime, until: datetime | None, after: str | None) -> list[dict[str, str]]:
        filters = [_filter("lastmodifieddate", "GTE", _ms(max(since, _EARLIEST)))]
        if until:
            filters.append(_filter("lastmodifieddate", "LTE", _ms(until)))
        if after:
            filters.append(_filter("hs_object_id", "GT", after))
        if self._settings.created_after:
            start = datetime.combine(self._settings.created_after, datetime.min.time(), UTC)
            filters.append(_filter("createdate", "GTE", _ms(start)))
        return filters

    def _lead(self, row: Mapping[str, Any]) -> Lead:
        held = row["properties"]
        fields: dict[str, Value] = {name: held.get(own) for name, own in self._read.items()}
        return Lead(
            ref=Ref(self.crm, str(row["id"])),
            owner=self._owners.name_of(held.get(_OWNER)),
            created_at=moment(row["createdAt"]),
            changed_at=moment(held["lastmodifieddate"]),
            fields={name: value for name, value in fields.items() if value not in (None, "")},
        )

    def read_back(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Value]]:
        body = {
            "inputs": [{"id": record_id} for record_id in ids],
            "properties": [_OWNER, *self._mapped.values()],
        }
        answer = self._connection.call("compare", self._connection.batch.read, body)
        return {str(row["id"]): self._written(row["properties"]) for row in answer["results"]}

    def _written(self, held: Mapping[str, Any]) -> dict[str, Value]:
        values: dict[str, Value] = {name: held.get(own) or None for name, own in self._mapped.items()}
        values["owner"] = self._owners.name_of(held.get(_OWNER))
        return values

    def write(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        return self._owners.write_known(updates, self._write)

    def _write(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        inputs = [
            {"id": update.id, "objectWriteTraceId": update.id, "properties": self._own_values(update)}
            for update in updates
        ]
        answer = self._connection.call("write", self._connection.batch.update, {"inputs": inputs})
        errors = _errors_by_id(answer)
        done = {str(row["id"]) for row in answer.get("results", ())}
        return [_answer(update.id, done, errors) for update in updates]

    def _own_values(self, update: Update) -> dict[str, str]:
        values = {
            self._mapped[name]: _text(value) for name, value in update.values.items() if name in self._mapped
        }
        if "owner" in update.values:
            values[_OWNER] = self._owner_id(str(update.values["owner"]))
        return values

    def _owner_id(self, name: str) -> str:
        owner = self._owners.get(name)
        if owner is None:
            raise SourceLocked(f"there is no {name} in HubSpot any more; correct it in the config")
        return owner.id

    def problems(self, owners: Sequence[str]) -> list[str]:
        found = [self._owners.problem(name) for name in owners]
        known = self._properties
        for name, own in {**self._settings.read, **self._mapped}.items():
            if own not in known:
                found.append(f"contacts have no property {own} (mapped as {name})")
        for name, own in self._mapped.items():
            if known.get(own, {}).get("modificationMetadata", {}).get("readOnlyValue"):
                found.append(f"the property {own} is read-only (mapped as {name})")
        return [problem for problem in found if problem]

    @cached_property
    def _properties(self) -> dict[str, Any]:
        answer = self._connection.call("metadata", self._connection.properties.get_all, "contacts")
        return {row["name"]: row for row in answer["results"]}

    def _load_owners(self) -> Iterator[Owner]:
        page: dict[str, str] = {}
        while True:
            answer = self._connection.call("directory", self._connection.owners.get_page, limit=100, **page)
            for row in answer["results"]:
                yield Owner(f"user:{row.get('email') or row['id']}", str(row["id"]), not row["archived"])
            after = (answer.get("paging") or {}).get("next", {}).get("after")
            if after is None:
                return
            page = {"after": after}

    def _server_time(self) -> datetime:
        if self._connection.server_time is None:
            raise SourceBusy("HubSpot's answer carries no Date header")
        return self._connection.server_time

    def close(self) -> None:
        self._connection.close()


def _filter(name: str, operator: str, value: str) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": value}


def _ms(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


def _text(value: Value) -> str:
    """A value as HubSpot takes it: always text, blank clears."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _errors_by_id(answer: Mapping[str, Any]) -> dict[str, SourceError]:
    errors: dict[str, SourceError] = {}
    for entry in answer.get("errors") or ():
        context = entry.get("context") or {}
        for record_id in (*context.get("objectWriteTraceId", ()), *context.get("ids", ())):
            errors[str(record_id)] = row_error(entry)
    return errors


def _answer(record_id: str, done: set[str], errors: Mapping[str, SourceError]) -> SourceError | None:
    if record_id in errors:
        return errors[record_id]
    # A merged-away id is silently left out of the results, so what was not confirmed was not written.
    return None if record_id in done else SourceBusy(f"HubSpot did not confirm the write of {record_id}")

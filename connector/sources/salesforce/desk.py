"""Deal registrations in Salesforce: opportunities, leads or a custom object, and the vendor's deals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from connector.model.lead import Ref, Value
from connector.model.registration import Deal, Registration, State
from connector.sources.base import Held, SourceBusy, SourceError, Update
from connector.sources.mapping import moment
from connector.sources.owners import OwnerDirectory
from connector.sources.registration_settings import (
    SalesforceDeals,
    SalesforceRegistrations,
    StatusWords,
)
from connector.sources.registrations import (
    RecordPage,
    RegistrationDesk,
    closing,
    outcome,
    said,
    submitted_at,
    truth,
)
from connector.sources.salesforce.catalog import Catalog
from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.reading import window
from connector.sources.salesforce.soql import MOST_IN_LIST, among, chunks, select, test, value_at
from connector.sources.salesforce.writing import Writer

_SYSTEM = ("Id", "CreatedDate", "SystemModstamp", "IsDeleted")
_PAGE = 2000
_OF_DEALS = {"won": "IsWon", "closed": "IsClosed"}
Row = Mapping[str, Any]
Record = TypeVar("Record")


class SalesforceDesk(RegistrationDesk):
    """The registrations of one org."""

    def __init__(
        self,
        crm: str,
        settings: SalesforceRegistrations,
        connection: Connection,
        catalog: Catalog,
        owners: OwnerDirectory,
    ):
        self._crm = crm
        self._settings = settings
        self._connection = connection
        self._catalog = catalog
        self._words = StatusWords(settings.stages)
        self._read = _mapped(settings.object, settings.read)
        self._written: dict[str, str] = {"status": settings.status}
        self._written |= {str(name): own for name, own in settings.write.items()}
        self._writer = Writer(
            connection, catalog, owners, self._written, None, conditional=False, sobject=settings.object
        )
        self.has_deals = settings.deals is not None

    def read_changed(
        self, since: datetime, until: datetime | None, after: str | None
    ) -> RecordPage[Registration]:
        fields = [*_SYSTEM, self._settings.status, *self._read.values()]
        return self._page(self._settings, fields, self._registration, since, until, after)

    def read_deals(self, since: datetime, until: datetime | None, after: str | None) -> RecordPage[Deal]:
        deals = self._settings.deals or SalesforceDeals()
        fields = [*_SYSTEM, *_deals_read(deals).values()]
        return self._page(deals, fields, self._deal, since, until, after)

    def _page(
        self,
        which: SalesforceRegistrations | SalesforceDeals,
        fields: Sequence[str],
        made: Callable[[Row], Record],
        since: datetime,
        until: datetime | None,
        after: str | None,
    ) -> RecordPage[Record]:
        tests = [*window(since, until), *_scope(which), *([test("Id > {}", after)] if after else [])]
        soql = select(fields, which.object, tests, f"ORDER BY Id LIMIT {_PAGE}")
        page = self._connection.page("registrations", soql, deleted=True)
        last = page.more is None and page.total < _PAGE
        last_id = page.records[-1]["Id"] if page.records else after
        records = tuple(map(made, page.records))
        return RecordPage(records, until or self._connection.server_time, last_id, last)

    def _registration(self, row: Row) -> Registration:
        fields: dict[str, Value] = {name: value_at(row, path) for name, path in self._read.items()}
        return Registration(
            ref=Ref(self._crm, row["Id"]),
            submitted_at=submitted_at(fields, moment(row["CreatedDate"])),
            changed_at=moment(row["SystemModstamp"]),
            status=self._words.read(value_at(row, self._settings.status)),
            fields=said(fields),
            won=outcome(fields),
            deleted=bool(row["IsDeleted"]),
        )

    def _deal(self, row: Row) -> Deal:
        read = _deals_read(self._settings.deals or SalesforceDeals())
        fields: dict[str, Value] = {name: value_at(row, path) for name, path in read.items()}
        won = truth(fields.get("won"))
        is_open = not (won or truth(fields.get("closed")))
        changed = moment(row["SystemModstamp"])
        closed_at = None if is_open else min(closing(fields) or changed, changed)
        return Deal(
            Ref(self._crm, row["Id"]), changed, said(fields), is_open, won, closed_at, bool(row["IsDeleted"])
        )

    def read_back(self, ids: Sequence[str]) -> Mapping[str, Held]:
        found: dict[str, Held] = {}
        for some in chunks(ids, MOST_IN_LIST):
            soql = select([*_SYSTEM, *self._written.values()], self._settings.object, [among("Id", some)])
            rows = self._connection.query("compare", soql)
            found |= {row["Id"]: self._held(row) for row in rows}
        return found

    def _held(self, row: Row) -> Held:
        values: dict[str, Value] = {name: value_at(row, own) for name, own in self._written.items()}
        state = self._words.read(value_at(row, self._settings.status))
        values["status"] = state.value if state else None
        return Held(row["Id"], values, moment(row["SystemModstamp"]))

    def write(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        return self._writer.write([self._worded(update) for update in updates])

    def _worded(self, update: Update) -> Update:
        if "status" not in update.values:
            return update
        word = self._words.written(State(str(update.values["status"])))
        return replace(update, values={**update.values, "status": word})

    def problems(self) -> list[str]:
        return [*self._object_problems(), *self._query_problems()]

    def _object_problems(self) -> Iterator[str]:
        settings = self._settings
        known = self._catalog.of(settings.object)
        if not known.updateable:
            yield f"the user may not edit {settings.object}, where registrations are answered"
        for name, own in self._written.items():
            if own not in known.fields:
                yield known.missing(own, f"registrations.{name}")
            elif not known.fields[own]["updateable"]:
                yield f"the user may not write {settings.object}.{own} (mapped as registrations.{name})"
        yield from self._word_problems(known.fields.get(settings.status))
        for record_type in settings.record_types:
            if record_type not in known.record_types:
                there = ", ".join(sorted(known.record_types - {"Master"})) or "none"
                yield f"{settings.object} has no record type {record_type}; there is {there}"

    def _word_problems(self, field: Mapping[str, Any] | None) -> Iterator[str]:
        if field is None or not field["restrictedPicklist"]:
            return
        active = {entry["value"] for entry in field["picklistValues"] if entry["active"]}
        lacking = [word for word in self._words.words if word not in active]
        if lacking:
            where = f"{self._settings.object}.{field['name']}"
            yield f"{where} is a restricted picklist without {', '.join(lacking)}; add them, or map stages"

    def _query_problems(self) -> Iterator[str]:
        paths = [*_SYSTEM, *self._read.values()]
        yield from self._refused("registrations", self._settings, paths)
        deals = self._settings.deals
        if deals:
            yield from self._refused("registrations.deals", deals, [*_SYSTEM, *_deals_read(deals).values()])

    def _refused(
        self, key: str, which: SalesforceRegistrations | SalesforceDeals, fields: Sequence[str]
    ) -> Iterator[str]:
        try:
            self._connection.query("metadata", select(fields, which.object, _scope(which), "LIMIT 1"))
        except SourceBusy:
            raise
        except SourceError as error:
            yield f"{key}: {error}"


def _mapped(sobject: str, read: Mapping[Any, str]) -> dict[str, str]:
    """Path by our name; whether an opportunity was won needs no mapping."""
    return {**(_OF_DEALS if sobject == "Opportunity" else {}), **read}


def _deals_read(deals: SalesforceDeals) -> dict[str, str]:
    closed = {"closed_at": "CloseDate"} if deals.object == "Opportunity" else {}
    return {**closed, **_mapped(deals.object, deals.read)}


def _scope(which: SalesforceRegistrations | SalesforceDeals) -> list[str]:
    """The tests that say which records are meant."""
    types = [among("RecordType.DeveloperName", which.record_types)] if which.record_types else []
    return [*types, *([f"({which.where})"] if which.where else [])]

"""Deal registrations in Salesforce: opportunities, leads or a custom object, and the vendor's deals."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connector.model.lead import Value
from connector.sources.base import Held, SourceBusy, SourceError, SourceRefused, Update
from connector.sources.mapping import moment
from connector.sources.owners import OwnerDirectory
from connector.sources.registration_settings import SalesforceDeals, SalesforceRegistrations
from connector.sources.registrations import Found, Place, RecordPage, RegistrationDesk
from connector.sources.salesforce.catalog import Catalog
from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.reading import surviving, window
from connector.sources.salesforce.shape import Row
from connector.sources.salesforce.soql import MOST_IN_LIST, among, chunks, select, test, value_at
from connector.sources.salesforce.writing import Writer

_SYSTEM = ("Id", "CreatedDate", "SystemModstamp", "IsDeleted")
_PAGE = 2000
_MERGED = ("Lead", "Account", "Contact")
"""The objects whose records can be merged, and then name the one that lives on."""

# A lead says nothing of the deal that it became; the opportunity that it was converted to does.
_OUTCOMES: Mapping[str, Mapping[str, str]] = {
    "Opportunity": {"won": "IsWon", "closed": "IsClosed", "closed_at": "CloseDate"},
    "Lead": {"won": "ConvertedOpportunity.IsWon", "closed": "ConvertedOpportunity.IsClosed"},
}
_OF_THE_DEAL = "ConvertedOpportunity.SystemModstamp"


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
        super().__init__(crm, settings, settings.deals)
        self._settings = settings
        self._connection = connection
        self._catalog = catalog
        self._writer = Writer(
            connection, catalog, owners, self._written, None, conditional=False, sobject=settings.object
        )

    def _find(
        self,
        place: Place,
        names: Mapping[str, str],
        since: datetime,
        until: datetime | None,
        after: str | None,
    ) -> RecordPage[Found]:
        changed = _changed(names, since, until)
        tests = [*changed, *_scope(place), *([test("Id > {}", after)] if after else [])]
        soql = select(_fields(place.object, names), place.object, tests, f"ORDER BY Id LIMIT {_PAGE}")
        page = self._connection.page("registrations", soql, deleted=True)
        last = page.more is None and page.total < _PAGE
        last_id = page.records[-1]["Id"] if page.records else after
        records = tuple(_found(row, names) for row in page.records)
        return RecordPage(records, until or self._connection.server_time, last_id, last)

    def _held(self, ids: Sequence[str]) -> Mapping[str, Held]:
        fields = _fields(self._settings.object, self._written)
        rows = surviving(self._connection, "compare", ids, fields, self._settings.object)
        return {asked: self._as_held(row) for asked, row in rows.items()}

    def _as_held(self, row: Row) -> Held:
        values: dict[str, Value] = {name: value_at(row, own) for name, own in self._written.items()}
        return Held(row["Id"], values, moment(row["SystemModstamp"]))

    def _send(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        return [_not_gone(answer) for answer in self._writer.write(updates)]

    def who_changed(self, ids: Sequence[str]) -> Mapping[str, str]:
        """Whoever changed the record last: Salesforce tells no more of a field without history tracking."""
        found: dict[str, str] = {}
        for some in chunks(ids, MOST_IN_LIST):
            soql = select(["Id", "LastModifiedBy.Username"], self._settings.object, [among("Id", some)])
            rows = self._connection.query("registrations", soql)
            names = {row["Id"]: value_at(row, "LastModifiedBy.Username") for row in rows}
            found |= {each: f"user:{name}" for each, name in names.items() if name}
        return found

    def _outcomes(self, object_name: str) -> Mapping[str, str]:
        return _OUTCOMES.get(object_name, {})

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
        places = (("registrations", self._settings), ("registrations.deals", self._settings.deals))
        for key, place in places:
            if place:
                yield from self._refused(key, place)

    def _refused(self, key: str, place: Place) -> Iterator[str]:
        fields = _fields(place.object, self._read_of(place))
        try:
            self._connection.query("metadata", select(fields, place.object, _scope(place), "LIMIT 1"))
        except SourceBusy:
            raise
        except SourceError as error:
            yield f"{key}: {error}"


def _not_gone(answer: SourceError | None) -> SourceError | None:
    """A converted lead is over for who routes leads; its registration lives on, and is answered there."""
    if isinstance(answer, SourceRefused) and answer.code == "CANNOT_UPDATE_CONVERTED_LEAD":
        return SourceRefused(str(answer), answer.code)
    return answer


def _fields(sobject: str, names: Mapping[str, str]) -> list[str]:
    merged = ["MasterRecordId"] if sobject in _MERGED else []
    deal = [_OF_THE_DEAL] if _asks_the_deal(names) else []
    return [*_SYSTEM, *merged, *deal, *names.values()]


def _asks_the_deal(names: Mapping[str, str]) -> bool:
    """Whether a lead's outcome is that of the opportunity which it was converted to."""
    return not set(_OUTCOMES["Lead"].values()).isdisjoint(names.values())


def _changed(names: Mapping[str, str], since: datetime, until: datetime | None) -> list[str]:
    """The tests of a window; a lead has changed as well when the opportunity that it became has."""
    own = window(since, until)
    if not _asks_the_deal(names):
        return own
    of_the_deal = [each.replace("SystemModstamp", _OF_THE_DEAL) for each in own]
    return [f"(({' AND '.join(own)}) OR ({' AND '.join(of_the_deal)}))"]


def _stamp(row: Row) -> datetime:
    stamps = (row["SystemModstamp"], value_at(row, _OF_THE_DEAL))
    return max(moment(each) for each in stamps if each)


def _found(row: Row, names: Mapping[str, str]) -> Found:
    return Found(
        id=row["Id"],
        created=moment(row["CreatedDate"]),
        changed=_stamp(row),
        fields={name: value_at(row, path) for name, path in names.items()},
        deleted=bool(row["IsDeleted"]),
        merged_into=row.get("MasterRecordId") or None,
    )


def _scope(place: Place) -> list[str]:
    """The tests that say which records are meant."""
    named = place.record_types if isinstance(place, SalesforceRegistrations | SalesforceDeals) else ()
    types = [among("RecordType.DeveloperName", named)] if named else []
    return [*types, *([f"({place.where})"] if place.where else [])]

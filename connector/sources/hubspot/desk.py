"""Deal registrations in HubSpot: deals of some pipelines or a custom object, and the vendor's deals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from connector.model.lead import Ref, Value
from connector.model.registration import Deal, Registration, State
from connector.sources.base import Held, SourceError, SourceLocked, Update
from connector.sources.hubspot.asking import Question, Search, between, check_order, condition, millis
from connector.sources.hubspot.comparing import Comparison
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.definitions import Definitions, is_read_only, missing, options
from connector.sources.hubspot.fields import FieldMap, values_of
from connector.sources.hubspot.links import Links
from connector.sources.hubspot.objects import COMPANIES, DEALS, RECORD_ID, LeadObject
from connector.sources.hubspot.records import Records, Row, absorbed
from connector.sources.hubspot.rights import NOBODY, told
from connector.sources.hubspot.where import MOST_FILTERS, BadWhere, Filter, parsed
from connector.sources.hubspot.writing import Writer
from connector.sources.mapping import moment
from connector.sources.owners import OwnerDirectory
from connector.sources.registration_settings import HubSpotDeals, HubSpotRegistrations, StatusWords
from connector.sources.registrations import (
    RecordPage,
    RegistrationDesk,
    closing,
    outcome,
    said,
    submitted_at,
    truth,
)

_OF_COMPANY = "company."
_PAGE = 200
_PURPOSE = "registrations"
_OF_DEALS = {"won": "hs_is_closed_won", "closed": "hs_is_closed"}
Which = HubSpotRegistrations | HubSpotDeals
Record = TypeVar("Record")


class HubSpotDesk(RegistrationDesk):
    """The registrations of one account."""

    def __init__(
        self,
        crm: str,
        settings: HubSpotRegistrations,
        connection: Connection,
        owners: OwnerDirectory,
        definitions: Definitions,
    ):
        self._crm = crm
        self._settings = settings
        self._connection = connection
        self._definitions = definitions
        self._records = Records(connection)
        self._links = Links(connection)
        self._words = StatusWords(settings.stages)
        self._written: dict[str, str] = {"status": settings.status}
        self._written |= {str(name): own for name, own in settings.write.items()}
        fields = _field_map(settings.object, self._written)
        self._comparison = Comparison(connection, fields, owners, None)
        self._writer = Writer(connection, fields, owners, definitions, None)
        self.has_deals = settings.deals is not None

    def read_changed(
        self, since: datetime, until: datetime | None, after: str | None
    ) -> RecordPage[Registration]:
        settings = self._settings
        read = _mapped(settings.object, settings.read)
        return self._page(
            settings, read, [settings.status], self._registration, window_of(since, until), until, after
        )

    def read_deals(self, since: datetime, until: datetime | None, after: str | None) -> RecordPage[Deal]:
        deals = self._settings.deals or HubSpotDeals()
        return self._page(deals, _deals_read(deals), [], self._deal, window_of(since, until), until, after)

    def _page(
        self,
        which: Which,
        read: Mapping[str, str],
        more: Sequence[str],
        made: Callable[[Row, Mapping[str, Value]], Record],
        window: Filter,
        until: datetime | None,
        after: str | None,
    ) -> RecordPage[Record]:
        beyond = [condition(RECORD_ID, "GT", after)] if after else []
        own = [name for name in read.values() if not name.startswith(_OF_COMPANY)]
        properties = list(dict.fromkeys([*own, *more, "createdate", "hs_lastmodifieddate"]))
        question = Question([window, *beyond, *_scope(which)], properties, limit=_PAGE)
        found = Search(self._connection, which.object).first(_PURPOSE, question)
        check_order(found.rows, after)
        companies = self._companies(which.object, read, found.rows)
        records = tuple(
            made(row, {**values_of(row["properties"], read), **companies.get(str(row["id"]), {})})
            for row in found.rows
        )
        last_id = str(found.rows[-1]["id"]) if found.rows else after
        return RecordPage(records, until or found.at, last_id, not found.more)

    def _companies(
        self, object_type: str, read: Mapping[str, str], found: Sequence[Row]
    ) -> dict[str, dict[str, Value]]:
        """What the record's company says, by the record's id."""
        names = {n: p.removeprefix(_OF_COMPANY) for n, p in read.items() if p.startswith(_OF_COMPANY)}
        if not names or not found:
            return {}
        ids = [str(row["id"]) for row in found]
        chosen = self._links.primary(_PURPOSE, object_type, COMPANIES, ids)
        rows = self._records.by_id(_PURPOSE, COMPANIES, chosen.values(), list(names.values()))
        return {
            each: values_of(rows[company]["properties"], names)
            for each, company in chosen.items()
            if company in rows
        }

    def _registration(self, row: Row, fields: Mapping[str, Value]) -> Registration:
        held = row["properties"]
        return Registration(
            ref=Ref(self._crm, str(row["id"])),
            submitted_at=submitted_at(fields, moment(row["createdAt"])),
            changed_at=moment(held.get("hs_lastmodifieddate") or row["updatedAt"]),
            status=self._words.read(held.get(self._settings.status)),
            fields=said(fields),
            won=outcome(fields),
            absorbed=absorbed(row),
        )

    def _deal(self, row: Row, fields: Mapping[str, Value]) -> Deal:
        changed = moment(row["properties"].get("hs_lastmodifieddate") or row["updatedAt"])
        won = truth(fields.get("won"))
        is_open = not (won or truth(fields.get("closed")))
        closed_at = None if is_open else min(closing(fields) or changed, changed)
        return Deal(Ref(self._crm, str(row["id"])), changed, said(fields), is_open, won, closed_at)

    def read_back(self, ids: Sequence[str]) -> Mapping[str, Held]:
        return {asked: self._held(held) for asked, held in self._comparison.held(ids).items()}

    def _held(self, held: Held) -> Held:
        state = self._words.read(str(held.values.get("status") or ""))
        values = {name: value for name, value in held.values.items() if name != "owner"}
        return replace(held, values={**values, "status": state.value if state else None})

    def write(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        return self._writer.write([self._worded(update) for update in updates])

    def _worded(self, update: Update) -> Update:
        if "status" not in update.values:
            return update
        word = self._words.written(State(str(update.values["status"])))
        return replace(update, values={**update.values, "status": word})

    def problems(self) -> list[str]:
        checks = (self._field_problems, self._filter_problems, self._right_problems)
        return list(dict.fromkeys(problem for check in checks for problem in told(check)))

    def _right_problems(self) -> Iterator[str]:
        """An update of no record changes nothing, and is refused to who may not write."""
        nobody = {"inputs": [{"id": NOBODY, "properties": {}}]}
        self._connection.call("metadata", self._connection.batch.update, self._settings.object, nobody)
        yield from ()

    def _field_problems(self) -> Iterator[str]:
        settings = self._settings
        known = self._definitions.of(settings.object)
        for name, own in self._written.items():
            if own not in known:
                yield str(missing(settings.object, own, f"registrations.{name}"))
            elif is_read_only(known[own]):
                yield f"the property {own} is read-only (mapped as registrations.{name})"
        yield from self._read_problems(settings.object, _mapped(settings.object, settings.read), "")
        if settings.status in known:
            allowed = options(known[settings.status])
            lacking = [word for word in self._words.words if allowed is not None and word not in allowed]
            if lacking:
                yield (
                    f"the property {settings.status} (mapped as registrations.status) has no option "
                    f"{', '.join(lacking)}; add them, or map stages"
                )
        if settings.deals:
            yield from self._read_problems(settings.deals.object, _deals_read(settings.deals), "deals.")

    def _read_problems(self, object_type: str, read: Mapping[str, str], part: str) -> Iterator[str]:
        for name, own in read.items():
            where = COMPANIES if own.startswith(_OF_COMPANY) else object_type
            own = own.removeprefix(_OF_COMPANY)
            if own not in self._definitions.of(where):
                yield str(missing(where, own, f"registrations.{part}{name}"))

    def _filter_problems(self) -> Iterator[str]:
        for key, which in (("registrations", self._settings), ("registrations.deals", self._settings.deals)):
            try:
                if which:
                    _scope(which)
            except SourceLocked as error:
                yield f"{key}: {error}"


def window_of(since: datetime, until: datetime | None) -> Filter:
    """The filter of a window of changes."""
    name = "hs_lastmodifieddate"
    return between(name, since, until) if until else condition(name, "GTE", millis(since))


def _field_map(object_type: str, written: Mapping[str, str]) -> FieldMap:
    own = LeadObject(object_type, "hs_lastmodifieddate", written["status"], {}, {})
    return FieldMap(own, {}, {}, {}, written, None, False)


def _mapped(object_type: str, read: Mapping[Any, str]) -> dict[str, str]:
    """Property by our name; whether a deal was won needs no mapping."""
    return {**(_OF_DEALS if object_type == DEALS else {}), **read}


def _deals_read(deals: HubSpotDeals) -> dict[str, str]:
    closed = {"closed_at": "closedate"} if deals.object == DEALS else {}
    return {**closed, **_mapped(deals.object, deals.read)}


def _scope(which: Which) -> list[Filter]:
    """The filters that say which records are meant; SourceLocked when they cannot be understood."""
    pipelines = which.pipelines
    own: list[Filter] = (
        [{"propertyName": "pipeline", "operator": "IN", "values": list(pipelines)}] if pipelines else []
    )
    try:
        return [*own, *parsed(which.where, MOST_FILTERS - 2 - len(own))]
    except BadWhere as error:
        raise SourceLocked(str(error)) from None

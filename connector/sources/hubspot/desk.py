"""Deal registrations in HubSpot: deals of some pipelines or a custom object, and the vendor's deals."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connector.model.lead import Value
from connector.sources.base import Held, SourceError, SourceLocked, SourceRefused, Update
from connector.sources.hubspot.asking import Question, Search, between, check_order, condition, millis
from connector.sources.hubspot.batches import pieces, rows
from connector.sources.hubspot.comparing import Comparison
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.definitions import Definitions, is_read_only, missing, options
from connector.sources.hubspot.fields import FieldMap, values_of
from connector.sources.hubspot.links import Links
from connector.sources.hubspot.objects import COMPANIES, DEALS, RECORD_ID, LeadObject, merged_properties
from connector.sources.hubspot.records import Records, Row, absorbed
from connector.sources.hubspot.rights import NOBODY, told
from connector.sources.hubspot.where import MOST_FILTERS, BadWhere, Filter, parsed
from connector.sources.hubspot.writing import Writer
from connector.sources.mapping import moment
from connector.sources.owners import OwnerDirectory
from connector.sources.registration_settings import HubSpotDeals, HubSpotRegistrations
from connector.sources.registrations import Found, Place, RecordPage, RegistrationDesk

_OF_COMPANY = "company."
_MODIFIED = "hs_lastmodifieddate"
_PAGE = 200
_WITH_HISTORY = 50  # HubSpot reads histories of so many records at once
_PURPOSE = "registrations"
_OF_DEALS = {"won": "hs_is_closed_won", "closed": "hs_is_closed", "closed_at": "closedate"}


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
        super().__init__(crm, settings, settings.deals)
        self._settings = settings
        self._connection = connection
        self._definitions = definitions
        self._records = Records(connection)
        self._links = Links(connection)
        self._users: dict[str, str | None] = {}
        fields = _field_map(settings.object, self._written)
        self._comparison = Comparison(connection, fields, owners, None)
        self._writer = Writer(connection, fields, owners, definitions, None)

    def _find(
        self,
        place: Place,
        names: Mapping[str, str],
        since: datetime,
        until: datetime | None,
        after: str | None,
    ) -> RecordPage[Found]:
        own = {name: path for name, path in names.items() if not path.startswith(_OF_COMPANY)}
        beyond = [condition(RECORD_ID, "GT", after)] if after else []
        properties = list(dict.fromkeys([*own.values(), _MODIFIED, *merged_properties(place.object)]))
        question = Question([window_of(since, until), *beyond, *_scope(place)], properties, limit=_PAGE)
        found = Search(self._connection, place.object).first(_PURPOSE, question)
        check_order(found.rows, after)
        companies = self._companies(place.object, names, found.rows)
        records = tuple(_found(row, own, companies.get(str(row["id"]), {})) for row in found.rows)
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
        known = self._records.by_id(_PURPOSE, COMPANIES, chosen.values(), list(names.values()))
        return {
            each: values_of(known[company]["properties"], names)
            for each, company in chosen.items()
            if company in known
        }

    def _held(self, ids: Sequence[str]) -> Mapping[str, Held]:
        return {asked: _without_owner(held) for asked, held in self._comparison.held(ids).items()}

    def _send(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        return self._writer.write(updates)

    def who_changed(self, ids: Sequence[str]) -> Mapping[str, str]:
        """The user behind the newest value of the status; nobody where an app or workflow set it."""
        found: dict[str, str] = {}
        for piece in pieces(ids, _WITH_HISTORY):
            status = self._settings.status
            body = {"inputs": [{"id": each} for each in piece], "propertiesWithHistory": [status]}
            answer = self._connection.call(_PURPOSE, self._connection.batch.read, self._settings.object, body)
            users = {str(row["id"]): _user_of(row, status) for row in rows(answer)}
            named = {each: self._user(user) for each, user in users.items() if user}
            found |= {each: name for each, name in named.items() if name}
        return found

    def _user(self, user_id: str) -> str | None:
        """The name of a user, who is an owner by another id."""
        if user_id not in self._users:
            ask = self._connection.owners.get_by_id
            try:
                row = self._connection.attempt(_PURPOSE, ask, user_id, id_property="userId")
                self._users[user_id] = f"user:{row['email']}" if row.get("email") else None
            except SourceRefused:
                self._users[user_id] = None
        return self._users[user_id]

    def _outcomes(self, object_name: str) -> Mapping[str, str]:
        return _OF_DEALS if object_name == DEALS else {}

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
        yield from self._read_problems(settings.object, self._read_of(settings), "")
        if settings.status in known:
            allowed = options(known[settings.status])
            lacking = [word for word in self._words.words if allowed is not None and word not in allowed]
            if lacking:
                yield (
                    f"the property {settings.status} (mapped as registrations.status) has no option "
                    f"{', '.join(lacking)}; add them, or map stages"
                )
        if settings.deals:
            yield from self._read_problems(settings.deals.object, self._read_of(settings.deals), "deals.")

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


def _user_of(row: Row, name: str) -> str | None:
    history = row["propertiesWithHistory"].get(name) or ()
    newest = max(history, key=lambda entry: moment(entry["timestamp"]), default=None)
    user = newest.get("updatedByUserId") if newest else None
    return str(user) if user else None


def _without_owner(held: Held) -> Held:
    return replace(held, values={name: value for name, value in held.values.items() if name != "owner"})


def _found(row: Row, names: Mapping[str, str], of_company: Mapping[str, Value]) -> Found:
    held = row["properties"]
    return Found(
        id=str(row["id"]),
        created=moment(row["createdAt"]),
        changed=moment(held.get(_MODIFIED) or row["updatedAt"]),
        fields={**values_of(held, names), **of_company},
        absorbed=absorbed(row),
    )


def window_of(since: datetime, until: datetime | None) -> Filter:
    """The filter of a window of changes."""
    return between(_MODIFIED, since, until) if until else condition(_MODIFIED, "GTE", millis(since))


def _field_map(object_type: str, written: Mapping[str, str]) -> FieldMap:
    own = LeadObject(object_type, _MODIFIED, written["status"], {}, {})
    return FieldMap(own, {}, {}, {}, written, None, False)


def _scope(place: Place) -> list[Filter]:
    """The filters that say which records are meant; SourceLocked when they cannot be understood."""
    pipelines = place.pipelines if isinstance(place, HubSpotRegistrations | HubSpotDeals) else ()
    # Deals alone keep their pipeline in a property without the prefix.
    name = "pipeline" if place.object == DEALS else "hs_pipeline"
    own: list[Filter] = (
        [{"propertyName": name, "operator": "IN", "values": list(pipelines)}] if pipelines else []
    )
    try:
        return [*own, *parsed(place.where, MOST_FILTERS - 2 - len(own))]
    except BadWhere as error:
        raise SourceLocked(str(error)) from None

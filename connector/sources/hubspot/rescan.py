"""What changed in a past window, found by another way than the pull."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from connector.sources.hubspot.asking import Found, Question, Search, between, condition, millis
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.fields import FieldMap
from connector.sources.hubspot.pulling import standing_filters
from connector.sources.hubspot.records import Records, Row
from connector.sources.hubspot.where import Filter
from connector.sources.mapping import moment
from connector.sources.settings import HubSpotSettings

PURPOSE = "reconcile"
_NEXT = timedelta(milliseconds=1)
_INDEXED_AFTER = timedelta(minutes=15)
"""After this time search has long sorted a record by the stamp that it shows."""


class Rescan:
    """Follows the change stamps rather than the ids, and looks into the recycling bin."""

    def __init__(self, settings: HubSpotSettings, connection: Connection):
        self._settings = settings
        self._fields = FieldMap.of(settings)
        self._search = Search(connection, self._fields.lead.type)
        self._records = Records(connection)

    def ids(self, since: datetime, until: datetime) -> Iterator[str]:
        """Changed and archived records, each once; only a list tells of archived ones."""
        told: set[str] = set()
        for rows in (self._changed(since, until), self._archived(since, until)):
            for each in (str(row["id"]) for row in rows):
                if each not in told:
                    told.add(each)
                    yield each

    def _changed(self, since: datetime, until: datetime) -> Iterator[Row]:
        low = since
        while low <= until:
            found = self._search.first(PURPOSE, self._question(low, until))
            yield from found.rows
            if not found.more:
                return
            last = self._last_stamp(found, until)
            if last is None or last < low:
                yield from self._drained(between(self._fields.lead.modified, low, until))
                return
            if last - low < _NEXT:
                yield from self._drained(condition(self._fields.lead.modified, "EQ", millis(last)))
                last += _NEXT
            low = last

    def _question(self, low: datetime, until: datetime) -> Question:
        modified = self._fields.lead.modified
        filters = [between(modified, low, until), *standing_filters(self._settings)]
        return Question(filters, [modified], sort=modified)

    def _drained(self, window: Filter) -> Iterator[Row]:
        """More records with one stamp than fit on a page: these are read by id."""
        filters = [window, *standing_filters(self._settings)]
        return self._search.by_id(PURPOSE, filters, [self._fields.lead.modified])

    def _last_stamp(self, found: Found, until: datetime) -> datetime | None:
        """How far a page goes; fresh stamps are left out, for search sorts by stamps that may be older."""
        latest = min(until, found.at - _INDEXED_AFTER)
        return max((stamp for stamp in map(self._stamp, found.rows) if stamp <= latest), default=None)

    def _stamp(self, row: Row) -> datetime:
        return moment(row["properties"][self._fields.lead.modified])

    def _archived(self, since: datetime, until: datetime) -> Iterator[Row]:
        for row in self._records.listed(PURPOSE, self._fields.lead.type, (), archived=True):
            archived = moment(row.get("archivedAt") or row["updatedAt"])
            if since <= archived <= until and self._is_new_enough(row):
                yield row

    def _is_new_enough(self, row: Row) -> bool:
        day = self._settings.created_after
        return day is None or moment(row["createdAt"]).astimezone(UTC).date() >= day

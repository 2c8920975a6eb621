"""Reading leads: what changed since, and some by id."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from connector.model.lead import Lead
from connector.sources.base import Held, Page
from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.shape import LeadShape, Row
from connector.sources.salesforce.soql import MOST_IN_LIST, among, chunks, select, test
from connector.sources.settings import SalesforceSettings

_MOST_MERGES = 20


class Reader:
    """Reads the leads of one org that the admin's table covers."""

    def __init__(self, connection: Connection, settings: SalesforceSettings, shape: LeadShape):
        self._connection = connection
        self._settings = settings
        self._shape = shape

    def page(self, since: datetime, until: datetime | None, after: str | None, size: int) -> Page:
        """One page of `Source.read_changed`."""
        tests = [*window(since, until), *self.scope()]
        if after:
            tests.append(test("Id > {}", after))
        soql = select(self._shape.read_fields(), "Lead", tests, f"ORDER BY Id LIMIT {size}")
        page = self._connection.page("pull", soql, deleted=True)
        # A page may be smaller than asked for; only the total says that it was the last.
        last = page.more is None and page.total < size
        frozen = until or self._connection.server_time
        last_id = page.records[-1]["Id"] if page.records else after
        return Page(tuple(map(self._shape.lead, page.records)), frozen, last_id, last)

    def scope(self) -> list[str]:
        """The tests that say which leads are ours."""
        settings = self._settings
        tests = []
        if settings.created_after:
            tests.append(test("CreatedDate >= {}", _midnight(settings.created_after)))
        if settings.record_types:
            tests.append(among("RecordType.DeveloperName", settings.record_types))
        if settings.where:
            tests.append(f"({settings.where})")
        return tests

    def leads(self, ids: Sequence[str]) -> dict[str, Lead]:
        """`Source.read`."""
        rows = self.surviving("reconcile", ids, self._shape.read_fields())
        return {asked: self._shape.lead(row) for asked, row in rows.items()}

    def held(self, ids: Sequence[str]) -> dict[str, Held]:
        """`Source.read_back`."""
        rows = self.surviving("compare", ids, self._shape.held_fields())
        return {asked: self._shape.held(row) for asked, row in rows.items()}

    def surviving(self, purpose: str, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Row]:
        """Rows by the id asked for; one that was merged away answers with what absorbed it."""
        return surviving(self._connection, purpose, ids, ["MasterRecordId", *fields], "Lead")


def surviving(
    connection: Connection, purpose: str, ids: Sequence[str], fields: Sequence[str], sobject: str
) -> dict[str, Row]:
    """Rows of an object by the id asked for; one that was merged away answers with what absorbed it.

    Those that are gone are absent. Merges are followed where `fields` has MasterRecordId.
    """
    rows = _by_id(connection, purpose, ids, fields, sobject)
    at = {asked: asked for asked in ids}
    for _ in range(_MOST_MERGES):
        moved = {asked: master for asked, now in at.items() if (master := _master(rows.get(now)))}
        if not moved:
            break
        at |= moved
        unread = sorted({master for master in moved.values() if master not in rows})
        rows |= _by_id(connection, purpose, unread, fields, sobject)
    return {asked: rows[now] for asked, now in at.items() if now in rows and not rows[now]["IsDeleted"]}


def _by_id(
    connection: Connection, purpose: str, ids: Sequence[str], fields: Sequence[str], sobject: str
) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for some in chunks(ids, MOST_IN_LIST):
        soql = select(["Id", "IsDeleted", *fields], sobject, [among("Id", some)])
        found |= {row["Id"]: row for row in connection.query(purpose, soql, deleted=True)}
    return found


def window(since: datetime, until: datetime | None) -> list[str]:
    """The tests of a window; SOQL compares whole seconds, so both ends are inclusive."""
    upper = [test("SystemModstamp <= {}", until)] if until else []
    return [test("SystemModstamp >= {}", since), *upper]


def _master(row: Row | None) -> str | None:
    """The id of the record that absorbed a deleted one."""
    return row.get("MasterRecordId") or None if row and row["IsDeleted"] else None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)

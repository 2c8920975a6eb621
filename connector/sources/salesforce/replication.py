"""Which leads changed, asked of Salesforce's replication calls: another witness than the query."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from connector.sources.base import SourceBusy
from connector.sources.mapping import moment
from connector.sources.salesforce.catalog import Catalog
from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.reading import Reader, window
from connector.sources.salesforce.soql import MOST_IN_LIST, among, chunks, select, test

_REACH = timedelta(days=29)
"""How far back to ask: Salesforce answers for 30 days, on its own clock."""
_DELETED_REACH = timedelta(days=14)
_LEAST_SPAN = timedelta(minutes=2)
_MINUTE = timedelta(minutes=1)
_LONGEST_TRANSACTION = timedelta(minutes=10)
_PAGE = 2000


class Witness:
    """Ids of changed leads; what is older than the replication calls reach is asked by query."""

    def __init__(self, connection: Connection, catalog: Catalog, reader: Reader):
        self._connection = connection
        self._catalog = catalog
        self._reader = reader

    def changed_ids(self, since: datetime, until: datetime) -> Iterator[str]:
        """`Source.changed_ids`; seconds are not told apart, so ids of the minutes at both ends come too.

        Changes of the last ten minutes may still lie in an open transaction; SourceBusy when older ones do.
        """
        self._catalog.of("Lead")  # so that Salesforce's clock is known
        start = max(since, self._connection.server_time - _REACH)
        if since < start:
            yield from self._queried(since, min(start, until))
        if until <= start:
            return
        ids, covered = self._replicated(start, until)
        yield from self._in_scope(ids)
        if covered < until - _LONGEST_TRANSACTION:
            raise SourceBusy(
                f"Salesforce covers changes up to {covered:%Y-%m-%d %H:%M:%S} only: a transaction is open",
                "NOT_COVERED",
                _LONGEST_TRANSACTION,
            )

    def _replicated(self, since: datetime, until: datetime) -> tuple[list[str], datetime]:
        start, end = _minutes(since, until)
        updated = self._asked("updated", start, end)
        bin_start = max(start, self._connection.server_time - _DELETED_REACH)
        deleted = self._asked("deleted", min(bin_start, end - _LEAST_SPAN), end)
        ids = [*updated["ids"], *(gone["id"] for gone in deleted["deletedRecords"])]
        covered = min(moment(each["latestDateCovered"]) for each in (updated, deleted))
        return list(dict.fromkeys(ids)), covered

    def _asked(self, what: str, start: datetime, end: datetime) -> dict[str, Any]:
        answer: dict[str, Any] = self._connection.call(
            "reconcile", lambda sf: getattr(sf.Lead, what)(start, end)
        )
        return answer

    def _in_scope(self, ids: Sequence[str]) -> Iterator[str]:
        """Those of the ids that the admin's table covers; the calls themselves know no conditions."""
        scope = self._reader.scope()
        if not scope:
            yield from ids
            return
        for some in chunks(ids, MOST_IN_LIST):
            soql = select(["Id"], "Lead", [among("Id", some), *scope])
            yield from (row["Id"] for row in self._connection.query("reconcile", soql, deleted=True))

    def _queried(self, since: datetime, until: datetime) -> Iterator[str]:
        tests = [*window(since, until), *self._reader.scope()]
        after: list[str] = []
        while True:
            soql = select(["Id"], "Lead", [*tests, *after], f"ORDER BY Id LIMIT {_PAGE}")
            rows = self._connection.query("reconcile", soql, deleted=True)
            yield from (row["Id"] for row in rows)
            if len(rows) < _PAGE:
                return
            after = [test("Id > {}", rows[-1]["Id"])]


def _minutes(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The whole minutes around a span, as Salesforce cuts seconds off; at least as long as it asks for."""
    start = since.replace(second=0, microsecond=0)
    end = until.replace(second=0, microsecond=0)
    return start, max(end if end == until else end + _MINUTE, start + _LEAST_SPAN)

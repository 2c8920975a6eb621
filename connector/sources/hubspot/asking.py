"""Search: the question, and an answer whose end can be relied on."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from connector.sources.base import SourceBusy, SourceLocked
from connector.sources.hubspot.batches import next_page, rows
from connector.sources.hubspot.connection import Connection, Json
from connector.sources.hubspot.objects import RECORD_ID
from connector.sources.hubspot.records import Row
from connector.sources.hubspot.where import Filter

MOST_ROWS = 200
LONGEST_BODY = 3000
_DEEPEST = 10_000
_EARLIEST = datetime(2005, 1, 1, tzinfo=UTC)  # HubSpot's search has answered 500 to filters from 1970
_INDEX_DELAY = timedelta(seconds=15)


def condition(name: str, operator: str, value: str) -> Filter:
    """One filter."""
    return {"propertyName": name, "operator": operator, "value": value}


def between(name: str, low: datetime, high: datetime) -> Filter:
    """A filter for a moment, both ends included."""
    return {**condition(name, "BETWEEN", millis(low)), "highValue": millis(high)}


def millis(moment: datetime) -> str:
    """A moment as filters take it: milliseconds since 1970."""
    since = max(moment, _EARLIEST) - datetime(1970, 1, 1, tzinfo=UTC)
    return str(since // timedelta(milliseconds=1))


def created_from(day: date | None, name: str) -> list[Filter]:
    """The filter that keeps older records out."""
    if day is None:
        return []
    return [condition(name, "GTE", millis(datetime(day.year, day.month, day.day, tzinfo=UTC)))]


@dataclass(frozen=True, slots=True)
class Question:
    """What a search asks for, in ascending order of `sort`."""

    filters: Sequence[Filter]
    properties: Sequence[str]
    sort: str = RECORD_ID
    limit: int = MOST_ROWS

    @property
    def body(self) -> Json:
        """The request."""
        return {
            "filterGroups": [{"filters": list(self.filters)}] if self.filters else [],
            "sorts": [{"propertyName": self.sort, "direction": "ASCENDING"}],
            "properties": list(self.properties),
            "limit": self.limit,
        }

    @property
    def fits(self) -> bool:
        """Whether HubSpot takes a request of this length, as the client will send it."""
        return len(json.dumps(self.body)) <= LONGEST_BODY


@dataclass(frozen=True, slots=True)
class Found:
    """The first rows of an answer, whether there are more, and HubSpot's time of it."""

    rows: Sequence[Row]
    more: bool
    at: datetime


class Search:
    """Asks one object type."""

    def __init__(self, connection: Connection, object_type: str):
        self._connection = connection
        self._type = object_type

    def first(self, purpose: str, question: Question) -> Found:
        """The first rows that can be seen.

        The index lists deleted records for a while, so pages may come short or empty with more behind them.
        """
        answer, at = self._page(purpose, question.body)
        depth, started = question.limit, answer
        while not rows(answer) and next_page(answer) is not None:
            if depth + question.limit > _DEEPEST:
                raise _behind()
            answer, _ = self._page(purpose, {**question.body, "after": next_page(answer)})
            # An offset counts from the same place only while the index stands still.
            if answer.get("total") != started.get("total"):
                raise _behind()
            depth += question.limit
        return Found(rows(answer), next_page(answer) is not None, at)

    def _page(self, purpose: str, body: Mapping[str, Any]) -> tuple[Json, datetime]:
        return self._connection.dated_call(
            purpose, self._connection.search.do_search, self._type, body, kind="search"
        )

    def by_id(self, purpose: str, filters: Sequence[Filter], properties: Sequence[str]) -> Iterator[Row]:
        """Every row that passes, in the order of ids, however many there are."""
        after: str | None = None
        while True:
            beyond = [condition(RECORD_ID, "GT", after)] if after else []
            found = self.first(purpose, Question([*filters, *beyond], properties))
            check_order(found.rows, after)
            yield from found.rows
            if not found.more or not found.rows:
                return
            after = str(found.rows[-1]["id"])


def check_order(found: Sequence[Row], after: str | None) -> None:
    """Reading on by id is safe only while ids rise, as numbers, from the last one read."""
    ids = [int(after or 0), *(int(row["id"]) for row in found)]
    if any(later <= earlier for earlier, later in pairwise(ids)):
        raise SourceLocked("HubSpot's search does not page by id as asked; reading on could lose leads")


def _behind() -> SourceBusy:
    return SourceBusy("HubSpot's search index is busy with deleted records", "INDEX_BEHIND", _INDEX_DELAY)

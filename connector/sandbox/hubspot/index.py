"""The search index: what search knows of the records, which may be older than the records themselves."""

import heapq
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from connector.sandbox.hubspot.records import Record

Test = Callable[[Record], bool]
Order = Callable[[Record], Any]

KEPT_RESULTS = 8


@dataclass
class Result:
    """The sorted keys of all records that pass a test, and the ids that changed since it was worked out.

    A key is the record id, or (sort value, record id) when another order was asked for.
    """

    test: Test
    order: Order | None
    keys: list[Any]
    dirty: set[int] = field(default_factory=set)

    def key(self, record: Record) -> Any:
        """What this result sorts a record by."""
        return (self.order(record), record.id) if self.order else record.id

    def ids(self, start: int, stop: int) -> list[int]:
        """The record ids at these places."""
        keys = self.keys[start:stop]
        return [key[1] for key in keys] if self.order else keys

    def after(self, record_id: int) -> int:
        """The place of the first key above a record id, in a result that is sorted by id."""
        return bisect_right(self.keys, record_id)

    def refresh(self, seen: Callable[[int], Record | None]) -> None:
        """Take the changed records out and, where they still pass, in again."""
        if not self.dirty:
            return
        dirty = self.dirty
        kept = (
            [key for key in self.keys if key[1] not in dirty]
            if self.order
            else [key for key in self.keys if key not in dirty]
        )
        changed = (record for record in map(seen, dirty) if record and self.test(record))
        kept.extend(map(self.key, changed))
        kept.sort()
        self.keys, self.dirty = kept, set()


class SearchIndex:
    """Follows the records of one type at a distance that each change brings with it."""

    def __init__(self, records: Mapping[int, Record]) -> None:
        self._records = records
        self._stale: dict[int, Record | None] = {}
        self._waiting: list[tuple[int, int, int, Record | None]] = []
        self._last_due: dict[int, tuple[int, int]] = {}
        self._number = count()
        self._results: OrderedDict[str, Result] = OrderedDict()

    def before_change(self, record_id: int, delay: int) -> None:
        """Keep what search shall go on seeing of a record that is about to change."""
        if delay and record_id not in self._stale:
            record = self._records.get(record_id)
            self._stale[record_id] = record.copy() if record else None

    def changed(self, record_id: int, now: int, delay: int) -> None:
        """Take note of a change, at once or when its delay is over."""
        if record_id not in self._stale:
            self._mark(record_id)
            return
        number = next(self._number)
        due = max(now + delay, self._last_due.get(record_id, (0, 0))[0])
        self._last_due[record_id] = (due, number)
        record = self._records.get(record_id)
        heapq.heappush(self._waiting, (due, number, record_id, record.copy() if record else None))

    def settle(self, now: int) -> None:
        """Let the changes whose time has come be seen."""
        while self._waiting and self._waiting[0][0] <= now:
            _, number, record_id, then = heapq.heappop(self._waiting)
            if self._last_due[record_id][1] == number:
                del self._last_due[record_id], self._stale[record_id]
            else:
                self._stale[record_id] = then
            self._mark(record_id)

    def find(self, name: str, test: Test, order: Order | None) -> Result:
        """The records that pass, from the last answer to the same question where there is one."""
        result = self._results.get(name)
        if result is None:
            result = Result(test, order, [])
            result.keys = sorted(result.key(record) for record in self._all_seen() if test(record))
            self._results[name] = result
            if len(self._results) > KEPT_RESULTS:
                self._results.popitem(last=False)
        self._results.move_to_end(name)
        result.refresh(self._seen)
        return result

    def _mark(self, record_id: int) -> None:
        for result in self._results.values():
            result.dirty.add(record_id)

    def _seen(self, record_id: int) -> Record | None:
        record = self._stale[record_id] if record_id in self._stale else self._records.get(record_id)
        return record if record and record.archived_at is None else None

    def _all_seen(self) -> Iterator[Record]:
        if not self._stale:
            return (record for record in self._records.values() if record.archived_at is None)
        ids = self._records.keys() | self._stale.keys()
        return (record for record in map(self._seen, ids) if record)

"""The search index: what search knows of the records, which may be older than the records themselves."""

import heapq
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from connector.sandbox.hubspot.records import Record

Test = Callable[[Record], bool]
Order = Callable[[Record], Any]
See = Callable[[int], Record | None]

KEPT_RESULTS = 8


@dataclass(frozen=True)
class Question:
    """What to find: a test, an order (None: by id), and where that is known, who can pass at all.

    `name` is the same for the same question; `window` bounds the change stamp, `ids` are the only ones.
    """

    name: str
    test: Test
    order: Order | None = None
    window: tuple[int, int] | None = None
    ids: frozenset[int] | None = None


@dataclass
class Result:
    """The sorted keys of all records that pass, and the ids that changed since it was worked out.

    A key is the record id, or (sort value, record id) when another order was asked for.
    """

    question: Question
    keys: list[Any] = field(default_factory=list)
    dirty: set[int] = field(default_factory=set)

    def fill(self, records: Iterable[Record]) -> None:
        """Work the answer out from scratch."""
        test = self.question.test
        self.keys = sorted(self._key(record) for record in records if test(record))

    def _key(self, record: Record) -> Any:
        order = self.question.order
        return (order(record), record.id) if order else record.id

    def ids(self, start: int, stop: int) -> list[int]:
        """The record ids at these places."""
        keys = self.keys[start:stop]
        return [key[1] for key in keys] if self.question.order else keys

    def after(self, record_id: int) -> int:
        """The place of the first key above a record id, in a result that is sorted by id."""
        return bisect_right(self.keys, record_id)

    def refresh(self, seen: See) -> None:
        """Take the changed records out and, where they still pass, in again."""
        if not self.dirty:
            return
        dirty, self.dirty = self.dirty, set()
        kept = (
            [key for key in self.keys if key[1] not in dirty]
            if self.question.order
            else [key for key in self.keys if key not in dirty]
        )
        changed = (record for record in map(seen, dirty) if record and self.question.test(record))
        kept.extend(map(self._key, changed))
        kept.sort()
        self.keys = kept


class ByStamp:
    """The ids of all records by their change stamp; what changed lately is kept aside."""

    def __init__(self) -> None:
        self._keys: list[tuple[int, int]] = []
        self._fresh: set[int] = set()

    def mark(self, record_id: int) -> None:
        """A record is not what it was."""
        self._fresh.add(record_id)

    def sort(self, records: Iterable[Record]) -> None:
        """Put all records in order."""
        self._keys, self._fresh = sorted((each.modified, each.id) for each in records), set()

    @property
    def is_untidy(self) -> bool:
        """Whether so much is kept aside that sorting pays."""
        return len(self._fresh) > 1000 + len(self._keys) // 8

    def between(self, low: int, high: int) -> list[int] | None:
        """Ids among which are all records with a stamp from `low` to `high`; None if that is nearly all."""
        start, stop = bisect_left(self._keys, (low, 0)), bisect_left(self._keys, (high + 1, 0))
        if stop - start > len(self._keys) // 4:
            return None
        fresh = self._fresh
        return [record_id for _, record_id in self._keys[start:stop] if record_id not in fresh] + list(fresh)


class SearchIndex:
    """Follows the records of one type at a distance that each change brings with it."""

    def __init__(self, records: Mapping[int, Record]) -> None:
        self._records = records
        self._stale: dict[int, Record | None] = {}
        self._waiting: list[tuple[int, int, int, Record | None]] = []
        self._last_due: dict[int, tuple[int, int]] = {}
        self._number = count()
        self._results: OrderedDict[str, Result] = OrderedDict()
        self._by_stamp = ByStamp()

    @property
    def is_behind(self) -> bool:
        """Whether search sees some records as they were."""
        return bool(self._stale)

    def before_change(self, record_id: int, delay: int) -> None:
        """Keep what search shall go on seeing of a record that is about to change."""
        if delay and record_id not in self._stale:
            record = self._records.get(record_id)
            self._stale[record_id] = record.copy() if record else None

    def changed(self, record_id: int, now: int, delay: int) -> None:
        """Take note of a change, at once or when its delay is over."""
        if record_id not in self._stale:
            self.mark(record_id)
            return
        number = next(self._number)
        due = max(now + delay, self._last_due.get(record_id, (0, 0))[0])
        self._last_due[record_id] = (due, number)
        record = self._records.get(record_id)
        heapq.heappush(self._waiting, (due, number, record_id, record.copy() if record else None))

    def mark(self, record_id: int) -> None:
        """A record is new to search, or no longer what search saw."""
        self._by_stamp.mark(record_id)
        for result in self._results.values():
            result.dirty.add(record_id)

    def settle(self, now: int) -> None:
        """Let the changes whose time has come be seen."""
        while self._waiting and self._waiting[0][0] <= now:
            _, number, record_id, then = heapq.heappop(self._waiting)
            if self._last_due[record_id][1] == number:
                del self._last_due[record_id], self._stale[record_id]
            else:
                self._stale[record_id] = then
            self.mark(record_id)

    def find(self, question: Question) -> Result:
        """The records that pass, from the last answer to the same question where there is one."""
        result = self._results.get(question.name)
        if result is None:
            result = Result(question)
            result.fill(self._candidates(question))
            self._results[question.name] = result
            if len(self._results) > KEPT_RESULTS:
                self._results.popitem(last=False)
        self._results.move_to_end(question.name)
        result.refresh(self._seen)
        return result

    def tidy(self) -> None:
        """Sort what was loaded, so that the first search need not."""
        self._by_stamp.sort(self._everyone())

    def _candidates(self, question: Question) -> Iterator[Record]:
        ids: Iterable[int] | None = question.ids
        if ids is None and question.window is not None:
            if self._by_stamp.is_untidy:
                self.tidy()
            ids = self._by_stamp.between(*question.window)
        return self._everyone() if ids is None else filter(None, map(self._seen, ids))

    def _everyone(self) -> Iterator[Record]:
        if not self._stale:
            return (record for record in self._records.values() if record.archived_at is None)
        return filter(None, map(self._seen, self._records.keys() | self._stale.keys()))

    def _seen(self, record_id: int) -> Record | None:
        stale = self._stale
        record = stale[record_id] if record_id in stale else self._records.get(record_id)
        return record if record and record.archived_at is None else None

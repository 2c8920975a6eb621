"""Now and then: look for what the readings missed, what is gone, and what became of leads."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from sqlalchemy.orm import Session

from connector.model.cursor import Cursor
from connector.model.lead import Lead, Ref
from connector.model.life import OPEN, UNDER_WAY, State
from connector.model.progress import Progress
from connector.sources.base import Source
from connector.store import Store, load_checks
from connector.store.endings import delete, merge_away, open_assignments, unknown_ids
from connector.store.intake import read_cursor, write_cursor
from connector.store.load_checks import Tally
from connector.sync.keeping import look_for_vanished
from connector.sync.pull import Puller

Answer = TypeVar("Answer")
Hear = Callable[[Session, Mapping[str, Progress]], int]
"""Moves assignments on by how far their leads have come; how many ended."""

MARGIN = timedelta(hours=1)
FURTHEST = timedelta(days=29)
"""Salesforce's getUpdated reaches back thirty days."""


@dataclass(frozen=True, slots=True)
class Caught:
    """What a reconciliation found: leads that no reading had seen, and records that are gone."""

    looked_at: int = 0
    missed: int = 0
    gone: int = 0


class Reconciler:
    """Checks one CRM against the store by other ways than the readings use."""

    def __init__(
        self,
        source: Source,
        store: Store,
        puller: Puller,
        config_hash: str,
        now: Callable[[], datetime],
        call: Callable[[Callable[[], object]], object],
        hear: Hear,
    ):
        self._source = source
        self._store = store
        self._puller = puller
        self._config_hash = config_hash
        self._now = now
        self._call = call
        self._hear = hear

    def reconcile(self) -> Caught:
        """Compare the ids changed since the last time, and look whether open leads still exist."""
        crm, until = self._source.crm, self._now()
        with self._store.looking() as session:
            cursor = read_cursor(session, crm, "reconcile")
        since = max(cursor.since - MARGIN if cursor else until - timedelta(hours=25), until - FURTHEST)
        looked_at = missed = 0
        ids: Iterable[str] = self._asked(lambda: list(self._source.changed_ids(since, until)))
        for batch in _batches(ids, self._source.write_size):
            looked_at += len(batch)
            with self._store.looking() as session:
                unknown = unknown_ids(session, crm, batch)
            if unknown:
                leads = self._asked(lambda: self._source.read(unknown))  # noqa: B023
                taken, _ = self._puller.take(list(leads.values()), "reconcile")
                missed += taken.new
        gone = self._look_for_gone() + self._look_for_vanished()
        with self._store.transaction() as session:
            write_cursor(session, crm, Cursor(until), "reconcile")
        return Caught(looked_at, missed, gone)

    def _look_for_gone(self) -> int:
        gone, tally, crm = 0, Tally(), self._source.crm
        for ids in self._open():
            found = self._asked(lambda: self._source.read(ids))  # noqa: B023
            with self._store.looking() as session:
                tally.add(session, crm, {each: found.get(each) for each in ids})
            for lead_id in ids:
                lead = found.get(lead_id)
                if lead is not None and lead.ref.id == lead_id:
                    continue
                gone += self._end(lead_id, lead.ref.id if lead else None)
        with self._store.transaction() as session:
            load_checks.keep(session, crm, tally, self._now())
        return gone

    def _look_for_vanished(self) -> int:
        def read(ids: Sequence[str]) -> Mapping[str, Lead]:
            return self._asked(lambda: self._source.read(ids))

        size = self._source.write_size
        return look_for_vanished(self._store, self._source.crm, read, size, self._now(), self._config_hash)

    def _end(self, lead_id: str, into: str | None) -> bool:
        ref, now = Ref(self._source.crm, lead_id), self._now()
        with self._store.transaction() as session:
            if into:
                return merge_away(session, ref, into, now, self._config_hash)
            return delete(session, ref, now, self._config_hash)

    def outcomes(self) -> int:
        """Ask how far open leads have come; how many are over."""
        ended = 0
        for ids in self._open(UNDER_WAY):
            found = self._asked(lambda: self._source.read_progress(ids))  # noqa: B023
            with self._store.transaction() as session:
                ended += self._hear(session, found)
        return ended

    def _open(self, states: Collection[State] = OPEN) -> Iterator[list[str]]:
        last = 0
        while True:
            with self._store.looking() as session:
                last, ids = open_assignments(session, self._source.crm, last, self._source.write_size, states)
            if not ids:
                return
            yield ids

    def _asked(self, ask: Callable[[], Answer]) -> Answer:
        return self._call(ask)  # type: ignore[return-value]


def _batches(ids: Iterable[str], size: int) -> Iterator[Sequence[str]]:
    remaining = iter(ids)
    while batch := list(islice(remaining, size)):
        yield batch

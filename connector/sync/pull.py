"""Take in what changed in a CRM, page by page, each with its cursor in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from connector.model.cursor import Cursor
from connector.model.lead import Lead
from connector.sources.base import Page, Source
from connector.store import Store
from connector.store.endings import end_all, park_overruled
from connector.store.intake import Intake, forget_cursor, read_cursor, take_in, write_cursor
from connector.sync.steps import passed

BEGINNING = datetime(2005, 1, 1, tzinfo=UTC)
"""Where the first reading starts: before this, neither CRM holds leads worth routing."""

AHEAD = "ahead"
"""The part of the pull that reads what has come since a long reading began."""

Call = Callable[[Callable[[], Any]], Any]

Doubts = dict[str, datetime | None]
"""Leads to read again because a write of ours was under way, and when their last write ended."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a reading brought."""

    pages: int = 0
    new: int = 0
    changed: int = 0
    ended: int = 0


class Puller:
    """Reads one CRM into the store."""

    def __init__(
        self,
        source: Source,
        store: Store,
        *,
        overlap: timedelta,
        leader_crm: str | None,
        config_hash: str,
        now: Callable[[], datetime],
        call: Call,
        each: Callable[[int], None],
        hear: Callable[[Session, Sequence[Lead]], object],
        watch: Callable[[Session, Sequence[Lead]], object],
        doubts: Doubts | None = None,
    ):
        self._source = source
        self._store = store
        self._overlap = overlap
        self._leader_crm = leader_crm
        self._config_hash = config_hash
        self._now = now
        self._call = call
        self._each = each
        self._doubts = doubts if doubts is not None else {}
        self._hear = hear
        self._watch = watch

    def pull(self, until: datetime | None = None) -> Pulled:
        """Read on from where the last reading ended, all of it or what there is time for.

        While a reading of very many leads goes on, those that have come since it began are read before them.
        """
        if self._doubts:
            self._look_again(dict(self._doubts))
        newer = self._read_ahead() if until else Pulled()
        pulled = self._read("pull", self._overlap, until)
        return Pulled(*(one + other for one, other in zip(astuple(newer), astuple(pulled), strict=True)))

    def _read_ahead(self) -> Pulled:
        crm = self._source.crm
        with self._store.transaction() as session:
            pulled = read_cursor(session, crm)
            if pulled is None or pulled.until is None:
                forget_cursor(session, crm, AHEAD)
                return Pulled()
            if read_cursor(session, crm, AHEAD) is None:
                write_cursor(session, crm, Cursor(pulled.until - self._overlap), AHEAD)
        return self._read(AHEAD, self._overlap)

    def settle(self, back: timedelta) -> Pulled:
        """Read the last while once more: both CRMs show some changes late, under an older stamp."""
        with self._store.transaction() as session:
            pulled = read_cursor(session, self._source.crm)
            if pulled is None or pulled.until is not None:
                return Pulled()  # the first reading is still under way
            if read_cursor(session, self._source.crm, "settle") is None:
                write_cursor(session, self._source.crm, Cursor(pulled.since - back), "settle")
        return self._read("settle", back)

    def _read(self, reading: str, back: timedelta, until: datetime | None = None) -> Pulled:
        crm = self._source.crm
        with self._store.looking() as session:
            cursor = read_cursor(session, crm, reading) or Cursor(BEGINNING)
        total = Pulled()
        while True:
            page = self._ask(cursor)
            passed("pull.read")
            cursor = _after(cursor, page, back)
            taken, ended = self.take(page.leads, reading, cursor)
            passed("pull.taken")
            self._each(len(page.leads))
            total = Pulled(
                total.pages + 1, total.new + taken.new, total.changed + taken.changed, total.ended + ended
            )
            if page.done or (until and self._now() >= until):
                return total

    def _ask(self, cursor: Cursor) -> Page:
        page: Page = self._call(lambda: self._source.read_changed(cursor.since, cursor.until, cursor.after))
        return page

    def take(self, leads: Sequence[Lead], reading: str, cursor: Cursor | None = None) -> tuple[Intake, int]:
        """Take leads in, and with them the cursor; what was taken, and how many leads ended."""
        taken, ended = self._take(leads, reading, cursor)
        if taken.doubtful:
            again = self._look_again(taken.doubtful)
            taken = replace(taken, changed=taken.changed + again.changed)
        return taken, ended

    def _look_again(self, doubtful: Mapping[str, datetime | None]) -> Intake:
        """Ask once more, now that the doubtful writes have ended; those that have not stay in doubt."""
        ids, size = sorted(doubtful), self._source.write_size
        found: dict[str, Lead] = {}
        for start in range(0, len(ids), size):
            found |= self._call(lambda: self._source.read(ids[start : start + size]))  # noqa: B023
        # Records that were merged away or deleted are found by other ways.
        same = [lead for asked, lead in found.items() if lead.ref.id == asked]
        taken, _ = self._take(same, "pull", None, doubtful)
        for lead_id in ids:
            self._doubts.pop(lead_id, None)
        self._doubts.update(taken.doubtful)
        return taken

    def _take(
        self,
        leads: Sequence[Lead],
        reading: str,
        cursor: Cursor | None,
        sure: Mapping[str, datetime | None] | None = None,
    ) -> tuple[Intake, int]:
        crm, now = self._source.crm, self._now()
        with self._store.transaction() as session:
            seen_by = "pull" if reading == AHEAD else reading
            taken = take_in(session, crm, [self._tied(lead) for lead in leads], now, seen_by, sure)
            ended = end_all(session, taken.ended, taken.absorbing, now, self._config_hash)
            for ref in taken.overruled:
                park_overruled(session, ref, now)
            if taken.shared:
                self._watch(session, taken.shared)
            if taken.given:
                self._hear(session, taken.given)
            if cursor:
                write_cursor(session, crm, cursor, reading)
        return taken, ended

    def _tied(self, lead: Lead) -> Lead:
        """A record that a native sync ties to one in another CRM carries that one's whole address."""
        if lead.linked is None or self._leader_crm is None:
            return replace(lead, linked=None) if lead.linked else lead
        return replace(lead, linked=f"{self._leader_crm}:{lead.linked}")


def _after(cursor: Cursor, page: Page, back: timedelta) -> Cursor:
    return cursor.finished(page.until, back) if page.done else cursor.moved(page.until, page.last_id)

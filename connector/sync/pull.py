"""Take in what changed in a CRM, page by page, each with its cursor in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connector.model.cursor import Cursor
from connector.sources.base import Page, Source
from connector.store import Store
from connector.store.intake import read_cursor, take_in, write_cursor

BEGINNING = datetime(2005, 1, 1, tzinfo=UTC)
"""Where the first reading starts: before this, neither CRM holds leads worth routing."""

Call = Callable[[Callable[[], Page]], Page]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought."""

    pages: int = 0
    new: int = 0
    changed: int = 0


def pull(source: Source, store: Store, overlap: timedelta, call: Call, each: Callable[[int], None]) -> Pulled:
    """Read one window to its end; `call` retries, `each` is told the size of every page."""
    cursor = _cursor(store, source.crm)
    total = Pulled()
    while True:
        page = call(lambda: source.read_changed(cursor.since, cursor.until, cursor.after))  # noqa: B023
        cursor = _after(cursor, page, overlap)
        with store.transaction() as session:
            intake = take_in(session, source.crm, page.leads)
            write_cursor(session, source.crm, cursor)
        each(len(page.leads))
        total = Pulled(total.pages + 1, total.new + intake.new, total.changed + intake.changed)
        if page.done:
            return total


def _after(cursor: Cursor, page: Page, overlap: timedelta) -> Cursor:
    return cursor.finished(page.until, overlap) if page.done else cursor.moved(page.until, page.last_id)


def _cursor(store: Store, crm: str) -> Cursor:
    with store.transaction() as session:
        return read_cursor(session, crm) or Cursor(BEGINNING)

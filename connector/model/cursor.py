"""Where the reading of a CRM stands: a frozen window and the last id taken in."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self


@dataclass(frozen=True, slots=True)
class Cursor:
    """The window being read, on the CRM's clock.

    `until` is None before the first page has frozen it; `after` is the last id that was taken in.
    """

    since: datetime
    until: datetime | None = None
    after: str | None = None

    def moved(self, until: datetime, after: str | None) -> Self:
        """The cursor after a page that is not the last."""
        return replace(self, until=until, after=after)

    def finished(self, until: datetime, overlap: timedelta) -> Self:
        """The start of the next window, `overlap` before this one's end: rows become visible late."""
        return replace(self, since=max(self.since, until - overlap), until=None, after=None)

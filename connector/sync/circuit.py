"""Leaving a CRM in peace that fails again and again, and trying it again by and by."""

from datetime import datetime, timedelta

FAILURES = 3
"""Cycles in a row that fail before a CRM is left alone for a while."""

FIRST, LONGEST = timedelta(minutes=1), timedelta(minutes=15)


class Circuit:
    """Open after FAILURES failures in a row, for twice as long each time; one success closes it."""

    def __init__(self) -> None:
        self._failures = 0
        self._open_until: datetime | None = None

    def lets(self, now: datetime) -> bool:
        """Whether a call may be tried; a wait beyond the LONGEST means that the clock went back since."""
        until = self._open_until
        return until is None or now >= until or until - now > LONGEST

    def failed(self, now: datetime) -> None:
        """A whole cycle failed."""
        self._failures += 1
        if self._failures >= FAILURES:
            doubled = FIRST * 2 ** min(self._failures - FAILURES, 10)
            self._open_until = now + min(doubled, LONGEST)

    def worked(self) -> None:
        """A cycle went through."""
        self._failures, self._open_until = 0, None

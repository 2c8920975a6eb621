"""Durations as admins write them: `90s`, `5m`, `24h`, `30d`, `2y`, `4 working hours`, `2 working days`."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
_WRITTEN = re.compile(r"\s*(\d+)\s*([smhdwy])\s*")
_WORKING = re.compile(r"\s*(\d+)\s*working\s+(minute|hour|day)s?\s*", re.IGNORECASE)
_MOST_WORKING = {"minute": 60_000, "hour": 1_000, "day": 366}


def duration(written: Any) -> timedelta:
    """Read a duration; ValueError with the way to write it when it is none."""
    if isinstance(written, timedelta):
        return written
    found = _WRITTEN.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError(
            f"{written!r} is not a duration; write a number and s, m, h, d, w or y, such as '24h'"
        )
    try:
        return _UNITS[found[2]] * int(found[1])
    except OverflowError:
        raise ValueError(f"{written!r} is too long a duration") from None


Duration = Annotated[timedelta, BeforeValidator(duration)]
"""A settings type: a timedelta written as `24h`."""


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time by the clock, or by somebody's working hours or working days.

    For `working_days` the length is so many days. `Calendar.after` says when a span has passed.
    """

    length: timedelta
    by: Literal["clock", "working_hours", "working_days"] = "clock"

    def __str__(self) -> str:
        seconds = int(self.length.total_seconds())
        if self.by == "working_days":
            return _counted(self.length.days, "working day")
        if self.by == "working_hours":
            whole = seconds % 3600 == 0
            return _counted(seconds // 3600 if whole else seconds // 60, f"working {_unit(whole)}")
        if seconds % 86400 == 0 and seconds >= 2 * 86400:
            return _counted(seconds // 86400, "day")
        return _counted(seconds // 3600 if seconds % 3600 == 0 else seconds // 60, _unit(seconds % 3600 == 0))


def _unit(whole_hours: bool) -> str:
    return "hour" if whole_hours else "minute"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" + "s" * (number != 1)


def span(written: Any) -> Span:
    """Read `4 working hours`, `2 working days`, or a plain duration; ValueError with the way to write it."""
    if isinstance(written, Span):
        return written
    found = _WORKING.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        if isinstance(written, str) and "working" in written.casefold():
            raise ValueError(f"{written!r} is not a duration; write such as '4 working hours'")
        return Span(duration(written))
    count, unit = int(found[1]), found[2].casefold()
    if count > _MOST_WORKING[unit]:
        raise ValueError(f"{written!r} is too long a duration; at most {_MOST_WORKING[unit]} {unit}s")
    return Span(timedelta(**{f"{unit}s": count}), "working_days" if unit == "day" else "working_hours")


SpanOfTime = Annotated[Span, BeforeValidator(span)]
"""A settings type: a Span written as `24h`, `4 working hours` or `2 working days`."""


def in_words(span: timedelta) -> str:
    """A duration as a sentence says it: `36 hours`, `90 days`."""
    hours = span.total_seconds() / 3600
    return f"{hours / 24:g} days" if hours >= 48 else f"{hours:g} hours"

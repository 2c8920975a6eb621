"""Durations as admins write them: `90s`, `5m`, `24h`, `30d`."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_WRITTEN = re.compile(r"\s*(\d+)\s*([smhdw])\s*")


def duration(written: Any) -> timedelta:
    """Read a duration; ValueError with the way to write it when it is none."""
    if isinstance(written, timedelta):
        return written
    found = _WRITTEN.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f"{written!r} is not a duration; write a number and s, m, h, d or w, such as '24h'")
    try:
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    except OverflowError:
        raise ValueError(f"{written!r} is too long a duration") from None


Duration = Annotated[timedelta, BeforeValidator(duration)]
"""A settings type: a timedelta written as `24h`."""

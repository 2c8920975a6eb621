"""Times as people say them at the command line."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Read `2h`, `18:00`, `2026-11-03` or `2026-11-03 18:00`, local to `zone`; ValueError if none or past.

    A time of day is the next one, a day its beginning.
    """
    from connector.model.durations import duration

    local = now.astimezone(zone)
    readings: tuple[Callable[[], datetime], ...] = (
        lambda: now + duration(text),
        lambda: _next(local, time.fromisoformat(text)),
        lambda: datetime.combine(date.fromisoformat(text), time(), zone),
        lambda: _local(datetime.fromisoformat(text), zone),
    )
    moment = None
    for read in readings:
        with suppress(ValueError):
            moment = read()
            break
    if moment is None:
        raise ValueError(f"{text!r} is no time; write 2h, 18:00, 2026-11-03 or '2026-11-03 18:00'")
    if moment <= now:
        raise ValueError(f"{text!r} is past")
    return moment


def _next(local: datetime, at: time) -> datetime:
    today = datetime.combine(local.date(), at, local.tzinfo)
    return today if today > local else today + timedelta(days=1)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)

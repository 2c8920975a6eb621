"""Deadlines in working time: Monday to Friday, nine to five, in the admin's time zone."""

from datetime import UTC, datetime, time, timedelta, tzinfo

OPENS, CLOSES = time(9), time(17)
_DAY = timedelta(days=1)


def after(start: datetime, written: str, zone: tzinfo) -> datetime:
    """The moment, in UTC, at which a working time such as `2 working days` that began at `start` is over.

    A working day ends at the same time of day on a later weekday; what begins at a weekend begins on Monday.
    """
    number, unit = int(written.split()[0]), written.split()[-1]
    local = _opened(start.astimezone(zone))
    end = _days(local, number) if unit.startswith("day") else _hours(local, timedelta(hours=number))
    return end.astimezone(UTC)


def _opened(at: datetime) -> datetime:
    """The moment itself, or when work begins next."""
    while at.weekday() > 4 or at.time() >= CLOSES:
        at = datetime.combine(at.date() + _DAY, OPENS, at.tzinfo)
    return max(at, datetime.combine(at.date(), OPENS, at.tzinfo))


def _days(at: datetime, number: int) -> datetime:
    for _ in range(number):
        at += _DAY  # wall clock: the same time of day across a daylight-saving change
        while at.weekday() > 4:
            at += _DAY
    return at


def _hours(at: datetime, left: timedelta) -> datetime:
    while True:
        closes = datetime.combine(at.date(), CLOSES, at.tzinfo)
        if left <= closes - at:
            return at + left
        left -= closes - at
        at = _opened(closes)

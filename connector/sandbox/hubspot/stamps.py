"""HubSpot's times: milliseconds since 1970 in its index, ISO 8601 with a Z on the wire."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000
MILLISECOND = timedelta(milliseconds=1)


def millis(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime, cut off below the millisecond."""
    return (moment - EPOCH) // MILLISECOND


def moment(ms: int) -> datetime:
    """The aware UTC datetime of a number of milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=ms)


@lru_cache(maxsize=8192)
def stamp(ms: int) -> str:
    """`2026-11-22T10:00:00.123Z`; whole seconds come without a fraction, as Java's Instant prints them."""
    days, rest = divmod(ms, DAY)
    seconds, fraction = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    text = f"{_date(days)}T{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"
    return f"{text}.{fraction:03d}Z" if fraction else f"{text}Z"


@lru_cache(maxsize=8192)
def _date(days: int) -> str:
    return (EPOCH + timedelta(days=days)).date().isoformat()


def parse(text: str) -> int | None:
    """Milliseconds of an ISO 8601 time or date, or of a number of milliseconds; None if it is neither."""
    if text.lstrip("-").isdigit():
        return int(text)
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return millis(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def day(text: str) -> str | None:
    """`2026-11-22` from a date or from the milliseconds of a UTC midnight; None if it is neither."""
    try:
        if text.lstrip("-").isdigit():
            at = moment(int(text))
            return at.date().isoformat() if at.time() == EPOCH.time() else None
        return date.fromisoformat(text[:10]).isoformat()
    except (ValueError, OverflowError):
        return None

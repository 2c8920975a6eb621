"""Salesforce's ways to write a moment and a day."""

from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970: the granularity of Salesforce's stamps."""
    return int(moment.timestamp())


def moment(stamp: int) -> datetime:
    """The moment of a stamp."""
    return datetime.fromtimestamp(stamp, UTC)


def shown(stamp: int) -> str:
    """A stamp as answers show it."""
    return moment(stamp).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def parse_moment(text: str) -> int:
    """Whole seconds of an ISO date and time with an offset, or in UTC without; raises ValueError."""
    if "T" not in text:
        raise ValueError(text)
    parsed = datetime.fromisoformat(text)
    return seconds(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def parse_day(text: str) -> str:
    """The day of an ISO date, or of a date and time; raises ValueError."""
    return date.fromisoformat(text[:10]).isoformat() if len(text) == 10 or text[10] == "T" else _reject(text)


def http_date(moment: datetime) -> str:
    """A moment as HTTP headers write it."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def parse_http_date(text: str) -> int | None:
    """Whole seconds of an HTTP date; None when it is not one."""
    try:
        return seconds(parsedate_to_datetime(text))
    except (TypeError, ValueError):
        return None


def _reject(text: str) -> str:
    raise ValueError(text)

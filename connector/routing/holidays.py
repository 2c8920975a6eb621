"""Days, and hours, on which a partner's office is closed: a country's holidays, or those of an iCal file."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Protocol

import holidays
import icalendar
import recurring_ical_events  # type: ignore[import-untyped]

_DAY = timedelta(days=1)
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
_LATEST = 9990
"""Calendars say nothing of later years, so that no arithmetic leaves the years that Python knows."""


class Holidays(Protocol):
    """When an office is closed."""

    def has(self, day: date) -> bool:
        """Whether it is closed on a whole day."""
        ...

    def hours_between(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """When it is closed for a part of a day, as moments in UTC."""
        ...


class UnknownHolidays(ValueError):
    """There are no such holidays; `known` are the words that would have been right."""

    def __init__(self, message: str, wrong: str, known: Sequence[str]):
        super().__init__(message)
        self.wrong, self.known = wrong, tuple(known)


class BadCalendarFile(ValueError):
    """A text that is no iCal calendar; `line` counts from 1."""

    def __init__(self, message: str, line: int):
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class CountryHolidays:
    """The public holidays of a country or a part of it, as the `holidays` library knows them."""

    country: str
    subdivision: str | None = None

    def has(self, day: date) -> bool:
        """Whether the day is a public holiday there."""
        return day in _public(self.country, self.subdivision, day.year)

    def hours_between(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """None: public holidays are whole days."""
        return iter(())


def country_holidays(country: str, subdivision: str | None) -> CountryHolidays:
    """The holidays of an ISO 3166 country and its subdivision; UnknownHolidays when there are none such."""
    known = holidays.list_supported_countries(include_aliases=True)
    if country not in known:
        raise UnknownHolidays(f"no holidays are known for country {country!r}", country, list(known))
    parts = known[country]
    if subdivision is not None and subdivision not in parts:
        message = f"no holidays are known for subdivision {subdivision!r} of {country}"
        raise UnknownHolidays(message, subdivision, parts)
    return CountryHolidays(country, subdivision)


@lru_cache(maxsize=4096)
def _public(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    with warnings.catch_warnings():
        # Some countries' tables end; the library warns of each year beyond, and has no holidays there.
        warnings.simplefilter("ignore")
        return frozenset(holidays.country_holidays(country, subdivision, years=year, expand=False))


@dataclass(frozen=True, slots=True)
class FileHolidays:
    """The events of an iCal file: whole days, and parts of days; cancelled ones do not count."""

    calendar: icalendar.Component
    zone: tzinfo
    _years: dict[int, tuple[frozenset[date], tuple[tuple[datetime, datetime], ...]]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def has(self, day: date) -> bool:
        """Whether an event takes the whole day."""
        return day in self._year(day.year)[0]

    def hours_between(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The events that take a part of a day and reach into a time."""
        for year in sorted({begin.year, end.year}):
            for start, finish in self._year(year)[1]:
                if start < end and finish > begin:
                    yield start, finish

    def _year(self, year: int) -> tuple[frozenset[date], tuple[tuple[datetime, datetime], ...]]:
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = self._work_out(year)
        return known

    def _work_out(self, year: int) -> tuple[frozenset[date], tuple[tuple[datetime, datetime], ...]]:
        if not 1 < year < _LATEST:
            return frozenset(), ()
        asked = recurring_ical_events.of(self.calendar, skip_bad_series=True)
        days: set[date] = set()
        hours: list[tuple[datetime, datetime]] = []
        for event in asked.between((year, 1, 1), (year + 1, 1, 1)):
            if str(event.get("STATUS", "")).upper() == "CANCELLED":
                continue
            start, end = event.start, event.end
            if isinstance(start, datetime):
                hours.append((self._moment(start), self._moment(end)))
            else:
                days.update(_days(start, end))
        return frozenset(days), tuple(sorted(hours))

    def _moment(self, at: date) -> datetime:
        moment = at if isinstance(at, datetime) else datetime.combine(at, time())
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)


def _days(start: date, end: date) -> Iterator[date]:
    """The days of an event; its end is the day after the last (RFC 5545, 3.6.1)."""
    day = start
    while day < max(end, start + _DAY):
        yield day
        day += _DAY


@lru_cache(maxsize=256)
def file_holidays(text: str, zone: tzinfo) -> FileHolidays:
    """The holidays of an iCal file; BadCalendarFile says what is wrong with it and in which line."""
    try:
        calendar = icalendar.Calendar.from_ical(text)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise BadCalendarFile(
            f"this is no iCal calendar ({_first_line(error)})", _line(text, error)
        ) from None
    scale = calendar.get("CALSCALE")
    if scale not in (None, "GREGORIAN"):  # the library would raise when it is asked for a day
        message = f"only calendars of CALSCALE:GREGORIAN can be read, not of CALSCALE:{scale}"
        raise BadCalendarFile(message, next(_lines_with(text, "CALSCALE"), 1))
    events: list[Any] = calendar.walk("VEVENT")
    for event, line in zip(events, _lines_with(text, "BEGIN:VEVENT"), strict=False):
        fault = _fault(event)
        if fault:
            raise BadCalendarFile(fault, line)
    return FileHolidays(calendar, zone)


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:120]


def _line(text: str, error: Exception) -> int:
    """The line that a parser's message quotes."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and repr(line.strip()) in str(error):
            return number
    return 1


def _lines_with(text: str, opening: str) -> Iterator[int]:
    """The lines that begin with a word of capitals, in any case."""
    lines = enumerate(text.splitlines(), 1)
    return (number for number, line in lines if line.strip().upper().startswith(opening))


def _fault(event: Any) -> str | None:
    """What is wrong with an event, in one sentence."""
    if event.errors:
        name, why = event.errors[0]
        return f"this event's {name or 'content'} cannot be read ({_first_line(ValueError(why))})"
    if "DTSTART" not in event:
        return "this event has no DTSTART, so nobody knows when it is"
    for rule in _rules(event):
        if {str(part).upper() for part in rule.get("FREQ", [])} & set(_TOO_OFTEN) or "BYSECOND" in rule:
            return "this event comes more often than once a day, which no holiday does"
        if any(
            int(step) < 1 for step in rule.get("INTERVAL", [])
        ):  # dateutil would look for the next for ever
            return "this event's RRULE has an INTERVAL below 1, so it never comes again"
    return None if _can_be_asked(event) else "this event's times cannot be worked out"


def _rules(event: Any) -> list[Any]:
    rules = event.get("RRULE", [])
    return rules if isinstance(rules, list) else [rules]


def _can_be_asked(event: Any) -> bool:
    """Whether the library can tell when the event is, tried on its own first year."""
    alone = icalendar.Calendar()
    alone.add_component(event)
    try:
        start = event.start
        recurring_ical_events.of(alone).between((start.year, 1, 1), (start.year, 12, 31))
        return bool(event.end >= start)
    except (ValueError, TypeError, LookupError, OverflowError, AttributeError):
        return False

"""The shape of a partner as the admin writes it: who they are, what they take, and when they are there."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from connector.model.contact import Contact
from connector.model.durations import duration
from connector.model.files import FileName
from connector.routing.shapes import Name, OwnerName, Strict, Weight

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PERIODS = ("hour", "day", "week", "month")

LONGEST_CAP = timedelta(days=366)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_BETWEEN = re.compile(r"\s*(?:\.\.|/|\bto\b)\s*")
_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EXPIRES = re.compile(r"(.+?)\s+until\s+(\S+)")


def _listed(written: Any) -> Any:
    return (written,) if isinstance(written, Mapping) else written


def _weekdays(written: Any) -> frozenset[int]:
    """`mon-fri`, `mon, wed`, or a list of these; Monday is 0, and a range may go over the weekend."""
    if isinstance(written, str):
        written = written.split(",")
    if not isinstance(written, list | tuple):
        raise ValueError(f"{written!r} are no days; write such as mon-fri")  # pydantic's kind
    found = [day for part in written for day in _range_of_days(str(part))]
    if not found:
        raise ValueError("no day is named, so these hours never occur; write such as mon-fri")
    return frozenset(found)


def _range_of_days(written: str) -> list[int]:
    first, dash, last = written.partition("-")
    begin, end = _weekday(first), _weekday(last if dash else first)
    if begin is None or end is None:
        raise ValueError(f"{written.strip()!r} are no days; write such as mon-fri, with {', '.join(DAYS)}")
    return [day % 7 for day in range(begin, end + 1 + 7 * (end < begin))]


def _weekday(written: str) -> int | None:
    """Which day a name means, in full or shortened to three letters or more."""
    word = written.strip().casefold()
    return next((n for n, name in enumerate(_DAY_NAMES) if len(word) > 2 and name.startswith(word)), None)


def _clock(written: Any) -> time:
    """A time of day; 24:00 is midnight."""
    if isinstance(written, time):
        return written
    found = _CLOCK.fullmatch(written.strip()) if isinstance(written, str) else None
    hour, minute, second = (int(part or 0) for part in found.groups()) if found else (99, 0, 0)
    if (hour, minute, second) == (24, 0, 0):
        return time()
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"{written!r} is no time of day; write such as 09:00")
    return time(hour, minute, second)


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not a time zone; write a name such as Europe/Berlin")
    return name


TimeZone = Annotated[str, AfterValidator(_zone)]
_Weekdays = Annotated[frozenset[int], PlainValidator(_weekdays), WithJsonSchema({"type": "string"})]
_Clock = Annotated[time, PlainValidator(_clock), WithJsonSchema({"type": "string"})]


class WorkingHoursSettings(Strict):
    """Hours of the week; `to` may be on the next day, and 24:00 is midnight."""

    days: _Weekdays = frozenset(range(5))
    start: _Clock = Field(alias="from")
    end: _Clock = Field(alias="to")
    timezone: TimeZone | None = None

    @model_validator(mode="after")
    def _occurs(self) -> Self:
        if self.start == self.end != time():
            raise ValueError(
                f"from and to are both {self.start:%H:%M}, so these hours never occur; "
                'for the whole day write from = "00:00", to = "24:00"'
            )
        return self


class HolidaysSettings(Strict):
    """The public holidays of a country or a part of it, or the events of an iCal file."""

    country: str | None = None
    subdivision: str | None = None
    file: FileName | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.country is None) == (self.file is None) or (self.subdivision and not self.country):
            raise ValueError('write { country = "AT", subdivision = "9" } or { file = "holidays.ics" }')
        return self


def _when(written: Any) -> date | None:
    """A day, or a moment of one; ValueError when it is neither."""
    if written is None or isinstance(written, date):
        return written
    try:
        text = str(written).strip()
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{written!r} is no day; write one such as 2026-12-24") from None


_When = Annotated[date | None, PlainValidator(_when), WithJsonSchema({"type": "string"})]


class AwaySettings(Strict):
    """From one day to another, both included; without `from` already, without `until` for good."""

    start: _When = Field(default=None, alias="from")
    until: _When = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start is None and self.until is None:
            raise ValueError("an absence needs from, until, or both")
        if self.start and self.until and _day(self.start) > _day(self.until):
            raise ValueError(f"until {self.until} is before from {self.start}")
        return self


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _absences(written: Any) -> Any:
    """Tables; or, as a CRM's field has it, `2026-12-24 to 2027-01-02; 2027-02-01`, a last day, or yes."""
    if isinstance(written, bool) or str(written).strip().casefold() in ("true", "yes", "false", "no"):
        gone = str(written).strip().casefold() in ("true", "yes")
        return ({"from": date.min},) if gone else ()
    if isinstance(written, date):
        return ({"until": written},)
    if isinstance(written, str):
        return tuple(_absence(part) for part in written.split(";") if part.strip())
    return _listed(written)


def _absence(written: str) -> Mapping[str, str]:
    ends = _BETWEEN.split(written.strip(), maxsplit=1)
    named = {"until": ends[0]} if len(ends) == 1 else {"from": ends[0], "until": ends[1]}
    return {name: text for name, text in named.items() if text}


class CertificationSettings(Strict):
    """A certification, and the last day on which it holds."""

    name: Name
    until: _When = None


def _certification(written: Any) -> Any:
    if not isinstance(written, str):
        return written
    dated = _EXPIRES.fullmatch(written.strip())
    return {"name": dated[1], "until": dated[2]} if dated else {"name": written}


def _per(written: Any) -> str | timedelta:
    if written in PERIODS:
        return str(written)
    try:
        length = duration(written)
    except ValueError:
        raise ValueError(
            f"{written!r} is no period; write {', '.join(PERIODS)}, or for a rolling one such as 24h"
        ) from None
    if not timedelta(minutes=1) <= length <= LONGEST_CAP:
        raise ValueError(f"{written!r} is no period for a cap; between 1m and 366d is")
    return length


class CapSettings(Strict):
    """The most new leads in a period of the calendar, or a `rolling` one, as a duration such as 24h is."""

    leads: int = Field(ge=0)
    per: Annotated[str | timedelta, PlainValidator(_per), WithJsonSchema({"type": "string"})]
    rolling: bool | None = None

    @model_validator(mode="after")
    def _rolls(self) -> Self:
        if isinstance(self.per, timedelta) and self.rolling is False:
            raise ValueError(f"a cap per duration rolls; for the calendar write per as {', '.join(PERIODS)}")
        return self


_Limit = Annotated[int, Field(ge=0)]
_OneOrMore = BeforeValidator(_listed)
Caps = Annotated[tuple[CapSettings, ...], _OneOrMore]


class PartnerSettings(Strict):
    """One channel partner."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)]
    name: Name
    type: str | None = None
    tier: str | None = None
    active: bool = True
    countries: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    lead_sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    certifications: tuple[Annotated[CertificationSettings, BeforeValidator(_certification)], ...] = ()
    skills: Mapping[str, Annotated[float, Field(ge=0, le=100)]] = {}
    max_open_leads: _Limit | None = None
    max_new_leads: Caps = ()
    max_open_leads_per_owner: _Limit | None = None
    max_new_leads_per_owner: Caps = ()
    timezone: TimeZone | None = None
    working_hours: Annotated[tuple[WorkingHoursSettings, ...], _OneOrMore] = ()
    queue_outside_hours: bool = True
    holidays: Annotated[tuple[HolidaysSettings, ...], _OneOrMore] = ()
    away: Annotated[tuple[AwaySettings, ...], BeforeValidator(_absences)] = ()
    backup: str | None = None
    owners: Mapping[str, tuple[OwnerName, ...]]
    fields: Mapping[Name, str | bool | int | float] = {}
    owner_weights: Mapping[OwnerName, Weight] = {}
    contacts: Mapping[Name, Contact] = {}


Coverable = Literal["country", "territory", "industry", "product", "lead_source", "language"]
"""What of a lead a route may ask its partners to serve."""


class CertificationNeeded(Strict):
    """The lead's own field names what its partner must hold; `names` translates, and the rest needs none."""

    field: str
    names: Mapping[str, Name] | None = None


def needed(written: Any) -> Any:
    """One certification, several, or a table that says which field of the lead names it."""
    return (written,) if isinstance(written, str) else written


Needed = Annotated[tuple[Name, ...] | CertificationNeeded, BeforeValidator(needed)]

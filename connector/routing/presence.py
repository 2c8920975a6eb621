"""Who is there at a moment, and until when the others are not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from connector.model.partner import Partner
from connector.routing.calendars import ALWAYS, Away, Calendar, Calendars, Hours, first_showing
from connector.routing.csv_tables import FindInFile
from connector.routing.holidays import (
    BadCalendarFile,
    Holidays,
    UnknownHolidays,
    country_holidays,
    file_holidays,
)
from connector.routing.normal.countries import country_code
from connector.routing.partner_settings import AwaySettings, HolidaysSettings, PartnerSettings
from connector.routing.understanding import Find

Moment = Mapping[str, datetime | None]
"""By partner id, a moment; None where nobody knows it."""

_REMEMBERED = 32
_LATEST = 9990


@dataclass(frozen=True, slots=True)
class Presence:
    """Who is not there at one moment.

    `away` says by partner until when, `closed` when working hours begin again; whoever is both is away.
    `refusing` are those of the closed who take no leads outside of their hours.
    """

    away: Moment = field(default_factory=dict)
    closed: Moment = field(default_factory=dict)
    refusing: frozenset[str] = frozenset()
    _refused: Mapping[bool, Mapping[str, str]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        away = dict.fromkeys(self.away, "away")
        out = {True: self.closed, False: self.refusing}
        refused = {key: {**dict.fromkeys(who, "outside_working_hours"), **away} for key, who in out.items()}
        object.__setattr__(self, "_refused", refused)

    def absent(self, hours_required: bool) -> Mapping[str, str]:
        """The code of the refusal by partner; with `hours_required` of everybody who is not at work."""
        return self._refused[hours_required]

    def until(self, partner: str) -> datetime | None:
        """Until when a partner is not there, if that is known."""
        return self.away[partner] if partner in self.away else self.closed.get(partner)


@dataclass(frozen=True, slots=True)
class Attendance:
    """The calendars of those partners that have one, and what they come to at the moments asked for last."""

    calendars: Calendars = field(default_factory=dict)
    never_queue: frozenset[str] = frozenset()
    by_hours: frozenset[str] = frozenset()
    """The partners whom some route passes over outside of their hours."""
    _asked: dict[datetime, Presence] = field(default_factory=dict, compare=False, repr=False)

    def of(self, partner: str) -> Calendar:
        """A partner's calendar; whoever has none is always there."""
        return self.calendars.get(partner, ALWAYS)

    def at(self, now: datetime) -> Presence:
        """Who is there now."""
        known = self._asked.get(now)
        if known is None:
            if len(self._asked) >= _REMEMBERED:
                self._asked.clear()
            known = self._asked[now] = self._work_out(now)
        return known

    def returned(self, now: datetime) -> dict[str, datetime]:
        """When each partner that was away, or passed over outside of its hours, last came back."""
        found: dict[str, datetime] = {}
        for partner, calendar in self.calendars.items():
            moments = [calendar.returned(now)]
            if partner in self.by_hours:
                moments.append(calendar.opened(now))
            known = [moment for moment in moments if moment]
            if known:
                found[partner] = max(known)
        return found

    def _work_out(self, now: datetime) -> Presence:
        away: dict[str, datetime | None] = {}
        closed: dict[str, datetime | None] = {}
        for partner, calendar in self.calendars.items():
            end = calendar.away_until(now)
            if end is not None:
                away[partner] = end.astimezone(calendar.zone) if end.year <= _LATEST else None
            elif not calendar.at_work(now):
                opens = calendar.next_open(now)
                closed[partner] = opens.astimezone(calendar.zone) if opens else None
        return Presence(away, closed, self.never_queue & closed.keys())


NOBODY_ABSENT = Attendance()


def read_attendance(
    partners: Sequence[PartnerSettings],
    zone: tzinfo,
    files: Mapping[str, str],
    find: Find,
    find_in: FindInFile,
    by_hours: frozenset[str] = frozenset(),
) -> Attendance:
    """The calendars of the partners; mistakes go to `find`, those in iCal files to `find_in`."""
    calendars: dict[str, Calendar] = {}
    for index, partner in enumerate(partners):
        own = ZoneInfo(partner.timezone) if partner.timezone else _first_zone(partner) or zone
        calendar = Calendar(
            own,
            tuple(_hours(partner, own)),
            tuple(_holidays(partner, own, ("partner", index, "holidays"), files, find, find_in)),
            tuple(_away(absence, own) for absence in partner.away if _comes(absence)),
        )
        if not calendar.always_open:
            calendars[partner.id] = calendar
    unwilling = frozenset(partner.id for partner in partners if not partner.queue_outside_hours)
    return Attendance(calendars, unwilling, by_hours | unwilling)


def _first_zone(partner: PartnerSettings) -> tzinfo | None:
    named = next((hours.timezone for hours in partner.working_hours if hours.timezone), None)
    return ZoneInfo(named) if named else None


def _hours(partner: PartnerSettings, zone: tzinfo) -> Iterator[Hours]:
    for hours in partner.working_hours:
        where = ZoneInfo(hours.timezone) if hours.timezone else zone
        yield Hours(hours.days, hours.start, hours.end, where)


def _holidays(
    partner: PartnerSettings,
    zone: tzinfo,
    where: tuple[str | int, ...],
    files: Mapping[str, str],
    find: Find,
    find_in: FindInFile,
) -> Iterator[Holidays]:
    for place, written in enumerate(partner.holidays):
        try:
            found = _understood(written, zone, files)
        except UnknownHolidays as error:
            key = "country" if written.country == error.wrong else "subdivision"
            meant = country_code(error.wrong) if key == "country" else None
            message = f'{error}; write "{meant}"' if meant in error.known else str(error)
            find((*where, place, key), message, () if meant in error.known else error.known, error.wrong)
        except BadCalendarFile as error:
            find_in(str(written.file), error.line, str(error))
        else:
            if found is not None:
                yield found


def _understood(written: HolidaysSettings, zone: tzinfo, files: Mapping[str, str]) -> Holidays | None:
    if written.country is not None:
        return country_holidays(written.country, written.subdivision)
    text = files.get(str(written.file))
    return None if text is None else file_holidays(text, zone)


def _comes(absence: AwaySettings) -> bool:
    """Whether an absence begins in a year that calendars speak of."""
    return absence.start is None or absence.start.year <= _LATEST


def _away(absence: AwaySettings, zone: tzinfo) -> Away:
    return Away(_begin(absence.start, zone), _end(absence.until, zone))


def _begin(day: date | None, zone: tzinfo) -> datetime | None:
    if isinstance(day, datetime):
        return _moment(day, zone)
    return first_showing(day, time(), zone) if day and 10 < day.year <= _LATEST else None


def _end(day: date | None, zone: tzinfo) -> datetime | None:
    """The moment after the last day; None for one so far ahead that it means "for good"."""
    if day is None or day.year > _LATEST:
        return None
    return _moment(day, zone) if isinstance(day, datetime) else _begin(day + timedelta(days=1), zone)


def _moment(at: datetime, zone: tzinfo) -> datetime | None:
    if not 10 < at.year <= _LATEST:
        return None
    return at.astimezone(UTC) if at.tzinfo else first_showing(at.date(), at.time(), zone)


def absent_for_good(partners: Sequence[Partner], attendance: Attendance, now: datetime) -> Iterator[str]:
    """The partners that are not away and whose working hours never come within three years."""
    for partner in partners:
        calendar = attendance.of(partner.id)
        if calendar.away_until(now) is None and calendar.next_open(now) is None:
            yield partner.id

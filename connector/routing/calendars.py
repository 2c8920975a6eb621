"""When a partner is at work: working hours, holidays and away days, across changes of the clocks."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from connector.model.durations import Span
from connector.routing.holidays import Holidays

Opening = tuple[datetime, datetime]
"""From when until when, in UTC; the end is no part of it."""

_DAY = timedelta(days=1)
_WEEK = 7
_KEPT = 600
_HORIZON = 157
"""How many weeks ahead an opening is looked for: three years from any day of a week. Beyond, none comes."""


@dataclass(frozen=True, slots=True)
class Hours:
    """One window of the week: opens at `start` on each of `days` (Monday is 0), closes at `end`.

    An `end` that is not after `start` is on the next day; midnight as an end is 00:00. On the day that
    clocks change, a window opens when the clock first shows `start` or later and closes when it first shows
    `end` or later: what is skipped is lost, what is repeated is not opened twice.
    """

    days: frozenset[int]
    start: time
    end: time
    zone: tzinfo

    def on(self, day: date) -> Opening | None:
        """The window that begins on a day of its zone, or None when it does not occur."""
        if day.weekday() not in self.days:
            return None
        last = day + _DAY if self.end <= self.start else day
        opening = first_showing(day, self.start, self.zone), first_showing(last, self.end, self.zone)
        return opening if opening[0] < opening[1] else None


@dataclass(frozen=True, slots=True)
class Away:
    """From the start of one day to the end of another in the partner's zone, as moments; None is for ever."""

    start: datetime | None
    end: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether the moment falls into it."""
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)


def first_showing(day: date, clock: time, zone: tzinfo) -> datetime:
    """When the clock of a zone first shows this time of a day or, where it skips it, a later one, in UTC."""
    local = datetime.combine(day, clock, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    # The clock skips it (PEP 495): the change lies between the readings with the offsets before and after.
    before, after = local.replace(fold=1).astimezone(UTC), moment
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When somebody works. Without `hours` every moment counts, but for holidays and away days.

    All moments are aware; answers are in UTC. A window belongs to the day on which it begins, so a night
    shift that begins before a holiday goes on into it.
    """

    zone: tzinfo = UTC
    hours: tuple[Hours, ...] = ()
    holidays: tuple[Holidays, ...] = ()
    away: tuple[Away, ...] = ()
    _weeks: dict[int, Sequence[Opening]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def always_open(self) -> bool:
        """Whether no moment is outside of it."""
        return not (self.hours or self.holidays or self.away)

    def away_until(self, at: datetime) -> datetime | None:
        """When an absence that holds now ends, datetime.max if that is not known; None if there is none."""
        end, current = at, next((one for one in self.away if one.holds(at)), None)
        if current is None:
            return None
        while current is not None:
            if current.end is None:
                return datetime.max.replace(tzinfo=UTC)
            end = current.end
            current = next((one for one in self.away if one.holds(end)), None)
        return end

    def at_work(self, at: datetime) -> bool:
        """Whether the moment is within working hours, away or not."""
        if not (self.hours or self.holidays):
            return True
        week = self._week(_week_of(at))
        place = bisect_right(week, (at.astimezone(UTC), datetime.max.replace(tzinfo=UTC))) - 1
        return place >= 0 and at < week[place][1]

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there: within working hours, no holiday, not away."""
        return self.at_work(at) and self.away_until(at) is None

    def next_open(self, at: datetime) -> datetime | None:
        """The moment itself if it is open, else the next opening; None if none comes within three years."""
        if self.always_open:
            return at.astimezone(UTC)
        return next((max(start, at.astimezone(UTC)) for start, _ in self._openings(at)), None)

    def add_working(self, at: datetime, span: timedelta) -> datetime | None:
        """When so much working time has passed; None if it never does within three years of openings."""
        if self.always_open:
            return at.astimezone(UTC) + span
        left, moment = span, at.astimezone(UTC)
        for start, end in self._openings(at):
            begin = max(start, moment)
            if end - begin >= left:
                return begin + left
            left -= end - begin
        return None

    def add_working_days(self, at: datetime, days: int) -> datetime | None:
        """The same time of day so many working days on, within that day's hours; None if it never comes.

        A moment outside of hours counts as the next opening. Days are those of the calendar's zone.
        """
        begin = self.next_open(at)
        if begin is None or days <= 0:
            return begin
        local = begin.astimezone(self.zone)
        wanted = (day for day in self._working_days(begin) if day > local.date())
        day = next((day for number, day in enumerate(wanted, 1) if number == days), None)
        if day is None:
            return None
        moment = first_showing(day, local.time(), self.zone)
        openings = list(self._openings_of(day))
        return min(max(moment, openings[0][0]), openings[-1][1])

    def after(self, at: datetime, span: Span) -> datetime | None:
        """When a span has passed by the clock, by working time or by working days; None if it never does."""
        if span.by == "clock":
            return at.astimezone(UTC) + span.length
        if span.by == "working_hours":
            return self.add_working(at, span.length)
        return self.add_working_days(at, span.length.days)

    def working_between(self, since: datetime, until: datetime) -> timedelta:
        """How much working time lies between two moments; zero if they are the wrong way round.

        Of a longer time than three years only the first three count.
        """
        since, until = since.astimezone(UTC), until.astimezone(UTC)
        total = timedelta()
        if self.always_open or until <= since:
            return max(until - since, total)
        for start, end in self._openings(since):
            if start >= until:
                break
            total += min(end, until) - max(start, since)
        return total

    def opened(self, at: datetime) -> datetime | None:
        """When the opening began that holds now, or else the last one before it; None if none in a year."""
        moment, found = at.astimezone(UTC), None
        for number in range(_week_of(at), _week_of(at) - 53, -1):
            if number < 0:
                break
            for start, end in reversed(self._week(number)):
                if found is not None and end < found:
                    return found
                if start <= moment:
                    found = start
        return found

    def returned(self, at: datetime) -> datetime | None:
        """When the last absence before a moment ended; None if there was none."""
        ends = [one.end for one in self.away if one.end is not None and one.end <= at]
        return max(ends, default=None)

    def _openings(self, at: datetime) -> Iterator[Opening]:
        """Openings without the away days that end after a moment, in order."""
        moment = at.astimezone(UTC)
        first = _week_of(at)
        last = min(first + _HORIZON, date.max.toordinal() // _WEEK - 1)
        for number in range(first, last + 1):
            for opening in self._week(number) if self.hours or self.holidays else (_span_of(number),):
                for start, end in _without(opening, self.away):
                    if end > moment:
                        yield start, end

    def _openings_of(self, day: date) -> Iterator[Opening]:
        """The openings, or parts of them, on one day of the zone."""
        begin, end = first_showing(day, time(), self.zone), first_showing(day + _DAY, time(), self.zone)
        for start, finish in self._openings(begin):
            if start >= end:
                return
            yield max(start, begin), min(finish, end)

    def _working_days(self, at: datetime) -> Iterator[date]:
        """The days of the zone with an opening, in order, each once."""
        last = date.min
        for start, end in self._openings(at):
            day, until = (
                start.astimezone(self.zone).date(),
                (end - timedelta.resolution).astimezone(self.zone),
            )
            while day <= until.date():
                if day > last:
                    yield day
                    last = day
                day += _DAY

    def _week(self, number: int) -> Sequence[Opening]:
        """The openings of seven days of UTC, apart from away days; in order, none touching another."""
        known = self._weeks.get(number)
        if known is None:
            if len(self._weeks) >= _KEPT:
                self._weeks.clear()
            known = self._weeks[number] = self._work_out(number)
        return known

    def _work_out(self, number: int) -> Sequence[Opening]:
        begin, end = _span_of(number)
        windows = self._windows(begin, end) if self.hours else [(begin, end)]
        closed = [gap for one in self.holidays for gap in one.hours_between(begin, end)]
        if not self.hours:
            closed += list(self._whole_holidays(begin, end))
        openings = _joined(windows)
        for gap in closed:
            openings = [part for opening in openings for part in _cut(opening, gap)]
        return openings

    def _windows(self, begin: datetime, end: datetime) -> list[Opening]:
        """The windows of all hours that are not on a holiday, cut to a time."""
        windows: list[Opening] = []
        for day in _days(begin, end):
            if any(one.has(day) for one in self.holidays):
                continue
            found = [window for window in (hours.on(day) for hours in self.hours) if window]
            windows += [(max(a, begin), min(b, end)) for a, b in found if a < end and b > begin]
        return sorted(windows)

    def _whole_holidays(self, begin: datetime, end: datetime) -> Iterator[Opening]:
        for day in _days(begin, end):
            if any(one.has(day) for one in self.holidays):
                yield first_showing(day, time(), self.zone), first_showing(day + _DAY, time(), self.zone)


def _week_of(at: datetime) -> int:
    return at.astimezone(UTC).toordinal() // _WEEK


def _span_of(number: int) -> Opening:
    first = max(number * _WEEK, 1)
    begin = datetime.combine(date.fromordinal(first), time(), UTC)
    last = min((number + 1) * _WEEK, date.max.toordinal())
    return begin, datetime.combine(date.fromordinal(last), time(), UTC)


def _days(begin: datetime, end: datetime) -> Iterator[date]:
    """The days, of any zone, whose windows may reach into a time; none at the very end of the calendar."""
    first, beyond = begin.toordinal() - 2, end.toordinal() + 1
    for number in range(max(first, 3), min(beyond, date.max.toordinal() - 2)):
        yield date.fromordinal(number)


def _joined(windows: Sequence[Opening]) -> list[Opening]:
    """Windows in order with those that touch made one."""
    joined: list[Opening] = []
    for start, end in windows:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _cut(opening: Opening, gap: Opening) -> Iterator[Opening]:
    """What a gap leaves of an opening."""
    (start, end), (closes, reopens) = opening, gap
    if closes >= end or reopens <= start:
        yield opening
        return
    if start < closes:
        yield start, closes
    if reopens < end:
        yield reopens, end


def _without(opening: Opening, away: Sequence[Away]) -> list[Opening]:
    """What absences leave of an opening."""
    parts = [opening]
    for one in away:
        gap = one.start or opening[0], one.end or opening[1]
        parts = [left for part in parts for left in _cut(part, gap)]
    return parts


ALWAYS = Calendar()
"""The calendar of somebody who is always there."""

Calendars = Mapping[str, Calendar]
"""By partner id; a partner without an entry is always there."""

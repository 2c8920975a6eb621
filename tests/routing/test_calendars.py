"""When somebody works: hours, holidays and absences, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.durations import Span, span
from connector.routing.calendars import ALWAYS, Away, Calendar, Hours, first_showing
from connector.routing.holidays import BadCalendarFile, UnknownHolidays, country_holidays, file_holidays

VIENNA = ZoneInfo("Europe/Vienna")
WEEKDAYS = frozenset(range(5))
OFFICE = Calendar(VIENNA, (Hours(WEEKDAYS, time(9), time(17, 30), VIENNA),))
ZONES = ["UTC", "Europe/Vienna", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana"]

ZERO, DAY = timedelta(), timedelta(days=1)
MOMENTS = st.one_of(
    st.builds(lambda days: datetime(2026, 3, 25, tzinfo=UTC) + days, st.timedeltas(ZERO, 14 * DAY)),
    st.builds(lambda days: datetime(2026, 10, 1, tzinfo=UTC) + days, st.timedeltas(ZERO, 35 * DAY)),
    st.builds(lambda days: datetime(2024, 2, 26, tzinfo=UTC) + days, st.timedeltas(ZERO, 7 * DAY)),
)
"""Around changes of the clocks and a leap day."""

WINDOWS = st.builds(
    Hours,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from(ZONES).map(ZoneInfo),
)
CALENDARS = st.builds(
    lambda hours, breaks: Calendar(hours[0].zone, tuple(hours), away=tuple(breaks)),
    st.lists(WINDOWS, min_size=1, max_size=3),
    st.lists(
        st.tuples(MOMENTS, st.integers(1, 9)).map(lambda a: Away(a[0], a[0] + timedelta(days=a[1]))),
        max_size=2,
    ),
)


def local(text: str) -> datetime:
    """A moment by Vienna's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA)


def by_hand(calendar: Calendar, at: datetime) -> bool:
    """Whether it is open, looked up window by window without any of the arithmetic on weeks."""
    for hours in calendar.hours:
        day = at.astimezone(hours.zone).date()
        for begins in (day - timedelta(days=1), day):
            if begins.weekday() in hours.days:
                ends = begins + timedelta(days=hours.end <= hours.start)
                opens = first_showing(begins, hours.start, hours.zone)
                if opens <= at < first_showing(ends, hours.end, hours.zone):
                    return not any(away.holds(at) for away in calendar.away)
    return False


@given(st.sampled_from(ZONES).map(ZoneInfo), st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.times())
def test_a_time_of_day_is_shown_first_when_no_earlier_moment_of_the_day_shows_it(
    zone: ZoneInfo, day: date, clock: time
) -> None:
    clock = clock.replace(microsecond=0)
    moment = first_showing(day, clock, zone)
    shown = moment.astimezone(zone).replace(tzinfo=None)
    assert shown >= datetime.combine(day, clock)
    for back in (1, 60, 1800, 3600, 5400, 7200):
        earlier = (moment - timedelta(seconds=back)).astimezone(zone).replace(tzinfo=None)
        assert earlier < datetime.combine(day, clock)


@given(CALENDARS, MOMENTS)
def test_it_is_open_exactly_within_a_window_that_is_no_absence(calendar: Calendar, at: datetime) -> None:
    assert calendar.is_open(at) == by_hand(calendar, at)


@given(CALENDARS, MOMENTS)
def test_the_next_opening_is_open_and_nothing_before_it_is(calendar: Calendar, at: datetime) -> None:
    found = calendar.next_open(at)
    assert found is not None
    assert found >= at
    assert calendar.is_open(found)
    gap = found - at
    assert not any(calendar.is_open(at + gap * part / 40) for part in range(40 if gap else 0))


@given(CALENDARS, MOMENTS, st.integers(0, 60 * 24))
def test_working_time_that_is_added_lies_between(calendar: Calendar, at: datetime, minutes: int) -> None:
    length = timedelta(minutes=minutes)
    found = calendar.add_working(at, length)
    if found is None:  # a minute a week
        assert calendar.working_between(at, at + 20 * 365 * DAY) < length
    else:
        assert found >= at
        assert calendar.working_between(at, found) == length


@given(CALENDARS, MOMENTS, MOMENTS, MOMENTS)
def test_working_time_adds_up(calendar: Calendar, one: datetime, two: datetime, three: datetime) -> None:
    first, second, third = sorted((one, two, three))
    parts = calendar.working_between(first, second) + calendar.working_between(second, third)
    assert parts == calendar.working_between(first, third)
    assert timedelta() <= parts <= third - first
    assert calendar.working_between(third, first) == timedelta()


@given(CALENDARS, MOMENTS, st.integers(1, 5))
def test_so_many_working_days_on_is_a_day_with_hours(calendar: Calendar, at: datetime, days: int) -> None:
    earlier = calendar.add_working_days(at, days - 1)
    found = calendar.add_working_days(at, days)
    assert earlier is not None
    assert found is not None
    assert at <= earlier < found
    assert calendar.working_between(earlier, found) > timedelta() or days > 1


@pytest.mark.parametrize(
    ("at", "written", "due"),
    [
        ("2026-11-02T10:00", "4 working hours", "2026-11-02T14:00"),
        ("2026-11-02T16:00", "4 working hours", "2026-11-03T11:30"),
        ("2026-11-06T17:00", "1 working hour", "2026-11-09T09:30"),
        ("2026-11-07T12:00", "30 working minutes", "2026-11-09T09:30"),
        ("2026-11-06T16:00", "1 working day", "2026-11-09T16:00"),
        ("2026-11-07T12:00", "2 working days", "2026-11-11T09:00"),
        ("2026-11-06T20:00", "1 working day", "2026-11-10T09:00"),
        ("2026-10-23T16:30", "2 working hours", "2026-10-26T10:00"),
        ("2026-03-27T16:30", "2 working hours", "2026-03-30T10:00"),
        ("2026-11-06T16:00", "24h", "2026-11-07T16:00"),
    ],
)
def test_a_span_passes_by_the_clock_or_by_working_time(at: str, written: str, due: str) -> None:
    assert OFFICE.after(local(at), span(written)) == local(due)
    assert ALWAYS.after(local(at), span("24h")) == local(at) + timedelta(days=1)


def test_a_clock_time_later_than_a_short_day_means_its_closing() -> None:
    short_friday = Calendar(
        VIENNA,
        (
            Hours(frozenset({0, 1, 2, 3}), time(9), time(17), VIENNA),
            Hours(frozenset({4}), time(10), time(13), VIENNA),
        ),
    )
    assert short_friday.add_working_days(local("2026-11-05T16:00"), 1) == local("2026-11-06T13:00")
    assert short_friday.add_working_days(local("2026-11-05T09:15"), 1) == local("2026-11-06T10:00")


def test_hours_over_midnight_last_into_the_next_day() -> None:
    night = Calendar(VIENNA, (Hours(frozenset({4}), time(22), time(6), VIENNA),))
    assert night.is_open(local("2026-11-06T23:00"))
    assert night.is_open(local("2026-11-07T05:59"))
    assert not night.is_open(local("2026-11-07T06:00"))
    assert not night.is_open(local("2026-11-06T05:00"))


def test_a_window_that_the_clocks_skip_does_not_occur_and_a_repeated_one_opens_once() -> None:
    small = Calendar(VIENNA, (Hours(frozenset({6}), time(2, 15), time(2, 45), VIENNA),))
    spring, autumn = local("2026-03-29T00:00"), local("2026-10-25T00:00")
    day = timedelta(hours=23)
    assert small.working_between(spring, spring.astimezone(UTC) + day) == timedelta()
    assert small.working_between(autumn, autumn.astimezone(UTC) + day) == timedelta(minutes=30)
    assert small.next_open(spring) == local("2026-04-05T02:15")


def test_working_hours_of_several_zones_add_up() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    both = Calendar(VIENNA, (*OFFICE.hours, Hours(WEEKDAYS, time(9), time(17), tokyo)))
    assert both.is_open(local("2026-11-03T02:00"))
    assert both.working_between(local("2026-11-03T00:00"), local("2026-11-04T00:00")) == timedelta(hours=16.5)


def test_holidays_of_a_country_and_its_parts_close_the_day() -> None:
    vienna = Calendar(VIENNA, OFFICE.hours, (country_holidays("AT", "9"),))
    assert not vienna.is_open(local("2026-10-26T10:00"))
    assert vienna.is_open(local("2026-10-27T10:00"))
    all_day = Calendar(VIENNA, (), (country_holidays("AT", None),))
    assert all_day.next_open(local("2026-10-26T10:00")) == local("2026-10-27T00:00")
    assert all_day.is_open(local("2026-10-25T23:59"))
    for country, part, near in (("AU", "Wien", "NSW"), ("XX", None, "AT")):
        with pytest.raises(UnknownHolidays) as wrong:
            country_holidays(country, part)
        assert near in wrong.value.known


ICAL = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Globex//Office//EN
BEGIN:VEVENT
UID:1
SUMMARY:Company trip
DTSTART;VALUE=DATE:20261105
DTEND;VALUE=DATE:20261107
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:All hands
DTSTART;TZID=Europe/Vienna:20261102T140000
DTEND;TZID=Europe/Vienna:20261102T150000
RRULE:FREQ=WEEKLY
EXDATE;TZID=Europe/Vienna:20261109T140000
END:VEVENT
BEGIN:VEVENT
UID:3
STATUS:CANCELLED
DTSTART;VALUE=DATE:20261104
END:VEVENT
BEGIN:VEVENT
UID:4
SUMMARY:Founders' day
DTSTART;VALUE=DATE:20200220
RRULE:FREQ=YEARLY
END:VEVENT
END:VCALENDAR
"""


def test_an_ical_file_closes_whole_days_and_hours() -> None:
    office = Calendar(VIENNA, OFFICE.hours, (file_holidays(ICAL, VIENNA),))
    closed = [
        "2026-11-05T10:00",
        "2026-11-06T16:00",
        "2026-11-02T14:00",
        "2026-11-16T14:59",
        "2029-02-20T10:00",
    ]
    there = ["2026-11-04T10:00", "2026-11-02T15:00", "2026-11-09T14:30", "2029-02-21T10:00"]
    assert not any(office.is_open(local(at)) for at in closed)
    assert all(office.is_open(local(at)) for at in there)
    # The clocks went back between: a weekly event keeps its time of day.
    assert not office.is_open(local("2027-04-05T14:30"))
    assert office.add_working(local("2026-11-02T13:30"), timedelta(hours=1)) == local("2026-11-02T15:30")


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "no iCal calendar"),
        ("BEGIN:VCALENDAR\nhello\nEND:VCALENDAR", 2, "no iCal calendar"),
        (ICAL.replace("DTSTART;VALUE=DATE:20200220\n", ""), 23, "no DTSTART"),
        (ICAL.replace("20261105", "20261399"), 4, "DTSTART cannot be read"),
        (ICAL.replace("SUMMARY:All hands", "All hands"), 10, "this event's content cannot be read ("),
        (
            ICAL.replace("PRODID", "CALSCALE:JULIAN\nPRODID"),
            3,
            "GREGORIAN can be read, not of CALSCALE:JULIAN",
        ),
        (ICAL.replace("PRODID", "CALS\n CALE:JULIAN\nPRODID"), 1, "GREGORIAN can be read"),
        (ICAL.replace("FREQ=YEARLY", "FREQ=SECONDLY"), 23, "more often than once a day"),
        (ICAL.replace("FREQ=YEARLY", "FREQ=SOMETIMES"), 23, "RRULE cannot be read"),
        (ICAL.replace("FREQ=YEARLY", "FREQ=YEARLY;INTERVAL=0"), 23, "an INTERVAL below 1"),
        (ICAL.replace("FREQ=YEARLY", "FREQ=MONTHLY;BYDAY=9MO"), 23, "cannot be worked out"),
        (ICAL.replace("20200220", "99991231"), 23, "cannot be worked out"),
    ],
)
def test_a_broken_calendar_file_is_told_with_its_line(text: str, line: int, told: str) -> None:
    with pytest.raises(BadCalendarFile) as wrong:
        file_holidays(text, VIENNA)
    assert (wrong.value.line, told in str(wrong.value)) == (line, True)


def test_what_the_usual_calendar_says_of_itself_is_read() -> None:
    usual = ICAL.replace("PRODID", "calscale:GREGORIAN\nPRODID").replace("WEEKLY", "WEEKLY;INTERVAL=1")
    assert file_holidays(usual, VIENNA).has(date(2026, 11, 5))


def test_a_period_that_ends_before_it_begins_closes_nothing() -> None:
    period = "RDATE;VALUE=PERIOD:20280101T000000Z/20270101T000000Z"
    odd = file_holidays(EVENTS.replace("UID:4", f"UID:4\n{period}"), VIENNA)
    assert [odd.has(date(2028, 1, 1)), odd.has(date(2026, 1, 1))] == [False, True]


def test_holidays_of_a_file_are_known_from_the_second_year_to_the_last_of_calendars() -> None:
    yearly = file_holidays(ICAL.replace("20200220", "00020220"), VIENNA)
    years = (1, 2, 3, 9989, 9990, 9999)
    assert [yearly.has(date(year, 2, 20)) for year in years] == [False, True, True, True, False, False]


def test_an_absence_lasts_until_the_last_of_those_that_meet() -> None:
    week = [Away(local("2026-11-02T00:00"), local("2026-11-04T00:00"))]
    meets = Away(local("2026-11-03T00:00"), local("2026-11-06T00:00"))
    office = Calendar(VIENNA, OFFICE.hours, away=(*week, meets))
    assert office.away_until(local("2026-11-02T10:00")) == local("2026-11-06T00:00")
    assert office.away_until(local("2026-11-06T00:00")) is None
    assert office.returned(local("2026-11-07T00:00")) == local("2026-11-06T00:00")
    assert office.next_open(local("2026-11-02T10:00")) == local("2026-11-06T09:00")


def test_who_never_comes_back_never_opens() -> None:
    gone = Calendar(VIENNA, OFFICE.hours, away=(Away(None, None),))
    at = local("2026-11-02T10:00")
    assert gone.next_open(at) is None
    assert gone.add_working(at, timedelta(hours=1)) is None
    assert gone.add_working_days(at, 1) is None
    assert gone.away_until(at) == datetime.max.replace(tzinfo=UTC)


@given(CALENDARS, MOMENTS)
def test_an_opening_begins_where_it_was_closed_before(calendar: Calendar, at: datetime) -> None:
    began = calendar.opened(at)
    hours_only = Calendar(calendar.zone, calendar.hours)
    if began is not None and at - began < timedelta(days=300):
        assert hours_only.is_open(began)
        assert not hours_only.is_open(began - timedelta(seconds=1))
        if hours_only.is_open(at):
            assert hours_only.working_between(began, at) == at - began


def test_the_edges_of_the_calendar_are_no_trouble() -> None:
    for at in (datetime(9989, 12, 30, tzinfo=UTC), datetime(2, 1, 3, tzinfo=UTC)):
        assert OFFICE.next_open(at) is not None
        assert OFFICE.working_between(at, at + timedelta(days=7)) == timedelta(hours=42.5)
    assert OFFICE.next_open(datetime(9999, 12, 31, 12, tzinfo=UTC)) is None
    assert OFFICE.next_open(local("9999-12-20T00:00")) == local("9999-12-20T09:00")
    first = [OFFICE.at_work(datetime(1, 1, day, 12, tzinfo=UTC)) for day in (1, 2, 3, 4)]
    last = [OFFICE.at_work(datetime(9999, 12, day, 12, tzinfo=UTC)) for day in (27, 28, 29, 30, 31)]
    assert (first, last) == ([False, False, True, True], [True, True, False, False, False])
    assert Calendar(holidays=(file_holidays(ICAL, UTC),)).at_work(datetime(1, 1, 1, tzinfo=UTC))
    assert (
        OFFICE.working_between(datetime(2026, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
        > timedelta()
    )


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("4 working hours", "4 working hours"),
        ("1 Working Day", "1 working day"),
        ("90 working minutes", "90 working minutes"),
        ("120 working minutes", "2 working hours"),
        ("24h", "24 hours"),
        ("3d", "3 days"),
        ("5m", "5 minutes"),
    ],
)
def test_spans_are_read_and_said(written: str, told: str) -> None:
    assert str(span(written)) == told
    assert span(span(written)) == span(written)


@pytest.mark.parametrize(
    "written", ["4 working", "working hours", "9999999 working hours", "4 wombats", 4, ""]
)
def test_a_span_that_is_none_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        span(written)


def test_a_plain_duration_is_a_span_by_the_clock() -> None:
    assert span("24h") == Span(timedelta(hours=24))


def test_answers_are_in_utc_however_the_moment_is_written() -> None:
    monday = datetime(2026, 11, 2, 10, 0, tzinfo=VIENNA)
    asked = [
        ALWAYS.next_open(monday),
        ALWAYS.add_working(monday, timedelta(hours=1)),
        ALWAYS.after(monday, span("1h")),
        OFFICE.next_open(monday),
        OFFICE.add_working(monday, timedelta(hours=1)),
        OFFICE.after(monday, span("1h")),
        OFFICE.opened(monday),
    ]
    assert [moment and moment.tzinfo for moment in asked] == [UTC] * 7
    assert [moment and moment.hour for moment in asked] == [9, 10, 10, 9, 10, 10, 8]


def test_working_days_end_where_hours_never_come_again() -> None:
    away = (Away(datetime(2026, 11, 5, tzinfo=UTC), None),)
    monday = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
    leaving = Calendar(UTC, (Hours(WEEKDAYS, time(9), time(17), UTC),), away=away)
    assert leaving.add_working_days(monday, 2) == datetime(2026, 11, 4, 10, 0, tzinfo=UTC)
    assert leaving.add_working_days(monday, 3) is None
    assert leaving.add_working_days(monday, 0) == monday


def test_a_working_day_ends_with_its_own_last_hour_though_the_next_begins_at_midnight() -> None:
    hours = (Hours(frozenset({4}), time(9), time(18), UTC), Hours(frozenset({0}), time(9), time(12), UTC))
    night = Hours(frozenset({1}), time(0), time(6), UTC)
    calendar = Calendar(UTC, (*hours, night))
    friday = datetime(2026, 11, 6, 15, 0, tzinfo=UTC)
    assert calendar.add_working_days(friday, 1) == datetime(2026, 11, 9, 12, 0, tzinfo=UTC)


def test_an_opening_has_begun_and_an_absence_has_ended_at_their_very_moments() -> None:
    opens = datetime(2026, 11, 3, 9, 0, tzinfo=VIENNA)
    assert OFFICE.opened(opens) == opens
    assert OFFICE.opened(opens - timedelta(seconds=1)) == opens - DAY
    back = datetime(2026, 11, 5, tzinfo=UTC)
    away = Calendar(away=(Away(None, back),))
    assert away.returned(back) == back
    assert away.returned(back - timedelta(seconds=1)) is None


def test_no_working_time_lies_between_moments_the_wrong_way_round() -> None:
    ten, noon = (datetime(2026, 11, 2, hour, tzinfo=VIENNA) for hour in (10, 12))
    for calendar in (OFFICE, ALWAYS):
        assert calendar.working_between(ten, noon) == timedelta(hours=2)
        assert calendar.working_between(noon, ten) == calendar.working_between(ten, ten) == timedelta()


@pytest.mark.parametrize(
    ("zone", "day", "clock", "shown"),
    [
        ("Europe/Vienna", date(2026, 3, 29), time(2, 59), "2026-03-29T01:00+00:00"),
        ("Europe/Vienna", date(2026, 3, 29), time(2, 30), "2026-03-29T01:00+00:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:30+00:00"),
        ("Pacific/Apia", date(2011, 12, 30), time(9), "2011-12-30T10:00+00:00"),
    ],
)
def test_a_time_that_the_clock_skips_is_shown_at_the_change_itself(
    zone: str, day: date, clock: time, shown: str
) -> None:
    assert first_showing(day, clock, ZoneInfo(zone)) == datetime.fromisoformat(shown)


@pytest.mark.parametrize("day", [1, 7])  # Sunday is the first day of a week of UTC, Saturday the last
def test_an_opening_is_looked_for_three_years_ahead_and_not_for_ever(day: int) -> None:
    at = datetime(2026, 11, day, 10, tzinfo=UTC)
    third_year = datetime(2029, 11, day, 10, tzinfo=UTC)

    def back(until: datetime) -> datetime | None:
        return Calendar(away=(Away(None, until),)).next_open(at)

    assert back(third_year) == third_year
    assert back(third_year + timedelta(days=14)) is None


def test_an_opening_of_more_than_a_year_ago_counts_no_more() -> None:
    at = datetime(2026, 11, 8, tzinfo=UTC)
    closed = ICAL.replace("20261105", "20251109").replace("20261107", "20261231")
    until_then = Calendar(
        UTC, (Hours(frozenset({5}), time(9), time(17), UTC),), (file_holidays(closed, UTC),)
    )
    began = datetime(2025, 11, 8, 9, tzinfo=UTC)
    assert until_then.opened(at - DAY) == began
    assert until_then.opened(at) is None


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [(7, time(22), time(0)), (8, time(0), time(6))],  # before and after a week of UTC ends
)
def test_nothing_is_left_of_an_opening_that_an_absence_takes_whole(
    day: int, opens: time, closes: time
) -> None:
    midnight = datetime(2026, 11, day, tzinfo=UTC)
    hours = Hours(frozenset({midnight.weekday()}), opens, closes, UTC)
    away = Calendar(UTC, (hours,), away=(Away(midnight, midnight + DAY),))
    assert away.next_open(midnight - DAY) == datetime.combine(midnight + 7 * DAY, opens, UTC)


@pytest.mark.parametrize(
    ("zone", "begins", "hours"),
    [
        ("Pacific/Kiritimati", "2026-11-01T00:00", 24),  # on Saturday of UTC, 14 hours before
        ("Etc/GMT+12", "2026-10-30T23:00", 23),  # until Sunday of UTC, 12 hours after
    ],
)
def test_hours_count_however_far_a_zone_is_from_utc(zone: str, begins: str, hours: int) -> None:
    begin = datetime.fromisoformat(begins).replace(tzinfo=ZoneInfo(zone))
    hour = timedelta(hours=1)
    window = Hours(frozenset({begin.weekday()}), begin.time(), (begin + hours * hour).time(), ZoneInfo(zone))
    calendar = Calendar(ZoneInfo(zone), (window,))
    there = [calendar.is_open(begin + number * hour) for number in range(-1, hours + 1)]
    assert there == [False, *[True] * hours, False]


def test_who_has_no_hours_is_at_work_at_any_moment() -> None:
    assert Calendar().at_work(local("2026-11-01T03:00"))


def test_at_the_very_end_of_the_hours_the_next_opening_is_tomorrows() -> None:
    office = Calendar(VIENNA, (Hours(frozenset(range(7)), time(9), time(17), VIENNA),))
    assert office.next_open(local("2026-11-03T17:00")) == local("2026-11-04T09:00")


EVENTS = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20260101
DTEND;VALUE=DATE:20260101
END:VEVENT
BEGIN:VEVENT
UID:2
STATUS:CANCELLED
DTSTART;VALUE=DATE:20260102
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART:20260103T100000
DTEND:20260103T120000
END:VEVENT
BEGIN:VEVENT
UID:4
DTSTART:20260104T100000Z
DTEND:20260104T120000Z
END:VEVENT
END:VCALENDAR
"""


def test_events_of_a_file_close_their_days_and_their_hours_and_no_more() -> None:
    events = file_holidays(EVENTS, VIENNA)
    assert [day for day in range(1, 6) if events.has(date(2026, 1, day))] == [1]
    floating = local("2026-01-03T10:00"), local("2026-01-03T12:00")
    fixed = datetime(2026, 1, 4, 10, tzinfo=UTC), datetime(2026, 1, 4, 12, tzinfo=UTC)
    assert list(events.hours_between(floating[0], fixed[1])) == [floating, fixed]
    assert list(events.hours_between(floating[1], fixed[0])) == []
    assert list(events.hours_between(local("2026-01-03T11:00"), local("2026-01-03T11:30"))) == [floating]


def test_without_hours_both_whole_holidays_and_parts_of_days_are_closed() -> None:
    calendar = Calendar(VIENNA, holidays=(file_holidays(EVENTS, VIENNA),))
    moments = ["01T11:00", "02T11:00", "03T09:59", "03T11:00", "03T12:00"]
    assert [calendar.is_open(local(f"2026-01-{at}")) for at in moments] == [False, True, True, False, True]

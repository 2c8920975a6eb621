"""Who is there: calendars as partners write them, and what is known of when the others come back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.routing.calendars import Away
from connector.routing.policy import BadPolicy, Policy
from connector.routing.presence import absent_for_good
from tests.builders import a_policy, partner
from tests.conftest import NOW

VIENNA = ZoneInfo("Europe/Vienna")
ROUTE = '[[route]]\nname = "all"\n'
OFFICE = 'working_hours = { days = "mon-fri", from = "09:00", to = "17:00" }\n'
ICAL = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261104
END:VEVENT
END:VCALENDAR
"""


def the_rules(anna: str, more: str = "", **files: str) -> Policy:
    return a_policy(partner("anna", timezone="Europe/Vienna") + anna + more + ROUTE, files=files)


@pytest.mark.parametrize(
    ("away", "begins", "ends"),
    [
        ("{ from = 2026-11-03, until = 2026-11-04 }", "2026-11-02T23:00", "2026-11-04T23:00"),
        ("{ from = 2026-11-03 }", "2026-11-02T23:00", None),
        ("{ until = 2026-11-04 }", None, "2026-11-04T23:00"),
        (
            "{ from = 2026-11-03T10:00:00, until = 2026-11-03T12:30:00 }",
            "2026-11-03T09:00",
            "2026-11-03T11:30",
        ),
        ("{ from = 2026-11-03T10:00:00-05:00 }", "2026-11-03T15:00", None),
        ("{ from = 0009-01-01, until = 9991-01-01 }", None, None),
        ("{ from = 0010-06-01 }", None, None),
        ("{ from = 9990-06-01 }", "9990-05-31T22:00", None),
        ("{ from = 0011-01-01, until = 9990-12-30 }", "0010-12-31T22:54:39", "9990-12-30T23:00"),
        ("{ from = 0010-01-01T00:00:00Z, until = 9991-01-01T00:00:00Z }", None, None),
        (
            "{ from = 0011-01-01T00:00:00Z, until = 9990-01-01T00:00:00Z }",
            "0011-01-01T00:00",
            "9990-01-01T00:00",
        ),
    ],
)
def test_an_absence_is_whole_days_of_the_partners_zone_or_moments(
    away: str, begins: str | None, ends: str | None
) -> None:
    def moment(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None

    (written,) = the_rules(f"away = [{away}]\n").attendance.of("anna").away
    assert written == Away(moment(begins), moment(ends))
    assert [each.tzinfo for each in (written.start, written.end) if each] == [UTC] * bool(begins) + [
        UTC
    ] * bool(ends)


def test_an_absence_that_begins_after_all_calendars_never_comes() -> None:
    assert the_rules("away = [{ from = 9991-01-01 }]\n").attendance.of("anna").away == ()


def test_a_calendar_file_closes_its_days_in_the_partners_zone() -> None:
    attendance = the_rules('holidays = { file = "h.ics" }\n', **{"h.ics": ICAL}).attendance
    first, last = datetime(2026, 11, 3, 23, tzinfo=UTC), datetime(2026, 11, 4, 22, 59, tzinfo=UTC)
    minute = timedelta(minutes=1)
    there = [attendance.of("anna").is_open(at) for at in (first - minute, first, last, last + minute)]
    assert there == [True, False, False, True]


def test_an_hour_of_a_calendar_file_without_a_zone_is_by_the_clock_of_the_partner() -> None:
    hour = ICAL.replace(";VALUE=DATE:20261104", ":20261104T100000\nDTEND:20261104T110000")
    anna = the_rules('holidays = { file = "h.ics" }\n', **{"h.ics": hour}).attendance.of("anna")
    there = [anna.is_open(datetime(2026, 11, 4, hour, 30, tzinfo=VIENNA)) for hour in (9, 10, 11)]
    assert there == [True, False, True]


def test_a_calendar_file_that_could_not_be_read_is_no_second_mistake() -> None:
    assert the_rules('holidays = { file = "gone.ics" }\n').attendance.of("anna").always_open


def test_what_is_no_part_of_a_country_is_never_taken_for_another_country() -> None:
    with pytest.raises(BadPolicy) as wrong:  # CA is Canada, and California
        the_rules('holidays = { country = "US", subdivision = "Canada" }\n')
    (finding,) = wrong.value.findings
    assert finding.message == "no holidays are known for subdivision 'Canada' of US"


def test_the_last_year_of_calendars_is_still_a_known_return() -> None:
    presence = the_rules("away = [{ from = 2026-11-01, until = 9990-12-30 }]\n").attendance.at(NOW)
    assert presence.away == {"anna": datetime(9990, 12, 31, tzinfo=VIENNA)}


def test_who_is_away_or_closed_comes_back_at_a_known_time_in_its_own_zone() -> None:
    bert = (
        partner("bert", timezone="Europe/Vienna")
        + 'working_hours = { days = "tue", from = "09:00", to = "17:00" }\n'
    )
    cora = partner("cora") + "away = [{ from = 2026-11-01 }]\n"
    presence = the_rules("away = [{ from = 2026-11-01, until = 2026-11-03 }]\n", bert + cora).attendance.at(
        NOW
    )
    back = datetime(2026, 11, 4, tzinfo=VIENNA)
    opens = datetime(2026, 11, 3, 9, tzinfo=VIENNA)
    assert presence.away == {"anna": back, "cora": None}
    assert presence.closed == {"bert": opens}
    assert [str(presence.until(who)) for who in ("anna", "bert", "cora", "dora")] == [
        "2026-11-04 00:00:00+01:00",
        "2026-11-03 09:00:00+01:00",
        "None",
        "None",
    ]
    away = {"anna": "away", "cora": "away"}
    assert presence.absent(hours_required=False) == away
    assert presence.absent(hours_required=True) == away | {"bert": "outside_working_hours"}


def test_who_never_queues_is_passed_over_outside_of_its_hours_on_every_route() -> None:
    anna = 'queue_outside_hours = false\nworking_hours = { days = "tue", from = "09:00", to = "17:00" }\n'
    attendance = the_rules(anna).attendance
    assert attendance.at(NOW).absent(hours_required=False) == {"anna": "outside_working_hours"}
    tuesday = datetime(2026, 11, 3, 9, tzinfo=UTC)
    assert attendance.at(tuesday).absent(hours_required=True) == {}
    assert attendance.returned(tuesday) == {"anna": datetime(2026, 11, 3, 8, tzinfo=UTC)}


def test_who_came_back_last_counts_from_its_absence_or_its_hours() -> None:
    away = "away = [{ from = 2026-10-30, until = 2026-11-01 }]\n"
    back = datetime(2026, 11, 1, 23, tzinfo=UTC)
    assert the_rules(away).attendance.returned(NOW) == {"anna": back}
    assert the_rules(away + OFFICE).attendance.returned(NOW) == {"anna": back}
    passed_over = the_rules(away + OFFICE + "queue_outside_hours = false\n")
    assert passed_over.attendance.returned(NOW) == {"anna": datetime(2026, 11, 2, 8, tzinfo=UTC)}
    assert the_rules(OFFICE).attendance.returned(NOW) == {}


def absent(policy: Policy, now: datetime = NOW) -> list[str]:
    return list(absent_for_good([*policy.partners.values()], policy.attendance, now))


def test_hours_that_never_come_are_found_and_an_absence_is_none_of_them() -> None:
    never = (
        "away = [{ from = 2026-11-03 }]\n"
        + 'working_hours = { days = "tue", from = "09:00", to = "10:00" }\n'
    )
    assert absent(the_rules(never, partner("bert") + never)) == ["anna", "bert"]
    assert absent(the_rules("away = [{ from = 2026-11-01 }]\n", partner("bert"))) == []
    assert absent(the_rules(OFFICE, partner("bert") + never)) == ["bert"]


def test_the_zone_is_the_partners_else_its_hours_else_the_rules() -> None:
    def zone(anna: str, **keys: Any) -> str:
        policy = a_policy(partner("anna", **keys) + anna + ROUTE, zone=ZoneInfo("Asia/Tokyo"))
        calendar = policy.attendance.of("anna")
        return f"{calendar.zone} {calendar.hours[0].zone}"

    hours = 'working_hours = { days = "mon", from = "09:00", to = "17:00"%s }\n'
    own = hours % ', timezone = "Europe/Paris"'
    assert zone(hours % "") == "Asia/Tokyo Asia/Tokyo"
    assert zone(own) == "Europe/Paris Europe/Paris"
    assert zone(hours % "", timezone="Europe/Vienna") == "Europe/Vienna Europe/Vienna"
    assert zone(own, timezone="Europe/Vienna") == "Europe/Vienna Europe/Paris"

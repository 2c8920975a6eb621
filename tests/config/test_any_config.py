"""Whatever a config file or a file that it names holds, it is understood or told with a place."""

import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.config import BadConfig, load
from connector.reports.lead_file import BadLeadFile, read_leads
from tests.builders import ROOT
from tests.config.test_load import GOOD
from tests.conftest import NOW

SHIPPED = (ROOT / "config.toml").read_text(encoding="utf-8")
VALUES = [
    *(
        '""',
        '"nonsense"',
        "0",
        "-1",
        "1e400",
        "nan",
        "true",
        "[]",
        "{}",
        "[[]]",
        '["a", 1]',
        '{ a = "b" }',
        "9" * 400,
    ),
    *(
        "2026-02-31",
        "1979-05-27T07:32:00Z",
        '"env:"',
        '"\\u0000"',
        '"1 parsec"',
        '"9999999999y"',
        "0x",
        '"""',
        "=",
    ),
]
NAMED = {
    "named_accounts.csv": (
        '[standing]\nnamed_accounts = "named_accounts.csv"\n',
        "domain,company,country,partner\n",
    ),
    "territories.csv": ('territories = "territories.csv"\n', "country,postal,partner,from,until\n"),
    "holidays.ics": (
        None,
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20261224\nRRULE:FREQ=YEARLY\n",
    ),
}
TEXTS = st.text(alphabet=st.sampled_from("abADE019,;\"'\n\r\t-. *@:=\x00\x1fé\u200bß"), max_size=60)
QUIET = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def told(path: Path) -> list[str]:
    try:
        load(path)
    except BadConfig as error:
        problems = [str(problem) for problem in error.problems]
        assert problems
        assert all(re.match(r"[\w.]+:\d+:?\d*:? .+", problem) for problem in problems), problems
        return problems
    return []


def changed(text: str, dice: Random) -> str:
    """The shipped file with some lines cut, doubled, moved, switched on, or with another value."""
    lines = text.splitlines()
    for _ in range(dice.choice([1, 1, 2, 4, 8])):
        at = dice.randrange(len(lines))
        match dice.randrange(7):
            case 0:
                lines[at] = re.sub(r"= .*", lambda _: f"= {dice.choice(VALUES)}", lines[at], count=1)
            case 1:
                lines[at] = re.sub(r"^# (?=[a-z_.]+ = )", "", lines[at])
            case 2:
                del lines[at]
            case 3:
                lines.insert(dice.randrange(len(lines)), lines[at])
            case 4:
                lines[at] = lines[at][: dice.randrange(len(lines[at]) + 1)]
            case 5:
                lines[at] = re.sub(r"\w+", lambda found: dice.choice([found[0], found[0][::-1]]), lines[at])
            case _:
                lines[at] = re.sub(r'"[^"]*"', lambda _: dice.choice(VALUES), lines[at], count=1)
    return "\n".join(lines)


def test_a_changed_config_is_understood_or_told_with_places(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    path, wrong, rounds = tmp_path / "config.toml", 0, 60
    for seed in range(rounds):
        path.write_text(changed(SHIPPED, Random(seed)), encoding="utf-8")
        wrong += bool(told(path))
    assert rounds // 4 < wrong < rounds


@QUIET
@given(st.binary(max_size=80) | TEXTS.map(str.encode))
def test_any_bytes_are_no_config_and_say_so(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    assert told(path)


@pytest.mark.parametrize("name", NAMED)
@QUIET
@given(st.data())
def test_any_file_that_the_config_names_is_understood_or_told(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    key, heading = NAMED[name]
    path = tmp_path / "config.toml"
    if key is None:
        path.write_text(GOOD.replace('id = "anna"', 'id = "anna"\nholidays = { file = "holidays.ics" }', 1))
    else:
        path.write_text(GOOD + key if key.startswith("[") else key + GOOD)
    told_first = data.draw(st.sampled_from([heading, ""]))
    (tmp_path / name).write_bytes((told_first + data.draw(TEXTS)).encode())
    told(path)


@QUIET
@given(st.lists(TEXTS, max_size=4), st.sampled_from(["id,email,country\n", "email;country\n", ""]))
def test_any_file_of_leads_is_read_or_told(tmp_path: Path, rows: list[str], heading: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes((heading + "\n".join(rows)).encode())
    try:
        assert all(lead.ref.id for lead in read_leads(path, "salesforce", None, NOW))
    except BadLeadFile as error:
        said = str(error)
    else:
        return
    assert "leads.csv" in said


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y
BEGIN:VEVENT
UID:1
SUMMARY:Christmas
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20261227
RRULE:FREQ=YEARLY;COUNT=5
EXDATE;VALUE=DATE:20271224
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;TZID=Europe/Berlin:20261102T090000
DURATION:PT8H
RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20270101T000000Z
END:VEVENT
END:VCALENDAR
"""
SPOILT = [
    *("FREQ=SECONDLY", "FREQ=NEVER", "COUNT=0", "COUNT=-1", "BYDAY=XX", "INTERVAL=0", "20261399", "99991231"),
    *(
        "TZID=Nowhere/City",
        "DURATION:-PT8H",
        "DURATION:P1Y",
        "VALUE=PERIOD",
        "",
        ":",
        ";",
        "=",
        "\x00",
        "é",
        "BEGIN:VEVENT",
    ),
]


def test_a_changed_calendar_is_understood_or_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(GOOD.replace('id = "anna"', 'id = "anna"\nholidays = { file = "holidays.ics" }', 1))
    (tmp_path / "holidays.ics").write_text(CALENDAR)
    assert told(path) == []
    wrong, rounds = 0, 120
    for seed in range(rounds):
        dice = Random(seed)
        lines = CALENDAR.splitlines()
        for _ in range(dice.choice([1, 1, 2, 3])):
            at = dice.randrange(len(lines))
            words = re.split(r"(?<=[:;=])", lines[at])
            words[dice.randrange(len(words))] = dice.choice(SPOILT)
            lines[at : at + dice.choice([1, 1, 1, 2])] = ["".join(words)] * dice.choice([0, 1, 1, 2])
            lines = lines or [""]
        (tmp_path / "holidays.ics").write_text("\r\n".join(lines))
        wrong += bool(told(path))
    assert 0 < wrong < rounds

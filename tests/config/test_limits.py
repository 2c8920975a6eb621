"""Limits in the file and beside it: mistakes to the line, and what works but is hardly meant."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connector.config import BadConfig, load
from connector.config.load import Config, warnings
from connector.config.roster import with_roster
from connector.model.partner import Cap
from connector.routing.partner_settings import PartnerSettings
from tests.builders import ROOT
from tests.config.test_load import GOOD
from tests.conftest import NOW

ANNA = 'owners.sf = ["user:anna@x.example"]\n'
CRM = GOOD.replace("write =", 'fallback_owner = "queue:Triage"\nwrite =')
HEADING = "country,postal,partner,from,until\n"
TERRITORIES = 'territories = "territories.csv"\n'
COVERED = 'must_cover = ["territory"]\n'


def written(folder: Path, text: str, **files: str) -> Path:
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content)
    path = folder / "config.toml"
    path.write_text(text)
    return path


def problems(folder: Path, text: str, **files: str) -> list[str]:
    try:
        load(written(folder, text, **files))
    except BadConfig as error:
        return [str(problem) for problem in error.problems]
    return []


def loaded(folder: Path, keys: str, **files: str) -> Config:
    """The good file with more keys of its partner."""
    return load(written(folder, GOOD.replace(ANNA, ANNA + keys), **files))


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (
            'working_hours = { days = "mon-fry", from = "9:00", to = "17:00" }',
            "12:26: days: 'mon-fry' are no days",
        ),
        ('working_hours = { days = "", from = "9:00", to = "17:00" }', "12:26: days: '' are no days"),
        ('working_hours = [{ from = "9:00", to = "25:00" }]', "12:40: to: '25:00' is no time of day"),
        (
            'working_hours = { from = "9:00", to = "09:00" }',
            "12:17: working_hours: from and to are both 09:00",
        ),
        ('working_hours = { from = "9:00" }', "12:17: to is missing"),
        (
            'working_hours = { from = "9:00", to = "17:00", timezone = "Wien" }',
            "12:59: timezone: 'Wien' is not a",
        ),
        ('holidays = { country = "Austria" }', "12:24: no holidays are known for country 'Austria'; write"),
        ('holidays = [{ file = "gone.ics" }]', "12:22: there is no file 'gone.ics'"),
        ("holidays = {}", '12:12: holidays: write { country = "AT"'),
        ("away = [{ from = 2026-12-24, until = 2026-12-20 }]", "12:9: away: until 2026-12-20 is before from"),
        ("away = [{}]", "12:9: away: an absence needs from, until, or both"),
        ('away = [{ until = "soon" }]', "12:19: until: 'soon' is no day"),
        ('languages = ["de", "Qwertz"]', "12:20: 'Qwertz' is no language"),
        ("max_new_leads = { leads = 1, per = 5 }", "12:36: per: 5 is no period"),
        ('max_new_leads = { leads = 1, per = "1s" }', "12:36: per: '1s' is no period for a cap"),
        (
            'max_new_leads = { leads = 1, per = "24h", rolling = false }',
            "12:17: max_new_leads: a cap per duration",
        ),
        ('backup = "bert"', "12:10: there is no partner 'bert'"),
    ],
)
def test_a_mistake_in_a_limit_is_told_at_its_place(tmp_path: Path, keys: str, told: str) -> None:
    (problem,) = problems(tmp_path, GOOD.replace(ANNA, f"{ANNA}{keys}\n"))
    assert problem.startswith(f"config.toml:{told}")


def test_a_word_that_is_no_key_of_the_hours_is_told_with_the_right_one(tmp_path: Path) -> None:
    hours = 'working_hours = { from = "9:00", too = "17:00" }\n'
    unknown, missing = sorted(problems(tmp_path, GOOD.replace(ANNA, ANNA + hours)), reverse=True)
    assert unknown == "config.toml:12:34: there is no key 'too' here; did you mean \"to\"?"
    assert missing == "config.toml:12:17: to is missing; add it here"


def test_hours_and_absences_may_be_written_in_many_ways(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        """timezone = "Europe/Vienna"
working_hours = [
    { days = "fri-mon", from = 22:00:00, to = "06:00" },
    { days = ["Tuesday", "wed"], from = "00:00", to = "24:00" },
]
away = [{ from = 2026-12-24, until = 2027-01-02T12:00:00 }, { until = 2026-01-01 }, { from = 9999-12-31 }]
holidays = { country = "AT", subdivision = "9" }
max_new_leads = { leads = 5, per = "90m" }
certifications = ["Gold", "AWS until 2026-12-31", { name = "sap", until = 2027-01-01 }]
""",
    )  # fmt: skip
    calendar = config.policy.attendance.of("anna")
    assert [sorted(hours.days) for hours in calendar.hours] == [[0, 4, 5, 6], [1, 2]]
    assert calendar.is_open(datetime(2026, 11, 3, 22, 59, tzinfo=UTC))
    assert not calendar.is_open(datetime(2026, 11, 5, 12, tzinfo=UTC))
    assert calendar.away_until(datetime(2026, 12, 30, tzinfo=UTC)) == datetime(2027, 1, 2, 11, tzinfo=UTC)
    anna = config.policy.partners["anna"]
    assert [(cap.leads, cap.window and cap.window.total_seconds()) for cap in anna.max_new_leads] == [
        (5, 5400)
    ]
    assert anna.certifications == {"gold": None, "aws": date(2026, 12, 31), "sap": date(2027, 1, 1)}


def test_a_period_of_the_calendar_rolls_where_that_is_asked_for(tmp_path: Path) -> None:
    caps = 'max_new_leads = [{ leads = 5, per = "day", rolling = true }, { leads = 9, per = "week" }]\n'
    rolling, calendar = loaded(tmp_path, caps).policy.partners["anna"].max_new_leads
    assert rolling == Cap(5, "day", timedelta(days=1))
    assert calendar == Cap(9, "week")


def test_a_broken_calendar_file_is_a_problem_in_that_file(tmp_path: Path) -> None:
    text = GOOD.replace(ANNA, ANNA + 'holidays = { file = "office.ics" }\n')
    ical = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:{}\nEND:VEVENT\nEND:VCALENDAR\n"
    (problem,) = problems(tmp_path, text, office_ics=ical.format("20261399"))
    assert problem == "office.ics:2: this event's DTSTART cannot be read (Wrong date format 20261399)"
    calendar = load(written(tmp_path, text, office_ics=ical.format("20261224"))).policy.attendance.of("anna")
    assert not calendar.is_open(datetime(2026, 12, 24, 12, tzinfo=UTC))


# ---- what a CRM says of partners ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "away"),
    [
        ("2026-11-01 to 2026-11-05", True),
        ("2026-11-01..2026-11-05; 2027-01-01", True),
        ("2026-11-01/2026-11-01", False),
        ("2026-11-10", True),
        (True, True),
        ("no", False),
        (False, False),
    ],
)
def test_the_crm_may_say_when_a_partner_is_away(tmp_path: Path, said: str | bool, away: bool) -> None:
    row = {"id": "bert", "name": "Bert", "owner": "user:b", "away": said, "languages": "German; en"}
    config = with_roster(load(written(tmp_path, GOOD)), {"sf": [row]})
    assert config.policy.partners["bert"].languages == {"de", "en"}
    assert (config.policy.attendance.of("bert").away_until(NOW) is not None) == away


def test_what_the_file_says_of_hours_goes_before_the_crm(tmp_path: Path) -> None:
    config = loaded(tmp_path, "away = [{ from = 2026-11-01, until = 2026-11-03 }]\nlanguages = ['fr']\n")
    row = {"id": "anna", "name": "Anna", "away": "2030-01-01", "certifications": "SAP until 2026-12-31; AWS"}
    merged = with_roster(config, {"sf": [row]})
    assert merged.policy.attendance.of("anna").away_until(NOW) == datetime(2026, 11, 4, tzinfo=UTC)
    assert merged.policy.partners["anna"].certifications == {"sap": date(2026, 12, 31), "aws": None}


# ---- territories -----------------------------------------------------------------------------------------

BY_TERRITORY = TERRITORIES + CRM + COVERED


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("Atlantis,01,anna", "2: 'Atlantis' is no country"),
        (",01,anna", "2: this row names no country"),
        ("DE,01,ana", "2: there is no partner 'ana'; did you mean \"anna\"?"),
        ("DE,01,", "2: this row names no partner"),
        ("DE,0!,anna", "2: '0!' is no postal code"),
        ("DE,123456789012,anna", "2: '123456789012' is no postal code"),
        ("DE,02000..01000,anna", "2: '02000..01000' is no range"),
        ("DE,01..0200,anna", "2: '01..0200' is no range"),
        ("DE,01,anna,soon", "2: from: 'soon' is no date"),
        ("DE,01,anna,2026-02-01,2026-01-01", "2: until 2026-01-01 is before from 2026-02-01"),
        ("DE,02,anna\nDE,01,anna,,,x,y", "3: this row has 7 cells"),
    ],
)
def test_a_mistake_in_the_territories_is_told_with_its_line(tmp_path: Path, rows: str, told: str) -> None:
    (problem,) = problems(tmp_path, BY_TERRITORY, territories_csv=f"{HEADING}{rows}\n")
    assert problem.startswith(f"territories.csv:{told}")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            "DE,01,anna\nDE,01,bert",
            "territories.csv:3: this row and line 2 make 01 in DE two partners' at once",
        ),
        (
            "DE,01,anna\nDE,01,Anna\nFR,,bert",
            "territories.csv:3: this row and line 2 make 01 in DE both anna's",
        ),
        ("DE,,anna\nGermany,,bert", "territories.csv:3: this row and line 2 make DE two partners' at once"),
        ("DE,01000-01499,anna\nDE,014,bert", "territories.csv:3: this row and line 2 make 014 in DE two"),
        ("DE,1067,anna\nFR,,bert", "territories.csv:2: 1067 is a prefix here, and could be 01067 without"),
        ("DE,01,anna,2026-01-01,2026-06-30\nDE,01,bert,2026-07-01,", None),
        ("DE,01,anna\nDE,01067,bert\nDE,1067*,anna", None),
        (
            "DE,01,anna",
            "config.toml:25:14: no row of territories.csv names bert",
        ),
    ],
)
def test_territories_that_are_hardly_meant_are_pointed_out(
    tmp_path: Path, rows: str, told: str | None
) -> None:
    bert = '[[partner]]\nid = "bert"\nname = "Bert"\nowners.sf = ["user:b"]\n\n[[route]]'
    text = BY_TERRITORY.replace("[[route]]", bert).replace('["anna"] }', '["anna", "bert"] }')
    config = load(written(tmp_path, text, territories_csv=f"{HEADING}{rows}\n"))
    found = [str(warning) for warning in warnings(config)]
    assert len(found) == (told is not None)
    assert all(each.startswith(str(told)) for each in found)


def test_many_doubts_of_a_file_are_counted_rather_than_told(tmp_path: Path) -> None:
    rows = "DE,01,anna\n" * 500
    found = warnings(load(written(tmp_path, BY_TERRITORY, territories_csv=HEADING + rows)))
    assert len(found) == 21
    assert str(found[-1]) == "territories.csv:23: and 479 such rows from here on"


def test_a_table_that_no_route_asks_for_is_pointed_out(tmp_path: Path) -> None:
    text = TERRITORIES + CRM
    (found,) = warnings(load(written(tmp_path, text, territories_csv=f"{HEADING}DE,01,anna\n")))
    assert str(found).startswith("config.toml:1:15: no route asks for territories")


# ---- limits that are hardly meant --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("partner_keys", "route_keys", "told"),
    [
        ("max_open_leads = 0\n", "", "config.toml:13:18: partner 'anna' may hold no lead"),
        (
            'max_new_leads = { leads = 0, per = "day" }\n',
            "",
            "config.toml:13:27: partner 'anna' may get no new",
        ),
        (
            "",
            'minimum_tier = "gold"\n',
            "config.toml:18:16: nobody in the pool of route 'all' is of that tier",
        ),
        (
            'max_new_leads = [{ leads = 5, per = "day" }, { leads = 14, per = "week" }]\n',
            'expected_leads = { leads = 90, per = "month" }\n',
            "config.toml:19:18: route 'all' expects 3 leads a day, and the caps of its pool let through 2;",
        ),
        (
            'max_new_leads_per_owner = { leads = 1, per = "hour" }\n',
            'expected_leads = { leads = 25, per = "day" }\n',
            "config.toml:19:18: route 'all' expects 25 leads a day, and the caps of its pool let through 24;",
        ),
        (
            'max_new_leads = { leads = 3, per = "24h" }\n',
            'expected_leads = { leads = 3, per = "day" }\n',
            None,
        ),
        ("", 'expected_leads = { leads = 999, per = "day" }\n', None),
        (
            'working_hours = { days = "sun", from = "02:00", to = "03:00" }\n'
            'holidays = { file = "sundays.ics" }\n',
            "",
            "config.toml:13:17: the working hours of 'anna' never come",
        ),
    ],
)
def test_limits_that_let_too_little_through_are_pointed_out(
    tmp_path: Path, partner_keys: str, route_keys: str, told: str | None
) -> None:
    event = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260104\nRRULE:FREQ=WEEKLY\nEND:VEVENT"
    sundays = f"BEGIN:VCALENDAR\n{event}\nEND:VCALENDAR"
    text = CRM.replace(ANNA, ANNA + partner_keys).replace("rotation =", f"{route_keys}rotation =")
    found = [str(each) for each in warnings(load(written(tmp_path, text, sundays_ics=sundays)), NOW)]
    assert len(found) == (told is not None)
    assert all(each.startswith(str(told)) for each in found)


def test_a_backup_that_never_stands_in_is_pointed_out(tmp_path: Path) -> None:
    bert = '[[partner]]\nid = "bert"\nname = "Bert"\nowners.sf = ["user:b"]\n\n[[route]]'
    other = '[[route]]\nname = "other"\npool = { partners = ["bert"] }\n'
    text = CRM.replace(ANNA, f'{ANNA}backup = "bert"\n').replace("[[route]]", bert, 1) + other
    (found,) = warnings(load(written(tmp_path, text)))
    assert str(found).startswith("config.toml:13:10: 'bert' is in none of the pools of 'anna'")
    assert warnings(load(written(tmp_path, text.replace('"anna"] }', '"anna"], backups = true }')))) == []


def test_the_shipped_file_shows_every_key_as_it_may_be_written(tmp_path: Path) -> None:
    shown = (ROOT / "config.toml").read_text().partition("# ---- the partners")[2]
    lines = [line.removeprefix("# ") for line in shown.splitlines() if line.startswith("# ")]
    first = {line.partition(" = ")[0]: line for line in reversed(lines) if " = " in line}
    elsewhere = """id name type tier active countries skills industries products lead_sources max_open_leads
        max_new_leads owners owner_weights fields"""
    keys = sorted({*PartnerSettings.model_fields} - {*elsewhere.split()})
    ours = [first[key].replace("rheintal", "bert") for key in keys]
    bert = '[[partner]]\nid = "bert"\nname = "Bert"\nowners.sf = ["user:b"]\n\n[[route]]'
    own = [first[key] for key in ("minimum_tier", "needs_certification", "working_hours", "expected_leads")]
    text = CRM.replace(ANNA, ANNA + "\n".join(ours) + "\n").replace("[[route]]", bert, 1)
    load(written(tmp_path, text.replace("rotation =", "\n".join(own[:2] + own[3:]) + "\nrotation =")))
    assert len(ours) > 9

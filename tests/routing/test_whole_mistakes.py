"""What is said of each mistake in the rules, compared whole with `whole_mistakes.txt`: place and words."""

from pathlib import Path
from typing import Any

import pytest

from connector.routing.conditions import BadConditions, understand_condition
from connector.routing.policy import BadPolicy, Finding
from tests.builders import a_policy, partner

FILE = Path(__file__).with_name("whole_mistakes.txt")
SAID = dict(part.split("\n", 1) for part in FILE.read_text().rstrip().split("\n\n"))

ANNA = partner("anna", tier="gold", certifications=["SAP"])
ROUTE = '[[route]]\nname = "all"\n'
POOL = '[[route]]\nname = "all"\npool = '
ROTATION = 'rotation = { name = "r", '
SCREEN = '[[screen]]\nname = "s"\n'
TABLE = 'territories = "t.csv"\n' + ANNA + ROUTE
ICS = ANNA + 'holidays = { file = "h.ics" }\n' + ROUTE
EVENT = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\n%s\nEND:VEVENT\nEND:VCALENDAR\n"

RULES = {
    "no method": ANNA + ROUTE + 'pick = "round_robbin"\n',
    "no method at all": ANNA + ROUTE + "pick = { others = 0.5 }\n",
    "no such option": ANNA + ROUTE + 'pick = { method = "top_performer", otters = 0.5 }\n',
    "no such option below": ANNA + ROUTE + 'pick = { method = "by_value", bands = [{ at_leest = 1 }] }\n',
    "nobody in the only group": ANNA
    + ROUTE
    + 'pick = { method = "by_group", groups = [{ name = "g", partners = ["ana"] }] }\n',
    "no group at all": ANNA + ROUTE + 'pick = { method = "by_group", groups = [] }\n',
    "a wrong option": ANNA + ROUTE + 'pick = { method = "top_performer", others = 5 }\n',
    "an option is needed": ANNA + ROUTE + 'pick = "by_value"\n',
    "an option by our own words": ANNA + ROUTE + 'pick = { method = "best_fit", parts = { skills = 0 } }\n',
    "a key of a table": ANNA + ROUTE + 'pick = { method = "best_fit", parts = { skils = 1 } }\n',
    "no preference": ANNA + ROUTE + 'prefer = ["tier", "skils"]\n',
    "a rotation of owners": ANNA + '[[route]]\nname = "owners:x"\n',
    "a named rotation of owners": ANNA + ROUTE + 'rotation = { name = "owners:x" }\n',
    "value without a typical one": ANNA + ROUTE + ROTATION + 'fair_by = "value" }\n',
    "making up by value": ANNA
    + ROUTE
    + ROTATION
    + 'fair_by = "value", typical_value = 5, absence = "make_up" }\n',
    "other terms": ANNA
    + ROUTE
    + 'rotation = { name = "r" }\n[[route]]\nname = "b"\n'
    + ROTATION
    + 'absence = "make_up" }\n',
    "weights of nobody": ANNA + ROUTE + ROTATION + "weights = { ana = 1, bert = 2 } }\n",
    "no weight": ANNA + ROUTE + ROTATION + "weights = { anna = 0 } }\n",
    "a pool of nobody": ANNA + POOL + '{ partners = ["anna", "ana"] }\n',
    "a pool by an age": ANNA + POOL + '{ when = { any = [{ created_at = { older_than = "3d" } }] } }\n',
    "a pool by no field": ANNA + POOL + '{ when = { tear = "gold" } }\n',
    "no tier": ANNA + ROUTE + 'minimum_tier = "gould"\n',
    "no certification": ANNA + ROUTE + 'needs_certification = ["sap", "aws"]\n',
    "no certification by name": ANNA
    + ROUTE
    + 'needs_certification = { field = "prodct", names = { x = "sap", y = "aws" } }\n',
    "no table of territories": ANNA + ROUTE + 'must_cover = ["country", "territory"]\n',
    "a backup that is itself": partner("anna", backup="anna") + ROUTE,
    "a backup that is nobody": partner("anna", backup="ana") + ROUTE,
    "no country of holidays": ANNA + 'holidays = { country = "XX" }\n' + ROUTE,
    "a country by its name": ANNA + 'holidays = { country = "Austria" }\n' + ROUTE,
    "no subdivision": ANNA + 'holidays = { country = "AT", subdivision = "Wien" }\n' + ROUTE,
    "a screen without its words": SCREEN + 'use = "not_a_competitor"\n' + ANNA + ROUTE,
    "words that go elsewhere": SCREEN
    + 'use = "known_email"\ndomains = ["x.com"]\nvalues = ["x"]\n'
    + ANNA
    + ROUTE,
    "when and otherwise": SCREEN + 'when = { country = "DE" }\notherwise = "hold"\n' + ANNA + ROUTE,
    "require and then": SCREEN + 'require = { country = "DE" }\nthen = "hold"\n' + ANNA + ROUTE,
    "held for a time, but not held": SCREEN
    + 'when = { country = "DE" }\nthen = "reject"\nhold_for = "1h"\n'
    + ANNA
    + ROUTE,
    "a score by no field": '[[score.fit.points]]\nwhen = { cuntry = "DE" }\npoints = 3\n' + ANNA + ROUTE,
}

TABLES = {
    "a column too many, one too few": "country,partnr\nDE,anna\n",
    "a row too long": "country,partner\nDE,anna,x\n\nAT,anna\n",
    "no csv": 'country,partner\n"DE,anna\n',
    "no country": "country,partner\nXX,anna\n,anna\n",
    "no partner": "country,partner\nDE,ana\nDE,\n",
    "no date": "country,partner,from,until\nDE,anna,1.5.2026,\nDE,anna,2026-05-02,2026-05-01\n",
    "no postal code": "country,postal,partner\nDE,0:1,anna\nDE,012345678901,anna\n",
    "no range": "country,postal,partner\nDE,01..1,anna\nDE,02..01,anna\nDE,00000000000..00000000001,anna\n",
}

CALENDARS = {
    "no calendar": "BEGIN:VCALENDAR\nX\n",
    "no start": EVENT % "SUMMARY:x",
    "a wrong start": EVENT % "DTSTART;VALUE=DATE:20261399",
    "an hourly event": EVENT % "DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=HOURLY",
    "an event by seconds": EVENT % "DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=DAILY;BYSECOND=1",
    "an event that never comes again": EVENT % "DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=DAILY;INTERVAL=0",
    "no Gregorian one": (EVENT % "DTSTART;VALUE=DATE:20261224").replace("VERSION:2.0", "CALSCALE:JULIAN"),
    "a line that is none": EVENT % "DTSTART;VALUE=DATE:20261224\nX",
    "an event that ends before it begins": EVENT % "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261220",
}

CONDITIONS: dict[str, Any] = {
    "no field": {"countri": "DE"},
    "no operator": {"employees": {"at_leest": 3}},
    "no number": {"employees": {"at_least": "3"}},
    "a number in quotes": {"employees": "3"},
    "a truth value in quotes": {"authority": "yes"},
    "no list": {"any": {"country": "DE"}},
    "no text": {"company": {"contains": []}},
    "no duration": {"created_at": {"older_than": "soon"}},
    "an empty table": {"company": {}},
    "not whether it is missing": {"company": {"missing": "yes"}},
    "no regular expression": {"company": {"matches": "(a"}},
    "none that ends": {"company": {"matches": "(?=a)"}},
    "a number as one": {"company": {"matches": 3}},
    "a comparison within not": {"company": {"not": {"contains": "x"}}},
    "several at once": {"countri": "DE", "any": [{"employees": {"at_least": "x"}}, {"y": 1}]},
}


def told(finding: Finding) -> str:
    place = ".".join(map(str, finding.where))
    where = f"{finding.file}:{finding.line}" if finding.file else place
    choices = ", ".join(finding.choices) if len(finding.choices) < 20 else f"{len(finding.choices)} words"
    return f"  {where}: {finding.message} [{finding.wrong}] of [{choices}]"


def mistakes(toml: str, **files: str) -> str:
    with pytest.raises(BadPolicy) as caught:
        a_policy(toml, files=files)
    assert str(caught.value) == "; ".join(finding.message for finding in caught.value.findings)
    return "\n".join(map(told, caught.value.findings))


def faults(written: Any) -> str:
    with pytest.raises(BadConditions) as caught:
        understand_condition(written, ("country", "employees", "authority", "company", "created_at"))
    assert str(caught.value) == "; ".join(map(str, caught.value.faults))
    each = [Finding(fault.path, str(fault), fault.choices, fault.wrong) for fault in caught.value.faults]
    return "\n".join(map(told, each))


@pytest.mark.parametrize("name", RULES)
def test_a_mistake_in_the_rules_is_told_with_its_place_and_the_right_words(name: str) -> None:
    assert mistakes(RULES[name]) == SAID[f"# {name}"]


@pytest.mark.parametrize("name", TABLES)
def test_a_mistake_in_a_table_is_told_with_its_line(name: str) -> None:
    assert mistakes(TABLE, **{"t.csv": TABLES[name]}) == SAID[f"# table: {name}"]


@pytest.mark.parametrize("name", CALENDARS)
def test_a_mistake_in_a_calendar_is_told_with_its_line(name: str) -> None:
    assert mistakes(ICS, **{"h.ics": CALENDARS[name]}) == SAID[f"# calendar: {name}"]


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_mistake_in_a_condition_is_told_with_its_place(name: str) -> None:
    assert faults(CONDITIONS[name]) == SAID[f"# condition: {name}"]


def test_every_mistake_of_the_file_is_made() -> None:
    assert len(SAID) == len(RULES) + len(TABLES) + len(CALENDARS) + len(CONDITIONS)

"""Conditions: what holds, what is missing, and what cannot be understood."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.routing.conditions import BadCondition, BadConditions, moment, understand_condition
from connector.routing.facts import Facts, understand
from tests.builders import a_lead
from tests.conftest import NOW

FIELDS = ["country", "employees", "company", "budget", "authority", "created_at", "email", "custom"]


def facts(**fields: Any) -> Facts:
    return understand(a_lead(created=NOW - timedelta(days=10), **fields), NOW)


def holds(written: dict[str, Any], **fields: Any) -> bool:
    return understand_condition(written, FIELDS).holds(facts(**fields))


@pytest.mark.parametrize(
    ("written", "fields", "expected"),
    [
        ({"country": "DE"}, {"country": "Germany"}, True),
        ({"country": ["DE", "AT"]}, {"country": "österreich"}, True),
        ({"country": ["DE", "AT"]}, {"country": "CH"}, False),
        ({"company": "ACME"}, {"company": "acme"}, True),
        ({"employees": {"at_least": 200}}, {"employees": "200"}, True),
        ({"employees": {"at_least": 200, "below": 500}}, {"employees": "500"}, False),
        ({"employees": {"above": 10}}, {"employees": "1,200"}, True),
        ({"company": {"contains": ["gmbh", "ag"]}}, {"company": "Globex GmbH"}, True),
        ({"company": {"starts_with": "glo"}}, {"company": "Globex GmbH"}, True),
        ({"country": {"not": "DE"}}, {"country": "AT"}, True),
        ({"authority": True}, {"authority": "Yes"}, True),
        ({"created_at": {"older_than": "9d"}}, {}, True),
        ({"created_at": {"newer_than": "9d"}}, {}, False),
        ({"created_at": {"within": "10d"}}, {}, True),
        ({"created_at": {"within": "9d"}}, {}, False),
        ({"custom": {"within": "7d"}}, {"custom": NOW.date().isoformat()}, True),
        ({"custom": {"within": "7d"}}, {"custom": (NOW + timedelta(days=6)).isoformat()}, True),
        ({"custom": {"within": "7d"}}, {"custom": "9999-12-31T23:59:59.000-1200"}, False),
        ({"custom": {"older_than": "1d"}}, {"custom": "2001-02-03"}, True),
        ({"custom": {"older_than": "1d"}}, {"custom": "long ago"}, False),
        ({"company": {"matches": r"^glo.*\bgmbh$"}}, {"company": "Globex GmbH"}, True),
        ({"company": {"matches": ["^x", "bex"]}}, {"company": "Globex GmbH"}, True),
        ({"company": {"matches": "^bex"}}, {"company": "Globex GmbH"}, False),
        ({"company": {"matches": "MÜLLER"}}, {"company": "\ud800 müller"}, True),
        ({"company": {"matches": "x"}}, {}, False),
        ({"email": {"missing": True}}, {"email": "  "}, True),
        ({"email": {"present": True}}, {"email": "a@b.c"}, True),
        ({"any": [{"country": "DE"}, {"employees": {"at_least": 5}}]}, {"employees": 7}, True),
        ({"all": [{"country": "DE"}, {"employees": {"at_least": 5}}]}, {"employees": 7}, False),
        ({"none": [{"country": "DE"}]}, {"country": "AT"}, True),
        ({"none": [{"none": [{"country": "DE"}]}]}, {"country": "DE"}, True),
        ({"none": [{"email": {"missing": False}}]}, {}, True),
        ({"none": [{"email": {"missing": True}}]}, {}, False),
        ({"none": [{"email": {"present": True}}]}, {}, True),
        ({}, {}, True),
    ],
)
def test_a_condition_holds_as_it_reads(written: Any, fields: Any, expected: bool) -> None:
    assert holds(written, **fields) is expected


@pytest.mark.parametrize(
    "written",
    [
        {"country": "DE"},
        {"country": {"not": "DE"}},
        {"employees": {"below": 5}},
        {"company": {"contains": "a"}},
        {"none": [{"country": "DE"}]},
        {"none": [{"all": [{"country": "DE"}]}]},
        {"none": [{"employees": {"at_least": 5}}]},
    ],
)
def test_a_missing_value_makes_a_clause_false_even_when_negated(written: Any) -> None:
    assert not holds(written)


@given(st.booleans(), st.sampled_from(["DE", "AT", None]), st.sampled_from([3, 300, None]))
def test_none_is_the_negation_of_any_where_nothing_is_missing(
    negate: bool, country: str | None, employees: int | None
) -> None:
    parts = [{"country": "DE"}, {"employees": {"at_least": 100}}]
    fields = {"country": country, "employees": employees}
    any_holds, none_holds = holds({"any": parts}, **fields), holds({"none": parts}, **fields)
    assert not (any_holds and none_holds)
    if country and employees:
        assert any_holds != none_holds


def test_every_clause_tells_the_value_that_it_met() -> None:
    condition = understand_condition({"country": "DE", "employees": {"at_least": 5}}, FIELDS)
    told = condition.told(facts(country="Deutschland"))
    assert told == [
        {"field": "country", "operator": "is", "operand": "DE", "value": "DE", "holds": True},
        {"field": "employees", "operator": "at_least", "operand": 5, "value": "missing", "holds": False},
    ]


def test_a_negated_clause_tells_what_it_compares_with() -> None:
    condition = understand_condition({"none": [{"country": "DE"}, {"email": {"missing": True}}]}, FIELDS)
    assert condition.told(facts(country="AT", email="ann@globex.com")) == [
        {"field": "country", "operator": "not is", "operand": "DE", "value": "AT", "holds": True},
        {
            "field": "email",
            "operator": "not missing",
            "operand": True,
            "value": "ann@globex.com",
            "holds": True,
        },
    ]


def test_a_clause_tells_a_time_as_text() -> None:
    (told,) = understand_condition({"created_at": {"older_than": "9d"}}, FIELDS).told(facts())
    assert told["value"] == (NOW - timedelta(days=10)).isoformat()


@pytest.mark.parametrize(
    ("written", "path", "message"),
    [
        ({"countri": "DE"}, ("countri",), "no field 'countri'"),
        ({"employees": {"at_leest": 3}}, ("employees", "at_leest"), "no operator 'at_leest'"),
        ({"employees": {"at_least": "3"}}, ("employees", "at_least"), "needs a number"),
        ({"employees": "3"}, ("employees",), "without quotes"),
        ({"authority": "yes"}, ("authority",), "true or false"),
        ({"any": {"country": "DE"}}, ("any",), "takes a list of conditions"),
        ({"any": [{"x": 1}]}, ("any", 0, "x"), "no field 'x'"),
        ({"company": {"contains": []}}, ("company", "contains"), "needs a text"),
        ({"created_at": {"older_than": "soon"}}, ("created_at", "older_than"), "not a duration"),
        ({"company": {}}, ("company",), "empty table"),
        ({"company": {"missing": "yes"}}, ("company", "missing"), "missing = true"),
        ({"company": {"matches": "(a"}}, ("company", "matches"), "missing )"),
        ({"company": {"matches": "(?=a)"}}, ("company", "matches"), "not a regular expression that RE2"),
        ({"company": {"matches": 3}}, ("company", "matches"), "needs a regular expression"),
        ({"created_at": {"within": 3}}, ("created_at", "within"), "not a duration"),
        ({"company": {"not": {"contains": "x"}}}, ("company", "not"), "compares with"),
    ],
)
def test_what_cannot_be_understood_is_found_where_it_stands(written: Any, path: Any, message: str) -> None:
    with pytest.raises(BadConditions) as caught:
        understand_condition(written, FIELDS)
    (fault,) = caught.value.faults
    assert fault.path == path
    assert message in str(fault)


def test_a_regular_expression_cannot_hang() -> None:
    assert not holds({"company": {"matches": "^(a+)+$"}}, company="a" * 100_000 + "!")


def test_every_fault_of_a_condition_is_found_at_once() -> None:
    with pytest.raises(BadConditions) as caught:
        understand_condition({"countri": "DE", "any": [{"employees": {"at_least": "x"}}, {"y": 1}]}, FIELDS)
    assert len(caught.value.faults) == 3


def test_a_time_is_compared_with_its_own_zone_and_is_utc_without_one() -> None:
    vienna = datetime(2026, 11, 2, 12, 0, tzinfo=timezone(timedelta(hours=1)))
    assert moment(vienna) == vienna
    assert moment("2026-11-02T12:00:00+01:00") == vienna
    assert moment("2026-11-02T11:00:00") == moment(datetime(2026, 11, 2, 11, 0)) == vienna  # noqa: DTZ001
    assert moment("soon") is moment(5) is moment(None) is None


def test_a_fault_names_no_wrong_word_unless_it_has_one() -> None:
    fault = BadCondition(("a",), "it is wrong")
    assert (fault.path, str(fault), fault.wrong, fault.choices) == (("a",), "it is wrong", "", ())


@pytest.mark.parametrize(
    ("operator", "below", "same", "beyond"),
    [
        ("at_least", False, True, True),
        ("at_most", True, True, False),
        ("above", False, False, True),
        ("below", True, False, False),
    ],
)
def test_a_number_is_compared_at_its_border_however_it_is_written(
    operator: str, below: bool, same: bool, beyond: bool
) -> None:
    fields = ("employees", "city", "authority")
    for field in ("employees", "city"):
        condition = understand_condition({field: {operator: 5}}, fields)
        held = [condition.holds(facts(**{field: value})) for value in (4, 5, 6)]
        assert held == [below, same, beyond]
    words = understand_condition({"city": {operator: 5.5}}, fields)
    assert [words.holds(facts(city=value)) for value in ("5.4", "5.5", "5.6")] == [below, same, beyond]
    assert not any(words.holds(facts(city=value)) for value in ("Ulm", "", True, False, None))
    truth = understand_condition({"authority": {operator: 1}}, fields)
    assert not truth.holds(facts(authority=True))


@pytest.mark.parametrize(
    ("operator", "held"),
    [
        ("older_than", [False, False, True]),
        ("newer_than", [True, False, False]),
        ("within", [True, True, False]),
    ],
)
def test_an_age_is_compared_at_its_border(operator: str, held: list[bool]) -> None:
    condition = understand_condition({"created_at": {operator: "2d"}}, ("created_at",))
    ages = [timedelta(days=2, seconds=-1), timedelta(days=2), timedelta(days=2, seconds=1)]
    assert [condition.holds(understand(a_lead(created=NOW - age), NOW)) for age in ages] == held
    tomorrow = understand(a_lead(created=NOW + timedelta(days=3)), NOW)
    assert condition.holds(tomorrow) == (operator == "newer_than")
    date = understand_condition({"due": {operator: "2d"}}, ("due",))
    assert not any(date.holds(each) for each in (facts(), facts(due="soon")))
    assert date.holds(facts(due=f"{NOW - timedelta(days=1):%Y-%m-%d}")) == (operator != "older_than")


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ({"contains": "lob"}, {"Globex": True, "GLOBAL": True, "Initech": False, "": False}),
        ({"contains": ["lob", "TECH"]}, {"Globex": True, "Initech": True, "Acme": False}),
        ({"starts_with": "glo"}, {"Globex": True, "A Globex": False}),
        ({"matches": "^glob"}, {"GLOBEX": True, "a globex": False, "": False}),
        ({"matches": ["^glob", "x$"]}, {"Globe": True, "Phoenix": True, "Acme": False}),
        ({"contains": "5"}, {"x": False, 15: True}),
        ({"matches": "^1"}, {15: True, 51: False}),
    ],
)
def test_texts_are_compared_without_regard_to_case_and_one_of_several_is_enough(
    written: Any, values: dict[Any, bool]
) -> None:
    assert {value: holds({"company": written}, company=value) for value in values} == values
    assert not holds({"company": written})


@pytest.mark.parametrize(
    "written",
    [
        {"employees": {"at_least": True}},
        {"employees": {"at_least": "5"}},
        {"company": {"contains": []}},
        {"company": {"contains": ""}},
        {"company": {"contains": ["x", ""]}},
        {"company": {"contains": ["x", 5]}},
        {"company": {"contains": 5}},
        {"company": {"matches": []}},
        {"company": {"matches": ["x", ""]}},
        {"company": {"matches": ["x", 5]}},
        {"company": {"missing": "no"}},
        {"company": {"present": "no"}},
        {"company": {"is": {"x": 1}}},
        {"company": None},
        {"employees": True},
        {"employees": [5, "6"]},
        {"authority": [True, 1]},
        {"any": {"country": "DE"}},
        {"any": [{"country": "DE"}, "FR"]},
    ],
)
def test_an_operand_of_the_wrong_kind_is_a_mistake(written: Any) -> None:
    with pytest.raises(BadConditions) as caught:
        understand_condition(written, FIELDS)
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize(
    ("combined", "de", "fr", "nothing"),
    [
        ({"all": [{"country": "DE"}, {"employees": 5}]}, True, False, False),
        ({"any": [{"country": "DE"}, {"employees": 9}]}, True, False, False),
        ({"any": [{"country": "FR"}, {"employees": 5}]}, True, True, False),
        ({"none": [{"country": "FR"}, {"employees": 9}]}, True, False, False),
        ({"none": [{"country": "FR"}]}, True, False, False),
        ({"none": [{"any": [{"country": "FR"}, {"employees": 9}]}]}, True, False, False),
        ({"none": [{"all": [{"country": "DE"}, {"employees": 9}]}]}, True, True, False),
        ({"none": [{"none": [{"country": "DE"}]}]}, True, False, False),
        ({"none": [{"country": "FR", "employees": 5}]}, True, False, False),
        ({"any": []}, False, False, False),
        ({"all": []}, True, True, True),
        ({"none": []}, True, True, True),
        ({"none": [{"country": {"missing": True}}]}, True, True, False),
        ({"none": [{"country": {"present": True}}]}, False, False, True),
        ({"none": [{"country": {"not": "DE"}}]}, True, False, False),
    ],
)
def test_conditions_combine_as_they_read_and_a_missing_value_is_false_either_way(
    combined: Any, de: bool, fr: bool, nothing: bool
) -> None:
    held = [
        holds(combined, country="DE", employees=5),
        holds(combined, country="FR", employees=5),
        holds(combined),
    ]
    assert held == [de, fr, nothing]


@pytest.mark.parametrize(
    ("operator", "told"),
    [
        ("present", "write present = true or present = false"),
        ("contains", "this operator needs a text or a list of texts"),
    ],
)
def test_an_operator_says_what_it_takes_in_whole_words(operator: str, told: str) -> None:
    with pytest.raises(BadConditions) as caught:
        understand_condition({"company": {operator: 3}}, ("company",))
    assert [fault.args[0] for fault in caught.value.faults] == [told]

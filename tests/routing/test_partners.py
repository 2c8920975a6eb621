"""A partner as decisions see it, whole, and every way to write what an admin says of it."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from connector.model.partner import Cap, Partner
from connector.routing.normal import Normal
from connector.routing.partner_settings import (
    AwaySettings,
    CapSettings,
    HolidaysSettings,
    PartnerSettings,
    WorkingHoursSettings,
)
from connector.routing.partners import names, understand_partner
from connector.routing.policy import BadPolicy
from tests.builders import a_policy, partner
from tests.routing.candidates import a_partner

OWNERS = {"salesforce": ["user:a@x.example"]}


def written(**keys: Any) -> PartnerSettings:
    return PartnerSettings.model_validate({"id": "anna", "name": "Anna", "owners": OWNERS, **keys})


def test_a_partner_with_everything_is_understood_whole() -> None:
    normal = Normal.written(industry_synonyms={"Manufacturing": ["Maschinenbau"]})
    settings = written(
        type="msp",
        tier="Gold",
        active=False,
        countries=["DE", "AT"],
        industries=["MASCHINENBAU", "Retail"],
        products=["ERP", "erp "],
        lead_sources=["Web"],
        languages=["German", "Elvish"],
        certifications=["SAP until 2027-01-31", {"name": "AWS"}, "OCI until 2027-01-31T12:00:00"],
        skills={"SAP": 5, "Aws": 0.5},
        max_open_leads=9,
        max_new_leads=[{"leads": 5, "per": "day"}, {"leads": 9, "per": "week", "rolling": True}],
        max_open_leads_per_owner=3,
        max_new_leads_per_owner={"leads": 1, "per": "90m"},
        queue_outside_hours=False,
        backup="bert",
        fields={"region": "south"},
        owner_weights={"user:a@x.example": 2},
    )
    assert understand_partner(settings, normal) == Partner(
        id="anna",
        name="Anna",
        type="msp",
        tier="Gold",
        active=False,
        countries=frozenset({"DE", "AT"}),
        industries=frozenset({"manufacturing", "retail"}),
        products=frozenset({"erp", "erp "}),
        lead_sources=frozenset({"web"}),
        languages=frozenset({"de", "Elvish"}),
        certifications={"sap": date(2027, 1, 31), "aws": None, "oci": date(2027, 1, 31)},
        skills={"sap": 5, "aws": 0.5},
        max_open_leads=9,
        max_new_leads=(Cap(5, "day", None), Cap(9, "week", timedelta(days=7))),
        max_open_leads_per_owner=3,
        max_new_leads_per_owner=(Cap(1, "1.5 hours", timedelta(minutes=90)),),
        queue_outside_hours=False,
        backup="bert",
        owners={"salesforce": ("user:a@x.example",)},
        fields={"region": "south"},
        owner_weights={"user:a@x.example": 2},
    )


def test_a_partner_of_few_words_has_no_limits() -> None:
    owners = {"salesforce": ("user:a@x.example",)}
    assert understand_partner(written(), Normal()) == Partner("anna", "Anna", owners=owners)


@pytest.mark.parametrize(
    ("per", "rolling", "cap"),
    [
        ("hour", True, Cap(1, "hour", timedelta(hours=1))),
        ("day", True, Cap(1, "day", timedelta(days=1))),
        ("week", True, Cap(1, "week", timedelta(days=7))),
        ("month", True, Cap(1, "month", timedelta(days=30))),
        ("month", False, Cap(1, "month", None)),
        ("hour", None, Cap(1, "hour", None)),
        ("30m", None, Cap(1, "30 minutes", timedelta(minutes=30))),
        ("1h", True, Cap(1, "1 hours", timedelta(hours=1))),
        ("47h", None, Cap(1, "47 hours", timedelta(hours=47))),
        ("48h", None, Cap(1, "2 days", timedelta(hours=48))),
        ("1m", None, Cap(1, "1 minutes", timedelta(minutes=1))),
        ("366d", None, Cap(1, "366 days", timedelta(days=366))),
    ],
)
def test_a_cap_is_of_the_calendar_or_moves_along(per: str, rolling: bool | None, cap: Cap) -> None:
    told = {"leads": 1, "per": per} | ({} if rolling is None else {"rolling": rolling})
    assert understand_partner(written(max_new_leads=told), Normal()).max_new_leads == (cap,)


@pytest.mark.parametrize(
    ("cap", "told"),
    [
        (
            {"leads": 1, "per": "year"},
            "'year' is no period; write hour, day, week, month, or for a rolling one",
        ),
        ({"leads": 1, "per": "59s"}, "'59s' is no period for a cap; between 1m and 366d is"),
        ({"leads": 1, "per": "367d"}, "'367d' is no period for a cap; between 1m and 366d is"),
        (
            {"leads": 1, "per": "24h", "rolling": False},
            "a cap per duration rolls; for the calendar write per as hour, day, week, month",
        ),
    ],
)
def test_a_period_that_is_none_is_told(cap: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CapSettings.model_validate(cap)
    assert told in caught.value.errors()[0]["msg"]


def test_partners_are_known_by_id_and_name_and_an_id_goes_first() -> None:
    known = {each.id: each for each in (a_partner("anna"), a_partner("bert"))}
    known["x"] = Partner("x", "ANNA")
    assert names(known) == {"anna": "anna", "bert": "bert", "x": "x"}


def absences(away: Any) -> list[tuple[date | None, date | None]]:
    return [(each.start, each.until) for each in written(away=away).away]


FIRST, LAST = date(2026, 12, 24), date(2027, 1, 2)


@pytest.mark.parametrize(
    ("away", "expected"),
    [
        ([{"from": FIRST, "until": LAST}], [(FIRST, LAST)]),
        ({"from": "2026-12-24"}, [(FIRST, None)]),
        ("2026-12-24 to 2027-01-02; 2027-02-01", [(FIRST, LAST), (None, date(2027, 2, 1))]),
        ("2026-12-24 to ;", [(FIRST, None)]),
        (LAST, [(None, LAST)]),
        (True, [(date.min, None)]),
        (" YES ", [(date.min, None)]),
        ("true", [(date.min, None)]),
        (False, []),
        ("No", []),
        ("false", []),
        ("", []),
        ([{"from": "2026-12-24T12:00:00"}], [(datetime.fromisoformat("2026-12-24T12:00:00"), None)]),
        ([{"from": FIRST, "until": FIRST}], [(FIRST, FIRST)]),
        ([{"from": FIRST, "until": None}], [(FIRST, None)]),
        ([{"from": "20261224T12"}], [(datetime.fromisoformat("2026-12-24T12:00:00"), None)]),
        (
            [{"from": "2026-12-24T12:00:00", "until": "2026-12-24"}],
            [(datetime.fromisoformat("2026-12-24T12:00:00"), FIRST)],
        ),
    ],
)
def test_an_absence_may_be_written_in_many_ways(
    away: Any, expected: list[tuple[date | None, date | None]]
) -> None:
    assert absences(away) == expected


@pytest.mark.parametrize(
    ("away", "told"),
    [
        ({}, "an absence needs from, until, or both"),
        ({"from": LAST, "until": FIRST}, "until 2026-12-24 is before from 2027-01-02"),
        ({"from": "soon"}, "'soon' is no day; write one such as 2026-12-24"),
        ({"until": "2026-12-24T99:00:00"}, "is no day"),
        ({"until": "2026-12-24 to 2027-01-02"}, "is no day"),
    ],
)
def test_an_absence_that_is_none_is_told(away: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AwaySettings.model_validate(away)
    assert told in caught.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("clock", "moment"),
    [
        ("9:00", time(9)),
        ("09:30", time(9, 30)),
        ("09:30:15", time(9, 30, 15)),
        (" 23:59:59 ", time(23, 59, 59)),
        (time(7), time(7)),
    ],
)
def test_a_time_of_day_may_be_short(clock: Any, moment: time) -> None:
    hours = WorkingHoursSettings.model_validate({"from": clock, "to": "24:00"})
    assert (hours.start, hours.end) == (moment, time())


@pytest.mark.parametrize("clock", ["24:01", "24:00:01", "25:00", "12:60", "12:00:60", "noon", 9, ""])
def test_a_time_of_day_that_is_none_is_told(clock: Any) -> None:
    with pytest.raises(ValidationError, match="is no time of day; write such as 09:00"):
        WorkingHoursSettings.model_validate({"from": clock, "to": "24:00"})


def test_hours_that_never_occur_are_told_and_the_whole_day_is_none_of_them() -> None:
    with pytest.raises(ValidationError, match="from and to are both 09:05, so these hours never occur"):
        WorkingHoursSettings.model_validate({"from": "09:05", "to": "9:05"})
    assert WorkingHoursSettings.model_validate({"from": "0:00", "to": "24:00"}).start == time()
    with pytest.raises(
        ValidationError, match="'Mars' is not a time zone; write a name such as Europe/Berlin"
    ):
        WorkingHoursSettings.model_validate({"from": "9:00", "to": "10:00", "timezone": "Mars"})


@pytest.mark.parametrize(
    "holidays", [{}, {"country": "AT", "file": "x.ics"}, {"subdivision": "9", "file": "x.ics"}]
)
def test_holidays_are_of_a_country_or_of_a_file(holidays: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=r'write \{ country = "AT", subdivision = "9" \} or'):
        HolidaysSettings.model_validate(holidays)
    assert HolidaysSettings.model_validate({"country": "AT", "subdivision": "9"}).file is None


Finding = tuple[tuple[str | int, ...], str]


@pytest.mark.parametrize(
    ("toml", "findings"),
    [
        (
            'base_currency = "EURO"\n',
            [(("base_currency",), "'EURO' is not an ISO 4217 currency; write EUR, USD, …")],
        ),
        (
            'base_currency = "EUR"\nrates = { dollar = 2, eur = 2, EUR = 1, usd = 1 }\n',
            [
                (("rates", "dollar"), "'dollar' is not an ISO 4217 currency; write EUR, USD, …"),
                (("rates", "eur"), "eur is the base currency, so its rate can only be 1"),
            ],
        ),
        (
            "rates = { usd = 1 }\n",
            [
                (
                    ("rates",),
                    'rates need to know into what: write base_currency = "EUR" at the top of the file',
                )
            ],
        ),
        (
            'industry_synonyms = { Retail = ["Shop", "Store"], Finance = ["Bank", "shop"], retail = [] }\n',
            [
                (("industry_synonyms", "Retail"), "'Retail' and 'retail' are one name"),
            ],
        ),
        (
            'industry_synonyms = { Retail = ["Mart"], retail = ["Shop"], Finance = ["Bank", "shop"] }\n',
            [
                (("industry_synonyms", "Retail"), "'Retail' and 'retail' are one name"),
                (
                    ("industry_synonyms", "Finance", 1),
                    "'shop' is given to both 'retail' and 'Finance'; leave it with one",
                ),
            ],
        ),
        (
            'industry_synonyms = { Retail = ["Shop", "retail"], Finance = ["Bank", "SHOP", "Retail"] }\n',
            [
                (
                    ("industry_synonyms", "Finance", 1),
                    "'SHOP' is given to both 'Retail' and 'Finance'; leave it with one",
                ),
                (
                    ("industry_synonyms", "Finance", 2),
                    "'Retail' is given to both 'Retail' and 'Finance'; leave it with one",
                ),
            ],
        ),
        (
            'treat_as_company = ["gmail.com", "localhost", "???"]\n'
            'treat_as_free_mail = ["GMail.com", "x.com"]\n',
            [
                (("treat_as_company", 1), "'localhost' is not a domain; write one such as acme.com"),
                (("treat_as_company", 2), "'???' is not a domain; write one such as acme.com"),
                (
                    ("treat_as_free_mail", 0),
                    "'GMail.com' is on the treat_as_company list as well; leave it on one",
                ),
            ],
        ),
    ],
)
def test_a_mistake_in_how_values_are_understood_has_its_place(toml: str, findings: list[Finding]) -> None:
    with pytest.raises(BadPolicy) as caught:
        a_policy(toml + partner("anna"))
    assert [(each.where, each.message) for each in caught.value.findings] == findings


def test_how_values_are_understood_is_kept_as_written() -> None:
    toml = (
        'base_currency = "eur"\nrates = { usd = 0.5 }\nindustry_synonyms = { Retail = ["Shop"] }\n'
        'treat_as_company = ["GMail.com"]\ntreat_as_free_mail = ["acme.com"]\n'
    )
    normal = a_policy(toml + partner("anna")).normal
    assert (normal.base_currency, normal.rates) == ("EUR", {"USD": 0.5})
    assert (normal.treat_as_company, normal.treat_as_free_mail) == (
        frozenset({"gmail.com"}),
        frozenset({"acme.com"}),
    )
    assert set(normal.industries.values()) == {"Retail"}
    assert Normal.written().phones
    assert not Normal.written(phones=False).phones
    assert Normal.written(rates={"usd": Decimal(2)}).rates == {"USD": Decimal(2)}
    assert Normal.written(treat_as_company=["???"]).treat_as_company == frozenset()


@pytest.mark.parametrize(
    ("days", "numbers"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("fri-mon", {4, 5, 6, 0}),
        ("sun - sat", {0, 1, 2, 3, 4, 5, 6}),
        ("sat, sun", {5, 6}),
        ("Monday-Wednesday,FRIDAY", {0, 1, 2, 4}),
        ("tues, thurs", {1, 3}),
        (["tue", "thu-fri"], {1, 3, 4}),
        ("mon-mon", {0}),
        ("sun", {6}),
    ],
)
def test_days_are_written_as_people_write_them(days: Any, numbers: set[int]) -> None:
    hours = WorkingHoursSettings.model_validate({"days": days, "from": "09:00", "to": "17:00"})
    assert hours.days == numbers


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ("foo", "'foo' are no days; write such as mon-fri, with mon, tue, wed, thu, fri, sat, sun"),
        ("mon-foo", "'mon-foo' are no days; write such as mon-fri, with mon,"),
        ("foo-fri", "'foo-fri' are no days; write such as mon-fri, with mon,"),
        ("mon-tue-wed", "'mon-tue-wed' are no days"),
        ("monkey", "'monkey' are no days"),
        ("mon-", "'mon-' are no days"),
        ("mo", "'mo' are no days"),
        ([], "no day is named, so these hours never occur; write such as mon-fri"),
        (5, "5 are no days; write such as mon-fri"),
    ],
)
def test_days_that_are_none_are_told(days: Any, told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        WorkingHoursSettings.model_validate({"days": days, "from": "09:00", "to": "17:00"})
    assert f"Value error, {told}" in caught.value.errors()[0]["msg"][: len(told) + 13]


def test_an_absence_has_two_ends_and_no_third() -> None:
    with pytest.raises(ValidationError, match="'2027-01-02 to 2027-01-03' is no day"):
        written(away="2026-12-24 to 2027-01-02 to 2027-01-03")

"""What a registration claims, understood, and every fault in how it is filled in, as whole values."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.model.decision import Reason
from connector.model.lead import Ref, Value
from connector.model.registration import Deal, Right
from connector.routing.normal import Normal
from connector.routing.registration.claims import (
    Customer,
    customer_of,
    lead_fields,
    moment,
    products_of,
    right_of_deal,
    understood,
)
from connector.routing.registration.terms import Terms
from tests.builders import partner
from tests.conftest import NOW
from tests.routing.registration.builders import PARTNERS, a_registration, claim, terms

REF = a_registration().ref
DAY = timedelta(days=1)


def customer(rules: Terms | None = None, **given: Value) -> Customer:
    return customer_of(rules or terms(), given, REF, NOW)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Customer()),
        ({"company": "", "country": "", "email": "", "domain": "", "product": ""}, Customer()),
        ({"company": " Globex GmbH ", "country": "Deutschland"}, Customer("Globex GmbH", None, "DE")),
        ({"domain": "https://www.globex.com/shop"}, Customer(domain="globex.com")),
        ({"email": "Joe@it.Globex.com"}, Customer(domain="globex.com", email="joe@it.globex.com")),
        (
            {"email": "joe@globex.com", "domain": "initech.com"},
            Customer(domain="initech.com", email="joe@globex.com"),
        ),
        ({"email": "joe@gmail.com"}, Customer(email="joe@gmail.com", free_mail=True)),
        ({"email": "joe@mailinator.com"}, Customer(email="joe@mailinator.com", free_mail=True)),
        ({"email": "nonsense"}, Customer()),
        ({"domain": "gmail.com"}, Customer()),
        ({"domain": "linkedin.com/company/globex"}, Customer()),
        (
            {"domain": "linkedin.com", "email": "joe@globex.com"},
            Customer(domain="globex.com", email="joe@globex.com"),
        ),
        ({"product": " ERP ;crm;; "}, Customer(products=frozenset({"erp", "crm"}))),
        ({"country": "Atlantis"}, Customer()),
    ],
)
def test_who_the_customer_is(given: dict[str, Value], expected: Customer) -> None:
    assert customer(**given) == expected  # type: ignore[arg-type]


def test_the_admins_word_on_domains_counts() -> None:
    rules = replace(
        terms(),
        normal=Normal(
            treat_as_company=frozenset({"gmail.com"}), treat_as_free_mail=frozenset({"globex.com"})
        ),
    )
    assert customer(rules, domain="gmail.com").domain == "gmail.com"
    assert customer(rules, domain="globex.com").domain is None
    joe = customer(rules, email="joe@globex.com")
    assert (joe.domain, joe.free_mail) == (None, True)


def test_words_that_mean_nothing_are_missing() -> None:
    rules = replace(terms(), missing_words=frozenset({"n/a"}))
    assert customer(rules, company="N/A", country="n/a", email="n/a") == Customer()
    told = understood(rules, a_registration(amount="n/a"), NOW)
    assert told.amount is None


def test_products_are_read_from_any_value() -> None:
    assert products_of(None) == frozenset()
    assert products_of(7) == {"7"}
    assert products_of("A;b ; ;C") == {"a", "b", "c"}


def test_a_leads_website_is_a_registrations_domain() -> None:
    assert lead_fields({"website": "globex.com", "company": "Globex"}) == {
        "website": "globex.com",
        "company": "Globex",
        "domain": "globex.com",
    }
    assert lead_fields({})["domain"] is None


def test_what_a_vendors_deal_stands_for() -> None:
    fields: dict[str, Value] = {
        "partner": "ANNA",
        "company": "Globex GmbH",
        "domain": "globex.com",
        "country": "Germany",
        "email": "joe@globex.com",
        "product": "ERP",
    }
    deal = Deal(Ref("hubspot", "9"), NOW, fields, closed_at=NOW - DAY)
    who = ("anna", "Globex GmbH", "globex.com", "DE", "joe@globex.com", frozenset({"erp"}))
    assert right_of_deal(terms(), deal, NOW) == Right("vendor_deal_open", "hubspot:9", *who)
    closed = right_of_deal(terms(), replace(deal, open=False), NOW)
    assert closed == Right("vendor_deal_closed", "hubspot:9", *who, at=NOW - DAY)
    assert right_of_deal(terms(), replace(deal, fields={}), NOW).partner is None


@pytest.mark.parametrize(
    ("written", "lead"),
    [
        (None, None),
        ("  ", None),
        ("00Q1", "salesforce:00Q1"),
        (" 00Q1 ", "salesforce:00Q1"),
        ("hubspot:7", "hubspot:7"),
        (7, "salesforce:7"),
    ],
)
def test_the_lead_that_it_came_from(written: Value, lead: str | None) -> None:
    assert claim(terms(), a_registration(lead=written)).lead == lead


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        (1000, None, 1000.0),
        ("1.500,00 EUR", None, 1500.0),
        (1000, "", 1000.0),
        (1000, "usd", 500.0),
        ("2,000.00", "USD", 1000.0),
        (1000, "XXX", None),
        (0, None, 0.0),
        (None, "EUR", None),
        (True, None, None),
    ],
)
def test_amounts_are_in_the_base_currency_or_not_understood(
    amount: Value, currency: Value, expected: float | None
) -> None:
    rules = replace(terms(), normal=Normal(base_currency="EUR", rates={"USD": Decimal("0.5")}))
    assert understood(rules, a_registration(amount=amount, currency=currency), NOW).amount == expected


LONG = "x" * 99


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({}, []),
        ({"partner": " ANNA "}, []),
        ({"company": None, "country": ""}, [Reason("fields_missing", {"fields": ["company", "country"]})]),
        ({"company": "?" * 99}, [Reason("company_unreadable", {"given": "?" * 80})]),
        ({"partner": LONG}, [Reason("partner_unknown", {"given": LONG[:80]})]),
        ({"partner": "  "}, [Reason("partner_unknown", {"given": "  "})]),
        ({"country": LONG}, [Reason("country_unreadable", {"given": LONG[:80]})]),
        ({"lead": "salesforce:000001"}, [Reason("points_to_itself")]),
        ({"lead": "hubspot:000001"}, []),
        ({"amount": LONG}, [Reason("amount_unreadable", {"given": LONG[:40]})]),
        ({"amount": -1}, [Reason("amount_negative", {"given": "-1"})]),
        ({"amount": 0}, []),
        ({"close_date": LONG}, [Reason("date_unreadable", {"given": LONG[:40]})]),
        ({"close_date": "2026-11-01"}, [Reason("date_in_the_past", {"given": "2026-11-01"})]),
        ({"close_date": "2026-11-02"}, []),
        ({"close_date": "2026-11-01T23:30:00Z"}, [Reason("date_in_the_past", {"given": "2026-11-01"})]),
        ({"close_date": "2026-11-02T00:30:00"}, []),
        (
            {"company": None, "partner": "Zoe", "amount": -1, "close_date": "soon"},
            [
                Reason("fields_missing", {"fields": ["company"]}),
                Reason("partner_unknown", {"given": "Zoe"}),
                Reason("amount_negative", {"given": "-1"}),
                Reason("date_unreadable", {"given": "soon"}),
            ],
        ),
    ],
)
def test_every_fault_is_told_with_what_was_written(fields: dict[str, Any], faults: list[Reason]) -> None:
    assert list(claim(terms(), a_registration(**fields)).faults) == faults


def test_a_claim_is_whose_for_whom_and_what_it_is_worth() -> None:
    told = claim(terms(), a_registration(partner="bERT", amount=5, lead="7", email="joe@globex.com"))
    assert (told.ref, told.partner, told.amount, told.lead) == (REF, "bert", 5.0, "salesforce:7")
    assert told.customer == Customer("Globex GmbH", "globex.com", "DE", "joe@globex.com")
    assert claim(terms(), a_registration(partner=None)).partner is None


def test_days_are_those_where_the_programme_is() -> None:
    rules = terms(zone=ZoneInfo("America/Los_Angeles"))
    early = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)  # still the first of November there
    seen = a_registration(close_date="2026-11-01")
    assert understood(rules, seen, early).faults == ()
    assert understood(rules, seen, early + DAY).faults
    midnight = a_registration(close_date="2026-11-02T07:30:00Z")  # the evening of the first there
    assert understood(rules, midnight, NOW).faults == (Reason("date_in_the_past", {"given": "2026-11-01"}),)


@pytest.mark.parametrize("won", [True, False])
def test_a_close_date_may_be_over_once_the_deal_is(won: bool) -> None:
    assert claim(terms(), a_registration(won=won, close_date="2026-01-01")).faults == ()


def test_a_domain_that_is_asked_for_may_come_from_an_address() -> None:
    rules = terms('required = ["domain", "email"]')
    assert claim(rules, a_registration(email="joe@globex.com")).faults == ()
    (fault,) = claim(rules, a_registration(email="joe@gmail.com")).faults
    assert fault.facts == {"fields": ["domain"]}
    (fault,) = claim(rules, a_registration(domain="globex.com")).faults
    assert fault.facts == {"fields": ["email"]}


def test_what_a_stage_asks_for_comes_on_top_each_once() -> None:
    rules = terms('required = ["company"]\nrequired_at_stage = { Won = ["amount", "company", "note"] }')
    (fault,) = claim(rules, a_registration(stage="wON", company=None)).faults
    assert fault.facts == {"fields": ["company", "amount", "note"]}
    assert claim(rules, a_registration(stage="Lost")).faults == ()
    assert claim(rules, a_registration()).faults == ()


def test_the_partners_own_domain_is_no_customers() -> None:
    rules = terms(partners=PARTNERS.replace("user:anna@x.example", "user:anna@anna-it.de"))
    (fault,) = claim(rules, a_registration(domain="www.anna-it.de")).faults
    assert fault == Reason("customer_is_the_partner", {"domain": "anna-it.de"})
    assert claim(rules, a_registration(partner="Bert", domain="anna-it.de")).faults == ()


def test_moments_are_read_as_crms_write_them() -> None:
    expected = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    assert moment("2026-11-02T09:00:00") == expected
    assert moment("2026-11-02T10:00:00+01:00") == expected
    assert moment("2026-11-02T09:00:00Z").tzinfo is UTC
    with pytest.raises(ValueError, match="Invalid isoformat"):
        moment("soon")


def test_a_moment_without_a_zone_is_utc_wherever_the_daemon_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert moment("2026-11-02T09:00:00") == NOW
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_is_not_written_is_not_the_word_none() -> None:
    rules = terms('required = []\nrequired_at_stage = { None = ["amount"] }', partner("none"))
    told = claim(rules, a_registration(partner=None, company=None, country=None))
    assert (told.partner, told.faults, told.customer) == (None, (), Customer())
    assert right_of_deal(rules, Deal(REF, NOW), NOW).partner is None


def test_own_domains_are_those_of_users_that_nobody_shares() -> None:
    rules = terms(
        partners=partner("anna", owners={"salesforce": ["user:a@anna.de", "queue:q@queue.de"]})
        + partner("bert", owners={"salesforce": ["user:b@bert.de", "user:m@acme.com"]})
        + partner(
            "carl", owners={"hubspot": ["user:c@it.carl.de", "user:c@carl.at", "user:m@acme.com", "user:x"]}
        )
    )
    assert rules.own_domains == {
        "anna": frozenset({"anna.de"}),
        "bert": frozenset({"bert.de"}),
        "carl": frozenset({"carl.de", "carl.at"}),
    }


def test_tiers_rank_best_first_and_unknown_ones_last() -> None:
    rules = terms()
    assert [rules.rank(tier) for tier in ("Platinum", "gold", "silver")] == [0, 1, 2]
    assert rules.rank("other") == rules.rank(None) == len(rules.tiers)


@pytest.mark.parametrize(
    ("who", "amount", "reward"),
    [
        ("anna", 1000, 200.0),
        ("bert", 1000, 100.0),
        ("carl", 1000, 33.33),
        ("anna", None, None),
        (None, 1000, None),
        ("anna", 10_000, 2000.0),
        ("anna", 100_000, 3000.0),
        ("carl", 0, 0.0),
    ],
)
def test_a_reward_is_by_the_first_rule_that_applies(
    who: str | None, amount: float | None, reward: float | None
) -> None:
    rules = terms(
        "reward = ["
        '{ tier = ["GOLD"], percent = 20, most = 3000 }, { tier = ["platinum"], percent = 10 },'
        "{ percent = 3.3333 }]"
    )
    assert rules.reward(rules.partner(who), amount) == reward


def test_without_a_rule_there_is_no_reward_nor_a_limit() -> None:
    rules = terms('reward = [{ tier = ["bronze"], percent = 5 }]\nopen_at_once = { GOLD = 3 }')
    assert rules.reward(rules.partner("anna"), 100) is None
    assert [rules.most_open(rules.partners[who]) for who in ("anna", "bert")] == [3, None]
    assert rules.partner(None) is None
    assert rules.partner("zoe") is None


def test_reviews_run_in_the_channel_teams_hours_and_holidays() -> None:
    rules = terms(
        'decide_within = "2 working hours"\n'
        'working_hours = { from = "10:00", to = "12:00", timezone = "Europe/Berlin" }\n'
        'holidays = { country = "DE", subdivision = "BE" }\n'
    )
    start = datetime(2027, 3, 7, 12, 0, tzinfo=UTC)  # a Sunday; Monday is a holiday in Berlin alone
    assert rules.decide_by(start) == datetime(2027, 3, 9, 11, 0, tzinfo=UTC)
    without = terms('remind_reviewer_after = "1h"')
    assert without.remind_reviewer_at(start) == start + timedelta(hours=1)
    assert terms('decide_within = "1 working hour"').decide_by(NOW) == NOW + timedelta(hours=1)


def test_a_review_has_the_programmes_hours_where_it_names_no_zone() -> None:
    rules = terms('decide_within = "1 working hour"', zone=ZoneInfo("America/New_York"))
    assert rules.decide_by(NOW) == datetime(2026, 11, 2, 15, 0, tzinfo=UTC)  # 10:00 there


def test_whole_days_are_the_clock_on_the_wall_and_hours_are_not() -> None:
    rules = terms(zone=ZoneInfo("Europe/Berlin"))
    before = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)  # the clocks go back the night after
    assert rules.later(before, DAY) == before + timedelta(hours=25)
    assert rules.later(before, timedelta(hours=36)) == before + timedelta(hours=36)
    assert rules.later(before, DAY).tzinfo is UTC
    assert rules.later(before, timedelta(0)) == before


def test_a_date_is_a_day_of_ten_letters() -> None:
    assert claim(terms(), a_registration(close_date=str(date(2030, 1, 1)))).faults == ()
    (fault,) = claim(terms(), a_registration(close_date="2030-99-99")).faults
    assert fault.code == "date_unreadable"

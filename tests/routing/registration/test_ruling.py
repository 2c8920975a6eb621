"""What a registration comes to: complete, eligible, first, and what it is told otherwise."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model.registration import State
from connector.routing import registration
from connector.routing.registration import words
from tests.builders import partner
from tests.conftest import NOW
from tests.routing.registration.builders import PARTNERS, a_registration, a_right, ruled, terms


def test_a_complete_registration_without_conflict_is_approved_and_protected() -> None:
    life = ruled(terms(), a_registration())
    assert life.state is State.APPROVED
    assert life.protected_until == NOW + timedelta(days=90)


@pytest.mark.parametrize(
    ("fields", "code", "told"),
    [
        ({"company": None}, "fields_missing", "please fill in company"),
        ({"partner": "Zoe"}, "partner_unknown", "'Zoe' is no partner"),
        ({"partner": None}, "fields_missing", "please fill in partner"),
        ({"amount": -5}, "amount_negative", "an amount of -5 cannot be"),
        ({"amount": "lots"}, "amount_unreadable", "'lots' is no amount"),
        ({"close_date": "2020-01-01"}, "date_in_the_past", "2020-01-01 has passed"),
        ({"close_date": "soon"}, "date_unreadable", "'soon' is no date"),
        ({"country": "Atlantis"}, "country_unreadable", "'Atlantis' is no country"),
        ({"company": "???"}, "company_unreadable", "is no company name"),
        ({"lead": "000001"}, "points_to_itself", "points to this registration itself"),
        ({"domain": "www.x.example", "email": None}, None, ""),
    ],
)
def test_bad_input_comes_back_with_what_to_put_right(
    fields: dict[str, Any], code: str | None, told: str
) -> None:
    life = ruled(terms(), a_registration(**fields))
    if code is None:
        assert life.state is State.APPROVED
        return
    assert life.state is State.RETURNED
    assert [reason.code for reason in life.reasons] == [code]
    assert told in words.summary(life)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    life = ruled(terms(), a_registration(company=None, amount=-1, partner="Zoe"))
    assert len(life.reasons) == 3


def test_a_partner_cannot_register_itself_by_its_own_address() -> None:
    rules = terms(partners=PARTNERS.replace("user:anna@x.example", "user:anna@anna-it.de"))
    life = ruled(rules, a_registration(email="sales@anna-it.de"))
    assert [reason.code for reason in life.reasons] == ["customer_is_the_partner"]


def test_more_is_asked_for_at_a_later_stage() -> None:
    rules = terms('required_at_stage = { Negotiation = ["amount"] }')
    assert ruled(rules, a_registration(stage="Prospecting")).state is State.APPROVED
    assert ruled(rules, a_registration(stage="negotiation")).state is State.RETURNED


@pytest.mark.parametrize(
    ("toml", "more", "code"),
    [
        ('tiers = ["platinum"]', "", "tier_not_eligible"),
        ("open_at_once = { gold = 3 }", "", "too_many_open"),
        ("", partner("dora", products=["CRM"], tier="gold"), "product_not_authorised"),
        ("", partner("dora", active=False), "partner_suspended"),
    ],
)
def test_who_may_not_register_is_told_why(toml: str, more: str, code: str) -> None:
    who = "Dora" if more else "Anna"
    life = ruled(
        terms(toml, PARTNERS + more), a_registration(partner=who, product="ERP"), open_count={"anna": 3}
    )
    assert life.state is State.REJECTED
    assert [reason.code for reason in life.reasons] == [code]


def test_the_same_company_and_country_is_a_conflict() -> None:
    life = ruled(terms(), a_registration(), a_right())
    assert life.state is State.CONFLICT
    assert life.waits_for == "salesforce:000099"


def test_what_partners_read_names_no_other_partner() -> None:
    life = ruled(terms(), a_registration(), a_right())
    assert "bert" not in words.summary(life).casefold()
    assert "another registration claims the same customer since 2026-11-01" in words.summary(life)
    assert "salesforce:000099 of Bert" in words.say_inside(life.reasons[0], terms())


def test_a_similar_name_alone_goes_to_a_person_with_a_deadline() -> None:
    rules = terms('reviewer = "user:carla@x.example"')
    life = ruled(rules, a_registration(), a_right(country="US"))
    assert life.state is State.UNDER_REVIEW
    assert (life.reviewer, life.decide_by) == ("user:carla@x.example", NOW + timedelta(days=2))


def test_a_subsidiary_with_another_domain_goes_to_a_person() -> None:
    life = ruled(terms(), a_registration(domain="globex-it.de"), a_right(domain="globex.com"))
    assert life.state is State.UNDER_REVIEW


def test_a_private_address_proves_little_and_a_company_address_much() -> None:
    rules, other = terms(), "Initech AG"
    private = a_right(email="joe@gmail.com", company=other)
    assert ruled(rules, a_registration(email="joe@gmail.com"), private).state is State.UNDER_REVIEW
    corporate = a_right(email="joe@globex.com", company=other)
    assert ruled(rules, a_registration(email="joe@globex.com"), corporate).state is State.CONFLICT


def test_other_products_weaken_or_separate() -> None:
    other = a_right(products=frozenset({"crm"}))
    mine = a_registration(product="ERP")
    assert ruled(terms(), mine, other).state is State.UNDER_REVIEW
    assert ruled(terms('products = "separate"'), mine, other).state is State.APPROVED
    assert ruled(terms('products = "ignore"'), mine, other).state is State.CONFLICT


def test_the_first_valid_submission_wins_and_ties_go_to_the_higher_tier() -> None:
    pending = {"state": State.SUBMITTED}
    later = a_right(at=NOW + timedelta(seconds=1), **pending)
    assert ruled(terms(), a_registration(), later).state is State.APPROVED
    same = a_right(at=NOW, **pending)
    assert ruled(terms(), a_registration(), same).state is State.CONFLICT
    lower = a_right(at=NOW, tier="silver", partner="carl", **pending)
    assert ruled(terms(), a_registration(), lower).state is State.APPROVED


def test_an_earlier_submission_that_shows_late_never_takes_an_approval_away() -> None:
    life = ruled(terms(), a_registration(), a_right(at=NOW + timedelta(hours=1)))
    assert life.state is State.UNDER_REVIEW


@pytest.mark.parametrize("kind", ["vendor_deal_open", "named_account"])
def test_the_vendors_own_deals_and_named_accounts_stand_in_the_way(kind: str) -> None:
    life = ruled(terms(), a_registration(), a_right(kind, f"deal {kind}", partner=None, at=None))
    assert life.state is State.CONFLICT
    mine = a_right(kind, f"deal {kind}", partner="anna", at=None)
    assert ruled(terms(), a_registration(), mine).state is State.APPROVED


def test_a_closed_deal_counts_for_a_while() -> None:
    recent = a_right("vendor_deal_closed", partner=None, at=NOW - timedelta(days=89))
    assert ruled(terms(), a_registration(), recent).state is State.CONFLICT
    old = a_right("vendor_deal_closed", partner=None, at=NOW - timedelta(days=91))
    assert ruled(terms(), a_registration(), old).state is State.APPROVED


def test_a_customer_that_another_partner_has_won_is_its_own_for_a_while() -> None:
    won = a_right(state=State.CONVERTED, at=NOW - timedelta(days=200), ended_at=NOW - timedelta(days=89))
    assert ruled(terms(), a_registration(), won).state is State.CONFLICT
    assert ruled(terms(), a_registration(partner="Bert"), won).state is State.APPROVED, "a second deal"
    long_ago = replace(won, ended_at=NOW - timedelta(days=91))
    assert ruled(terms(), a_registration(), long_ago).state is State.APPROVED


def test_a_lead_assigned_earlier_is_a_prior_assignment_and_a_later_one_for_a_person() -> None:
    earlier = a_right("lead", "lead hubspot:7", at=NOW - timedelta(days=1))
    assert ruled(terms(), a_registration(), earlier).state is State.CONFLICT
    later = a_right("lead", "lead hubspot:7", at=NOW + timedelta(minutes=1))
    assert ruled(terms(), a_registration(), later).state is State.UNDER_REVIEW


def test_a_partners_own_lead_is_tied_to_it_or_sent_back() -> None:
    own = a_right("lead", "lead hubspot:7", partner="anna", domain="globex.com")
    life = ruled(terms(), a_registration(domain="globex.com"), own)
    assert (life.state, life.lead) == (State.APPROVED, "hubspot:7")
    assert (
        ruled(terms('own_lead = "return"'), a_registration(domain="globex.com"), own).state is State.RETURNED
    )


def test_the_same_thing_twice_comes_back() -> None:
    life = ruled(terms(), a_registration(), a_right(partner="anna"))
    assert [reason.code for reason in life.reasons] == ["registered_twice"]


def test_registering_again_needs_its_pause() -> None:
    ended = a_right(partner="anna", state=State.EXPIRED, ended_at=NOW - timedelta(days=3))
    assert ruled(terms(), a_registration(), ended).state is State.APPROVED
    assert ruled(terms('register_again_after = "30d"'), a_registration(), ended).state is State.REJECTED


def test_nothing_is_approved_before_every_crm_has_been_read_past_it() -> None:
    read = {"salesforce": NOW + timedelta(hours=1), "hubspot": NOW - timedelta(seconds=1)}
    life = ruled(terms(), a_registration(), read_until=read)
    assert (life.state, [r.code for r in life.reasons]) == (State.SUBMITTED, ["waits_for_crms"])
    assert life.reasons[0].facts == {"crms": ["hubspot"]}


def test_by_person_means_that_a_person_approves_even_without_conflict() -> None:
    assert ruled(terms('approve = "by_person"'), a_registration()).state is State.UNDER_REVIEW


def test_conflicts_may_be_rejected_or_reviewed_by_policy() -> None:
    assert ruled(terms('on_conflict = "reject"'), a_registration(), a_right()).state is State.REJECTED
    assert ruled(terms('on_conflict = "review"'), a_registration(), a_right()).state is State.UNDER_REVIEW


def test_every_reason_has_its_words() -> None:
    folder = Path(registration.__file__).parent
    used = {
        code for path in folder.glob("*.py") for code in re.findall(r'Reason\(\s*"(\w+)"', path.read_text())
    }
    assert len(used) > 25
    assert used <= set(words.CODES)

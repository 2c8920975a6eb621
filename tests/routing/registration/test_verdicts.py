"""Each ruling as a whole value: the state, every reason with its facts, and what it collides with."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.model.decision import Reason
from connector.model.lead import Value
from connector.model.registration import Life, Right, State
from connector.routing.registration import words
from connector.routing.registration.ruling import Verdict, collision_facts, ruled
from tests.builders import partner
from tests.conftest import NOW
from tests.routing.registration.builders import (
    LATER,
    PARTNERS,
    a_registration,
    a_right,
    claim,
    known,
    terms,
)

DAY = timedelta(days=1)
DORA = partner("dora", products=["CRM"], tier="gold") + partner("eve", active=False) + partner("fay")
APPROVED = Verdict(State.APPROVED, (Reason("no_conflict"),))


def verdict(
    *rights: Right,
    toml: str = "",
    was_open: bool = False,
    facts: dict[str, Any] | None = None,
    **fields: Value,
) -> Verdict:
    rules = terms(toml, PARTNERS + DORA)
    mine = claim(rules, a_registration(**fields))  # type: ignore[arg-type]
    return ruled(rules, mine, NOW, known(*rights, **(facts or {})), was_open)


def rejected(code: str, **facts: Any) -> Verdict:
    return Verdict(State.REJECTED, (Reason(code, facts),))


@pytest.mark.parametrize(
    ("toml", "fields", "facts", "was_open", "expected"),
    [
        ("", {}, {}, False, APPROVED),
        ("", {"partner": "Eve"}, {}, False, rejected("partner_suspended", partner="eve")),
        (
            'tiers = ["Platinum"]',
            {},
            {},
            False,
            rejected("tier_not_eligible", tier="gold", tiers=["Platinum"]),
        ),
        (
            'tiers = ["Platinum"]',
            {"partner": "Fay"},
            {},
            False,
            rejected("tier_not_eligible", tier=None, tiers=["Platinum"]),
        ),
        ('tiers = ["GOLD"]', {}, {}, False, APPROVED),
        (
            "",
            {"partner": "Dora", "product": "ERP;BI;crm"},
            {},
            False,
            rejected("product_not_authorised", products=["bi", "erp"]),
        ),
        ("", {"partner": "Dora", "product": "CRM"}, {}, False, APPROVED),
        ("", {"partner": "Anna", "product": "ERP"}, {}, False, APPROVED),
        (
            "products_must_be_authorised = false",
            {"partner": "Dora", "product": "ERP"},
            {},
            False,
            APPROVED,
        ),
        (
            "open_at_once = { gold = 3 }",
            {},
            {"open_count": {"anna": 3}},
            False,
            rejected("too_many_open", most=3, tier="gold"),
        ),
        ("open_at_once = { gold = 3 }", {}, {"open_count": {"anna": 3}}, True, APPROVED),
        ("open_at_once = { gold = 3 }", {}, {"open_count": {"anna": 2}}, False, APPROVED),
        ("open_at_once = { gold = 1 }", {}, {}, False, APPROVED),
        ("open_at_once = { gold = 0 }", {}, {}, False, rejected("too_many_open", most=0, tier="gold")),
        ("open_at_once = { gold = 3 }", {"partner": "Bert"}, {"open_count": {"bert": 9}}, False, APPROVED),
        (
            'approve = "by_person"',
            {},
            {},
            False,
            Verdict(State.UNDER_REVIEW, (Reason("person_approves"),)),
        ),
        (
            "",
            {},
            {"read_until": {"salesforce": LATER, "hubspot": NOW, "aaa": None}},
            False,
            Verdict(State.SUBMITTED, (Reason("waits_for_crms", {"crms": ["aaa", "hubspot"]}),)),
        ),
        ("", {}, {"read_until": {"hubspot": NOW + timedelta(seconds=1)}}, False, APPROVED),
        ("", {}, {"read_until": {}}, False, APPROVED),
        (
            "",
            {"company": None},
            {},
            False,
            Verdict(State.RETURNED, (Reason("fields_missing", {"fields": ["company"]}),)),
        ),
    ],
)
def test_what_a_registration_comes_to_and_why(
    toml: str, fields: dict[str, Any], facts: dict[str, Any], was_open: bool, expected: Verdict
) -> None:
    assert verdict(toml=toml, was_open=was_open, facts=facts, **fields) == expected


def test_the_same_thing_twice_names_the_other() -> None:
    expected = Verdict(State.RETURNED, (Reason("registered_twice", {"other": "salesforce:000099"}),))
    assert verdict(a_right(partner="anna")) == expected
    assert verdict(a_right(partner="anna"), a_right(ref="x:1")) == expected


def test_what_only_perhaps_is_the_same_is_no_second_time() -> None:
    assert verdict(a_right(partner="anna", country="US")).state is State.UNDER_REVIEW


@pytest.mark.parametrize("state", [State.REJECTED, State.EXPIRED])
def test_too_soon_again_says_when_the_other_ended(state: State) -> None:
    other = a_right(partner="anna", state=state, ended_at=NOW - DAY)
    facts = {"other": "salesforce:000099", "ended": "2026-11-01"}
    found = verdict(other, toml='register_again_after = "30d"')
    assert found == Verdict(State.REJECTED, (Reason("too_soon_again", facts),))


def own(**facts: Any) -> Right:
    return a_right("lead", "lead hubspot:7", **{"partner": "anna", "domain": "globex.com", **facts})


@pytest.mark.parametrize(
    ("right", "fields", "lead"),
    [
        (own(), {"domain": "globex.com"}, "hubspot:7"),
        (own(domain=None, email="joe@gmail.com"), {"email": "joe@gmail.com"}, "hubspot:7"),
        (own(domain=None), {}, None),
        (own(domain=None), {"lead": "hubspot:7"}, "hubspot:7"),
        (own(domain=None), {"lead": "hubspot:8"}, None),
        (own(), {"domain": "globex.com", "lead": "hubspot:8"}, "hubspot:7"),
        (own(domain="initech.com"), {"domain": "globex.com"}, None),
    ],
    ids=["domain", "address", "name alone", "named", "named wrongly", "another is named", "other domain"],
)
def test_which_lead_is_the_partners_own(right: Right, fields: dict[str, Any], lead: str | None) -> None:
    assert verdict(right, **fields) == Verdict(State.APPROVED, (Reason("no_conflict"),), lead=lead)
    found = verdict(right, toml='own_lead = "return"', **fields)
    if lead:
        assert found == Verdict(State.RETURNED, (Reason("own_lead", {"lead": lead}),))
    else:
        assert found.state is State.APPROVED
    by_person = verdict(right, toml='approve = "by_person"', **fields)
    assert by_person.lead == lead


def test_another_partners_lead_is_nobodys_own_even_if_it_is_named() -> None:
    found = verdict(own(partner="bert"), lead="hubspot:7", domain="globex.com")
    assert (found.state, found.lead) == (State.CONFLICT, None)
    deal = a_right("vendor_deal_open", "deal x:1", partner="anna", domain="globex.com")
    assert verdict(deal, domain="globex.com").lead is None


@pytest.mark.parametrize(
    ("toml", "state"),
    [
        ("", State.CONFLICT),
        ('on_conflict = "reject"', State.REJECTED),
        ('on_conflict = "review"', State.UNDER_REVIEW),
    ],
)
def test_a_conflict_is_told_with_everything_that_it_rests_on(toml: str, state: State) -> None:
    right = a_right()
    found = verdict(right, own(company=None), toml=toml, domain="globex.com")
    assert found.collision
    assert found.collision.right == right
    assert found == Verdict(
        state, (Reason("collides", collision_facts(found.collision)),), found.collision, "hubspot:7"
    )
    assert collision_facts(found.collision) == {
        "kind": "registration",
        "with": "salesforce:000099",
        "partner": "bert",
        "strong": True,
        "at": "2026-11-01T09:00:00+00:00",
        "by": "name",
        "score": 1.0,
        "country": "same",
        "brand": "unknown",
        "products": "unknown",
    }


@pytest.mark.parametrize("toml", ["", 'on_conflict = "reject"', 'on_conflict = "review"'])
def test_what_is_only_alike_goes_to_a_person(toml: str) -> None:
    found = verdict(a_right(country="US", at=None), own(company=None), toml=toml, domain="globex.com")
    assert found.collision
    assert (found.state, found.lead, found.collision.strong) == (State.UNDER_REVIEW, "hubspot:7", False)
    assert found.reasons == (Reason("collides", collision_facts(found.collision)),)
    assert found.reasons[0].facts["at"] is None


COLLIDES = {"kind": "lead", "with": "lead x:1", "partner": "bert", "strong": True, "at": None, "by": "email"}


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (Reason("fields_missing", {"fields": ["close_date", "note"]}), "please fill in close date, note"),
        (Reason("waits_for_crms", {"crms": ["a"]}), "waits until a is read past its submission"),
        (Reason("waits_for_crms", {"crms": ["a", "b"]}), "waits until a and b are read past its submission"),
        (
            Reason("collides", COLLIDES),
            "a lead that was assigned earlier claims the same customer, by the same e-mail address",
        ),
        (
            Reason("collides", {**COLLIDES, "kind": "vendor_deal_open", "by": "domain"}),
            "an open deal of the vendor claims the same customer, by the same domain",
        ),
        (
            Reason("collides", {**COLLIDES, "kind": "vendor_deal_closed", "by": "name"}),
            "a recently closed deal of the vendor claims the same customer, by the same name",
        ),
        (
            Reason(
                "collides",
                {**COLLIDES, "kind": "named_account", "by": "name", "strong": False, "at": NOW.isoformat()},
            ),
            "a named account claims perhaps the same customer since 2026-11-02, by a similar name",
        ),
        (
            Reason("collides", {**COLLIDES, "kind": "registration", "strong": False}),
            "another registration claims perhaps the same customer, by the same e-mail address",
        ),
        (Reason("extended", {"until": "2027-01-31T09:00:00+00:00"}), "protected until 2027-01-31"),
        (Reason("ends_soon", {"until": "2027-01-31T09:00:00+00:00"}), "the protection ends on 2027-01-31"),
        (Reason("escalated", {"to": None}), "not decided in time; escalated to nobody"),
        (Reason("escalated", {"to": "user:b"}), "not decided in time; escalated to user:b"),
        (Reason("reviewer_reminded", {"reviewer": None}), "reminded nobody to decide"),
        (Reason("reviewer_reminded", {"reviewer": "user:a"}), "reminded user:a to decide"),
    ],
)
def test_a_reason_reads_as_a_sentence(reason: Reason, told: str) -> None:
    assert words.say(reason) == told


@pytest.mark.parametrize(
    ("facts", "inside"),
    [
        ({}, " (lead x:1 of Bert)"),
        ({"partner": None}, " (lead x:1)"),
        ({"score": 0.8954}, " (lead x:1 of Bert, score 0.90)"),
        ({"partner": "gone", "score": 1.0}, " (lead x:1, score 1.00)"),
    ],
)
def test_the_vendors_own_people_read_with_whom_and_how_sure(facts: dict[str, Any], inside: str) -> None:
    reason = Reason("collides", {**COLLIDES, **facts})
    assert words.say_inside(reason, terms()) == words.say(reason) + inside
    plain = Reason("no_conflict")
    assert words.say_inside(plain, terms()) == words.say(plain)


def test_a_summary_fits_the_field_that_partners_read() -> None:
    life = Life(State.UNDER_REVIEW, NOW, NOW)
    assert words.summary(life) == "Under review"
    told = life.but(reasons=(Reason("person_approves"), Reason("no_conflict")))
    whole = "Under review: every registration is approved by a person; complete, eligible and first"
    assert words.summary(told) == whole
    assert words.summary(told, len(whole)) == whole
    assert words.summary(told, len(whole) - 1) == whole[: len(whole) - 2] + "…"
    long = life.but(reasons=(Reason("partner_unknown", {"given": "x" * 400}),))
    assert len(words.summary(long)) == 255


ENDS, DUE = NOW + 90 * DAY, NOW + DAY
NOTHING = {
    "expires": None,
    "protected_until": None,
    "decide_by": None,
    "reviewer": None,
    "conflict_with": None,
    "credited_partner": None,
    "reward": None,
}


@pytest.mark.parametrize(
    ("life", "changes"),
    [
        (Life(State.SUBMITTED, NOW, NOW, partner="anna"), {"reason": "Submitted"}),
        (
            Life(State.APPROVED, NOW, NOW, partner="anna", protected_until=ENDS, lead="hubspot:7"),
            {
                "reason": "Approved",
                "expires": ENDS.isoformat(),
                "protected_until": ENDS.isoformat(),
                "credited_partner": "Anna",
                "lead": "hubspot:7",
            },
        ),
        (
            Life(State.CONVERTED, NOW, NOW, partner="bert", protected_until=ENDS, reward=5.0),
            {
                "reason": "Converted",
                "expires": ENDS.isoformat(),
                "protected_until": ENDS.isoformat(),
                "credited_partner": "Bert",
                "reward": 5.0,
            },
        ),
        (
            Life(State.EXPIRED, NOW, NOW, partner="anna", protected_until=ENDS, extension_said="refused"),
            {
                "reason": "Expired",
                "expires": ENDS.isoformat(),
                "protected_until": ENDS.isoformat(),
                "extension": "Refused",
            },
        ),
        (
            Life(State.APPROVED, NOW, NOW, partner="gone"),
            {"reason": "Approved", "credited_partner": "gone"},
        ),
        (
            Life(
                State.UNDER_REVIEW,
                NOW,
                NOW,
                partner="anna",
                protected_until=ENDS,
                decide_by=DUE,
                reviewer="user:a",
                reasons=(Reason("person_approves"), Reason("collides", COLLIDES)),
            ),
            {
                "reason": "Under review: every registration is approved by a person; a lead that was "
                "assigned earlier claims the same customer, by the same e-mail address",
                "expires": DUE.isoformat(),
                "decide_by": DUE.isoformat(),
                "reviewer": "user:a",
                "conflict_with": "lead x:1",
            },
        ),
    ],
)
def test_what_the_record_in_the_crm_is_to_hold(life: Life, changes: dict[str, Any]) -> None:
    assert words.values(terms(), life) == {**NOTHING, "status": life.state.value, **changes}


def test_days_are_told_by_their_date() -> None:
    assert words.day(datetime(2026, 1, 2, 3, tzinfo=UTC).isoformat()) == "2026-01-02"


@pytest.mark.parametrize(
    ("to", "inside"),
    [
        ("bert", "a person changed who is credited: Bert"),
        ("Our own", "a person changed who is credited: Our own"),
        ("", "a person credits nobody with it"),
    ],
)
def test_the_vendors_own_people_read_who_is_credited(to: str, inside: str) -> None:
    assert words.say_inside(Reason("credited_by_person", {"to": to}), terms()) == inside
    reason = Reason("person_decided", {"who": "user:carla@acme.example"})
    assert words.say_inside(reason, terms()) == words.say(reason) + " (carla@acme.example)"

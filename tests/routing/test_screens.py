"""Screens that are one line of the config: whom each turns away, and with which reason."""

from datetime import timedelta
from typing import Any, get_args

import pytest

from connector.model.decision import Outcome
from connector.routing.pipeline import decide
from connector.routing.policy import BadPolicy
from connector.routing.ready_screens import READY
from connector.routing.reasons import CODES, say, summary
from connector.routing.settings import ScreenSettings
from tests.builders import a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW

WORDS = {
    "domains": '\ndomains = ["rival.com"]',
    "countries": '\ncountries = ["KP", "SY"]',
    "fields": '\nfields = ["phone", "company"]',
}
PHONE = "+4930901820"
RIVALS = WORDS["domains"]
ROUTE = partner("anna") + '[[route]]\nname = "all"\n'


def screen(use: str, more: str = "") -> str:
    return f'[[screen]]\nname = "s"\nuse = "{use}"{more}\n' + ROUTE


@pytest.mark.parametrize(
    ("use", "turned_away", "let_through", "code"),
    [
        ("known_email", {}, {"email": "not one"}, "email_not_known"),
        ("valid_email", {"email": "not one"}, {}, "email_not_valid"),
        ("corporate_email", {"email": "a@gmail.com"}, {"email": "a@acme.de"}, "email_not_corporate"),
        ("not_a_competitor", {"email": "a@eu.rival.com"}, {"email": "a@arrival.com"}, "competitor"),
        ("not_our_own", {"website": "https://www.rival.com/x"}, {}, "our_own"),
        ("no_test_record", {"company": "TEST"}, {"company": "Test Equipment Ltd"}, "test_record"),
        ("no_test_record", {"email": "a@mail.example.com"}, {"email": "a@acme.example"}, "test_record"),
        ("no_test_record", {"email": "test1@acme.com"}, {"email": "testa@acme.com"}, "test_record"),
        ("consent_to_share", {}, {"sharing_consent": "yes"}, "no_consent"),
        ("consent_to_share", {"sharing_consent": False}, {"sharing_consent": True}, "no_consent"),
        ("not_embargoed", {"country": "North Korea"}, {"country": "South Korea"}, "embargoed"),
        ("required_fields", {"phone": PHONE}, {"phone": PHONE, "company": "Acme"}, "data_missing"),
        ("has_need", {}, {"need": "Identified"}, "no_need"),
        ("has_budget", {"budget": "no budget"}, {"budget": "Approved"}, "no_budget"),
        ("has_budget", {"budget": 0}, {"budget": 500}, "no_budget"),
        ("has_timeline", {"timeline": "Not now"}, {"timeline": "This quarter"}, "no_timeline"),
        ("is_decision_maker", {"authority": "no"}, {"authority": "yes"}, "no_authority"),
    ],
)
def test_a_ready_screen_turns_away_only_whom_it_is_for(
    use: str, turned_away: Any, let_through: Any, code: str
) -> None:
    policy = a_policy(screen(use, WORDS.get(READY[use].takes or "", "")))
    rejected = decide(policy, a_snapshot(), a_lead(**turned_away))
    assert (rejected.outcome, rejected.reasons[-1].code) == (Outcome.REJECTED, code)
    assert decide(policy, a_snapshot(), a_lead(**let_through)).outcome is Outcome.ASSIGNED


def test_the_config_knows_every_ready_screen_and_each_has_words() -> None:
    (names, _) = get_args(ScreenSettings.model_fields["use"].annotation)
    assert set(get_args(names)) == set(READY)
    assert {ready.code for ready in READY.values()} <= set(CODES)


def test_the_reason_names_the_data_that_is_missing() -> None:
    policy = a_policy(screen("required_fields", WORDS["fields"]))
    decision = decide(policy, a_snapshot(), a_lead(phone=PHONE))
    assert say(decision.reasons[-1]) == "missing: company"


def test_the_admins_own_text_and_values_go_before_the_ready_ones() -> None:
    own = '\nvalues = ["Zéro"]\ntext = "Come back with a budget"'
    policy = a_policy(screen("has_budget", own))
    decision = decide(policy, a_snapshot(), a_lead(budget="zéro"))
    assert summary(decision) == "Come back with a budget"
    assert decide(policy, a_snapshot(), a_lead(budget="No")).outcome is Outcome.ASSIGNED


@pytest.mark.parametrize("use", [name for name, ready in READY.items() if ready.stage == "legal"])
def test_a_legal_screen_goes_before_standing_without_being_told(use: str) -> None:
    policy = a_policy(screen(use, WORDS.get(READY[use].takes or "", "")))
    assert len(policy.legal_screens) == 1
    assert not policy.quality_screens


@pytest.mark.parametrize(
    "toml",
    [
        screen("not_a_competitor"),
        screen("valid_email", RIVALS),
        screen("not_embargoed"),
        screen("required_fields"),
        screen("has_need", WORDS["fields"]),
        screen("valid_email", '\nwhen = { country = "DE" }'),
        '[[screen]]\nname = "s"\n' + ROUTE,
    ],
)
def test_a_screen_that_does_not_say_whom_it_is_for_is_found(toml: str) -> None:
    with pytest.raises(BadPolicy) as raised:
        a_policy(toml)
    assert [finding.where for finding in raised.value.findings] == [("screen", 0)]


def test_a_lead_is_held_until_it_is_enriched_or_for_a_while() -> None:
    policy = a_policy(screen("required_fields", WORDS["fields"] + '\nthen = "hold"\nhold_for = "48h"'))
    lead, snapshot = a_lead(phone=PHONE), a_snapshot()
    held = decide(policy, snapshot, lead)
    assert (held.outcome, held.look_again_at) == (Outcome.HELD, NOW + timedelta(hours=48))
    assert decide(policy, snapshot, a_lead(phone=PHONE, company="Acme")).outcome is Outcome.ASSIGNED
    snapshot.held_since = {lead.ref: NOW - timedelta(hours=47)}
    assert decide(policy, snapshot, lead).look_again_at == NOW + timedelta(hours=1)
    snapshot.held_since = {lead.ref: NOW - timedelta(hours=48)}
    passed = decide(policy, snapshot, lead)
    assert passed.outcome is Outcome.ASSIGNED
    assert passed.reasons[0].code == "held_long_enough"


def test_only_a_screen_that_holds_holds_for_a_while() -> None:
    with pytest.raises(BadPolicy, match="'hold_for' goes with a screen that holds"):
        a_policy(screen("valid_email", '\nhold_for = "48h"'))


@pytest.mark.parametrize("listed", ["rival.com", "eu.rival.com", "https://www.rival.com/about"])
def test_a_competitors_domain_is_known_however_it_is_listed(listed: str) -> None:
    policy = a_policy(screen("not_a_competitor", f'\ndomains = ["{listed}"]'))
    for lead in (a_lead(email="a@shop.rival.com"), a_lead(website="rival.com")):
        assert decide(policy, a_snapshot(), lead).outcome is Outcome.REJECTED
    assert decide(policy, a_snapshot(), a_lead(email="a@rivals.com")).outcome is Outcome.ASSIGNED


def test_a_domain_that_is_a_whole_ending_is_taken_as_it_is() -> None:
    condition = READY["not_our_own"].turns_away(["co.uk", "rival.com"])
    assert condition == {
        "any": [{"domain": ["co.uk", "rival.com"]}, {"email_domain": ["co.uk", "rival.com"]}]
    }


@pytest.mark.parametrize(("budget", "outcome"), [(0, Outcome.REJECTED), (1, Outcome.ASSIGNED)])
def test_a_budget_of_nothing_is_none_and_the_least_is_one(budget: int, outcome: Outcome) -> None:
    screen = '[[screen]]\nname = "s"\nuse = "has_budget"\nthen = "reject"\n'
    policy = a_policy(screen + partner("anna") + '[[route]]\nname = "all"\n')
    assert decide(policy, a_snapshot(), a_lead(budget=budget)).outcome is outcome

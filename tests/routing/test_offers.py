"""Cherry pick: a lead is offered to all who may have it."""

from collections import Counter

import pytest

from connector.model.decision import Decision, Outcome
from connector.reports.explain import explained
from connector.reports.policy_page import markdown
from connector.routing.commands import commands
from connector.routing.pipeline import decide, fold
from connector.routing.policy import BadPolicy, CrmRules, understand_policy
from connector.routing.reasons import summary
from tests.builders import a_lead, a_policy, a_snapshot, leads, partner, settings

RULES = (
    partner("anna", countries=["DE"], tier="gold")
    + partner("bert", countries=["DE"], tier="gold")
    + partner("cora", countries=["FR"])
    + '[[route]]\nname = "all"\nmust_cover = ["country"]\npick = "cherry_pick"\n'
)


def test_an_offer_goes_to_the_crms_queue_and_names_all_who_may_claim_it() -> None:
    policy = a_policy(RULES)
    decision = decide(policy, a_snapshot(), a_lead(country="DE"))
    assert (decision.outcome, decision.partner, decision.owner) == (Outcome.OFFERED, None, "queue:Offers")
    assert decision.offered_to == ("anna", "bert")
    assert decision.choices[0].refused == {"outside_country": ("cora",)}
    (command,) = commands(policy, decision)
    assert command.values["offered_to"] == "Anna, Bert"
    assert "partner" not in command.values
    assert summary(decision) == "Route 'all'; offered to 2 of 3 that could have it"
    assert "offered to Anna, Bert (held by queue:Offers meanwhile)" in explained(
        decision, {"anna": "Anna", "bert": "Bert"}
    )
    assert Decision.from_data(decision.as_data()) == decision


def test_offers_take_no_turn_and_load_nobody() -> None:
    after = a_snapshot()
    decisions = list(fold(a_policy(RULES), after, leads(5, country="DE")))
    assert Counter(decision.outcome for decision in decisions) == {Outcome.OFFERED: 5}
    assert after == a_snapshot()


def test_preferences_narrow_to_whom_a_lead_is_offered() -> None:
    toml = RULES.replace('"gold"', '"silver"', 1) + 'prefer = ["tier"]\n'
    decision = decide(a_policy(toml), a_snapshot(), a_lead(country="DE"))
    assert decision.offered_to == ("bert",)
    assert decision.choices[0].eligible == ("anna", "bert")


def test_a_lead_that_is_on_offer_no_longer_names_who_could_have_claimed_it() -> None:
    policy = a_policy(RULES + '[[route]]\nname = "rest"\n')
    named = decide(policy, a_snapshot(), a_lead(partner="Anna"))
    assert commands(policy, named)[0].values["offered_to"] is None
    plain = a_policy(partner("anna"))
    assert "offered_to" not in commands(plain, decide(plain, a_snapshot(), a_lead()))[0].values


def test_nobody_to_offer_to_is_nobody_who_fits() -> None:
    assert decide(a_policy(RULES), a_snapshot(), a_lead(country="AT")).outcome is Outcome.FALLBACK


def test_a_crm_without_somebody_to_hold_offers_is_a_mistake() -> None:
    crms = {"salesforce": CrmRules(frozenset(), None, "queue:Offers"), "hubspot": CrmRules(frozenset(), None)}
    with pytest.raises(BadPolicy, match="offer leads of crm 'hubspot' it needs offer_to") as caught:
        understand_policy(settings(RULES), crms)
    assert caught.value.findings[0].where == ("route", 0, "pick")


def test_partners_read_that_leads_are_offered() -> None:
    assert "whoever claims it first has it" in markdown(a_policy(RULES), settings(RULES))

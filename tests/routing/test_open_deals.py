"""Open deals that came from a partner's leads count in what it can take."""

import pytest

from connector.model.decision import Outcome
from connector.model.snapshot import Snapshot
from connector.reports.explain import explained
from connector.reports.policy_page import markdown
from connector.routing.pipeline import decide, fold
from connector.routing.policy import Policy
from connector.routing.reasons import say
from tests.builders import a_lead, a_policy, a_snapshot, leads, partner, settings

RULES = (
    "open_deal_weight = 0.5\n"
    + partner("anna", max_open_leads=3)
    + partner("bert", max_open_leads=3)
    + '[[route]]\nname = "all"\n'
)


def state(deals: dict[str, int] | None, **load: int) -> Snapshot:
    snapshot = a_snapshot(load=load)
    snapshot.deals = deals
    return snapshot


@pytest.fixture
def policy() -> Policy:
    return a_policy(RULES)


def test_deals_take_the_room_of_leads_to_the_thousandth(policy: Policy) -> None:
    lead = a_lead()
    assert decide(policy, state({"anna": 2000}, anna=1, bert=3), lead).outcome is Outcome.FALLBACK
    assert decide(policy, state({"anna": 1999}, anna=1, bert=3), lead).partner == "anna"
    assert decide(policy, state(None, anna=1, bert=3), lead).partner == "anna"


def test_the_decision_says_who_could_take_the_lead_but_for_the_deals(policy: Policy) -> None:
    decision = decide(policy, state({"anna": 2500, "bert": 500}, anna=1, bert=3), a_lead())
    reason = next(reason for reason in decision.reasons if reason.code == "deals_weigh")
    assert reason.facts["partners"] == {"anna": {"open_leads": 1, "deals_weigh": 2.5, "most": 3}}
    assert say(reason) == "1 at capacity only with the open deals from their earlier leads"
    assert decision.choices[0].refused == {"at_capacity": ("anna", "bert")}
    told = explained(decision, {"anna": "Anna GmbH"})
    assert "      Anna GmbH: 1 open leads and deals that weigh 2.5, of 3\n" in told
    full = decide(policy, state({"anna": 500}, anna=3, bert=3), a_lead())
    assert "deals_weigh" not in [reason.code for reason in full.reasons]


def test_the_least_loaded_is_who_has_least_with_its_deals() -> None:
    policy = a_policy(RULES + 'pick = "least_loaded"')
    assert decide(policy, state({"anna": 1500}, anna=0, bert=1), a_lead()).partner == "bert"
    assert decide(policy, state(None, anna=0, bert=1), a_lead()).partner == "anna"


def test_leads_that_are_given_add_to_the_deals(policy: Policy) -> None:
    found = list(fold(policy, state({"anna": 1001}), leads(6)))
    assert [decision.partner for decision in found].count("anna") == 2
    assert [decision.partner for decision in found].count("bert") == 3


def test_partners_can_read_what_a_deal_weighs(policy: Policy) -> None:
    assert "counts as 0.5 open leads" in markdown(policy, settings(RULES))

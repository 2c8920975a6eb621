"""New leads of registered customers, decided as values."""

from datetime import date, timedelta

import pytest

from connector.model.lead import Lead
from connector.model.registration import Registered, State
from connector.model.snapshot import Snapshot
from connector.routing.pipeline import decide
from connector.routing.reasons import summary
from connector.routing.registration.claims import Customer
from connector.routing.registration.conflicts import Rights, registered
from tests.builders import a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW
from tests.routing.registration.builders import a_right, terms

ROUTE = '[[route]]\nname = "all"\n'
SCREEN = '[[screen]]\nname = "no budget"\nwhen = { budget = "No budget" }\n'
RULES = "[deal_registration]\n"


def seen(lead: Lead, *found: Registered) -> Snapshot:
    snapshot = a_snapshot(load={"anna": 9})
    snapshot.registered = {lead.ref: found}
    return snapshot


def by(partner_id: str, state: State = State.APPROVED) -> Registered:
    return Registered(f"hubspot:{partner_id}", partner_id, state, {"by": "domain", "domain": "globex.com"})


def test_it_goes_to_the_partner_at_capacity_and_past_a_quality_screen_without_a_turn() -> None:
    policy = a_policy(partner("anna", max_open_leads=1) + partner("bert") + ROUTE + SCREEN + RULES)
    lead = a_lead(budget="No budget", partner="Bert")
    decision = decide(policy, seen(lead, by("anna")), lead)
    assert (decision.outcome.value, decision.partner, decision.turns) == ("held", None, ())
    alone = a_lead(budget="No budget")
    decision = decide(policy, seen(alone, by("anna")), alone)
    assert (decision.outcome.value, decision.partner, decision.turns) == ("assigned", "anna", ())
    assert summary(decision) == "The customer is registered (hubspot:anna, by domain)"


def test_it_goes_to_the_partner_that_is_away_at_capacity_and_out_of_its_region() -> None:
    away = partner("anna", max_open_leads=1, countries=["FR"], away=[{"until": date(2027, 12, 31)}])
    policy = a_policy(away + partner("bert") + ROUTE + SCREEN + RULES)
    lead = a_lead(budget="No budget")
    decision = decide(policy, seen(lead, by("anna")), lead)
    assert (decision.outcome.value, decision.partner, decision.turns) == ("assigned", "anna", ())
    without = a_lead(2)
    assert decide(policy, seen(without), without).partner == "bert", "or else"


def test_a_legal_screen_goes_first() -> None:
    legal = '[[screen]]\nname = "no consent"\nstage = "legal"\nrequire = { sharing_consent = true }\n'
    lead = a_lead()
    policy = a_policy(partner("anna") + ROUTE + legal + RULES)
    assert decide(policy, seen(lead, by("anna")), lead).outcome.value == "rejected"


@pytest.mark.parametrize("state", [State.SUBMITTED, State.UNDER_REVIEW])
def test_it_is_held_while_the_registration_is_not_decided(state: State) -> None:
    lead = a_lead()
    decision = decide(a_policy(partner("anna") + ROUTE + RULES), seen(lead, by("anna", state)), lead)
    assert decision.outcome.value == "held"
    assert decision.look_again_at == NOW + timedelta(minutes=5)
    assert "not decided yet" in summary(decision)


def test_an_approved_one_decides_beside_one_under_review() -> None:
    lead = a_lead()
    found = (by("bert", State.UNDER_REVIEW), by("anna"))
    policy = a_policy(partner("anna") + partner("bert") + ROUTE + RULES)
    assert decide(policy, seen(lead, *found), lead).partner == "anna"


def test_it_may_go_to_the_channel_manager_by_policy() -> None:
    lead = a_lead()
    policy = a_policy(partner("anna") + ROUTE + RULES + 'new_leads = "to_channel_manager"\n')
    decision = decide(policy, seen(lead, by("anna")), lead)
    assert (decision.outcome.value, decision.owner) == ("fallback", "queue:Triage")
    assert "for the channel manager" in summary(decision)


def test_it_goes_to_nobody_else_where_the_partner_has_no_owner() -> None:
    elsewhere = '[[partner]]\nid = "anna"\nname = "Anna"\nowners = { hubspot = ["user:anna@x.example"] }\n'
    lead = a_lead()
    decision = decide(a_policy(elsewhere + partner("bert") + ROUTE + RULES), seen(lead, by("anna")), lead)
    assert decision.outcome.value == "fallback"
    assert "anna has no owner in salesforce" in summary(decision)


def test_the_customer_of_a_partner_that_leaves_goes_to_the_fallback_owner_not_to_the_next() -> None:
    lead = a_lead()
    snapshot = seen(lead, by("anna"))
    snapshot.retiring = frozenset({"anna"})
    decision = decide(a_policy(partner("anna") + partner("bert") + ROUTE + RULES), snapshot, lead)
    assert (decision.outcome.value, decision.owner) == ("fallback", "queue:Triage")
    assert "anna is named but retiring" in summary(decision).casefold()


def test_a_suspended_partner_gets_nothing_by_it() -> None:
    lead = a_lead()
    policy = a_policy(partner("anna", active=False) + partner("bert") + ROUTE + RULES)
    assert decide(policy, seen(lead, by("anna")), lead).partner == "bert"


def test_only_what_is_surely_the_same_customer_and_product_counts() -> None:
    rights = Rights.of([a_right(products=frozenset({"erp"}))])

    def found(**facts: object) -> list[str]:
        customer = Customer(**{"company": "Globex GmbH", "country": "DE", **facts})  # type: ignore[arg-type]
        return [each.partner for each in registered(terms(), customer, rights)]

    assert found() == ["bert"]
    assert found(products=frozenset({"erp"})) == ["bert"]
    assert found(products=frozenset({"crm"})) == []
    assert found(country="US") == []
    assert found(company="Initech AG") == []

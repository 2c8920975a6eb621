"""Who and what stands still gets nothing new, and loses nothing by it."""

from dataclasses import replace
from datetime import timedelta

from connector.model.decision import Decision, Outcome
from connector.model.lead import Lead
from connector.model.noted import Notes, as_noted
from connector.model.snapshot import Snapshot
from connector.routing.by_hand import Order, by_hand
from connector.routing.pipeline import decide, fold
from connector.routing.reasons import summary
from tests.builders import a_lead, a_policy, leads
from tests.conftest import NOW
from tests.routing.test_pipeline import DACH, TWO, codes

STANDING = '[standing]\norder = ["partner_on_lead"]\n'


def paused(*partners: str, routes: tuple[str, ...] = ()) -> Snapshot:
    return Snapshot(NOW, paused_partners=frozenset(partners), paused_routes=frozenset(routes))


def decided(lead: Lead, snapshot: Snapshot, toml: str = TWO + DACH) -> Decision:
    return decide(a_policy(toml), snapshot, lead)


def test_a_paused_partner_is_passed_over_and_the_decision_says_so() -> None:
    decision = decided(a_lead(country="DE"), paused("anna"))
    assert decision.partner == "bert"
    assert decision.choices[0].refused == {"paused": ("anna",)}


def test_turns_go_on_without_a_paused_partner_and_it_is_owed_nothing() -> None:
    policy = a_policy(TWO + DACH)
    state = paused("anna")
    without = [decision.partner for decision in fold(policy, state, leads(4, country="DE"))]
    assert without == ["bert"] * 4
    back = replace(state, paused_partners=frozenset())
    later = [decision.partner for decision in fold(policy, back, leads(4, country="DE"))]
    assert sorted(map(str, later)) == ["anna", "anna", "bert", "bert"]


def test_a_right_outlasts_a_pause_and_nobody_else_gets_the_lead_meanwhile() -> None:
    decision = decided(a_lead(country="DE", partner="Anna"), paused("anna"), STANDING + TWO + DACH)
    assert decision.outcome is Outcome.HELD
    assert codes(decision) == ["standing_waits"]
    assert decision.look_again_at == NOW + timedelta(minutes=5)
    assert summary(decision) == "It is anna's, who is paused"
    assert decided(a_lead(country="DE", partner="Anna"), paused(), STANDING + TWO + DACH).partner == "anna"


def test_a_paused_route_holds_its_leads_and_lets_no_other_route_have_them() -> None:
    catch_all = '[[route]]\nname = "all"\n'
    decision = decided(a_lead(country="DE"), paused(routes=("dach",)), TWO + DACH + catch_all)
    assert decision.outcome is Outcome.HELD
    assert codes(decision) == ["route", "route_paused"]
    assert decided(a_lead(country="FR"), paused(routes=("dach",)), TWO + DACH + catch_all).route == "all"


def test_a_person_may_give_a_lead_to_a_paused_partner_if_they_mean_it() -> None:
    policy, lead = a_policy(TWO + DACH), a_lead(country="DE")
    refused = by_hand(policy, paused("anna"), lead, "anna", Order("sam", "asked for"))
    assert isinstance(refused, tuple)
    assert [(one.reason.facts["because"], one.waivable) for one in refused] == [("paused", True)]
    given = by_hand(policy, paused("anna"), lead, "anna", Order("sam", "asked for", anyway=True))
    assert isinstance(given, Decision)
    assert given.partner == "anna"


def test_what_was_paused_is_kept_with_decisions_so_that_they_can_be_computed_again() -> None:
    policy, lead = a_policy(TWO + DACH), a_lead(country="DE")
    notes = Notes(paused("anna", routes=("other",)))
    (first,) = fold(policy, notes.snapshot, notes.each([lead]))
    again = as_noted(notes.shared, [notes.own(0)])
    assert again.paused_partners == {"anna"}
    assert decide(policy, again, lead) == first

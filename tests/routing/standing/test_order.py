"""Which right goes first, what none of them overrides, and what happens when two disagree."""

from datetime import timedelta
from typing import Any

import pytest

from connector.model.decision import Decision, Outcome
from connector.routing.pipeline import decide, fold
from connector.routing.policy import BadPolicy, Policy
from connector.routing.reasons import summary
from tests.builders import a_lead, a_policy, a_snapshot, leads, partner
from tests.conftest import NOW
from tests.routing.standing.test_same import having

TABLE = {"named.csv": "domain,partner\nglobex.com,anna\nkept.com,vendor\n"}
EVERY = '["named_account", "partner_on_lead", "same_person", "same_company"]'
ROUTE = '[[route]]\nname = "all"\n'


def a_standing(more: str = "", order: str = EVERY, partners: str = "") -> Policy:
    who = partners or partner("anna") + partner("bert") + partner("cora")
    toml = f'[standing]\norder = {order}\nnamed_accounts = "named.csv"\n{more}\n'
    return a_policy(toml + who + ROUTE, files=TABLE)


def decided(policy: Policy, **fields: Any) -> Decision:
    return decide(policy, a_snapshot(), a_lead(99, **fields))


def test_two_that_somebody_said_disagree_and_a_person_decides() -> None:
    decision = decided(a_standing(), email="x@globex.com", partner="Bert")
    assert (decision.outcome, decision.partner, decision.look_again_at) == (Outcome.HELD, None, None)
    assert summary(decision) == "Named account says anna, but partner on lead says bert; a person decides"


def test_the_admin_may_let_the_order_settle_it() -> None:
    policy = a_standing('if_they_disagree = "first"')
    assert decided(policy, email="x@globex.com", partner="Bert").partner == "anna"
    turned = a_standing('if_they_disagree = "first"', '["partner_on_lead", "named_account"]')
    assert decided(turned, email="x@globex.com", partner="Bert").partner == "bert"


def test_two_that_name_the_same_partner_agree() -> None:
    assert decided(a_standing(), email="x@globex.com", partner="Anna").partner == "anna"


def test_an_account_that_the_vendor_keeps_disagrees_with_a_partner_on_the_record() -> None:
    decision = decided(a_standing(), email="x@kept.com", partner="Bert")
    assert decision.outcome is Outcome.HELD
    assert summary(decision).startswith("Named account says the vendor, but partner on lead says bert")


def test_work_under_way_with_a_person_disagrees_with_what_somebody_said() -> None:
    snapshot = having(a_lead(1, email="jo@other.com"), "cora")
    decision = decide(a_standing(), snapshot, a_lead(99, email="jo@other.com", partner="Bert"))
    assert summary(decision) == "Partner on lead says bert, but same person says cora; a person decides"


@pytest.mark.parametrize("still", [True, False])
def test_what_follows_from_the_past_gives_way_in_the_order(still: bool) -> None:
    snapshot = having(a_lead(1, email="old@globex.com"), "cora", NOW - timedelta(days=3), still=still)
    new = a_lead(99, email="new@globex.com")
    assert decide(a_standing(), snapshot, new).partner == "anna"
    turned = a_standing(order='["same_company", "named_account"]')
    assert decide(turned, snapshot, new).partner == "cora"


def test_a_suspended_partner_is_passed_over_and_the_next_right_counts() -> None:
    partners = partner("anna", active=False) + partner("bert") + partner("cora")
    decision = decided(a_standing(partners=partners), email="x@globex.com", partner="Bert")
    assert [reason.code for reason in decision.reasons] == ["standing_set_aside", "standing"]
    assert decision.partner == "bert"


def test_a_partner_that_declined_this_lead_does_not_get_it_again() -> None:
    """PA-03 of the collected behaviours, for rights."""
    snapshot, lead = a_snapshot(), a_lead(99, email="x@globex.com")
    snapshot.had_before = {lead.ref: {"anna": "declined_before"}}
    decision = decide(a_standing(), snapshot, lead)
    assert summary(decision).startswith("Anna is named but declined before")
    assert decision.route == "all"


def test_a_right_overrides_capacity_caps_and_region_and_counts_as_load() -> None:
    full = partner("anna", max_open_leads=0, countries=["FR"]) + partner("bert")
    policy, snapshot = a_standing(partners=full), a_snapshot()
    decision = decide(policy, snapshot, a_lead(99, email="x@globex.com", country="DE"))
    snapshot.apply(decision)
    assert (decision.partner, snapshot.load) == ("anna", {"anna": 1})


def test_a_right_takes_no_turn_unless_the_admin_says_so() -> None:
    crowd = [a_lead(0, email="x@globex.com"), *leads(3, country="DE")]
    free, paying = a_snapshot(), a_snapshot()
    assert [d.partner for d in fold(a_standing(), free, crowd)] == ["anna", "anna", "bert", "cora"]
    decisions = list(fold(a_standing("takes_turn = true"), paying, crowd))
    assert [d.partner for d in decisions] == ["anna", "bert", "cora", "anna"]
    assert (free.turns["all"]["anna"], paying.turns["all"]["anna"]) == (1, 2)
    assert sum(paying.credits["all"].values()) == 0
    assert decisions[0].turns[0].entry["anna"] < 0


def test_an_order_that_cannot_be_followed_is_a_mistake() -> None:
    with pytest.raises(BadPolicy) as caught:
        a_policy('[standing]\norder = ["same_persn", "named_account", "same_company", "same_company"]\n')
    found = [(finding.where, finding.message) for finding in caught.value.findings]
    assert found == [
        (("standing", "order", 0), "there is no standing 'same_persn'"),
        (("standing", "order", 3), "'same_company' is in the order already"),
        (
            ("standing", "order"),
            "'named_account' needs the table: write named_accounts = \"named_accounts.csv\"",
        ),
    ]

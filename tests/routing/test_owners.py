"""Two levels: the partner first, then the owner within it, each by a rotation of its own."""

from collections import Counter
from typing import Any

import pytest

from connector.model.decision import Choice, Decision, Outcome, Turn
from connector.reports.explain import explained
from connector.routing.pipeline import decide, fold
from connector.routing.policy import BadPolicy
from connector.routing.reasons import summary
from tests.builders import a_lead, a_policy, a_snapshot, leads, partner
from tests.conftest import NOW

TEAM = ["user:a1@x.example", "user:a2@x.example", "user:a3@x.example"]
ROUTE = '[[route]]\nname = "all"\n'


def two_levels(**keys: Any) -> str:
    """Anna has three owners in Salesforce, and Bert has one."""
    owners = {"salesforce": TEAM, "hubspot": ["user:a1@x.example"]}
    return partner("anna", owners=owners, **keys) + partner("bert") + ROUTE


def test_owners_of_a_partner_take_turns_by_their_weights() -> None:
    policy = a_policy(two_levels(owner_weights={"user:a1@x.example": 2, "user:a3@x.example": 0}))
    after = a_snapshot()
    decisions = list(fold(policy, after, leads(60)))
    owners = Counter(decision.owner for decision in decisions if decision.partner == "anna")
    assert owners == {"user:a1@x.example": 20, "user:a2@x.example": 10}
    assert after.turns["all"] == {"anna": 30, "bert": 30}
    assert {sum(ledger.values()) for ledger in after.credits.values()} == {0}
    assert after.turns["owners:anna@salesforce"] == owners


def test_a_single_owner_takes_no_second_turn() -> None:
    after = a_snapshot()
    decisions = list(fold(a_policy(two_levels()), after, leads(4, crm="hubspot", owner=None)))
    assert all(len(decision.turns) == 1 for decision in decisions)
    assert set(after.credits) == {"all"}


def test_each_crm_has_a_rotation_of_its_own() -> None:
    owners = {"salesforce": TEAM[:2], "hubspot": TEAM[:2]}
    policy, after = a_policy(partner("anna", owners=owners) + ROUTE), a_snapshot()
    mixed = [a_lead(n) for n in range(4)] + [a_lead(n, crm="hubspot", owner=None) for n in range(3)]
    list(fold(policy, after, mixed))
    assert after.turns["owners:anna@salesforce"] == {TEAM[0]: 2, TEAM[1]: 2}
    assert after.turns["owners:anna@hubspot"] == {TEAM[0]: 2, TEAM[1]: 1}


def test_a_standing_takes_the_owners_turn_but_not_the_partners() -> None:
    policy, after = a_policy(two_levels()), a_snapshot()
    decisions = list(fold(policy, after, leads(3, partner="Anna")))
    assert [decision.owner for decision in decisions] == TEAM
    assert all(decision.rotation is None for decision in decisions)
    assert set(after.credits) == {"owners:anna@salesforce"}


def test_both_turns_are_told() -> None:
    decision = decide(a_policy(two_levels()), a_snapshot(), a_lead())
    assert summary(decision).endswith("user:a1@x.example is next in turn among 3 owners")
    told = explained(decision, {"anna": "Anna", "bert": "Bert"})
    assert "* Anna  credit +0.000, gains 0.500, now -0.500" in told
    assert "owners of Anna, in turn" in told
    assert "* user:a1@x.example  credit +0.000, gains 0.333, now -0.667" in told


def test_a_decision_from_before_owners_took_turns_still_reads() -> None:
    new = decide(a_policy(two_levels()), a_snapshot(), a_lead()).as_data()
    turn = new.pop("turns")[0]
    new["choices"][0] |= {"before": turn["before"], "gain": turn["gain"]}
    old = Decision.from_data(new | {"rotation": "all", "credits": turn["entry"]})
    assert old.turns == (Turn("all", "anna", turn["entry"], turn["before"], turn["gain"]),)
    assert old.choices == (Choice("all", 2, ("anna", "bert"), {}, "anna"),)
    standing = new | {"rotation": None, "credits": {}, "choices": []}
    assert Decision.from_data(standing) == Decision.from_data(standing | {"turns": []})
    assert Decision(a_lead().ref, NOW, Outcome.HELD).rotation is None


@pytest.mark.parametrize(
    "toml", ['[[route]]\nname = "owners:anna@salesforce"\n', ROUTE + 'rotation = { name = "owners:x" }\n']
)
def test_no_route_may_use_the_name_of_a_rotation_between_owners(toml: str) -> None:
    with pytest.raises(BadPolicy, match="begins the rotations between a partner's owners"):
        a_policy(partner("anna") + toml)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_can_be_explained(outcome: Outcome) -> None:
    assert explained(Decision(a_lead().ref, NOW, outcome), {}).startswith("salesforce:000001")

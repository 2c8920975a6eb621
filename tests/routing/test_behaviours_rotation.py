"""Behaviours of other lead routers that concern turns: each as a promise of ours, or why we differ.

The ids are those of the collection that they were gathered in, with what each was seen to do in frappe,
chatwoot, espocrm, cal.com, odoo and salesforce-round-robin.

Not here: CA-01, CA-02, CA-05, CA-09 and CA-10 limit leads by period, which says who may have a lead, not who
should. CA-06 gives each member its quota of a day and leaves the other leads unowned until the next; here a
lead that nobody can take is held and tried again, and whoever has room may take it.
"""

from collections import Counter
from itertools import pairwise

import pytest

from connector.model.decision import Outcome
from connector.routing.case import Rotation
from connector.routing.pipeline import decide, fold
from connector.routing.rotation import LEAD, next_turn
from tests.builders import a_lead, a_policy, a_snapshot, leads, partner
from tests.routing.candidates import a_case, a_method, a_partner, book, partners
from tests.routing.workloads import OurRotation

THREE = partner("a") + partner("b") + partner("c")
ROUTE = '[[route]]\nname = "r"\n'
LEAST_LOADED = ROUTE + 'pick = "least_loaded"\n'


def test_ro_01_a_pool_takes_turns_in_order_though_earlier_leads_are_closed() -> None:
    snapshot = a_snapshot()
    picked = []
    for lead in leads(4):
        decision = decide(a_policy(THREE + ROUTE), snapshot, lead)
        snapshot.apply(decision)
        snapshot.load.clear()
        picked.append(decision.partner)
    assert picked == ["a", "b", "c", "a"]


def test_ro_02_the_next_turn_follows_from_the_stored_state_and_nothing_else() -> None:
    stored = {"a": -LEAD // 2, "b": LEAD // 2}
    assert next_turn({"a": 1, "b": 1}, stored).picked == "b"
    stored["a"], stored["b"] = LEAD // 2, -LEAD // 2
    assert next_turn({"a": 1, "b": 1}, stored).picked == "a"


def test_ro_05_a_long_name_of_a_rotation_makes_no_difference() -> None:
    """A rotation's name may have 80 characters in the config, and the engine does not mind 256."""
    case = a_case(partners("ab"), rotation=Rotation("x" * 256))
    picked = []
    for _ in range(4):
        pick = a_method("round_robin").pick(case)
        book(case, pick)
        picked.append(pick.partner)
    assert picked == ["a", "b", "a", "b"]


def test_ro_06_two_turns_in_one_batch_are_booked_once_each() -> None:
    snapshot = a_snapshot()
    decisions = list(fold(a_policy(THREE + ROUTE), snapshot, leads(2)))
    assert [decision.partner for decision in decisions] == ["a", "b"]
    assert set(snapshot.credits["r"]) == {"a", "b", "c"}
    assert snapshot.turns["r"] == {"a": 1, "b": 1}


def test_ro_07_who_left_is_passed_over_who_is_new_takes_part_and_an_empty_pool_gives_none() -> None:
    rotation = OurRotation()
    rotation({"a": 1, "gone": 1})
    assert [rotation({"a": 1, "new": 1}) for _ in range(3)] in (["new", "a", "new"], ["a", "new", "a"])
    nobody = decide(a_policy(partner("a", active=False) + ROUTE), a_snapshot(), a_lead())
    assert (nobody.outcome, nobody.partner) == (Outcome.FALLBACK, None)


def test_le_01_thirty_leads_for_three_and_the_next_five_to_who_closed_five() -> None:
    snapshot, policy = a_snapshot(), a_policy(THREE + LEAST_LOADED)
    counts = Counter(decision.partner for decision in fold(policy, snapshot, leads(30)))
    assert counts == {"a": 10, "b": 10, "c": 10}
    snapshot.load["b"] -= 5
    assert [decision.partner for decision in fold(policy, snapshot, leads(5))] == ["b"] * 5


def test_le_02_the_fewest_open_leads_count_not_the_closed_ones() -> None:
    assert (
        a_method("least_loaded").pick(a_case(partners("abc"), load={"a": 3, "b": 1, "c": 2})).partner == "b"
    )


def test_le_03_equal_loads_take_turns_a_newcomer_is_first_and_one_candidate_is_enough() -> None:
    method = a_method("least_loaded")
    case = a_case(partners("ab"), load={"a": 4, "b": 4}, credits={"a": -LEAD // 2, "b": LEAD // 2})
    assert method.pick(case).partner == "b"
    assert method.pick(a_case(partners("ab"), load={"a": 1})).partner == "b"
    assert method.pick(a_case(partners("a"), load={"a": 99})).partner == "a"


def test_le_04_ties_go_to_the_lowest_id_but_only_from_level_credits() -> None:
    """We differ on purpose: always the lowest id would give that one every tie."""
    method, case = a_method("least_loaded"), a_case(partners("ba"))
    first = method.pick(case)
    book(case, first)
    case.snapshot.load.clear()
    assert (first.partner, method.pick(case).partner) == ("a", "b")


def test_we_02_of_equal_counts_the_one_who_was_served_longer_ago() -> None:
    rotation = OurRotation()
    served = [rotation({"a": 1, "b": 1}) for _ in range(9)]
    assert all(one != after for one, after in pairwise(served))


@pytest.mark.parametrize(
    "weights", [{"first": 200, "second": 100}, {"first": 150, "second": 100}], ids=["WE-03", "WE-04"]
)
def test_we_03_and_04_after_three_to_two_the_heavier_is_next(weights: dict[str, int]) -> None:
    whole = sum(weights.values())
    credits = {
        "first": 5 * LEAD * weights["first"] // whole - 3 * LEAD,
        "second": 5 * LEAD * weights["second"] // whole - 2 * LEAD,
    }
    assert next_turn(weights, credits).picked == "first"


def test_we_05_the_best_tier_is_first_whoever_was_served_last_and_inside_it_they_take_turns() -> None:
    """We differ for partners without a tier: they come last, not in the middle."""
    toml = (
        partner("none")
        + partner("g1", tier="gold")
        + partner("g2", tier="gold")
        + partner("s", tier="silver")
        + ROUTE
        + 'prefer = ["tier"]\n'
    )
    decisions = list(fold(a_policy(toml), a_snapshot(), leads(4)))
    assert [decision.partner for decision in decisions] == ["g1", "g2", "g1", "g2"]


def test_we_06_absence_is_not_made_up_later() -> None:
    rotation = OurRotation()
    assert rotation({"colleague": 1, "x": 1}) == "colleague"
    assert rotation({"colleague": 1, "x": 1}) == "x"
    rotation({"colleague": 1})
    rotation({"colleague": 1})
    assert rotation({"colleague": 1, "x": 1}) == "colleague"


def test_we_10_one_lead_a_day_for_two_equal_members_gives_fifteen_each() -> None:
    """Neither the order of the file nor seniority decides."""
    for order in ("ab", "ba"):
        toml = "".join(partner(name) for name in order) + ROUTE
        snapshot, counts = a_snapshot(), Counter[str]()
        for lead in leads(30):
            decision = decide(a_policy(toml), snapshot, lead)
            snapshot.apply(decision)
            counts[str(decision.partner)] += 1
        assert counts == {"a": 15, "b": 15}


def test_ca_04_who_is_suspended_or_takes_none_never_gets_a_lead() -> None:
    toml = (
        partner("off", active=False, max_open_leads=45)
        + partner("zero", max_open_leads=0)
        + partner("a")
        + ROUTE
    )
    assert {decision.partner for decision in fold(a_policy(toml), a_snapshot(), leads(9))} == {"a"}


def test_ca_07_the_full_one_is_left_out_and_no_limit_is_no_limit() -> None:
    toml = (
        partner("full", max_open_leads=3)
        + partner("empty", max_open_leads=3)
        + partner("free")
        + LEAST_LOADED
    )
    decision = decide(a_policy(toml), a_snapshot(load={"full": 3, "free": 900}), a_lead())
    assert decision.choices[0].eligible == ("empty", "free")
    assert a_method("least_loaded").pick(a_case([a_partner("free")], load={"free": 900})).partner == "free"

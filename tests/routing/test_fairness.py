"""Every rotation keeps its promise, whatever happens; see connector/routing/fairness.py for why it can."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.routing.fairness import by_value, making_up, same_for_every_lead, unavoidable, varying
from connector.routing.pipeline import fold
from connector.routing.rotation import LEAD, next_turn, reversed_entry, size_of
from tests.builders import a_policy, a_snapshot, leads, partner
from tests.routing.workloads import VARYING, WEIGHTS, OurRotation, Weights, Workload, farthest, pool

SIXES = st.dictionaries(st.sampled_from("ABCDEF"), st.integers(1, 100_000), min_size=1)


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize(
    ("partners", "leads"), [(2, 5_000), (3, 5_000), (10, 5_000), (50, 3_000), (500, 1_500)]
)
def test_with_the_same_members_nobody_is_ever_a_whole_lead_from_its_share(
    partners: int, leads: int, weights: str
) -> None:
    """The benchmark does the same for a million leads."""
    workload, rotation = Workload(partners, 1, weights), OurRotation()
    observed = farthest(rotation, workload.leads(leads))
    assert observed <= float(same_for_every_lead(partners).bound) + leads / LEAD < 1


@settings(max_examples=60)
@given(weights=st.dictionaries(st.integers(0, 40).map(str), st.integers(1, 10**6), min_size=2))
def test_that_holds_for_any_weights(weights: dict[str, int]) -> None:
    rotation, bound = OurRotation(), same_for_every_lead(len(weights)).units
    for _ in range(250):
        rotation(weights)
        assert max(map(abs, rotation.credits.values())) <= bound


@pytest.mark.parametrize("workload", VARYING, ids=str)
def test_on_random_workloads_the_target_is_at_most_a_lead_away(workload: Workload) -> None:
    """Ten partners of whom 30 or 50 % are eligible are the exception: up to 1.2 leads were seen.

    Two of ten often are alone with a lead, both of them ahead of their target, and one must take it. No
    choice of rule helps: a rule that knew these chances and looked fifteen leads ahead did no better.
    """
    small = workload.partners == 10 and workload.eligible < 0.9
    leads = 600 if workload.partners == 300 else 3_000
    assert farthest(OurRotation(), workload.leads(leads)) <= (1.25 if small else 1)


@given(turns=st.lists(SIXES, max_size=150))
def test_whoever_may_have_which_lead_the_proven_bound_holds_for_every_group(turns: list[Weights]) -> None:
    rotation = OurRotation()
    most = (0, 3, 5, 6, 5, 3, 0)
    assert varying(6).bound == most[1]
    for weights in turns:
        rotation(weights)
        credits = [rotation.credits.get(who, 0) for who in "ABCDEF"]
        assert sum(credits) == 0
        for size in range(1, 6):
            assert max(map(sum, combinations(credits, size))) <= most[size] * LEAD


@pytest.mark.parametrize("partners", [4, 9, 16])
def test_an_adversary_gets_as_far_as_under_any_rule_and_no_further_than_proven(partners: int) -> None:
    """Two partners of equal credit, again and again: nobody can promise less than these come to."""
    rotation = OurRotation()
    credits = rotation.credits
    credits.update({f"p{place}": 0 for place in range(partners)})
    while len(set(credits.values())) < partners:
        level = Counter(credits.values())
        two = sorted(who for who, units in credits.items() if level[units] > 1)
        one = two[0]
        rotation({one: 1, next(who for who in two[1:] if credits[who] == credits[one]): 1})
    assert unavoidable(partners) == Fraction(partners // 2, 2)
    assert unavoidable(partners) <= rotation.farthest <= varying(partners).bound


@pytest.mark.parametrize("partners", [5, 12, 40])
def test_an_adversary_that_looks_for_the_worst_stays_within_the_bound(partners: int) -> None:
    """Offers each lead to whoever is most alike at one end, with weights that hurt."""
    rotation, dice = OurRotation(), random.Random(partners)
    names = list(pool(partners, "equal"))
    for _ in range(3_000):
        ranked = sorted(names, key=lambda who: rotation.credits.get(who, 0), reverse=dice.random() < 0.5)
        start = dice.randrange(partners - 1)
        some = ranked[start : start + dice.choice((2, 2, 3, partners))]
        rotation({who: dice.choice((1, 1, 1_000)) for who in some})
        assert rotation.farthest <= varying(partners).bound


@pytest.mark.parametrize("weights", WEIGHTS)
def test_members_come_and_go_and_newcomers_start_level(weights: str) -> None:
    """The pool changes every 200 leads; a newcomer is neither owed the past nor in debt for it."""
    everyone, dice = sorted(pool(30, weights).items()), random.Random(3)
    pools = [dict(dice.sample(everyone, dice.randint(2, 30))) for _ in range(25)]
    assert farthest(OurRotation(), (some for some in pools for _ in range(200))) <= 1.25


def test_a_newcomer_takes_its_share_from_now_on() -> None:
    rotation, counts = OurRotation(), Counter[str]()
    for _ in range(90):
        rotation({"A": 1, "B": 1})
    for _ in range(90):
        counts[rotation({"A": 1, "B": 1, "C": 1})] += 1
    assert counts == {"A": 30, "B": 30, "C": 30}


def test_routes_with_different_pools_share_a_rotation_within_its_bound() -> None:
    """The large deals are for A and B, the others for all four; both routes share one rotation."""
    dice = random.Random(5)
    large, all_four = {"A": 3, "B": 2}, {"A": 3, "B": 2, "C": 1, "D": 1}
    work = [large if dice.random() < 0.4 else all_four for _ in range(5_000)]
    assert farthest(OurRotation(), work) <= 1.1


def test_a_restart_between_any_two_leads_changes_nothing() -> None:
    workload = Workload(10, 0.5, "extreme")
    straight, restarted = OurRotation(), OurRotation()
    for weights in workload.leads(400):
        picked = straight(weights)
        restarted.credits = json.loads(json.dumps(restarted.credits))
        assert restarted(weights) == picked


def test_a_partner_away_for_a_third_is_forgiven_and_does_not_burst_on_return() -> None:
    rotation, picks = OurRotation(), []
    for number in range(1, 301):
        picks.append(rotation({who: 1 for who in "ABC" if who != "C" or not 101 <= number <= 200}))
    counts = Counter(picks)
    assert (counts["A"], counts["B"], counts["C"]) == pytest.approx((117, 117, 67), abs=1)
    assert picks[200:206].count("C") == 2


@given(turns=st.lists(SIXES, min_size=1, max_size=80), data=st.data())
def test_each_lead_taken_back_moves_the_bound_by_one_at_most(
    turns: list[Weights], data: st.DataObject
) -> None:
    rotation, entries, back = OurRotation(), [], 0
    for weights in turns:
        turn = next_turn(weights, rotation.credits)
        entries.append(turn.entry)
        for entry in [turn.entry, *([reversed_entry(entries.pop())] if data.draw(st.booleans()) else [])]:
            back += entry is not turn.entry
            for who, units in entry.items():
                rotation.credits[who] = rotation.credits.get(who, 0) + units
        assert rotation.farthest <= varying(6).bound + back


def test_declining_earns_nothing() -> None:
    """B declines every other lead that it is given: it is owed no more than had they never come."""
    rotation, taken, declined = OurRotation(), Counter[str](), 0
    for _ in range(400):
        before = dict(rotation.credits)
        turn = next_turn({"A": 1, "B": 1}, rotation.credits)
        rotation({"A": 1, "B": 1})
        if turn.picked == "B" and declined <= taken["B"]:
            declined += 1
            for who, units in reversed_entry(turn.entry).items():
                rotation.credits[who] += units
            assert rotation.credits == {**dict.fromkeys("AB", 0), **before}
            taken[rotation({"A": 1})] += 1
        else:
            taken[turn.picked] += 1
    assert declined > 50
    assert taken["B"] <= (400 - declined) / 2 + 1


@settings(max_examples=50)
@given(turns=st.lists(st.tuples(SIXES, st.floats(-1e9, 1e9)), max_size=80))
def test_by_value_the_bound_is_in_typical_leads(turns: list[tuple[Weights, float]]) -> None:
    credits: dict[str, int] = {}
    bound = by_value(6, Fraction(10)).units
    for weights, value in turns:
        turn = next_turn(weights, credits, size_of(value, 20_000, 10))
        for who, units in turn.entry.items():
            credits[who] = credits.get(who, 0) + units
        assert sum(credits.values()) == 0
        assert max(map(abs, credits.values())) <= bound


def test_by_value_partners_get_equal_money_rather_than_equal_counts() -> None:
    dice, credits, money = random.Random(2), dict[str, int](), Counter[str]()
    for _ in range(3_000):
        value = round(dice.triangular(2_000, 200_000, 10_000))
        turn = next_turn({"A": 1, "B": 1, "C": 2}, credits, size_of(value, 20_000, 10))
        money[turn.picked] += value
        for who, units in turn.entry.items():
            credits[who] = credits.get(who, 0) + units
    whole = money.total()
    largest = 200_000
    assert abs(money["A"] - whole / 4) < largest
    assert abs(money["C"] - whole / 2) < largest


@pytest.mark.parametrize(
    ("value", "leads"),
    [
        (20_000, 1),
        (50_000, 2.5),
        (None, 1),
        (0, 0.1),
        (-5, 0.1),
        (1e12, 10),
        (float("nan"), 1),
        (float("inf"), 10),
    ],
)
def test_what_a_lead_costs_by_value(value: float | None, leads: float) -> None:
    assert size_of(value, 20_000, 10) == leads * LEAD


def test_the_promises_read_as_sentences() -> None:
    assert same_for_every_lead(5).promise == (
        "while the same 5 partners may have every lead, nobody is ever more than 0.875 leads from its share: "
        "never a whole lead"
    )
    assert same_for_every_lead(1).bound == 0
    assert "nobody of 9 partners is ever more than 4 leads from its target" in varying(9).promise
    assert "more than 15 leads of typical value" in by_value(4, Fraction(10)).promise
    assert making_up(5).units == 6 * LEAD
    assert making_up(5).upwards_only


def test_credits_outlive_edits_of_routes_and_partners_and_a_newcomer_starts_level() -> None:
    """Three leads, then the route is rewritten and a partner joins, then one leaves: the rotation goes on."""
    two = partner("anna") + partner("bert")
    before = a_policy(two + '[[route]]\nname = "old"\nrotation = { name = "r" }\n')
    three = two + partner("cora")
    after = a_policy(
        three + '[[route]]\nname = "new"\nwhen = { country = "DE" }\nrotation = { name = "r" }\n'
    )
    state = a_snapshot()
    assert [d.partner for d in fold(before, state, leads(3))] == ["anna", "bert", "anna"]
    assert state.credits["r"] == {"anna": -LEAD // 2, "bert": LEAD // 2}
    assert [d.partner for d in fold(after, state, leads(3, country="DE"))] == ["bert", "cora", "anna"]
    gone = a_policy(partner("bert") + partner("cora") + '[[route]]\nname = "r"\n')
    kept = state.credits["r"]["anna"]
    list(fold(gone, state, leads(4)))
    assert state.credits["r"]["anna"] == kept
    assert sum(state.credits["r"].values()) == 0


@pytest.mark.chaos
@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("partners", [2, 5, 25, 100, 500])
def test_that_holds_for_a_million_leads(partners: int, weights: str) -> None:
    leads, rotation = 1_000_000, OurRotation()
    observed = farthest(rotation, Workload(partners, 1, weights).leads(leads))
    assert observed <= float(same_for_every_lead(partners).bound) + leads / LEAD + 1e-6 < 1
    assert sum(rotation.credits.values()) == 0


def lived_through(count: int, partners: int = 25) -> Iterator[tuple[OurRotation, Weights]]:
    """Leads of one rotation through edits of its pool, changing eligibility, and restarts."""
    everyone, dice, rotation = sorted(pool(partners, "tiered").items()), random.Random(9), OurRotation()
    members = dict(everyone)
    for number in range(count):
        if number % 1_000 == 0:
            members = dict(dice.sample(everyone, dice.randint(partners // 2, partners)))
        if number % 777 == 0:
            rotation.credits = json.loads(json.dumps(rotation.credits))
        some = {who: weight for who, weight in members.items() if dice.random() < 0.9}
        if some:
            yield rotation, some


def _stays_even(count: int) -> None:
    most = 0
    for rotation, some in lived_through(count):
        rotation(some)
        most = max(most, *map(abs, rotation.credits.values()))
    assert most <= 1.1 * LEAD
    assert sum(rotation.credits.values()) == 0


def test_a_rotation_that_is_edited_and_restarted_stays_within_1_1_leads() -> None:
    _stays_even(10_000)


@pytest.mark.chaos
def test_a_rotation_that_is_edited_and_restarted_stays_so_for_a_million_leads() -> None:
    _stays_even(1_000_000)


def test_each_situation_says_its_bound_its_promise_and_its_source() -> None:
    told = {
        situation.name: (situation.bound, situation.promise, situation.source, situation.upwards_only)
        for situation in (same_for_every_lead(3), varying(5), by_value(4, Fraction(2)), making_up(9))
    }
    assert told == {
        "same_for_every_lead": (
            Fraction(3, 4),
            "while the same 3 partners may have every lead, nobody is ever more than 0.75 leads from its "
            "share: never a whole lead",
            "Tijdeman 1980",
            False,
        ),
        "varying": (
            Fraction(2),
            "whoever may have which lead, nobody of 5 partners is ever more than 2 leads from its target; "
            "no rule can promise less than 1 lead",
            "Ajtai et al. 1998; Coppersmith et al. 2011; proof with the code",
            False,
        ),
        "by_value": (
            Fraction(3),
            "with leads worth up to 2 leads of typical value, nobody of 4 partners is ever more than 3 leads "
            "of typical value from its target",
            "Coppersmith et al. 2011; proof with the code",
            False,
        ),
        "making_up": (
            Fraction(10),
            "absence is made up for, and nobody is ever owed more than 10 leads",
            "whoever is owed the limit gains no more",
            True,
        ),
    }
    assert same_for_every_lead(1).bound == same_for_every_lead(0).bound == 0
    assert same_for_every_lead(2).bound == Fraction(1, 2)
    assert unavoidable(3) == Fraction(1, 2)
    assert making_up(9).units == 10 * LEAD

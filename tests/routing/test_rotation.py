"""The credit ledger: sums, shares and bounds."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.routing.rotation import (
    LEAD,
    next_turn,
    reversed_entry,
    shares,
    size_of,
    split,
    turn_of,
    worth_a_turn,
)

WEIGHTS = st.dictionaries(st.sampled_from("ABCDEFGH"), st.integers(1, 1000), min_size=1)


def run(turns: list[dict[str, int]]) -> tuple[dict[str, int], Counter[str]]:
    credits: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for weights in turns:
        turn = next_turn(weights, credits)
        counts[turn.picked] += 1
        for who, units in turn.entry.items():
            credits[who] = credits.get(who, 0) + units
    return credits, counts


@given(WEIGHTS)
def test_shares_sum_to_one_lead_exactly(weights: dict[str, int]) -> None:
    parts = shares(weights)
    assert sum(parts.values()) == LEAD
    for who, units in parts.items():
        assert abs(units - LEAD * weights[who] / sum(weights.values())) < 1


@given(st.lists(WEIGHTS, max_size=60))
def test_the_ledger_sums_to_zero_after_any_history(turns: list[dict[str, int]]) -> None:
    credits, counts = run(turns)
    assert sum(credits.values()) == 0
    assert counts.total() == len(turns)


@given(st.integers(2, 12), st.integers(1, 300))
def test_equal_partners_are_never_a_whole_lead_apart_from_their_share(partners: int, count: int) -> None:
    weights = {f"p{n}": 1 for n in range(partners)}
    credits, _ = run([weights] * count)
    assert max(abs(units) for units in credits.values()) <= LEAD


def test_weights_set_the_shares() -> None:
    _, counts = run([{"A": 3, "B": 2, "C": 1}] * 600)
    assert counts == {"A": 300, "B": 200, "C": 100}


def test_who_was_passed_over_while_not_eligible_is_not_owed_for_it() -> None:
    credits, counts = run([{"A": 1, "B": 1}] * 100 + [{"A": 1}] * 100 + [{"A": 1, "B": 1}] * 100)
    assert counts == {"A": 200, "B": 100}
    assert abs(credits["B"]) <= LEAD


def test_an_entry_can_be_taken_back_whole() -> None:
    turn = next_turn({"A": 2, "B": 1}, {})
    back = reversed_entry(turn.entry)
    assert {who: turn.entry[who] + back[who] for who in turn.entry} == {"A": 0, "B": 0}


@pytest.mark.parametrize("weights", [{"A": 0}, {"A": 0, "B": 0}, {"A": -1, "B": 2}])
def test_weights_that_mean_nothing_are_refused(weights: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        shares(weights)


@given(WEIGHTS, st.dictionaries(st.sampled_from("ABCDEFGH"), st.integers(-3 * LEAD, 3 * LEAD)))
def test_a_turn_depends_on_weights_and_credits_not_on_their_order(
    weights: dict[str, int], credits: dict[str, int]
) -> None:
    backwards = dict(reversed(weights.items()))
    assert next_turn(weights, credits) == next_turn(backwards, dict(reversed(credits.items())))


def test_inside_the_quota_the_earliest_deadline_goes_first_and_outside_it_the_largest_credit() -> None:
    weights = {"giant": 98, "small": 1, "tiny": 1}
    inside = next_turn(weights, {"giant": -LEAD // 2, "small": LEAD // 2})
    assert (inside.picked, inside.rule) == ("giant", "earliest_deadline")
    outside = next_turn(weights, {"giant": -LEAD // 2, "small": LEAD})
    assert (outside.picked, outside.rule) == ("small", "largest_credit")
    assert next_turn({"giant": 5}, {}).rule == "only_one"
    assert worth_a_turn(3) == LEAD // 4


def test_who_weighs_nothing_takes_no_part() -> None:
    turn = next_turn({"A": 1, "B": 0}, {"B": 5 * LEAD})
    assert (turn.picked, turn.entry) == ("A", {"A": 0})
    assert shares({"A": 1, "B": 0}) == {"A": LEAD, "B": 0}


def test_a_turn_accounts_for_itself() -> None:
    turn = next_turn({"A": 2, "B": 1}, {"A": -LEAD // 3, "C": 7})
    assert turn.before == {"A": -LEAD // 3, "B": 0}
    assert turn.gain == {"A": 666_666_667, "B": 333_333_333}
    assert sum(turn.entry.values()) == 0


@pytest.mark.parametrize(
    ("weights", "size", "ids", "gains"),
    [
        ({"b": 1, "a": 1, "c": 1}, 10, "abc", (4, 3, 3)),
        ({"a": 1, "b": 3, "c": 5}, 10, "cba", (6, 3, 1)),
        ({"a": 3, "b": 2, "c": 2}, 10, "abc", (4, 3, 3)),
        ({"a": 1, "b": 1000}, 10, "b", (10,)),
        ({"a": 1, "b": 0, "c": 1}, 7, "ac", (4, 3)),
        ({"a": 7}, 10, "a", (10,)),
    ],
    ids=[
        "equals by id",
        "heavier first",
        "to the largest remainders",
        "less than a unit is nothing",
        "nothing weighed, nothing gained",
        "alone",
    ],
)
def test_units_left_over_go_to_the_largest_remainders(
    weights: dict[str, int], size: int, ids: str, gains: tuple[int, ...]
) -> None:
    parts = split(weights, size)
    assert (parts.ids, parts.gains, parts.size) == (tuple(ids), gains, size)
    assert parts.by_id == dict(zip(ids, gains, strict=True))


def test_a_rotation_without_anybody_says_what_it_needs() -> None:
    with pytest.raises(ValueError, match="a rotation needs weights of zero or more, one of them positive"):
        shares({})


HALF, QUARTER = LEAD // 2, LEAD // 4


@pytest.mark.parametrize(
    ("weights", "credits", "picked", "rule"),
    [
        ({"a": 1, "b": 1}, {}, "a", "earliest_deadline"),
        ({"a": 1, "b": 1}, {"a": -1, "b": 1}, "b", "largest_credit"),
        (
            {"a": 2, "b": 1, "c": 1},
            {"a": -HALF, "b": QUARTER + 1, "c": QUARTER - 1},
            "b",
            "earliest_deadline",
        ),
        ({"a": 2, "b": 1, "c": 1}, {"a": -HALF, "b": HALF}, "b", "earliest_deadline"),
        ({"a": 2, "b": 1, "c": 1}, {"a": QUARTER + 1, "b": -QUARTER - 1}, "a", "largest_credit"),
        ({"a": 2, "b": 1, "c": 1}, {"a": -QUARTER, "b": QUARTER - 1}, "a", "earliest_deadline"),
        ({"a": 2, "b": 1, "c": 1}, {"a": -HALF - 1, "b": QUARTER}, "b", "earliest_deadline"),
        ({"a": 6, "b": 3, "c": 1}, {"a": -LEAD // 5, "b": LEAD // 10}, "a", "earliest_deadline"),
        ({"a": 6, "b": 3, "c": 1}, {"a": -2 * LEAD // 5, "b": 3 * LEAD // 10}, "b", "earliest_deadline"),
        ({"a": 1, "b": 1, "c": 1}, {"a": -9, "c": 9}, "c", "earliest_deadline"),
        ({"a": 1}, {"a": -9 * LEAD}, "a", "only_one"),
    ],
)
def test_whose_turn_it_is_and_by_which_rule(
    weights: dict[str, int], credits: dict[str, int], picked: str, rule: str
) -> None:
    turn = next_turn(weights, credits)
    assert (turn.picked, turn.rule) == (picked, rule)


def test_the_quota_begins_and_ends_to_the_unit() -> None:
    """Among three it reaches from a quarter of a lead to three quarters, both included."""
    weights = {"a": 2, "b": 1, "c": 1}  # gain a half, a quarter and a quarter
    for most, rule in (
        (QUARTER - 1, "largest_credit"),
        (QUARTER, "earliest_deadline"),
        (3 * QUARTER, "earliest_deadline"),
        (3 * QUARTER + 1, "largest_credit"),
    ):
        turn = next_turn(weights, {"a": -LEAD, "b": most - QUARTER, "c": -LEAD})
        assert (turn.picked, turn.rule) == ("b", rule)


def test_only_who_is_owed_something_worth_a_turn_is_chosen_by_deadline() -> None:
    """Of two that gain alike the one with more credit has less time; one that is owed too little has all."""
    weights = {"giant": 98, "small": 1, "tiny": 1}
    credits = {"giant": -98 * LEAD // 100 + QUARTER - 1, "small": QUARTER, "tiny": 0}
    assert next_turn(weights, credits).picked == "small"
    credits["giant"] += 1
    assert next_turn(weights, credits).picked == "giant"


def test_a_lead_of_another_size_is_split_whole_and_goes_to_the_largest_credit() -> None:
    turn = next_turn({"a": 3, "b": 1}, {"a": -HALF, "b": 0}, 2 * LEAD)
    assert (turn.picked, turn.rule) == ("a", "largest_credit")
    assert turn.gain == {"a": 3 * LEAD // 2, "b": HALF}
    assert turn.entry == {"a": -HALF, "b": HALF}
    assert not turn.written_off


def test_a_turn_that_a_person_gives_is_booked_like_any_other() -> None:
    turn = turn_of("b", {"a": 3, "b": 1}, {"a": HALF}, 2 * LEAD)
    assert (turn.picked, turn.rule, turn.before) == ("b", "by_hand", {"a": HALF, "b": 0})
    assert turn.entry == {"a": 3 * HALF, "b": -3 * HALF}
    assert turn_of("b", {"a": 1, "b": 1}, {}).entry == {"a": HALF, "b": -HALF}


def test_what_lapses_before_a_turn_is_booked_with_it() -> None:
    turn = next_turn({"a": 1, "b": 1}, {})._replace(written_off={"a": -LEAD, "c": LEAD})
    assert turn.entry == {"a": -HALF - LEAD, "b": HALF, "c": LEAD}


@pytest.mark.parametrize(
    ("value", "leads"),
    [
        (None, 1),
        (float("nan"), 1),
        (1000, 1),
        (2500.0, 2.5),
        (4000, 4),
        (4001, 4),
        (1e12, 4),
        (250, 0.25),
        (249, 0.25),
        (0, 0.25),
        (-5, 0.25),
    ],
)
def test_a_lead_costs_its_value_within_limits(value: float | None, leads: float) -> None:
    assert size_of(value, 1000, 4) == leads * LEAD


@pytest.mark.parametrize(
    ("members", "least"), [(2, LEAD // 2), (3, QUARTER), (4, 166_666_667), (6, LEAD // 10)]
)
def test_what_is_worth_a_turn(members: int, least: int) -> None:
    assert worth_a_turn(members) == least


def test_who_shares_equally() -> None:
    assert split({"a": 1, "b": 1}).equal
    assert split({"a": 1}).equal
    assert not split({"a": 2, "b": 2, "c": 1}).equal
    assert not split({"a": 2, "b": 1, "c": 1}).equal

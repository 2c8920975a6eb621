"""The credit ledger: sums, shares and bounds."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.routing.rotation import LEAD, next_turn, reversed_entry, shares, worth_a_turn

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

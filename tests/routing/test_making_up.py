"""Absence that is made up for: within its limits, at its pace, and not for ever."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.snapshot import Snapshot
from connector.routing.case import Case, Rotation
from connector.routing.fairness import making_up
from connector.routing.making_up import MakeUp, next_turn_making_up
from connector.routing.rotation import LEAD, next_turn
from tests.conftest import NOW
from tests.routing.candidates import a_case, a_method, partners

TERMS = MakeUp(limit=5, within=timedelta(days=30), every=3)


class Run:
    """A pool of equal partners of which the last may be away."""

    def __init__(self, size: int, terms: MakeUp = TERMS) -> None:
        self.pool = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:size]
        self.terms = terms
        self.credits: dict[str, int] = {}
        self.turns: Counter[str] = Counter()

    @property
    def owed(self) -> float:
        """What the last partner is owed, in leads."""
        return self.credits.get(self.pool[-1], 0) / LEAD

    def leads(self, count: int, *, away: bool = False, lapsed: bool = False) -> str:
        """Who gets the next leads, in order."""
        last = self.pool[-1]
        picked = ""
        for _ in range(count):
            there = {who: 1 for who in self.pool if not (away and who == last)}
            gone = {last: 1} if away else {}
            turn = next_turn_making_up(
                there, gone, self.credits, self.turns, self.terms, [last] if lapsed else []
            )
            picked += turn.picked
            self.turns[turn.picked] += 1
            for who, units in turn.entry.items():
                self.credits[who] = self.credits.get(who, 0) + units
            assert sum(self.credits.values()) == 0
        return picked


def test_who_was_away_gets_what_it_missed_up_to_the_limit() -> None:
    run = Run(3)
    run.leads(99)
    run.leads(100, away=True)
    assert 4 < run.owed <= 6
    before = run.turns["C"]
    run.leads(150)
    assert run.turns["C"] - before == pytest.approx(50 + 5, abs=1)
    assert abs(run.owed) < 1


@pytest.mark.parametrize(("size", "longest"), [(2, 3), (3, 3), (5, 3), (10, 3)])
def test_whoever_returns_is_not_flooded(size: int, longest: int) -> None:
    """Its own turns come round as ever; of the others' leads it gets at most every third."""
    run = Run(size, MakeUp(limit=30, within=timedelta(days=30), every=3))
    run.leads(10 * size)
    run.leads(40 * size, away=True)
    picks = run.leads(60)
    last = run.pool[-1]
    assert last * (longest + 1) not in picks
    share = 1 / size
    assert picks.count(last) <= 60 * (share + (1 - share) / 3) + 2
    assert picks.count(last) > 60 * share


def test_what_is_owed_for_too_long_lapses_to_the_others() -> None:
    run = Run(3)
    run.leads(60, away=True)
    assert run.owed > 4
    run.leads(1, lapsed=True)
    assert run.owed < 2
    ordinary = {"A": 19 * LEAD // 10, "B": -19 * LEAD // 10}
    assert not next_turn_making_up({"A": 1, "B": 1}, {}, ordinary, {}, TERMS, ["A"]).written_off


def test_without_absence_it_is_the_plain_rotation() -> None:
    run, credits = Run(4), dict[str, int]()
    for picked in run.leads(50):
        turn = next_turn(dict.fromkeys("ABCD", 1), credits)
        assert picked == turn.picked
        for who, units in turn.entry.items():
            credits[who] = credits.get(who, 0) + units


@given(st.integers(2, 8), st.integers(1, 9), st.integers(2, 5), st.integers(0, 99))
def test_nobody_is_ever_owed_more_than_the_limit_and_a_lead(
    size: int, limit: int, every: int, seed: int
) -> None:
    dice, terms = random.Random(seed), MakeUp(limit, timedelta(days=1), every)
    everyone = {f"p{place}": dice.choice((1, 1, 5, 100)) for place in range(size)}
    credits, turns, bound = dict[str, int](), Counter[str](), making_up(limit).units
    for _ in range(150):
        there = {who: weight for who, weight in everyone.items() if dice.random() < 0.6}
        if there:
            away = {who: weight for who, weight in everyone.items() if who not in there}
            turn = next_turn_making_up(there, away, credits, turns, terms)
            assert turn.picked in there
            turns[turn.picked] += 1
            for who, units in turn.entry.items():
                credits[who] = credits.get(who, 0) + units
            assert sum(credits.values()) == 0
            assert max(credits.values()) <= bound


def test_a_case_knows_who_is_away_and_whose_claim_has_lapsed() -> None:
    rotation = Rotation("r", make_up=TERMS)
    here, gone = partners("ab"), partners("c")
    case = a_case(here, rotation=rotation, credits={"a": 3 * LEAD, "b": -3 * LEAD})
    with_away = Case(case.ref, case.facts, here, rotation, case.snapshot, gone)
    assert a_method("round_robin").pick(with_away).gain["c"] == LEAD // 3
    late = Snapshot(NOW, credits=case.snapshot.credits, returned={"a": NOW - timedelta(days=31)})
    pick = a_method("round_robin").pick(Case(case.ref, case.facts, here, rotation, late))
    assert pick.because["lapsed"] == {"a": -2 * LEAD, "b": 2 * LEAD}
    assert sum(pick.entry.values()) == 0


def test_what_lapses_is_gone_before_the_turn_and_shared_by_weight_in_whole_leads() -> None:
    credits = {"a": 7 * LEAD // 2, "b": -7 * LEAD // 2}
    turn = next_turn_making_up({"a": 1, "b": 3, "c": 1}, {}, credits, {}, TERMS, ["a", "z"])
    assert turn.written_off == {"a": -2 * LEAD, "b": 3 * LEAD // 2, "c": LEAD // 2}
    assert turn.before == {"a": 3 * LEAD // 2, "b": -2 * LEAD, "c": LEAD // 2}
    assert sum(turn.entry.values()) == 0
    one = next_turn_making_up({"a": 1, "b": 1}, {}, {"a": 2 * LEAD, "b": -2 * LEAD}, {}, TERMS, ["a"])
    assert one.written_off == {"a": -LEAD, "b": LEAD}
    exactly = next_turn_making_up({"a": 1, "b": 1}, {}, {"a": 3 * LEAD, "b": -3 * LEAD}, {}, TERMS, ["a"])
    assert exactly.before == {"a": LEAD, "b": -LEAD}
    assert exactly.written_off == {"a": -2 * LEAD, "b": 2 * LEAD}
    assert exactly.entry == {"a": -2 * LEAD + LEAD // 2 - LEAD, "b": 2 * LEAD + LEAD // 2}


@pytest.mark.parametrize(
    ("weights", "credits", "lapsed"),
    [
        ({"a": 1, "b": 1}, {"a": 2 * LEAD - 1, "b": 1 - 2 * LEAD}, ["a"]),
        ({"a": 1, "b": 1}, {}, ["a"]),
        ({"a": 1, "b": 1}, {"a": 5 * LEAD, "b": -5 * LEAD}, ["b"]),
        ({"a": 1, "b": 1}, {"a": 5 * LEAD, "b": 5 * LEAD, "c": -10 * LEAD}, ["a", "b"]),
        ({"a": 1, "b": 0}, {"a": 5 * LEAD, "b": -5 * LEAD}, ["a"]),
        ({"a": 1, "b": 1}, {"c": 5 * LEAD, "a": -5 * LEAD}, ["c"]),
    ],
    ids=[
        "less than two leads",
        "nothing",
        "owing",
        "everybody's",
        "no other that weighs anything",
        "of who is not there",
    ],
)
def test_nothing_lapses_that_is_little_or_has_nobody_to_go_to(
    weights: dict[str, int], credits: dict[str, int], lapsed: list[str]
) -> None:
    assert not next_turn_making_up(weights, {}, credits, {}, TERMS, lapsed).written_off


def test_of_two_that_lapse_each_writes_off_its_own() -> None:
    credits = {"a": 3 * LEAD, "b": 4 * LEAD, "c": -7 * LEAD}
    turn = next_turn_making_up(dict.fromkeys("abc", 1), {}, credits, {}, TERMS, ["b", "a"])
    assert turn.written_off == {"a": -2 * LEAD, "b": -3 * LEAD, "c": 5 * LEAD}


HALF = LEAD // 2


@pytest.mark.parametrize(
    ("credits", "turns", "picked", "rule"),
    [
        ({"a": LEAD, "b": -LEAD}, {"b": 1}, "a", "largest_credit"),
        ({"a": LEAD + 1, "b": -LEAD - 1}, {"b": 2}, "b", "largest_credit"),
        ({"a": LEAD + 1, "b": -LEAD - 1}, {"b": 4}, "a", "made_up"),
        ({"a": LEAD + 1, "b": -LEAD - 1}, {"a": 5, "b": 4}, "a", "made_up"),
        ({"a": 3 * HALF, "b": -3 * HALF}, {"b": 3}, "a", "largest_credit"),
        ({"a": 5 * HALF - 1, "b": 1 - 5 * HALF}, {"b": 3}, "b", "largest_credit"),
        ({"a": 2 * LEAD, "b": 2 * LEAD, "c": -4 * LEAD}, {}, "a", "made_up"),
        ({"a": LEAD + 1, "b": HALF}, {"b": 4}, "a", "made_up"),
        ({"a": 2 * LEAD, "b": 2 * LEAD + 9, "c": -4 * LEAD - 9}, {}, "b", "made_up"),
    ],
    ids=[
        "owed one lead, the rotation is plain",
        "an others' lead",
        "the third of the others' leads",
        "its own turns do not count",
        "its own turn comes round at a whole lead",
        "and not a unit before",
        "nobody else is there",
        "the other is owed one lead and no more",
        "the most owed first",
    ],
)
def test_whose_turn_it_is_while_somebody_is_owed_more_than_a_lead(
    credits: dict[str, int], turns: dict[str, int], picked: str, rule: str
) -> None:
    turn = next_turn_making_up({"a": 1, "b": 1}, {}, credits, turns, TERMS)
    assert (turn.picked, turn.rule) == (picked, rule)


def test_who_is_away_gains_up_to_the_limit_and_who_is_there_never_is_left_out() -> None:
    terms = MakeUp(limit=2, within=timedelta(days=30), every=3)
    turn = next_turn_making_up({"a": 1, "b": 1}, {"c": 2}, {}, {}, terms)
    assert (turn.gain, turn.picked) == ({"c": HALF, "a": LEAD // 4, "b": LEAD // 4}, "a")
    assert turn.before == {"c": 0, "a": 0, "b": 0}
    owed = {"c": 2 * LEAD - 1, "a": 1 - 2 * LEAD}
    assert "c" in next_turn_making_up({"a": 1, "b": 1}, {"c": 2}, owed, {}, terms).gain
    owed = {"c": 2 * LEAD, "a": -2 * LEAD}
    assert next_turn_making_up({"a": 1, "b": 1}, {"c": 2}, owed, {}, terms).gain == {"a": HALF, "b": HALF}
    there = {"a": 2 * LEAD, "b": 2 * LEAD, "c": -4 * LEAD}
    turn = next_turn_making_up({"a": 1, "b": 1}, {"c": 1}, there, {}, terms)
    assert (turn.gain, turn.picked) == ({"c": LEAD, "a": 0, "b": 0}, "a")
    turn = next_turn_making_up({"a": 3, "b": 1}, {}, {"a": 2 * LEAD, "b": 2 * LEAD}, {}, terms)
    assert turn.gain == {"a": 3 * LEAD // 4, "b": LEAD // 4}
    turn = next_turn_making_up({"a": 3, "b": 1}, {"c": 0}, {"a": 2 * LEAD, "b": 2 * LEAD}, {}, terms)
    assert turn.gain == {"a": 3 * LEAD // 4, "b": LEAD // 4}

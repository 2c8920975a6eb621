"""What speaks for a partner, to the unit."""

from dataclasses import replace
from typing import Any

import pytest

from connector.model.performance import Performance
from connector.routing.case import Case
from connector.routing.merits import (
    MERITS,
    WHOLE,
    Merit,
    best_of,
    coverage,
    earnings,
    experience,
    speed,
    success,
    wanted,
    weighted,
)
from tests.routing.candidates import a_case, a_partner

A, B, C, D = (a_partner(name) for name in ("a", "b", "c", "d"))


def measured(case: Case, merit: Merit) -> list[int]:
    measure = merit(case)
    return [measure(partner) for partner in case.eligible]


def test_tiers_rank_by_equal_steps_down_to_nothing_for_none() -> None:
    tiers = ["Platinum", "gold", "silver", "bronze", None, ""]
    case = a_case([a_partner("p", tier=tier) for tier in tiers])
    assert measured(case, MERITS["tier"]) == [WHOLE, WHOLE * 2 // 3, WHOLE // 3, 0, 0, 0]
    assert measured(replace(case, tiers=()), MERITS["tier"]) == [0] * 6
    assert measured(replace(case, tiers=("GOLD",)), MERITS["tier"]) == [0, WHOLE, 0, 0, 0, 0]


def test_who_is_at_work_is_whole_and_who_is_not_is_nothing() -> None:
    case = replace(a_case([A, B]), closed={"b"})
    assert measured(case, MERITS["working_now"]) == [WHOLE, 0]


@pytest.mark.parametrize(
    ("loads", "limits", "free"),
    [
        ([1, 2], [None, None], [500_000, 0]),
        ([0, 0], [None, None], [WHOLE, WHOLE]),
        ([1, 1], [4, None], [750_000, 750_000]),
        ([1, 1, 1], [4, 2, None], [750_000, 500_000, 750_000]),
        ([9, 0], [3, 0], [0, WHOLE]),
    ],
)
def test_room_is_what_is_free_of_what_one_takes(loads: list[int], limits: list[Any], free: list[int]) -> None:
    several = [a_partner(n, max_open_leads=most) for n, most in zip("abc", limits, strict=False)]
    case = a_case(several, load=dict(zip("abc", loads, strict=False)))
    assert measured(case, MERITS["least_loaded"]) == free


def test_an_affinity_is_whole_for_a_match_and_half_where_everything_is_taken() -> None:
    several = [a_partner("a", countries=frozenset({"DE"})), a_partner("b", countries=frozenset({"AT"})), C]
    assert measured(a_case(several, lead={"country": "Germany"}), MERITS["country"]) == [WHOLE, 0, WHOLE // 2]
    assert measured(a_case(several), MERITS["country"]) == [0, 0, 0]
    makers = [a_partner("a", industries=frozenset({"steel"})), a_partner("b", industries=frozenset({"it"}))]
    assert measured(a_case(makers, lead={"industry": "Wood; Steel"}), MERITS["industry"]) == [WHOLE, 0]


def test_what_a_lead_asks_for_is_the_whole_text_and_each_of_its_words() -> None:
    case = a_case([A], lead={"skills": "SAP, aws;Oracle", "product": "ERP"})
    fields = ("skills", "product")
    assert wanted(case, fields) == {"sap, aws;oracle", "sap", "aws", "oracle", "erp"}
    assert wanted(case, ("skills",)) == {"sap, aws;oracle", "sap", "aws", "oracle"}
    assert wanted(a_case([A]), fields) == frozenset()


def test_skills_count_by_how_many_and_by_how_long_but_no_year_beyond_five() -> None:
    several = [a_partner("a", skills={"sap": 2.5, "aws": 9}), a_partner("b", skills={"sap": 5}), C]
    case = a_case(several, lead={"skills": "sap", "product": "aws"})
    assert measured(case, coverage) == [WHOLE, WHOLE // 2, 0]
    assert measured(case, experience) == [750_000, 500_000, 0]
    assert [experience(case, enough=10)(p) for p in several] == [575_000, 250_000, 0]
    assert measured(a_case(several), coverage) == measured(a_case(several), experience) == [0, 0, 0]


RECORDS = {
    "a": Performance(leads=10, won=5, revenue=1000, responses=10, response_minutes=1),
    "b": Performance(leads=30, won=3, revenue=600, responses=30, response_minutes=5),
}


def test_records_are_shrunk_towards_those_of_all_candidates() -> None:
    case = a_case([A, B, C], records=RECORDS)
    # Of all: 8 won of 40, 1600 of 40, and 9600 seconds for 40 answers.
    assert measured(case, success) == [(5 * 40 + 20 * 8) * WHOLE // (40 * 30), 140_000, 200_000]
    assert [success(case, 0)(p) for p in case.eligible] == [500_000, 100_000, 200_000]
    rates = [(1000 * 40 + 20 * 1600) // (40 * 30), (600 * 40 + 20 * 1600) // (40 * 50), 40]
    assert measured(case, earnings) == [WHOLE, WHOLE * rates[1] // 60, WHOLE * rates[2] // 60]
    seconds = [(600 * 40 + 20 * 9600) // (40 * 30), (9000 * 40 + 20 * 9600) // (40 * 50), 240]
    average = sum(seconds) // 3
    assert measured(case, speed) == [WHOLE * average // (average + each) for each in seconds]


def test_without_any_record_all_are_equal() -> None:
    case = a_case([A, B])
    assert measured(case, success) == measured(case, earnings) == measured(case, speed) == [0, 0]
    assert [earnings(case, 0)(p) for p in case.eligible] == [0, 0]
    one = a_case([A, B], records={"a": Performance(leads=1, won=1, revenue=1)})
    assert [earnings(one, 0)(p) for p in (A, B)] == [WHOLE, WHOLE]
    assert [success(one, 0)(p) for p in (A, B)] == [WHOLE, WHOLE]


def test_merits_add_up_by_weight_and_the_best_are_those_near_enough() -> None:
    several = [a_partner("a", tier="gold"), a_partner("b", tier="platinum"), C]
    case = a_case(several, load={"b": 1, "c": 2})
    mean = weighted(case, {"tier": 3, "least_loaded": 1, "speed": 0})
    assert [mean.total(p) for p in several] == [(3 * 666_666 + WHOLE) // 4, (3 * WHOLE + 500_000) // 4, 0]
    assert mean.each(several[0]) == {"tier": 666_666, "least_loaded": WHOLE}
    best, most = best_of(case, mean.total)
    assert ([p.id for p in best.eligible], most) == (["b"], 875_000)
    enough = {
        within: [p.id for p in best_of(case, mean.total, within)[0].eligible] for within in (14, 15, 100)
    }
    assert enough == {
        14: ["a", "b"] if 100 * 749_999 >= 875_000 * 86 else ["b"],
        15: ["a", "b"],
        100: ["a", "b", "c"],
    }
    with_away = replace(a_case([A]), away=[a_partner("z", tier="gold")])
    assert best_of(with_away, MERITS["tier"](with_away))[0].away == with_away.away


def test_the_best_are_only_those_who_are_as_good_unless_told_how_near() -> None:
    merits = {"a": 1000, "b": 999}
    best, most = best_of(a_case([A, B]), lambda partner: merits[partner.id])
    assert ([p.id for p in best.eligible], most) == (["a"], 1000)


def test_a_record_that_counts_as_much_as_the_average_is_read_all_the_same() -> None:
    records = {"a": Performance(leads=20, won=10), "b": Performance(leads=20, won=0)}
    case = a_case([A, B], records=records)
    assert [success(case, 20)(partner) for partner in (A, B)] == [375_000, 125_000]

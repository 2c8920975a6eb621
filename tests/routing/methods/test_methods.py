"""What is particular to each distribution method."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model.performance import Performance
from connector.routing.case import Rotation
from connector.routing.rotation import LEAD
from tests.routing.candidates import a_case, a_method, a_partner, book, partners


def share(name: str, who: str, leads: int = 1000, records: Any = None, **options: Any) -> dict[str, int]:
    """How many of many leads each partner gets."""
    method, counts = a_method(name, **options), Counter[str]()
    case = a_case(partners(who), records=records)
    for number in range(leads):
        now = a_case(case.eligible, number=number, records=records)
        now.snapshot.credits.update(case.snapshot.credits)
        counts[book(now, method.pick(now))] += 1
        case.snapshot.credits.update(now.snapshot.credits)
    return dict(counts)


def test_round_robin_takes_turns_by_weight() -> None:
    case, counts = a_case(partners("ab"), rotation=Rotation("r", {"a": 3})), Counter[str]()
    for _ in range(40):
        counts[book(case, a_method("round_robin").pick(case))] += 1
    assert counts == {"a": 30, "b": 10}


def test_least_loaded_compares_load_with_capacity() -> None:
    small, large = a_partner("small", max_open_leads=10), a_partner("large", max_open_leads=100)
    pick = a_method("least_loaded").pick(a_case([small, large], load={"small": 2, "large": 15}))
    assert pick.partner == "large"


def test_who_has_no_limit_counts_as_the_roomiest_of_the_others() -> None:
    free, small = a_partner("free"), a_partner("small", max_open_leads=10)
    large = a_partner("z", max_open_leads=40)
    load = {"free": 20, "small": 4, "z": 30}
    assert a_method("least_loaded").pick(a_case([free, small, large], load=load)).partner == "small"
    assert a_method("least_loaded").pick(a_case([free, large], load=load)).partner == "free"


def test_equally_loaded_partners_take_turns_by_credit_then_by_id() -> None:
    method = a_method("least_loaded")
    assert method.pick(a_case(partners("ba"))).partner == "a"
    owed = a_case(partners("abc"), load={"c": 1}, credits={"b": LEAD // 2, "c": LEAD})
    pick = method.pick(owed)
    assert (pick.partner, pick.because["equals"]) == ("b", 2)
    assert "c" not in pick.entry


@pytest.mark.parametrize(
    ("skills", "best"),
    [
        ({"a": {"sap": 9}, "b": {"sap": 1, "aws": 1}}, "b"),
        ({"a": {"sap": 2, "aws": 2}, "b": {"sap": 3, "aws": 2}}, "b"),
        ({"a": {"sap": 50, "aws": 1}, "b": {"sap": 5, "aws": 2}}, "b"),
        ({"a": {"sap": 5}, "b": {"sap": 40}}, "a"),
    ],
    ids=["covers more", "more years", "no use of fifty years in one", "beyond enough it is a tie"],
)
def test_the_most_skilled_covers_most_then_has_most_years(skills: dict[str, Any], best: str) -> None:
    candidates = [a_partner(name, skills=known) for name, known in skills.items()]
    assert a_method("most_skilled").pick(a_case(candidates, lead={"skills": "SAP; AWS"})).partner == best


def test_a_lead_that_asks_for_no_skill_goes_round() -> None:
    candidates = [a_partner("a"), a_partner("b", skills={"sap": 9})]
    assert a_method("most_skilled").pick(a_case(candidates)).because["equals"] == 2


def test_skills_may_be_read_from_other_fields() -> None:
    candidates = [a_partner("a"), a_partner("b", skills={"manufacturing": 1})]
    method = a_method("most_skilled", fields=["industry"])
    assert method.pick(a_case(candidates, lead={"industry": "Manufacturing"})).partner == "b"


def test_the_top_performer_gets_most_and_the_others_are_sure_of_their_part() -> None:
    records = {"a": Performance(leads=200, won=20), "b": Performance(200, 60), "c": Performance(200, 10)}
    counts = share("top_performer", "abc", records=records, others=0.3, explore=0)
    assert counts == {"b": 700, "a": 150, "c": 150}


def test_a_few_lucky_leads_do_not_make_a_top_performer() -> None:
    records = {
        "lucky": Performance(leads=2, won=2),
        "steady": Performance(leads=400, won=160),
        "weak": Performance(leads=400, won=40),
    }
    case = a_case([a_partner(name) for name in records], records=records)
    assert a_method("top_performer", explore=0).pick(case).because["favoured"] == ["steady"]
    assert a_method("top_performer", explore=0, prior=0).pick(case).because["favoured"] == ["lucky"]


def test_the_least_known_are_favoured_now_and_then_by_the_seed() -> None:
    records = {"a": Performance(leads=500, won=200), "b": Performance(leads=3)}
    method = a_method("top_performer", explore=0.25)
    told = [method.pick(a_case(partners("ab"), number=n, records=records)).because for n in range(400)]
    exploring = [because for because in told if because["exploring"]]
    assert 70 <= len(exploring) <= 130
    assert all(because["favoured"] == ["b"] for because in exploring)
    reseeded = [
        method.pick(a_case(partners("ab"), number=n, records=records, seed=1)).because["exploring"]
        for n in range(400)
    ]
    assert reseeded != [because["exploring"] for because in told]


def test_performance_may_be_revenue() -> None:
    records = {"a": Performance(100, 40, revenue=10_000), "b": Performance(100, 10, revenue=900_000)}
    method = a_method("top_performer", by="revenue", explore=0)
    assert method.pick(a_case(partners("ab"), records=records)).because["favoured"] == ["b"]


def test_without_any_record_everyone_favoured_or_not_still_gets_leads() -> None:
    assert set(share("top_performer", "abc", leads=60)) == {"a", "b", "c"}


def test_the_fastest_answer_soonest_and_few_answers_say_little() -> None:
    records = {
        "once": Performance(responses=1, response_minutes=1),
        "quick": Performance(responses=300, response_minutes=20),
        "slow": Performance(responses=300, response_minutes=600),
    }
    case = a_case([a_partner(name) for name in ("once", "quick", "slow")], records=records)
    assert a_method("fastest", explore=0).pick(case).because["favoured"] == ["quick"]


def test_best_fit_adds_up_its_parts_by_weight() -> None:
    near = a_partner("near", countries=frozenset({"DE"}), max_open_leads=10)
    free = a_partner("free", countries=frozenset({"FR"}), max_open_leads=10)
    case = a_case([near, free], lead={"country": "DE"}, load={"near": 5})
    even = a_method("best_fit", parts={"country": 1, "least_loaded": 1}).pick(case)
    assert (even.partner, even.because["parts"]) == ("near", {"country": 1_000_000, "least_loaded": 500_000})
    assert a_method("best_fit", parts={"country": 1, "least_loaded": 3}).pick(case).partner == "free"


@pytest.mark.parametrize(
    ("value", "meant"), [(60_000, {"gold"}), (50_000, {"gold"}), (500, {"silver"}), (5, None), (None, None)]
)
def test_bands_of_value_are_for_their_tiers(value: float | None, meant: set[str] | None) -> None:
    candidates = [a_partner("g", tier="Gold"), a_partner("s", tier="silver"), a_partner("x")]
    pick = a_method("by_value").pick(a_case(candidates, lead={"deal_value": value}))
    tiers = {(p.tier or "").casefold() for p in candidates if p.id in pick.gain}
    assert tiers == (meant or {"gold", "silver", ""})


def test_a_band_whose_tiers_are_not_there_is_for_everyone() -> None:
    pick = a_method("by_value").pick(a_case(partners("ab"), lead={"deal_value": 60_000}))
    assert set(pick.gain) == {"a", "b"}


@pytest.mark.parametrize(
    ("named", "picked"), [("Bert", "bert"), ("BERT", "bert"), ("Nobody", "anna"), (None, "anna")]
)
def test_the_named_partner_gets_it_if_it_may(named: str | None, picked: str) -> None:
    candidates = [a_partner("anna"), a_partner("bert")]
    assert a_method("named").pick(a_case(candidates, lead={"partner": named})).partner == picked


def test_the_first_in_the_list_is_the_first_in_the_file() -> None:
    assert a_method("first_in_list").pick(a_case(partners("zab"))).partner == "z"


def test_the_first_group_with_anybody_left_takes_turns_and_who_is_in_none_comes_last() -> None:
    strong, weak = [a_partner(who, tier="Gold") for who in "ab"], [a_partner("c", type="msp"), a_partner("d")]
    method, case = a_method("by_group"), a_case([*weak, *strong])
    assert [book(case, method.pick(case)) for _ in range(4)] == ["a", "b", "a", "b"]
    pick = method.pick(a_case(weak))
    assert (pick.partner, pick.because["group"]) == ("c", "next")
    assert method.said({**pick.because, "among": 2}) == "next in turn among 1 of group 'next', out of 2"
    last = method.pick(a_case(weak[1:]))
    assert (last.partner, last.because["group"]) == ("d", None)


def test_a_group_may_name_its_partners_and_must_say_who_is_in_it() -> None:
    method = a_method("by_group", groups=[{"name": "x", "partners": ["b", "c"], "tiers": ["gold"]}])
    assert (
        method.pick(
            a_case([a_partner("a", tier="gold"), a_partner("b", tier="gold"), a_partner("c")])
        ).partner
        == "b"
    )
    with pytest.raises(ValueError, match="group 'x' needs partners, types or tiers"):
        a_method("by_group", groups=[{"name": "x"}])


def test_the_largest_deals_may_go_to_the_most_experienced() -> None:
    bands = [{"at_least": 50_000, "best_by": "experience"}, {"at_least": 10_000, "tiers": ["gold"]}]
    method = a_method("by_value", bands=bands)
    novice, veteran = a_partner("a", tier="gold", skills={"sap": 1.0}), a_partner("b", skills={"sap": 4.0})
    for value, who in ((90_000, "b"), (20_000, "a")):
        assert (
            method.pick(a_case([novice, veteran], lead={"product": "SAP", "deal_value": value})).partner
            == who
        )
    with pytest.raises(ValueError, match="a band needs tiers, or best_by"):
        a_method("by_value", bands=[{"at_least": 1}])
    with pytest.raises(ValueError, match="there is no measure 'luck'"):
        a_method("by_value", bands=[{"at_least": 1, "best_by": "luck"}])


RECORDS = st.dictionaries(
    st.sampled_from("abcde"), st.builds(Performance, leads=st.integers(0, 90), won=st.integers(0, 90))
)


@pytest.mark.parametrize("name", ["top_performer", "fastest"])
@settings(max_examples=40)
@given(
    records=st.lists(RECORDS, min_size=1, max_size=4),
    others=st.sampled_from([0.1, 0.2, 0.5]),
    weights=st.dictionaries(st.sampled_from("abcde"), st.integers(1, 5)),
    seed=st.integers(0, 3),
)
def test_the_others_are_sure_of_their_part_however_records_change(
    name: str, records: list[dict[str, Performance]], others: float, weights: dict[str, int], seed: int
) -> None:
    """Nobody gets fewer leads than its guaranteed shares come to, but for the rotation's bound of n/2."""
    method, rotation = a_method(name, others=others), Rotation("r", weights)
    first = a_case(partners("abcde"), rotation=rotation)
    guaranteed, got = dict.fromkeys("abcde", 0.0), Counter[str]()
    for number in range(120):
        held = records[number * len(records) // 120]
        case = a_case(first.eligible, number=number, records=held, rotation=rotation, seed=seed)
        case.snapshot.credits = first.snapshot.credits
        pick = method.pick(case)
        got[book(case, pick)] += 1
        rest = [who for who in "abcde" if who not in pick.because["favoured"]]
        for who in rest:
            guaranteed[who] += others * weights.get(who, 1) / sum(weights.get(each, 1) for each in rest)
    assert all(got[who] >= guaranteed[who] - 2 - 1e-6 for who in "abcde")
    assert sum(guaranteed.values()) == pytest.approx(120 * others)


def test_the_guarantee_is_kept_to_within_two_leads_among_five_for_a_thousand_leads() -> None:
    records = {"a": Performance(leads=300, won=200), "b": Performance(leads=300, won=20)}
    counts = share("top_performer", "abcde", others=0.4, explore=0, records=records)
    assert all(count >= 0.4 / 4 * 1000 - 2 for count in counts.values())
    assert counts["a"] == pytest.approx(600, abs=2)

"""What each method records of a pick, how it says it, and the mistakes that it finds in its options."""

from typing import Any

import pytest

from connector.model.performance import Performance
from connector.routing.methods import METHODS, name_of
from connector.routing.policy import BadPolicy
from tests.builders import a_policy, partner
from tests.routing.candidates import a_case, a_method, a_partner, partners
from tests.routing.methods.test_methods import share

WHOLE = 1_000_000
RECORDS = {"a": Performance(100, 50), "b": Performance(100, 10), "c": Performance(3)}
SKILLED = [a_partner("a", skills={"sap": 5.0}), a_partner("b", skills={"sap": 1.0})]
TURN = {"rule": "earliest_deadline"}
ONLY = {"rule": "only_one"}
GROUPS = [{"name": "strong", "tiers": ["gold"]}]
BANDS = [{"at_least": 100_000, "tiers": ["gold"]}, {"at_least": 2.5, "tiers": ["silver"]}]


@pytest.mark.parametrize(
    ("method", "options", "case", "because", "said"),
    [
        ("round_robin", {}, {}, TURN, "next in turn among 2"),
        (
            "least_loaded",
            {},
            {"load": {"b": 3}},
            {"best": WHOLE, "equals": 1, **ONLY},
            "least loaded of 2",
        ),
        (
            "least_loaded",
            {},
            {"load": {"a": 3, "b": 3}},
            {"best": 0, "equals": 2, **TURN},
            "in turn, least loaded with 1 other of 2",
        ),
        (
            "least_loaded",
            {},
            {"eligible": partners("abc")},
            {"best": WHOLE, "equals": 3, "rule": "earliest_deadline"},
            "in turn, least loaded with 2 others of 3",
        ),
        (
            "most_skilled",
            {},
            {"eligible": SKILLED, "lead": {"skills": "SAP"}},
            {"covered": WHOLE, "experience": WHOLE, "equals": 1, **ONLY},
            "most skilled of 2",
        ),
        (
            "best_fit",
            {"parts": {"country": 1}},
            {"lead": {"country": "DE"}},
            {"best": WHOLE // 2, "equals": 2, "parts": {"country": WHOLE // 2}, **TURN},
            "in turn, best fit with 1 other of 2",
        ),
        (
            "by_group",
            {"groups": GROUPS},
            {"eligible": [a_partner("a"), a_partner("b", tier="Gold")]},
            {"group": "strong", "meant": 1, **ONLY},
            "next in turn among 1 of group 'strong', out of 2",
        ),
        (
            "by_group",
            {"groups": GROUPS},
            {},
            {"group": None, "meant": 2, **TURN},
            "next in turn among 2 in no group, out of 2",
        ),
        (
            "by_value",
            {"bands": BANDS},
            {"eligible": [a_partner("a", tier="silver"), a_partner("b")], "lead": {"deal_value": 3}},
            {"band": 2.5, "meant": 1, **ONLY},
            "next in turn among 1 for leads from 2.5 on",
        ),
        (
            "by_value",
            {"bands": BANDS},
            {"lead": {"deal_value": 1}},
            {"band": None, "meant": 2, **TURN},
            "next in turn among 2 for leads outside every band",
        ),
        ("named", {}, {"lead": {"partner": "B"}}, {"named": True, **ONLY}, "named by the lead"),
        ("named", {}, {}, {"named": False, **TURN}, "next in turn among 2, none named"),
        (
            "top_performer",
            {"explore": 0},
            {"records": RECORDS},
            {"favoured": ["a"], "exploring": False, "rule": "largest_credit"},
            "next in turn among 2, the best records favoured",
        ),
        ("first_in_list", {}, {}, {}, "first in the list of 2"),
        ("cherry_pick", {}, {}, {}, "offered to 2"),
    ],
)
def test_a_pick_records_what_decided_it_and_says_so(
    method: str, options: dict[str, Any], case: dict[str, Any], because: dict[str, Any], said: str
) -> None:
    chosen = a_method(method, **options)
    told = a_case(**{"eligible": partners("ab"), **case})
    pick = chosen.pick(told)
    assert pick.because == because
    assert chosen.said({**pick.because, "among": len(told.eligible)}) == said


def test_who_is_least_known_is_said_to_be_favoured_for_that() -> None:
    said = METHODS["fastest"].said({"exploring": True, "among": 3, "favoured": ["a"]})
    assert said == "next in turn among 3, the least known favoured"


def test_which_leads_explore_is_the_same_on_every_machine() -> None:
    method = a_method("top_performer", explore=0.1)
    picks = [method.pick(a_case(partners("ab"), number=number, seed=7)) for number in range(60)]
    assert [number for number, pick in enumerate(picks) if pick.because["exploring"]] == [17, 48]


def test_of_two_the_favoured_one_gets_all_but_the_others_part() -> None:
    assert share("top_performer", "ab", records=RECORDS, others=0.3, explore=0) == {"a": 700, "b": 300}


def test_everyone_may_be_favoured() -> None:
    counts = share("top_performer", "ab", records=RECORDS, others=0.3, explore=0, favoured=2)
    assert counts == {"a": 500, "b": 500}


def test_the_fastest_are_judged_with_the_prior_that_the_admin_sets() -> None:
    records = {
        "a": Performance(responses=1, response_minutes=1),
        "b": Performance(responses=300, response_minutes=20),
        "c": Performance(responses=300, response_minutes=600),
    }
    case = a_case(partners("abc"), records=records)
    for prior, favoured in ((0, ["a"]), (20, ["b"])):
        picked = a_method("fastest", explore=0, prior=prior).pick(case)
        assert picked.because["favoured"] == favoured


@pytest.mark.parametrize("name", ["fastest", "top_performer"])
def test_who_has_no_record_is_average_even_without_a_prior(name: str) -> None:
    records = {
        "a": Performance(leads=9, won=9, responses=9, response_minutes=1),
        "b": Performance(leads=9, won=0, responses=9, response_minutes=99),
    }
    method = a_method(name, explore=0, prior=0)
    favoured = [
        method.pick(a_case(partners(pool), records=records)).because["favoured"]
        for pool in ("ac", "abc", "bc")
    ]
    assert favoured == [["a"], ["a"], ["b"]]


def test_experience_counts_up_to_the_years_that_the_admin_sets() -> None:
    candidates = [a_partner("a", skills={"sap": 5.0}), a_partner("b", skills={"sap": 9.0})]
    case = a_case(candidates, lead={"skills": "SAP"})
    assert a_method("most_skilled").pick(case).because["equals"] == 2
    assert a_method("most_skilled", enough_years=10).pick(case).partner == "b"


def test_skills_are_covered_in_the_fields_that_the_admin_names() -> None:
    candidates = [a_partner("a", skills={"sap": 0.0, "x": 9}), a_partner("b", skills={"manufacturing": 0.0})]
    pick = a_method("most_skilled", fields=["industry"]).pick(
        a_case(candidates, lead={"industry": "Manufacturing", "skills": "SAP"})
    )
    assert (pick.partner, pick.because["covered"]) == ("b", WHOLE)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_knows_its_name(name: str) -> None:
    assert name_of(a_method(name)) == name


@pytest.mark.parametrize(
    ("pick", "told"),
    [
        (
            '{ method = "best_fit", parts = { luck = 1 } }',
            "there is no part 'luck'; known are country, industry, product, lead_source, skills,",
        ),
        (
            '{ method = "best_fit", parts = { tier = 0 } }',
            "every part counts for nothing, so nobody could fit best",
        ),
        (
            '{ method = "by_value", bands = [{ at_least = 1, best_by = "luck" }] }',
            "there is no measure 'luck'; known are country, industry, product, lead_source, skills,",
        ),
        (
            '{ method = "by_value", bands = [{ at_least = 1, tiers = ["a"] }, '
            '{ at_least = 1, best_by = "tier" }] }',
            "write the bands from the highest value to the lowest, each value once",
        ),
        (
            '{ method = "by_group", groups = [{ name = "x", partners = ["zoe"] }] }',
            "there is no partner 'zoe'",
        ),
        ('{ method = "by_value", field = "luck", bands = [{ at_least = 1, tiers = ["a"] }] }', "'luck'"),
    ],
)
def test_a_mistake_in_an_option_is_told(pick: str, told: str) -> None:
    with pytest.raises(BadPolicy) as caught:
        a_policy(partner("anna") + f'[[route]]\nname = "r"\npick = {pick}\n')
    assert told in str(caught.value.findings[0].message)


def test_a_group_may_name_the_partners_that_there_are() -> None:
    groups = '[{ name = "x", partners = ["anna"] }]'
    assert a_policy(
        partner("anna") + f'[[route]]\nname = "r"\npick = {{ method = "by_group", groups = {groups} }}\n'
    ).routes

"""Preferences narrow, in order, and say how."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.partner import Partner
from connector.model.performance import Performance
from connector.routing.case import Case
from connector.routing.pipeline import decide
from connector.routing.preferences import PREFERENCES, narrowed
from connector.routing.reasons import summary
from tests.builders import a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW
from tests.routing.candidates import a_case, a_partner
from tests.routing.methods.test_contract import cases


def left(case: Case, *names: str) -> list[str]:
    return [p.id for p in narrowed(case, [PREFERENCES[name] for name in names])[0].eligible]


SKILLED = [
    a_partner("a", skills={"sap": 5.0}, max_open_leads=100),
    a_partner("b", skills={"sap": 1.0}, max_open_leads=100),
    a_partner("c", max_open_leads=100),
]


def test_each_keeps_only_the_best_of_who_is_left_in_order() -> None:
    case = a_case(SKILLED, lead={"skills": "SAP"}, load={"a": 50, "b": 20})
    assert left(case, "skills") == ["a", "b"]
    assert left(case, "skills", "least_loaded") == ["b"]
    assert left(case, "least_loaded", "skills") == ["c"]
    assert left(case) == ["a", "b", "c"]


def test_what_is_measured_rather_than_counted_keeps_the_nearly_best_too() -> None:
    case = a_case(SKILLED, load={"a": 9, "b": 12})
    assert left(case, "least_loaded") == ["a", "c"]


@pytest.mark.parametrize(
    ("name", "facts", "kept"),
    [
        ("country", {"countries": frozenset({"DE"})}, ["y"]),
        ("industry", {"industries": frozenset({"steel"})}, ["y"]),
        ("product", {"products": frozenset({"erp"})}, ["y"]),
        ("lead_source", {"lead_sources": frozenset({"web"})}, ["y"]),
        ("tier", {"tier": "Gold"}, ["y"]),
        ("skills", {"skills": {"erp": 1.0}}, ["y"]),
        ("experience", {"skills": {"erp": 1.0}}, ["y"]),
        ("fit", {"products": frozenset({"erp"})}, ["y"]),
        ("country", {"countries": frozenset({"FR"})}, ["x"]),
        ("tier", {"tier": "unheard of"}, ["x", "y"]),
    ],
)
def test_a_specialist_goes_before_who_takes_all(name: str, facts: dict[str, object], kept: list[str]) -> None:
    lead = {"country": "DE", "industry": "Steel", "product": "ERP; CRM", "lead_source": "Web"}
    assert left(a_case([a_partner("x"), a_partner("y", **facts)], lead=lead), name) == kept


@pytest.mark.parametrize("name", ["performance", "speed"])
def test_a_better_record_goes_before(name: str) -> None:
    records = {
        "x": Performance(leads=100, won=10, responses=100, response_minutes=90),
        "y": Performance(leads=100, won=40, responses=100, response_minutes=9),
    }
    assert left(a_case([a_partner("x"), a_partner("y")], records=records), name) == ["y"]


@given(case=cases(), names=st.lists(st.sampled_from(list(PREFERENCES)), max_size=4))
def test_somebody_is_always_left_and_every_step_is_counted(case: Case, names: list[str]) -> None:
    narrower, steps = narrowed(case, [PREFERENCES[name] for name in names])
    assert narrower.eligible
    counts = [len(case.eligible), *(len(step.kept) for step in steps)]
    assert [step.of for step in steps] == counts[:-1]
    assert counts == sorted(counts, reverse=True)


def test_only_who_is_left_takes_part_in_the_turn_and_the_decision_says_so() -> None:
    toml = (
        partner("anna", countries=["DE"])
        + partner("bert", countries=["DE"])
        + partner("cora")
        + '[[route]]\nname = "r"\nprefer = ["country"]'
    )
    decision = decide(a_policy(toml), a_snapshot(), a_lead(country="Germany"))
    assert set(decision.turns[0].entry) == {"anna", "bert"}
    assert decision.reasons[1].facts == {"by": "country", "of": 3, "kept": ["anna", "bert"]}
    assert "2 of 3 best by country; next in turn among 2 of 3 of 3 that fit" in summary(decision)


def test_who_is_away_gains_only_where_it_would_have_been_kept() -> None:
    candidates: list[Partner] = [a_partner("a", tier="gold"), a_partner("b", tier="silver")]
    case = a_case(candidates)
    away = [a_partner("c", tier="gold"), a_partner("d", tier="silver")]
    narrower = narrowed(
        Case(case.ref, case.facts, candidates, case.rotation, case.snapshot, away, case.tiers),
        [PREFERENCES["tier"]],
    )[0]
    assert [p.id for p in (*narrower.eligible, *narrower.away)] == ["a", "c"]


def test_leads_follow_the_sun() -> None:
    """[[route]]
    name = "all"
    prefer = ["working_now"]
    """
    hours = {"days": "mon-fri", "from": "09:00", "to": "17:00"}
    toml = (
        partner("anna", working_hours={**hours, "timezone": "Europe/Berlin"})
        + partner("bert", working_hours={**hours, "timezone": "America/New_York"})
        + partner("cora", working_hours={**hours, "timezone": "Asia/Tokyo"})
        + str(test_leads_follow_the_sun.__doc__)
    )
    policy = a_policy(toml)
    for hour, who in ((1, "cora"), (9, "anna"), (20, "bert")):
        moment = NOW.replace(hour=hour)
        decision = decide(policy, a_snapshot(moment), a_lead())
        assert (decision.partner, len(decision.choices[0].eligible)) == (who, 3)
    nobody = decide(policy, a_snapshot(NOW.replace(hour=23)), a_lead())
    assert nobody.partner == "anna"

"""What a lead is worth: grades at their borders, points that fade, and a total that equals its log."""

from datetime import timedelta
from typing import Any

import pytest

from connector.model.decision import Decision, Outcome
from connector.reports.explain import explained
from connector.routing.commands import commands
from connector.routing.pipeline import decide
from connector.routing.policy import BadPolicy
from tests.builders import a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW

ANNA = partner("anna")
GRADES = "[score]\ngrades = { fit = [45, 30, 15], engagement = [30, 20, 10] }\n"
WORTH = """
[[score.fit.points]]
when = { country = "DE" }
points = 45
[[score.fit.points]]
when = { country = "AT" }
points = 44
[[score.engagement.points]]
name = "came"
when = { lead_source = "Web" }
points = 20
halve_every = "10d"
"""
BEST = '[[route]]\nname = "best"\nwhen = { grade = ["A1", "A2"] }\n'


def decided(toml: str, days: int = 0, **fields: Any) -> Decision:
    return decide(a_policy(toml), a_snapshot(), a_lead(created=NOW - timedelta(days=days), **fields))


@pytest.mark.parametrize(
    ("country", "lead_source", "grade"),
    [("DE", "Web", "A2"), ("AT", "Web", "B2"), ("DE", "Phone", "A4"), ("FR", "Phone", "D4")],
)
def test_a_grade_changes_exactly_at_its_border(country: str, lead_source: str, grade: str) -> None:
    decision = decided(GRADES + WORTH + ANNA, country=country, lead_source=lead_source)
    assert decision.score.grade == grade


def test_a_route_may_ask_for_a_grade_and_the_crm_is_told_it() -> None:
    toml = GRADES + WORTH + ANNA + BEST
    best, other = decided(toml, country="DE", lead_source="Web"), decided(toml, country="AT")
    assert (best.outcome, other.outcome) == (Outcome.ASSIGNED, Outcome.FALLBACK)
    assert commands(a_policy(toml), best)[0].values["grade"] == "A2"
    assert Decision.from_data(best.as_data()) == best
    assert "grade A2" in explained(best, {})


def test_without_grades_none_is_written_and_none_may_be_asked_for() -> None:
    assert "grade" not in commands(a_policy(ANNA), decided(ANNA, country="DE"))[0].values
    with pytest.raises(BadPolicy, match="no field 'grade'"):
        a_policy(ANNA + BEST)


@pytest.mark.parametrize(("days", "left"), [(0, 20), (9, 20), (10, 10), (20, 5), (30, 2), (50, 0), (9999, 0)])
def test_points_halve_with_time_and_say_so(days: int, left: int) -> None:
    score = decided(WORTH + ANNA, days, lead_source="Web").score
    assert score.total == sum(point.points for point in score.points) == left
    assert [point.rule for point in score.points if days == 20] == ["came, halved 2 times"] * (days == 20)


def test_points_that_fade_since_a_date_need_the_date() -> None:
    toml = WORTH.replace('"10d"', '"10d"\nsince = "timeline"') + ANNA
    assert decided(toml, lead_source="Web").score.total == 0
    assert decided(toml, lead_source="Web", timeline=f"{NOW - timedelta(days=11):%Y-%m-%d}").score.total == 10


@pytest.mark.parametrize(
    ("good", "bad", "where", "message"),
    [
        ("[45, 30, 15]", "[15, 30, 45]", ("score", "grades", "fit"), "borders go down"),
        ("[30, 20, 10]", "[101, 20, 10]", ("score", "grades", "engagement"), "nobody can reach 101"),
        (
            'halve_every = "10d"',
            'since = "creatd_at"',
            ("score", "engagement", "points", 0, "since"),
            "there is no field 'creatd_at'",
        ),
    ],
)
def test_a_mistake_in_the_score_has_its_place(good: str, bad: str, where: Any, message: str) -> None:
    with pytest.raises(BadPolicy) as raised:
        a_policy((GRADES + WORTH + ANNA).replace(good, bad))
    (finding,) = raised.value.findings
    assert finding.where == where
    assert message in finding.message

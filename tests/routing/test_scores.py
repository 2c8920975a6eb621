"""What a lead is worth: grades at their borders, points that fade, and a total that equals its log."""

from datetime import timedelta
from typing import Any

import pytest

from connector.model.decision import Decision, Outcome, Point, Score
from connector.reports.explain import explained
from connector.routing.commands import commands
from connector.routing.conditions import understand_condition
from connector.routing.facts import understand
from connector.routing.pipeline import decide
from connector.routing.policy import BadPolicy, PointRule, ScoreGroup
from connector.routing.scoring import rate, score
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


ANYBODY = understand_condition({}, ())
NOBODY = understand_condition({"country": "XX"}, ("country",))
BORDERS = ((45, 30, 15), (30, 20, 10))


def earned(points: int, days: float, every: int = 10) -> list[tuple[str, int]]:
    facts = understand(a_lead(created=NOW - timedelta(days=days)), NOW)
    rule = PointRule("came", ANYBODY, points, timedelta(days=every))
    return [(point.rule, point.points) for point in score([ScoreGroup("fit", 100, (rule,))], facts).points]


def test_points_for_and_against_fade_alike_by_whole_halvings_and_vanish() -> None:
    assert earned(20, 0) == earned(20, 9.9) == [("came", 20)]
    assert earned(-20, 9.9) == [("came", -20)]
    assert earned(7, 10) == [("came, halved 1 times", 3)]
    assert earned(-7, 10) == [("came, halved 1 times", -3)]
    assert earned(1, 9) == [("came", 1)]
    assert earned(1, 10) == earned(-1, 10) == earned(0, 0) == []
    assert earned(20, -50) == [("came", 20)]


def test_a_group_adds_up_within_its_bounds_and_the_sum_is_a_fact() -> None:
    def group(name: str, most: int, *points: int) -> ScoreGroup:
        rules = [PointRule(f"{name}{place}", ANYBODY, each) for place, each in enumerate(points)]
        return ScoreGroup(name, most, (*rules, PointRule("no", NOBODY, 50)))

    groups = [group("fit", 50, 40, 20, -5), group("engagement", 50, 5, -30)]
    facts = understand(a_lead(country="DE"), NOW)
    log = (
        Point("fit", "fit0", 40),
        Point("fit", "fit1", 20),
        Point("fit", "fit2", -5),
        Point("engagement", "engagement0", 5),
        Point("engagement", "engagement1", -30),
    )
    plain, seen = rate(groups, facts)
    assert plain == Score(50, {"fit": 50, "engagement": 0}, log)
    assert seen == facts.plus("score", 50)
    graded, seen = rate(groups, facts, BORDERS)
    assert graded == Score(50, {"fit": 50, "engagement": 0}, log, "A4")
    assert seen == facts.plus("score", 50).plus("grade", "A4")


@pytest.mark.parametrize(
    ("fit", "engagement", "grade"),
    [(45, 30, "A1"), (44, 29, "B2"), (30, 20, "B2"), (29, 19, "C3"), (15, 10, "C3"), (14, 9, "D4")],
)
def test_a_grade_is_of_both_groups_each_at_its_border(fit: int, engagement: int, grade: str) -> None:
    groups = [
        ScoreGroup(name, 99, (PointRule("r", ANYBODY, points),))
        for name, points in (("fit", fit), ("engagement", engagement))
    ]
    assert score(groups, understand(a_lead(), NOW), BORDERS).grade == grade

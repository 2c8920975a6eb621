"""Points for who a lead is and what it did, each with its rule, and the grade that they come to."""

from collections.abc import Sequence

from connector.model.decision import Point, Score
from connector.routing.conditions import moment
from connector.routing.facts import Facts
from connector.routing.policy import Borders, PointRule, ScoreGroup


def score(groups: Sequence[ScoreGroup], facts: Facts, grades: tuple[Borders, Borders] | None = None) -> Score:
    """The score of a lead: each group's points added, kept within zero and the group's most."""
    points: list[Point] = []
    by_group: dict[str, int] = {}
    for group in groups:
        earned = [point for rule in group.rules if (point := _earned(group.name, rule, facts))]
        points += earned
        by_group[group.name] = max(0, min(group.most, sum(point.points for point in earned)))
    grade = _grade(by_group, grades) if grades else None
    return Score(sum(by_group.values()), by_group, tuple(points), grade)


def rate(
    groups: Sequence[ScoreGroup], facts: Facts, grades: tuple[Borders, Borders] | None = None
) -> tuple[Score, Facts]:
    """The score of a lead, and its facts with the score and grade among them."""
    points = score(groups, facts, grades)
    facts = facts.plus("score", points.total)
    return points, facts.plus("grade", points.grade) if points.grade else facts


def _earned(group: str, rule: PointRule, facts: Facts) -> Point | None:
    if not rule.condition.holds(facts):
        return None
    if rule.halve_every is None:
        return Point(group, rule.name, rule.points)
    since = moment(facts.shown.get(rule.since))
    if since is None:
        return None
    times = max(0, (facts.now - since) // rule.halve_every)
    left = abs(rule.points) >> times  # whole halvings: no fraction that two machines could round apart
    name = f"{rule.name}, halved {times} times" if times else rule.name
    return Point(group, name, left if rule.points > 0 else -left) if left else None


def _grade(by_group: dict[str, int], grades: tuple[Borders, Borders]) -> str:
    fit, engagement = grades
    return "ABCD"[_step(by_group["fit"], fit)] + "1234"[_step(by_group["engagement"], engagement)]


def _step(points: int, borders: Borders) -> int:
    return sum(points < border for border in borders)

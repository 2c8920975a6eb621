"""Points for who a lead is and what it did, each with its rule."""

from collections.abc import Sequence

from connector.model.decision import Point, Score
from connector.routing.facts import Facts
from connector.routing.policy import ScoreGroup


def score(groups: Sequence[ScoreGroup], facts: Facts) -> Score:
    """The score of a lead: each group's points added, kept within zero and the group's most."""
    points: list[Point] = []
    by_group: dict[str, int] = {}
    for group in groups:
        earned = [
            Point(group.name, rule.name, rule.points) for rule in group.rules if rule.condition.holds(facts)
        ]
        points += earned
        by_group[group.name] = max(0, min(group.most, sum(point.points for point in earned)))
    return Score(sum(by_group.values()), by_group, tuple(points))

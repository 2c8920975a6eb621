"""A decision: what happens to one lead, and every reason for it as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from connector.model.lead import Ref


class Outcome(StrEnum):
    """Where a lead ends."""

    ASSIGNED = "assigned"
    OFFERED = "offered"
    HELD = "held"
    NURTURE = "nurture"
    REJECTED = "rejected"
    FALLBACK = "fallback"
    LEFT_ALONE = "left_alone"
    FOLLOWS = "follows"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the decision path: a stable code and the facts that it rests on (JSON values)."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """One rule of the score that applied."""

    group: str
    rule: str
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """Points of a lead; `total` is the capped sum of `points` by group, `grade` A1 to D4 if asked for."""

    total: int = 0
    by_group: Mapping[str, int] = field(default_factory=dict)
    points: tuple[Point, ...] = ()
    grade: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What one pool's candidates came to: who was eligible, and why the others were not.

    `refused` maps a reason's code to the partners it turned away; `before` and `gain` are the credits, in
    the rotation's integer units, of those who were handed to `pick` and of those away who gained.
    """

    route: str
    pool: int
    eligible: tuple[str, ...] = ()
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    before: Mapping[str, int] = field(default_factory=dict)
    gain: Mapping[str, int] = field(default_factory=dict)
    picked: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for one lead, complete enough to be explained without computing anything again.

    `credits` is the entry in the ledger of `rotation`: integer units by partner, summing to zero.
    `look_again_at` is set for a lead that is held or nurtured for a time.
    """

    ref: Ref
    at: datetime
    outcome: Outcome
    owner_before: str | None = None
    owner: str | None = None
    partner: str | None = None
    route: str | None = None
    rotation: str | None = None
    score: Score = Score()
    reasons: tuple[Reason, ...] = ()
    choices: tuple[Choice, ...] = ()
    credits: Mapping[str, int] = field(default_factory=dict)
    look_again_at: datetime | None = None

    def as_data(self) -> dict[str, Any]:
        """The decision as JSON values, for the store, `explain --json` and `replay`."""
        return {
            "ref": str(self.ref),
            "at": self.at.isoformat(),
            "outcome": self.outcome.value,
            "owner_before": self.owner_before,
            "owner": self.owner,
            "partner": self.partner,
            "route": self.route,
            "rotation": self.rotation,
            "score": {
                "total": self.score.total,
                "by_group": dict(self.score.by_group),
                "grade": self.score.grade,
                "points": [[p.group, p.rule, p.points] for p in self.score.points],
            },
            "reasons": [{"code": r.code, **r.facts} for r in self.reasons],
            "choices": [_choice_data(c) for c in self.choices],
            "credits": dict(self.credits),
            "look_again_at": self.look_again_at.isoformat() if self.look_again_at else None,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `as_data` wrote."""
        score = data["score"]
        again = data["look_again_at"]
        return cls(
            ref=Ref.parse(data["ref"]),
            at=datetime.fromisoformat(data["at"]),
            outcome=Outcome(data["outcome"]),
            owner_before=data["owner_before"],
            owner=data["owner"],
            partner=data["partner"],
            route=data["route"],
            rotation=data["rotation"],
            score=_score(score),
            reasons=tuple(_reason(r) for r in data["reasons"]),
            choices=tuple(_choice(c) for c in data["choices"]),
            credits=data["credits"],
            look_again_at=datetime.fromisoformat(again) if again else None,
        )


def _score(data: Mapping[str, Any]) -> Score:
    points = tuple(Point(*point) for point in data["points"])
    return Score(data["total"], data["by_group"], points, data.get("grade"))


def _reason(data: Mapping[str, Any]) -> Reason:
    return Reason(data["code"], {k: v for k, v in data.items() if k != "code"})


def _choice_data(choice: Choice) -> dict[str, Any]:
    return {
        "route": choice.route,
        "pool": choice.pool,
        "eligible": list(choice.eligible),
        "refused": {code: list(who) for code, who in choice.refused.items()},
        "before": dict(choice.before),
        "gain": dict(choice.gain),
        "picked": choice.picked,
    }


def _choice(data: Mapping[str, Any]) -> Choice:
    return Choice(
        route=data["route"],
        pool=data["pool"],
        eligible=tuple(data["eligible"]),
        refused={code: tuple(who) for code, who in data["refused"].items()},
        before=data["before"],
        gain=data["gain"],
        picked=data["picked"],
    )

"""A decision: what happens to one lead, and every reason for it as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Self

from connector.model.identity import Identity
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

    `until` says by partner when an absence ends (ISO 8601), where that is known; `stands_in` for which absent
    partners one takes part. `refused` maps a reason's code to the partners it turned away.
    """

    route: str
    pool: int
    eligible: tuple[str, ...] = ()
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    picked: str | None = None
    until: Mapping[str, str] = field(default_factory=dict)
    stands_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """A rotation's pick, and what it books: integer units by member, summing to zero.

    `of` says who its members are: the partners of a pool, or the owners within one partner. `before` and
    `gain` are the credits of those who were handed to `pick` and of those away who gained.
    """

    rotation: str
    picked: str
    entry: Mapping[str, int]
    before: Mapping[str, int] = field(default_factory=dict)
    gain: Mapping[str, int] = field(default_factory=dict)
    of: Literal["partners", "owners"] = "partners"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for one lead, complete enough to be explained without computing anything again.

    `offered_to` are the partners that may claim an offered lead.
    `turns` are those that it took: the partner's, and the owner's where the partner has several. None is
    taken by standing, by offers, or where nobody gets the lead. `accept_by` is when the partner must
    have accepted, where the route sets a time; `look_again_at` is set for a lead that is held or nurtured for
    a time. `identity` says who the lead is; it is no part of what is decided, told or
    compared, since personal data is kept apart.
    """

    ref: Ref
    at: datetime
    outcome: Outcome
    owner_before: str | None = None
    owner: str | None = None
    partner: str | None = None
    route: str | None = None
    score: Score = Score()
    reasons: tuple[Reason, ...] = ()
    choices: tuple[Choice, ...] = ()
    turns: tuple[Turn, ...] = ()
    offered_to: tuple[str, ...] = ()
    look_again_at: datetime | None = None
    accept_by: datetime | None = None
    identity: Identity | None = field(default=None, compare=False, repr=False)

    @property
    def rotation(self) -> str | None:
        """The rotation between partners that it took a turn in, if any."""
        return next((turn.rotation for turn in self.turns if turn.of == "partners"), None)

    @property
    def claimed(self) -> bool:
        """Whether the partner has claimed the lead, and so accepted it."""
        return any(reason.code == "claimed" for reason in self.reasons)

    @property
    def with_person(self) -> Ref | None:
        """The record of the same person whose partner this one goes to, if that is why."""
        leaders = (str(r.facts["leader"]) for r in self.reasons if r.code == "follows_person")
        return next(map(Ref.parse, leaders), None)

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
            "score": {
                "total": self.score.total,
                "by_group": dict(self.score.by_group),
                "grade": self.score.grade,
                "points": [[p.group, p.rule, p.points] for p in self.score.points],
            },
            "reasons": [{"code": r.code, **r.facts} for r in self.reasons],
            "choices": [_choice_data(c) for c in self.choices],
            "turns": [_turn_data(t) for t in self.turns],
            "offered_to": list(self.offered_to),
            "look_again_at": self.look_again_at.isoformat() if self.look_again_at else None,
            **({"accept_by": self.accept_by.isoformat()} if self.accept_by else {}),
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
            score=_score(score),
            reasons=tuple(_reason(r) for r in data["reasons"]),
            choices=tuple(_choice(c) for c in data["choices"]),
            turns=_turns(data),
            offered_to=tuple(data.get("offered_to", ())),
            look_again_at=datetime.fromisoformat(again) if again else None,
            accept_by=datetime.fromisoformat(data["accept_by"]) if data.get("accept_by") else None,
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
        "picked": choice.picked,
        "until": dict(choice.until),
        "stands_in": {who: list(whom) for who, whom in choice.stands_in.items()},
    }


def _choice(data: Mapping[str, Any]) -> Choice:
    return Choice(
        route=data["route"],
        pool=data["pool"],
        eligible=tuple(data["eligible"]),
        refused={code: tuple(who) for code, who in data["refused"].items()},
        picked=data["picked"],
        until=data.get("until", {}),
        stands_in={who: tuple(whom) for who, whom in data.get("stands_in", {}).items()},
    )


def _turn_data(turn: Turn) -> dict[str, Any]:
    return {
        "rotation": turn.rotation,
        "of": turn.of,
        "picked": turn.picked,
        "before": dict(turn.before),
        "gain": dict(turn.gain),
        "entry": dict(turn.entry),
    }


def _turns(data: Mapping[str, Any]) -> tuple[Turn, ...]:
    if "turns" in data:
        return tuple(Turn(**turn) for turn in data["turns"])
    # Decisions from before owners took turns kept theirs in two places.
    choice = next((choice for choice in data["choices"] if choice["picked"]), None)
    if choice is None or data["rotation"] is None:
        return ()
    credits = choice["before"], choice["gain"]
    return (Turn(data["rotation"], choice["picked"], data["credits"], *credits),)

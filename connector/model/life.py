"""The life of an assignment: its states, which may follow which, and what ends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where an assignment is."""

    OFFERED = "offered"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    WORKING = "working"
    DECLINED = "declined"
    EXPIRED = "expired"
    RECALLED = "recalled"
    RELEASED = "released"
    CONVERTED = "converted"
    WON = "won"
    LOST = "lost"


_TAKEN_AWAY = frozenset({State.EXPIRED, State.RECALLED, State.RELEASED})
_DONE = frozenset({State.CONVERTED, State.WON, State.LOST})

NEXT: Mapping[State, frozenset[State]] = {
    State.OFFERED: _TAKEN_AWAY | {State.ASSIGNED},
    State.ASSIGNED: _TAKEN_AWAY | _DONE | {State.ACCEPTED, State.WORKING, State.DECLINED},
    State.ACCEPTED: _TAKEN_AWAY | _DONE | {State.WORKING, State.DECLINED},
    State.WORKING: _TAKEN_AWAY | _DONE | {State.DECLINED},
    State.CONVERTED: frozenset({State.WON, State.LOST}),
    **dict.fromkeys((State.DECLINED, *sorted(_TAKEN_AWAY), State.WON, State.LOST), frozenset()),
}
"""Which states may follow which; everything else is refused, whoever asks."""

OPEN = frozenset({State.OFFERED, State.ASSIGNED, State.ACCEPTED, State.WORKING})
"""The states in which a lead loads its partner."""

UNDER_WAY = OPEN | {State.CONVERTED}
"""The states whose outcome is still to come."""

TAKEN_UP = frozenset({State.ACCEPTED, State.WORKING, State.CONVERTED, State.WON})
"""The states that mean the partner took the lead, said so or not."""

TOUCHED = frozenset({State.WORKING, State.CONVERTED, State.WON})
"""The states that mean the partner has been in touch with the person."""

ENDS: Mapping[str, State] = {
    "declined": State.DECLINED,
    "breached": State.EXPIRED,
    "recycled": State.RECALLED,
    "recalled": State.RECALLED,
    "taken_over": State.RECALLED,
    "decided_again": State.RECALLED,
    "changed_by_person": State.RECALLED,
    "released": State.RELEASED,
    "erased": State.RELEASED,
    "closed": State.RELEASED,
    "dropped": State.RELEASED,
    "merged": State.RELEASED,
    "deleted": State.RELEASED,
    "gone": State.RELEASED,
    "converted": State.CONVERTED,
    "won": State.WON,
    "lost": State.LOST,
}
"""The state in which each way to end leaves an assignment."""

TAKEN_BACK = frozenset({"declined", "breached", "recycled", "recalled", "released"})
"""The ways to end after which the lead is ours to give to somebody else, whoever holds the record."""


@dataclass(frozen=True, slots=True)
class Mover:
    """Who moved an assignment: `by` is crm, command, rules, clock or link; `who` a name, if there is one."""

    by: str
    who: str | None = None


RULES, CLOCK = Mover("rules"), Mover("clock")


def may_follow(now: State, then: State) -> bool:
    """Whether an assignment in one state may come into the other."""
    return then in NEXT[now]

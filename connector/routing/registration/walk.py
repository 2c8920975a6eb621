"""One registration on its way through one moment: it moves as the table allows, and things happen to it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.model.decision import Reason
from connector.model.registration import Event, Life, Registration, State
from connector.routing.registration.claims import Claim
from connector.routing.registration.states import may_move
from connector.routing.registration.terms import Terms

_ENDED = frozenset({State.REJECTED, State.EXPIRED, State.CONVERTED, State.WITHDRAWN})


@dataclass(slots=True)
class Walk:
    """One registration on its way through one moment, and what happened to it."""

    terms: Terms
    seen: Registration
    claim: Claim
    life: Life
    now: datetime
    events: list[Event] = field(default_factory=list)

    def move(
        self, to: State, *reasons: Reason, by: str = "connector", event: str = "", **changes: Any
    ) -> None:
        """Go to another state, as the table of transitions allows; staying is no move."""
        before = self.life.state
        if not may_move(before, to, by):
            raise AssertionError(f"{self.seen.ref}: {by} may not move {before} to {to}")
        # What belonged to the state that is left does not outlive it.
        left = {"decide_by": None, "reviewer": None, "waits_for": None, "reminded": ()}
        ended = {"ended_at": self.now if to in _ENDED else None}
        told = {**left, **ended, "state": to, "since": self.now, "by": by, "reasons": reasons}
        self.life = self.life.but(**{**told, **changes})
        self.happened(event or to.value, *reasons, before=before, by=by)

    def happened(
        self, name: str, *reasons: Reason, before: State | None = None, by: str = "connector"
    ) -> None:
        """Note an event; without `before` it left the state as it is."""
        after = self.life.state
        self.events.append(Event(self.seen.ref, self.now, name, before or after, after, by, reasons))

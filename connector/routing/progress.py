"""What partners say in the CRM, understood: accepted, working, declined, won, lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connector.model.lead import Lead, Value
from connector.model.life import State
from connector.model.progress import Progress

NEW = "new"
"""What a value means that says nothing yet."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a record says of its partner's work: a state or None, in the partner's words why, by whom, and
    the values that nobody has explained."""

    state: State | None = None
    because: str | None = None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one CRM's values mean, case-folded; `fresh` is the value of the lead status for a new holder."""

    states: Mapping[str, str] = field(default_factory=dict)
    fresh: str | None = None

    @classmethod
    def of(cls, written: Mapping[str, Sequence[str]]) -> "Meaning":
        """The meaning of `[crm.NAME.progress]`: values by the state that they mean."""
        states = {value.casefold(): name for name, values in written.items() for value in values}
        return cls(states, next(iter(written.get(NEW, ())), None))

    def knows(self, value: str) -> bool:
        """Whether a value is explained; without any explanation nothing is asked of values."""
        return not self.states or value.casefold() in self.states

    def said(self, fields: Mapping[str, Value]) -> Said:
        """What a record says: a refusal as the partner's answer, else the lead status, else the answer."""
        answer, status = (_text(fields.get(name)) for name in ("partner_answer", "status"))
        meant = [state for value in (answer, status) if (state := self._state(value))]
        state = State.DECLINED if State.DECLINED in meant else meant[-1] if meant else None
        unknown = tuple(value for value in (answer, status) if value and not self.knows(value))
        return Said(state, _text(fields.get("decline_reason")), unknown)

    def _state(self, value: str | None) -> State | None:
        name = self.states.get((value or "").casefold(), NEW)
        return None if name == NEW else State(name)

    def of_lead(self, lead: Lead) -> Said:
        """What a lead says, conversion included."""
        said = self.said(lead.fields)
        return Said(State.CONVERTED, said.because, said.unknown) if lead.converted else said

    def ended(self, progress: Progress) -> str | None:
        """The way in which a lead has ended, as its CRM sees it, or None: won, lost, converted or closed."""
        explained = (progress.status or "").casefold() in self.states
        if progress.won is True:
            return "won"
        if progress.won is False and (progress.converted or not explained):
            return "lost"
        if progress.converted:
            return "converted"
        return None if progress.open or explained else "closed"


NO_MEANING = Meaning()


def _text(value: Value) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value).strip() or None

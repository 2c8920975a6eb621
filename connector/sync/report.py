"""What one cycle did, and what kept it from doing more."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class CycleReport:
    """What a cycle did, which CRMs were in trouble or are paused, and for what the day's budget is spent."""

    pulled: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    delivered: Counter[str] = field(default_factory=Counter)
    registrations: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)
    troubles: dict[str, str] = field(default_factory=dict)
    spent: set[tuple[str, str]] = field(default_factory=set)
    paused: set[str] = field(default_factory=set)

    @property
    def quiet(self) -> bool:
        """Whether nothing happened."""
        return not (+self.pulled or self.decided or self.delivered or self.registrations)

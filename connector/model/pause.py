"""A person's word that a crm, a partner or a route shall stand still for a while."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PauseKind = Literal["crm", "partner", "route", "all", "retiring"]
"""`retiring` is a partner that leaves: no pause of anything else, and it does not end by itself."""


@dataclass(frozen=True, slots=True)
class Pause:
    """What is paused, since when, until when (None: until it is resumed), by whom and why."""

    kind: PauseKind
    name: str
    since: datetime
    until: datetime | None
    by: str
    because: str


@dataclass(frozen=True, slots=True)
class Pauses:
    """What is paused at one moment, by name; `everything` stands for all crms."""

    crms: frozenset[str] = frozenset()
    partners: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    everything: bool = False
    retiring: frozenset[str] = frozenset()

    def stops(self, crm: str) -> bool:
        """Whether a crm is neither read nor written."""
        return self.everything or crm in self.crms

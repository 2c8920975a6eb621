"""What every step of a cycle works with: the rules in use, the CRMs, the store, the clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from connector.routing.policy import Policy
from connector.sources.base import Source
from connector.store import Store
from connector.sync.retry import retrying
from connector.sync.settings import ScheduleSettings
from connector.sync.stopping import Stop

Progress = Callable[[str, str, int], None]
"""Told of work done: the step ("pull", "decide", "deliver"), the CRM, and how many records."""


def quietly(step: str, crm: str, count: int) -> None:
    """A Progress that shows nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """A connected CRM and what its table says of working with it."""

    source: Source
    kind: str
    live: bool
    most_calls_a_day: int | None = None
    leader_crm: str | None = None
    notes: bool = False
    roster: bool = False
    account: str | None = None


@dataclass(slots=True)
class Means:
    """What the steps of a daemon's cycles have in common; the rules change with the partners that CRMs keep.

    Where a daemon is not `unhurried`, a long step makes way for leads that may overtake those before them.
    """

    policy: Policy
    config_hash: str
    store: Store
    lines: Mapping[str, Line]
    schedule: ScheduleSettings
    now: Callable[[], datetime]
    random: Random
    stop: Stop
    progress: Progress
    unhurried: bool

    def crms(self, *, live: bool) -> list[str]:
        """The CRMs that are live, or those in shadow, by name."""
        return sorted(crm for crm, line in self.lines.items() if line.live == live)

    def call(self, ask: Callable[[], Any]) -> Any:
        """A CRM's answer, asked for again while it is busy."""
        return retrying(self.stop.pause, self.random)(ask)

    def advance(self, step: str, crm: str, count: int) -> None:
        """Tell of records that are done, and stop here if a stop was asked for."""
        self.progress(step, crm, count)
        self.stop.check()

    def until(self) -> datetime | None:
        """When a step ends that could take hours, so that leads which have come since may overtake."""
        hurries = not self.unhurried and self.policy.order.overtakes
        return self.now() + self.schedule.pull if hurries else None

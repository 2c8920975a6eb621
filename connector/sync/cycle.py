"""One cycle: pull every CRM, decide what waits, deliver what is due."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import structlog

from connector.routing.policy import Policy
from connector.sources.base import Source, SourceError
from connector.store import Store
from connector.store.decisions import redecide_shadowed
from connector.store.outbox import resume
from connector.sync.decide import decide_waiting
from connector.sync.deliver import Delivery
from connector.sync.pull import pull
from connector.sync.retry import retrying
from connector.sync.stopping import Stop

Progress = Callable[[str, str, int], None]
"""Told of work done: the step ("pull", "decide", "deliver"), the CRM, and how many records."""


def quietly(step: str, crm: str, count: int) -> None:
    """A Progress that shows nothing."""


@dataclass(slots=True)
class CycleReport:
    """What a cycle did, and which CRMs were in trouble."""

    pulled: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    delivered: Counter[str] = field(default_factory=Counter)
    troubles: dict[str, str] = field(default_factory=dict)

    @property
    def quiet(self) -> bool:
        """Whether nothing happened."""
        return not (self.pulled or self.decided or self.delivered)


class Cycle:
    """Everything that a cycle needs; `run` does one and may be called again and again."""

    def __init__(
        self,
        *,
        policy: Policy,
        store: Store,
        sources: Mapping[str, Source],
        live: frozenset[str],
        overlap: timedelta,
        config_hash: str,
        now: Callable[[], datetime],
        random: Random,
        stop: Stop,
        host: str,
        progress: Progress = quietly,
    ):
        self._policy = policy
        self._store = store
        self._sources = sources
        self._live = sorted(live & sources.keys())
        self._shadow = sorted(sources.keys() - live)
        self._overlap = overlap
        self._config_hash = config_hash
        self._now = now
        self._random = random
        self._stop = stop
        self._host = host
        self._progress = progress
        self._log = structlog.get_logger()
        self._troubles: dict[str, str] = {}

    def begin(self) -> None:
        """Take up what an earlier run left: writes under way, leads that were decided in shadow only."""
        with self._store.transaction() as session:
            for crm in self._live:
                resume(session, crm)
            redecide_shadowed(session, self._live)

    def run(self) -> CycleReport:
        """One cycle; Stopped when a stop is asked for between two of its steps."""
        report = CycleReport()
        for crm, source in self._sources.items():
            self._guarded(report, crm, "pull", partial(self._pull, source, report))
        self._decide(report)
        for crm in self._live:
            if crm not in report.troubles:
                self._guarded(report, crm, "deliver", partial(self._deliver, crm, report))
        self._note_ends(report)
        self._count_calls()
        self._store.beat(self._host, self._now())
        return report

    def _guarded(self, report: CycleReport, crm: str, step: str, work: Callable[[], None]) -> None:
        self._stop.check()
        try:
            work()
        except SourceError as error:
            report.troubles[crm] = str(error)
            if crm not in self._troubles:
                kind = type(error).__name__
                self._log.warning("source.trouble_began", crm=crm, step=step, kind=kind, code=error.code)
            self._troubles[crm] = str(error)

    def _note_ends(self, report: CycleReport) -> None:
        for crm in self._troubles.keys() - report.troubles.keys():
            del self._troubles[crm]
            self._log.info("source.trouble_ended", crm=crm)

    def _pull(self, source: Source, report: CycleReport) -> None:
        def each(count: int) -> None:
            self._progress("pull", source.crm, count)
            self._stop.check()

        pulled = pull(source, self._store, self._overlap, self._call, each)
        report.pulled += Counter({"new": pulled.new, "changed": pulled.changed})
        if pulled.new or pulled.changed:
            self._log.info("leads.pulled", crm=source.crm, new=pulled.new, changed=pulled.changed)

    def _decide(self, report: CycleReport) -> None:
        for ledger, crms in (("live", self._live), ("shadow", self._shadow)):
            if not crms:
                continue
            self._stop.check()
            outcomes = decide_waiting(
                self._policy, self._store, crms, ledger, self._config_hash, self._now, self._decided
            )
            report.decided += outcomes
            if outcomes:
                self._log.info("leads.decided", ledger=ledger, **outcomes)

    def _decided(self, count: int) -> None:
        self._progress("decide", "", count)
        self._stop.check()

    def _deliver(self, crm: str, report: CycleReport) -> None:
        def each(count: int) -> None:
            self._progress("deliver", crm, count)
            self._stop.check()

        delivery = Delivery(
            self._sources[crm], self._store, self._config_hash, self._now, self._random, self._call
        )
        ends = delivery.run(each)
        report.delivered += ends
        if ends:
            self._log.info("outbox.delivered", crm=crm, **ends)

    def _call(self, ask: Callable[[], Any]) -> Any:
        return retrying(self._stop.pause, self._random)(ask)

    def _count_calls(self) -> None:
        day = self._now().astimezone(UTC).date().isoformat()
        for crm, source in self._sources.items():
            if source.calls:
                self._store.add_calls(crm, day, source.calls)
                source.calls.clear()

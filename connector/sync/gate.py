"""Who may work on a CRM right now: pauses, leases and budgets, and what went wrong when it was tried."""

from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy.orm import Session

from connector.sources.base import SourceError
from connector.store.leases import LeaseLost
from connector.store.pauses import paused
from connector.sync.circuit import Circuit
from connector.sync.leases import Leases
from connector.sync.limits import BudgetSpent, Limiter
from connector.sync.means import Means
from connector.sync.report import CycleReport
from connector.sync.troubles import note_troubles

READING = frozenset({"pull", "company", "outcomes", "reconcile", "registrations"})
"""The purposes of calls that one daemon makes for all."""


class Gate:
    """Lets this daemon work on CRMs one step at a time, and keeps their troubles."""

    def __init__(self, means: Means, leases: Leases):
        self._means = means
        self._leases = leases
        self._log = structlog.get_logger()
        self._paused: frozenset[str] = frozenset()
        self._circuits = {crm: Circuit() for crm in means.lines}
        self._troubles: dict[str, str] = {}
        self._alerts: dict[str, dict[str, str]] = {}
        for crm, line in means.lines.items():
            check, account = partial(self._check, crm), line.account or crm
            limiter = Limiter(
                line.source,
                line.kind,
                means.store,
                line.most_calls_a_day,
                account,
                means.now,
                means.stop,
                check,
            )
            line.source.limited_by(limiter.admit)

    def _check(self, crm: str, session: Session, purpose: str) -> None:
        """Before each call: whether the reading that it belongs to is still this daemon's."""
        if purpose in READING:
            self._leases.check(session, f"read {crm}")

    def look_for_pauses(self) -> frozenset[str]:
        """The CRMs that a person has paused: they are neither read nor decided on nor written to."""
        with self._means.store.looking() as session:
            still = paused(session, self._means.now())
        self._paused = frozenset(filter(still.stops, self._means.lines))
        return self._paused

    def working(self, *, live: bool | None = None) -> list[str]:
        """The CRMs that are not paused; by default in the order of the config."""
        crms = list(self._means.lines) if live is None else self._means.crms(live=live)
        return [crm for crm in crms if crm not in self._paused]

    def lets(self, crm: str, report: CycleReport) -> bool:
        """Whether a CRM is to be tried; one that fails again and again is left in peace for a while."""
        if self._circuits[crm].lets(self._means.now()):
            return True
        report.troubles[crm] = self._troubles.get(crm, "left in peace for a while")
        return False

    def alone(self, lease: str, step: str, work: Callable[[], object]) -> bool:
        """Do what one daemon does for all, unless another does it; whether this one did."""
        fence = self._leases.take(lease)
        if fence is None:
            return False
        try:
            with self._means.store.fenced_by(fence):
                work()
        except LeaseLost as lost:
            self._lost(lost, step)
        return True

    def _lost(self, lost: LeaseLost, step: str) -> None:
        self._log.warning("lease.lost", lease=str(lost), step=step)

    def read(self, report: CycleReport, crm: str, step: str, work: Callable[[], object]) -> bool:
        """Read a CRM, unless another daemon does; whether this one did."""
        return self.alone(f"read {crm}", step, partial(self.guard, report, crm, step, work))

    def guard(self, report: CycleReport, crm: str, step: str, work: Callable[[], object]) -> None:
        """Work on a CRM; that it is in trouble, or the day's budget spent, ends this step only."""
        self._means.stop.check()
        try:
            work()
        except BudgetSpent:
            if (crm, step) not in report.spent:
                self._log.warning("budget.spent", crm=crm, step=step)
            report.spent.add((crm, step))
        except LeaseLost as lost:
            self._lost(lost, step)
        except SourceError as error:
            report.troubles[crm] = str(error)
            if crm not in self._troubles:
                kind = type(error).__name__
                self._log.warning("source.trouble_began", crm=crm, step=step, kind=kind, code=error.code)
                self._alerts[crm] = {"step": step, "kind": kind, "code": error.code}
            self._troubles[crm] = str(error)

    def note_ends(self, report: CycleReport) -> None:
        """At the end of a cycle: which CRMs failed in it, and whose troubles are over."""
        now = self._means.now()
        for crm in self.working():
            circuit = self._circuits[crm]
            if crm in report.troubles:
                if circuit.lets(now):
                    circuit.failed(now)
                continue
            circuit.worked()
            if self._troubles.pop(crm, None) is not None:
                self._log.info("source.trouble_ended", crm=crm)
                del self._alerts[crm]
        works = [crm for crm in self.working() if crm not in report.troubles]
        note_troubles(self._means.store, self._alerts, works, now)

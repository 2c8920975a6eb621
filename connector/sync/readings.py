"""The readings of the CRMs, early and late: pull, settle, outcomes, reconcile."""

from collections.abc import Mapping, Sequence
from functools import partial

import structlog
from sqlalchemy.orm import Session

from connector.model.cursor import Cursor
from connector.model.lead import Lead
from connector.model.progress import Progress
from connector.store.intake import write_cursor
from connector.sync.hearing import hear, hear_progress
from connector.sync.keeping import Keeping, let_go
from connector.sync.means import Means
from connector.sync.pull import Doubts, Pulled, Puller
from connector.sync.reconcile import Reconciler
from connector.sync.registrar import Registrar
from connector.sync.report import CycleReport
from connector.sync.watching import watch


class Readings:
    """Reads CRMs into the store, by the rules in use, and counts in a report what that brought."""

    def __init__(self, means: Means, keeping: Keeping):
        self._means = means
        self._keeping = keeping
        self._log = structlog.get_logger()
        self._doubts: dict[str, Doubts] = {crm: {} for crm in means.lines}

    def pull(self, crm: str, report: CycleReport) -> None:
        """Read on from where the last reading ended."""
        self._add(crm, self._puller(crm).pull(self._means.until()), report, "leads.pulled")

    def settle(self, crm: str, report: CycleReport) -> None:
        """Read the last while once more; what it brought waits to be decided."""
        back = self._means.schedule.settle_back
        pulled = self._puller(crm).settle(back)
        self._add(crm, pulled, report, "leads.settled")
        report.caught["settled"] += pulled.new
        registrar = Registrar.of(self._means)
        if registrar and crm in registrar.desks:
            report.caught["registrations"] += registrar.reread(crm, "settle", back)

    def outcomes(self, crm: str, report: CycleReport) -> None:
        """Ask how far open leads have come."""
        report.caught["over"] += self._reconciler(crm).outcomes()
        with self._means.store.transaction() as session:
            write_cursor(session, crm, Cursor(self._means.now()), "outcomes")

    def reconcile(self, crm: str, report: CycleReport) -> None:
        """Look for what all readings missed, and for what is gone; erase what need not be kept any more."""
        registrar = Registrar.of(self._means)
        if registrar and crm in registrar.desks:
            registrar.look_for_missing(crm)
            back = self._means.schedule.reconcile + self._means.schedule.settle_back
            report.caught["registrations"] += registrar.reread(crm, "reconcile", back)
        caught = self._reconciler(crm).reconcile()
        report.caught.update(missed=caught.missed, gone=caught.gone)
        self._log.info(
            "leads.reconciled", crm=crm, looked_at=caught.looked_at, missed=caught.missed, gone=caught.gone
        )
        erased = let_go(self._means.store, crm, self._keeping, self._means.now(), self._means.config_hash)
        if erased:
            self._log.info("leads.erased", crm=crm, leads=erased)

    def _puller(self, crm: str) -> Puller:
        means, line = self._means, self._means.lines[crm]
        return Puller(
            line.source,
            means.store,
            overlap=means.schedule.overlap,
            leader_crm=line.leader_crm,
            config_hash=means.config_hash,
            now=means.now,
            call=means.call,
            each=partial(means.advance, "pull", crm),
            doubts=self._doubts[crm],
            hear=partial(self._hear, crm),
            watch=partial(self._watch, crm),
        )

    def _reconciler(self, crm: str) -> Reconciler:
        means = self._means
        return Reconciler(
            means.lines[crm].source,
            means.store,
            self._puller(crm),
            means.config_hash,
            means.now,
            means.call,
            partial(self._hear_progress, crm),
        )

    def _watch(self, crm: str, session: Session, leads: Sequence[Lead]) -> None:
        recalled = watch(session, self._means.policy, crm, leads, self._means.now())
        if recalled:
            self._log.info("leads.recalled", crm=crm, count=recalled)

    def _hear(self, crm: str, session: Session, leads: Sequence[Lead]) -> int:
        return hear(session, self._means.policy, crm, leads, self._means.now())

    def _hear_progress(self, crm: str, session: Session, found: Mapping[str, Progress]) -> int:
        return hear_progress(session, self._means.policy, crm, found, self._means.now())

    def _add(self, crm: str, pulled: Pulled, report: CycleReport, event: str) -> None:
        counts = {"new": pulled.new, "changed": pulled.changed, "ended": pulled.ended}
        report.pulled.update(counts)
        if any(counts.values()):
            self._log.info(event, crm=crm, **counts)

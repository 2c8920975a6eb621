"""What is done less often than each cycle: follow up, settle, outcomes, reconcile; each when it is due."""

from datetime import datetime, timedelta
from functools import partial

import structlog

from connector.model.cursor import Cursor
from connector.store.intake import read_cursor, write_cursor
from connector.sync.follow_up import follow_up
from connector.sync.gate import Gate
from connector.sync.means import Means
from connector.sync.readings import Readings
from connector.sync.report import CycleReport


class Chores:
    """Knows when each chore of each CRM is due."""

    def __init__(self, means: Means, gate: Gate, readings: Readings):
        self._means = means
        self._gate = gate
        self._log = structlog.get_logger()
        self._due: dict[tuple[str, str], datetime] = {}
        schedule = means.schedule
        self._chores = (
            ("follow_up", schedule.follow_up, self._follow_up),
            ("settle", schedule.settle, readings.settle),
            ("outcomes", schedule.outcomes, readings.outcomes),
            ("reconcile", schedule.reconcile, readings.reconcile),
        )

    def take_up(self, report: CycleReport) -> None:
        """Follow up now, and let the outcomes be asked for if that is due since an earlier run."""
        for crm in self._gate.working():
            if crm not in report.troubles:
                self._gate.read(report, crm, "follow_up", partial(self._follow_up, crm, report))
            with self._means.store.looking() as session:
                last = read_cursor(session, crm, "outcomes")
            due = last.since + self._means.schedule.outcomes if last else self._means.now()
            self._due[crm, "outcomes"] = due

    def do(self, report: CycleReport) -> None:
        """Whatever is due, in this order."""
        for crm in self._gate.working():
            for name, every, chore in self._chores:
                first = self._first_due(crm, name, every)
                due = self._due.setdefault((crm, name), first)
                if crm in report.troubles or self._means.now() < due:
                    continue
                if self._gate.read(report, crm, name, partial(chore, crm, report)):
                    self._due[crm, name] = self._means.now() + every

    def _first_due(self, crm: str, name: str, every: timedelta) -> datetime:
        """A reconciliation is due a day after the last one, restarts or not; the rest soon after a start."""
        if name != "reconcile" or (crm, name) in self._due:
            return self._means.now() + every
        with self._means.store.transaction() as session:
            last = read_cursor(session, crm, "reconcile")
            if last is None:
                last = Cursor(self._means.now())
                write_cursor(session, crm, last, "reconcile")
        return last.since + every

    def _follow_up(self, crm: str, report: CycleReport) -> None:
        """Remind partners, and take back what they have not accepted in time."""
        if self._means.lines[crm].live:
            found = follow_up(self._means.policy, self._means.store, crm, self._means.now())
            report.caught.update(found)
            if found:
                self._log.info("assignments.followed_up", crm=crm, **found)

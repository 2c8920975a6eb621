"""One cycle: pull every CRM, decide what waits, deliver what is due, and now and then look again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random

import structlog

from connector.model.lead import Value
from connector.routing.policy import Policy
from connector.sources.base import SourceError
from connector.store import Store
from connector.store.brake import NO_LIMITS, Limits
from connector.store.decisions import redecide_shadowed
from connector.store.outbox import Taker, resume
from connector.store.registrations import answer_unanswered
from connector.store.steady import SteadyClock
from connector.store.stuck import backlogs
from connector.sync.answer import Answers
from connector.sync.chores import Chores
from connector.sync.daemons import Daemon
from connector.sync.decide import decide_waiting, recognise_given
from connector.sync.deliver import Delivery
from connector.sync.gate import Gate
from connector.sync.keeping import Keeping
from connector.sync.leases import Leases
from connector.sync.limits import day_of
from connector.sync.means import Line, Means, Progress, quietly
from connector.sync.readings import Readings
from connector.sync.registrar import Registrar
from connector.sync.report import CycleReport
from connector.sync.safety import note_limits
from connector.sync.settings import ScheduleSettings
from connector.sync.stopping import Stop

WithPartners = Callable[[Mapping[str, Sequence[Mapping[str, Value]]]], tuple[Policy, str]]
"""The policy with the partners that CRMs maintain, and its hash; rows by CRM, under keys of `[[partner]]`."""


Tell = Callable[[Sequence[str], Callable[[], None]], Mapping[str, int]]
"""Tells people of leads of the live CRMs, checking before each; what became of how many notices."""


class Cycle:
    """The order of a cycle's steps; `run` does one and may be called again and again."""

    def __init__(
        self,
        *,
        policy: Policy,
        store: Store,
        lines: Mapping[str, Line],
        schedule: ScheduleSettings,
        config_hash: str,
        now: Callable[[], datetime],
        random: Random,
        stop: Stop,
        host: str,
        progress: Progress = quietly,
        with_partners: WithPartners | None = None,
        keeping: Keeping | None = None,
        daemon: Daemon | None = None,
        ticks: Callable[[], float] | None = None,
        limits: Limits = NO_LIMITS,
        tell: Tell | None = None,
        unhurried: bool = True,
    ):
        self.means = Means(
            policy, config_hash, store, lines, schedule, now, random, stop, progress, unhurried
        )
        self._with_partners = with_partners
        self._partners_due = now() + schedule.partners
        self._tell = tell
        self._host = host
        self._daemon = daemon or Daemon.here(host)
        clock = SteadyClock(now, ticks or (lambda: now().timestamp()))
        self._taker = Taker(str(self._daemon), clock, limits)
        self._leases = Leases(store, self._daemon)
        self._gate = Gate(self.means, self._leases)
        self.readings = Readings(self.means, keeping or Keeping())
        self._chores = Chores(self.means, self._gate, self.readings)
        self._log = structlog.get_logger()

    @property
    def policy(self) -> Policy:
        """The rules in use."""
        return self.means.policy

    def begin(self) -> None:
        """Take up what an earlier run left: writes under way, leads that were decided in shadow only."""
        live = self.means.crms(live=True)
        self.give_sign()
        with self.means.store.transaction() as session:
            for crm in live:
                resume(session, crm, self._daemon.knows_ended)
            redecide_shadowed(session, live, self.policy.shadow_routes)
            answer_unanswered(session, live)
        self.refresh_partners()
        recognise_given(self.policy, self.means.store, self.means.now())

    def refresh_partners(self) -> None:
        """Read the partners that CRMs maintain; without an answer, those known so far go on."""
        self._partners_due = self.means.now() + self.means.schedule.partners
        sources = {crm: line.source for crm, line in self.means.lines.items() if line.roster}
        if self._with_partners is None or not sources or self._gate.look_for_pauses().intersection(sources):
            return
        try:
            rows = {crm: self.means.call(source.read_partners) for crm, source in sources.items()}
        except SourceError as error:
            self._log.warning("partners.unread", kind=type(error).__name__, code=error.code)
            return
        self.means.policy, self.means.config_hash = self._with_partners(rows)

    def run(self, *, once: bool = False) -> CycleReport:
        """One cycle; Stopped when a stop is asked for between two of its steps.

        One that runs but `once` follows up before it decides, and asks for outcomes if that is due since an
        earlier run.
        """
        report = CycleReport()
        self.give_sign()
        report.paused |= self._gate.look_for_pauses()
        for crm in self._gate.working():
            if self._gate.lets(crm, report):
                self._gate.read(report, crm, "pull", partial(self.readings.pull, crm, report))
        self._read_registrations(report)
        if once:
            self._chores.take_up(report)
        # Turns are exact only if they are taken in turn, so one daemon decides for all.
        self._gate.alone("decide", "decide", partial(self._decide, report))
        for crm in self._gate.working(live=True):
            if crm not in report.troubles:
                self._gate.guard(report, crm, "deliver", partial(self._deliver, crm, report))
        self._chores.do(report)
        if self.means.now() >= self._partners_due:
            self.refresh_partners()
        if self._tell:
            self._gate.alone("notices", "tell", partial(self._tell_people, self._tell, report))
        self._gate.note_ends(report)
        note_limits(self.means.store, self._taker, self.means.now())
        self._tell_backlog()
        self._count_calls()
        self.means.store.beat(self._host, self.means.now())
        return report

    @property
    def sign_every(self) -> timedelta:
        """How often `give_sign` must be called for this daemon to go on with what it does alone."""
        return timedelta(seconds=self._leases.sign_every)

    def give_sign(self) -> None:
        """Tell the other daemons that this one is at work, once nobody who was stopped stands in the way."""
        if stopped := self.means.store.end_stopped():
            self._log.warning("locks.taken_from_stopped", transactions=stopped)
        self._leases.give_sign(self.means.config_hash)

    def leave(self) -> None:
        """Let other daemons take over at once what this one did alone."""
        self._leases.give_up()

    def _read_registrations(self, report: CycleReport) -> None:
        registrar = Registrar.of(self.means)
        for crm in registrar.desks if registrar else ():
            if registrar and crm in self._gate.working() and crm not in report.troubles:
                self._gate.read(report, crm, "registrations", partial(registrar.pull, crm))

    def _decide(self, report: CycleReport) -> None:
        """Registrations go before leads: a lead may be for a partner who has registered the customer."""
        self._rule(report)
        for ledger in ("live", "shadow"):
            crms = self._gate.working(live=ledger == "live")
            if not crms:
                continue
            self.means.stop.check()
            outcomes = decide_waiting(
                self.policy,
                self.means.store,
                crms,
                ledger,
                self.means.config_hash,
                self.means.now,
                partial(self.means.advance, "decide", ""),
                self.means.until(),
            )
            report.decided += outcomes
            if outcomes:
                self._log.info("leads.decided", ledger=ledger, **outcomes)

    def _rule(self, report: CycleReport) -> None:
        registrar = Registrar.of(self.means)
        if registrar is None:
            return
        self.means.stop.check()
        ends = registrar.rule()
        report.registrations += ends
        if ends:
            self._log.info("registrations.ruled", **ends)

    def _deliver(self, crm: str, report: CycleReport) -> None:
        line = self.means.lines[crm]
        delivery = Delivery(
            line.source,
            self.means.store,
            self.means.config_hash,
            self.means.now,
            self.means.random,
            self.means.call,
            taker=replace(self._taker, silent_routes=self.policy.shadow_routes),
            notes=line.notes,
        )
        ends = delivery.run(partial(self.means.advance, "deliver", crm))
        report.delivered += ends
        if ends:
            self._log.info("outbox.delivered", crm=crm, **ends)
        self._answer_registrations(crm, report)

    def _answer_registrations(self, crm: str, report: CycleReport) -> None:
        source = self.means.lines[crm].source
        if source.registrations and self.policy.deal_registration:
            answers = Answers(
                source,
                source.registrations,
                self.means.store,
                self.means.now,
                self.means.random,
                self.means.call,
                taker=self._taker,
            )
            ends = answers.run()
            report.delivered += ends
            if ends:
                self._log.info("registrations.answered", crm=crm, **ends)

    def _tell_people(self, tell: Tell, report: CycleReport) -> None:
        """Partners and channel managers hear what happened once all is done, from one daemon."""
        report.notices.update(tell(self._gate.working(live=True), self.means.stop.check))
        if report.notices:
            self._log.info("notices.told", **report.notices)

    def _tell_backlog(self) -> None:
        """What the CRMs have yet to take, in one line; none where they have taken all."""
        with self.means.store.transaction() as session:
            found = backlogs(session).values()
        oldest = min((each.oldest for each in found if each.oldest), default=None)
        if found:
            self._log.info(
                "outbox.backlog",
                waiting=sum(each.waiting for each in found),
                parked=sum(each.parked for each in found),
                oldest_seconds=round((self.means.now() - oldest).total_seconds()) if oldest else 0,
            )

    def _count_calls(self) -> None:
        day = day_of(self.means.now())
        for crm, line in self.means.lines.items():
            if line.source.calls:
                self.means.store.add_calls(crm, day, line.source.calls)
                line.source.calls.clear()

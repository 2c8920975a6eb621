"""One cycle: pull every CRM, decide what waits, deliver what is due, and now and then look again."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import structlog
from sqlalchemy.orm import Session

from connector.model.cursor import Cursor
from connector.model.lead import Lead, Value
from connector.model.progress import Progress as LeadProgress
from connector.routing.policy import Policy
from connector.routing.registration.terms import Terms
from connector.sources.base import Source, SourceError
from connector.store import Store
from connector.store.brake import NO_LIMITS, Limits
from connector.store.decisions import redecide_shadowed
from connector.store.intake import read_cursor, write_cursor
from connector.store.leases import LeaseLost
from connector.store.outbox import Taker, resume
from connector.store.pauses import paused
from connector.store.registrations import answer_unanswered
from connector.store.steady import SteadyClock
from connector.store.stuck import backlogs
from connector.sync.answer import Answers
from connector.sync.circuit import Circuit
from connector.sync.daemons import Daemon
from connector.sync.decide import decide_waiting, recognise_given
from connector.sync.deliver import Delivery
from connector.sync.follow_up import follow_up
from connector.sync.hearing import hear, hear_progress
from connector.sync.keeping import Keeping, let_go
from connector.sync.leases import Leases
from connector.sync.limits import BudgetSpent, Limiter, day_of
from connector.sync.pull import Doubts, Pulled, Puller
from connector.sync.reconcile import Reconciler
from connector.sync.registrar import Registrar, desks_of
from connector.sync.retry import retrying
from connector.sync.safety import note_limits
from connector.sync.settings import ScheduleSettings
from connector.sync.stopping import Stop
from connector.sync.troubles import note_troubles
from connector.sync.watching import watch

Progress = Callable[[str, str, int], None]
"""Told of work done: the step ("pull", "decide", "deliver"), the CRM, and how many records."""


def quietly(step: str, crm: str, count: int) -> None:
    """A Progress that shows nothing."""


READING = frozenset({"pull", "company", "outcomes", "reconcile", "registrations"})
"""The purposes of calls that one daemon makes for all."""

WithPartners = Callable[[Mapping[str, Sequence[Mapping[str, Value]]]], tuple[Policy, str]]
"""The policy with the partners that CRMs maintain, and its hash; rows by CRM, under keys of `[[partner]]`."""


Tell = Callable[[Sequence[str], Callable[[], None]], Mapping[str, int]]
"""Tells people of leads of the live CRMs, checking before each; what became of how many notices."""


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
class CycleReport:
    """What a cycle did, which CRMs were in trouble, for what the day's budget is spent, what another
    daemon does, and which CRMs are paused."""

    pulled: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    delivered: Counter[str] = field(default_factory=Counter)
    registrations: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)
    troubles: dict[str, str] = field(default_factory=dict)
    spent: set[tuple[str, str]] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    paused: set[str] = field(default_factory=set)

    @property
    def quiet(self) -> bool:
        """Whether nothing happened."""
        return not (+self.pulled or self.decided or self.delivered or self.registrations)


class Cycle:
    """Everything that a cycle needs; `run` does one and may be called again and again."""

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
        self._unhurried = unhurried
        self.policy = policy
        self._with_partners = with_partners
        self._keeping = keeping or Keeping()
        self._tell = tell
        self._store = store
        self._lines = lines
        self._schedule = schedule
        self._config_hash = config_hash
        self._now = now
        self._random = random
        self._stop = stop
        self._host = host
        self._daemon = daemon or Daemon.here(host)
        self._leases = Leases(store, self._daemon)
        clock = SteadyClock(now, ticks or (lambda: now().timestamp()))
        self._taker = Taker(str(self._daemon), clock, limits)
        self._progress = progress
        self._log = structlog.get_logger()
        self._troubles: dict[str, str] = {}
        self._alerts: dict[str, dict[str, str]] = {}
        self._paused: frozenset[str] = frozenset()
        self._circuits = {crm: Circuit() for crm in lines}
        self._doubts: dict[str, Doubts] = {crm: {} for crm in lines}
        self._due: dict[tuple[str, str], datetime] = {}
        self._partners_due = now() + schedule.partners
        for crm, line in lines.items():
            account = line.account or crm
            check = partial(self._check, crm)
            limiter = Limiter(line.source, line.kind, store, line.most_calls_a_day, account, now, stop, check)
            line.source.limited_by(limiter.admit)

    def begin(self) -> None:
        """Take up what an earlier run left: writes under way, leads that were decided in shadow only."""
        live = self._crms(live=True)
        self.give_sign()
        with self._store.transaction() as session:
            for crm in live:
                resume(session, crm, self._daemon.knows_ended)
            redecide_shadowed(session, live, self.policy.shadow_routes)
            answer_unanswered(session, live)
        self.refresh_partners()
        recognise_given(self.policy, self._store, self._now())

    def refresh_partners(self) -> None:
        """Read the partners that CRMs maintain; without an answer, those known so far go on."""
        self._partners_due = self._now() + self._schedule.partners
        sources = {crm: line.source for crm, line in self._lines.items() if line.roster}
        if self._with_partners is None or not sources or self._look_for_pauses().intersection(sources):
            return
        try:
            rows = {crm: self._call(source.read_partners) for crm, source in sources.items()}
        except SourceError as error:
            self._log.warning("partners.unread", kind=type(error).__name__, code=error.code)
            return
        self.policy, self._config_hash = self._with_partners(rows)

    def run(self, *, once: bool = False) -> CycleReport:
        """One cycle; Stopped when a stop is asked for between two of its steps.

        One that runs but `once` follows up before it decides, and asks for outcomes if that is due since an
        earlier run.
        """
        report = CycleReport()
        self.give_sign()
        report.paused |= self._look_for_pauses()
        for crm in self._working():
            if self._circuits[crm].lets(self._now()):
                self._alone(report, crm, "pull", partial(self._pull, crm, report))
            else:
                report.troubles[crm] = self._troubles.get(crm, "left in peace for a while")
        self._read_registrations(report)
        if once:
            self._take_up_chores(report)
        self._decide(report)
        for crm in self._working(live=True):
            if crm not in report.troubles:
                self._guarded(report, crm, "deliver", partial(self._deliver, crm, report))
        self._chores(report)
        if self._now() >= self._partners_due:
            self.refresh_partners()
        self._tell_people(report)
        self._note_ends(report)
        note_limits(self._store, self._taker, self._now())
        self._tell_backlog()
        self._count_calls()
        self._store.beat(self._host, self._now())
        return report

    def _crms(self, *, live: bool) -> list[str]:
        return sorted(crm for crm, line in self._lines.items() if line.live == live)

    def _look_for_pauses(self) -> frozenset[str]:
        """The CRMs that a person has paused: they are neither read nor decided on nor written to."""
        with self._store.looking() as session:
            still = paused(session, self._now())
        self._paused = frozenset(filter(still.stops, self._lines))
        return self._paused

    def _working(self, *, live: bool | None = None) -> list[str]:
        """The CRMs that are not paused; by default in the order of the config."""
        crms = list(self._lines) if live is None else self._crms(live=live)
        return [crm for crm in crms if crm not in self._paused]

    @property
    def sign_every(self) -> timedelta:
        """How often `give_sign` must be called for this daemon to go on with what it does alone."""
        return timedelta(seconds=self._leases.sign_every)

    def give_sign(self) -> None:
        """Tell the other daemons that this one is at work, once nobody who was stopped stands in the way."""
        if stopped := self._store.end_stopped():
            self._log.warning("locks.taken_from_stopped", transactions=stopped)
        self._leases.give_sign(self._config_hash)

    def leave(self) -> None:
        """Let other daemons take over at once what this one did alone."""
        self._leases.give_up()

    def _check(self, crm: str, session: Session, purpose: str) -> None:
        """Before each call: whether the reading that it belongs to is still this daemon's."""
        if purpose in READING:
            self._leases.check(session, f"read {crm}")

    def _alone(self, report: CycleReport, crm: str, step: str, work: Callable[[], object]) -> bool:
        """Read a CRM, unless another daemon does; whether this one did."""
        fence = self._leases.take(f"read {crm}")
        if fence is None:
            report.elsewhere.add(f"read {crm}")
            return False
        with self._store.fenced_by(fence):
            self._guarded(report, crm, step, work)
        return True

    def _guarded(self, report: CycleReport, crm: str, step: str, work: Callable[[], object]) -> None:
        self._stop.check()
        try:
            work()
        except BudgetSpent:
            if (crm, step) not in report.spent:
                self._log.warning("budget.spent", crm=crm, step=step)
            report.spent.add((crm, step))
        except LeaseLost as lost:
            report.elsewhere.add(str(lost))
            self._log.warning("lease.lost", lease=str(lost), step=step)
        except SourceError as error:
            report.troubles[crm] = str(error)
            if crm not in self._troubles:
                kind = type(error).__name__
                self._log.warning("source.trouble_began", crm=crm, step=step, kind=kind, code=error.code)
                self._alerts[crm] = {"step": step, "kind": kind, "code": error.code}
            self._troubles[crm] = str(error)

    def _note_ends(self, report: CycleReport) -> None:
        for crm in self._working():
            circuit = self._circuits[crm]
            if crm in report.troubles:
                if circuit.lets(self._now()):
                    circuit.failed(self._now())
                continue
            circuit.worked()
            if self._troubles.pop(crm, None) is not None:
                self._log.info("source.trouble_ended", crm=crm)
                del self._alerts[crm]
        works = [crm for crm in self._working() if crm not in report.troubles]
        note_troubles(self._store, self._alerts, works, self._now())

    def _puller(self, crm: str) -> Puller:
        line = self._lines[crm]
        return Puller(
            line.source,
            self._store,
            overlap=self._schedule.overlap,
            leader_crm=line.leader_crm,
            config_hash=self._config_hash,
            now=self._now,
            call=self._call,
            each=partial(self._advance, "pull", crm),
            doubts=self._doubts[crm],
            hear=partial(self._hear, crm),
            watch=partial(self._watch, crm),
        )

    def _watch(self, crm: str, session: Session, leads: Sequence[Lead]) -> None:
        recalled = watch(session, self.policy, crm, leads, self._now())
        if recalled:
            self._log.info("leads.recalled", crm=crm, count=recalled)

    def _hear(self, crm: str, session: Session, leads: Sequence[Lead]) -> int:
        return hear(session, self.policy, crm, leads, self._now())

    def _hear_progress(self, crm: str, session: Session, found: Mapping[str, LeadProgress]) -> int:
        return hear_progress(session, self.policy, crm, found, self._now())

    def _advance(self, step: str, crm: str, count: int) -> None:
        self._progress(step, crm, count)
        self._stop.check()

    def _pull(self, crm: str, report: CycleReport) -> None:
        self._add(crm, self._puller(crm).pull(self._until()), report, "leads.pulled")

    def _until(self) -> datetime | None:
        """When a step ends that could take hours, so that leads which have come since may overtake."""
        hurries = not self._unhurried and self.policy.order.overtakes
        return self._now() + self._schedule.pull if hurries else None

    def _add(self, crm: str, pulled: Pulled, report: CycleReport, event: str) -> None:
        counts = {"new": pulled.new, "changed": pulled.changed, "ended": pulled.ended}
        report.pulled.update(counts)
        if any(counts.values()):
            self._log.info(event, crm=crm, **counts)

    def _decide(self, report: CycleReport) -> None:
        """Decide what waits, unless another daemon does: turns are exact only if they are taken in turn."""
        fence = self._leases.take("decide")
        if fence is None:
            report.elsewhere.add("decide")
            return
        try:
            with self._store.fenced_by(fence):
                self._rule(report)
                self._decide_all(report)
        except LeaseLost as lost:
            report.elsewhere.add(str(lost))
            self._log.warning("lease.lost", lease=str(lost), step="decide")

    def _decide_all(self, report: CycleReport) -> None:
        for ledger, crms in (("live", self._working(live=True)), ("shadow", self._working(live=False))):
            if not crms:
                continue
            self._stop.check()
            outcomes = decide_waiting(
                self.policy,
                self._store,
                crms,
                ledger,
                self._config_hash,
                self._now,
                partial(self._advance, "decide", ""),
                self._until(),
            )
            report.decided += outcomes
            if outcomes:
                self._log.info("leads.decided", ledger=ledger, **outcomes)

    def _deliver(self, crm: str, report: CycleReport) -> None:
        line = self._lines[crm]
        delivery = Delivery(
            line.source,
            self._store,
            self._config_hash,
            self._now,
            self._random,
            self._call,
            taker=replace(self._taker, silent_routes=self.policy.shadow_routes),
            notes=line.notes,
        )
        ends = delivery.run(partial(self._advance, "deliver", crm))
        report.delivered += ends
        if ends:
            self._log.info("outbox.delivered", crm=crm, **ends)
        self._answer_registrations(crm, report)

    def registrar(self) -> Registrar | None:
        """Who rules on deal registrations, where the config has rules and a CRM has any."""
        desks = desks_of({crm: line.source for crm, line in self._lines.items()})
        settings = self.policy.deal_registration
        if settings is None or not desks:
            return None
        return Registrar(
            Terms.of(settings, self.policy),
            self._store,
            desks,
            frozenset(self._crms(live=True)),
            self._schedule.overlap,
            self._config_hash,
            self._now,
            self._call,
        )

    def _read_registrations(self, report: CycleReport) -> None:
        registrar = self.registrar()
        for crm in registrar.desks if registrar else ():
            if crm in self._paused:
                continue
            if registrar and crm not in report.troubles and self._circuits[crm].lets(self._now()):
                self._alone(report, crm, "registrations", partial(registrar.pull, crm))

    def _rule(self, report: CycleReport) -> None:
        """Registrations go before leads: a lead may be for a partner who has registered the customer."""
        registrar = self.registrar()
        if registrar is None:
            return
        self._stop.check()
        ends = registrar.rule()
        report.registrations += ends
        if ends:
            self._log.info("registrations.ruled", **ends)

    def _answer_registrations(self, crm: str, report: CycleReport) -> None:
        source = self._lines[crm].source
        if source.registrations and self.policy.deal_registration:
            answers = Answers(
                source,
                source.registrations,
                self._store,
                self._now,
                self._random,
                self._call,
                taker=self._taker,
            )
            ends = answers.run()
            report.delivered += ends
            if ends:
                self._log.info("registrations.answered", crm=crm, **ends)

    def _chores(self, report: CycleReport) -> None:
        """What is done less often, each when due: follow up, settle, outcomes, reconcile; in this order."""
        schedule = self._schedule
        chores = (
            ("follow_up", schedule.follow_up, self.follow_up),
            ("settle", schedule.settle, self.settle),
            ("outcomes", schedule.outcomes, self.outcomes),
            ("reconcile", schedule.reconcile, self.reconcile),
        )
        for crm in self._working():
            for name, every, chore in chores:
                first = self._first_due(crm, name, every)
                due = self._due.setdefault((crm, name), first)
                if crm in report.troubles or self._now() < due:
                    continue
                if self._alone(report, crm, name, partial(chore, crm, report)):
                    self._due[crm, name] = self._now() + every

    def _take_up_chores(self, report: CycleReport) -> None:
        """Follow up now, and let the outcomes be asked for if that is due since an earlier run."""
        for crm in self._working():
            if crm not in report.troubles:
                self._alone(report, crm, "follow_up", partial(self.follow_up, crm, report))
            with self._store.looking() as session:
                last = read_cursor(session, crm, "outcomes")
            self._due[crm, "outcomes"] = last.since + self._schedule.outcomes if last else self._now()

    def _tell_people(self, report: CycleReport) -> None:
        """Partners and channel managers hear what happened once all is done, from one daemon."""
        fence = self._leases.take("notices") if self._tell else None
        if self._tell is None or fence is None:
            return
        try:
            with self._store.fenced_by(fence):
                report.notices.update(self._tell(self._working(live=True), self._stop.check))
        except LeaseLost as lost:
            report.elsewhere.add(str(lost))
        if report.notices:
            self._log.info("notices.told", **report.notices)

    def _first_due(self, crm: str, name: str, every: timedelta) -> datetime:
        """A reconciliation is due a day after the last one, restarts or not; the rest soon after a start."""
        if name != "reconcile" or (crm, name) in self._due:
            return self._now() + every
        with self._store.transaction() as session:
            last = read_cursor(session, crm, "reconcile")
            if last is None:
                last = Cursor(self._now())
                write_cursor(session, crm, last, "reconcile")
        return last.since + every

    def settle(self, crm: str, report: CycleReport) -> None:
        """Read the last while once more, and decide what it brought."""
        pulled = self._puller(crm).settle(self._schedule.settle_back)
        self._add(crm, pulled, report, "leads.settled")
        report.caught["settled"] += pulled.new
        registrar = self.registrar()
        if registrar and crm in registrar.desks:
            report.caught["registrations"] += registrar.reread(crm, "settle", self._schedule.settle_back)

    def follow_up(self, crm: str, report: CycleReport) -> None:
        """Remind partners, and take back what they have not accepted in time."""
        if self._lines[crm].live:
            found = follow_up(self.policy, self._store, crm, self._now())
            report.caught.update(found)
            if found:
                self._log.info("assignments.followed_up", crm=crm, **found)

    def outcomes(self, crm: str, report: CycleReport) -> None:
        """Ask how far open leads have come."""
        report.caught["over"] += self._reconciler(crm).outcomes()
        with self._store.transaction() as session:
            write_cursor(session, crm, Cursor(self._now()), "outcomes")

    def reconcile(self, crm: str, report: CycleReport) -> None:
        """Look for what all readings missed, and for what is gone."""
        registrar = self.registrar()
        if registrar and crm in registrar.desks:
            registrar.look_for_missing(crm)
            back = self._schedule.reconcile + self._schedule.settle_back
            report.caught["registrations"] += registrar.reread(crm, "reconcile", back)
        caught = self._reconciler(crm).reconcile()
        report.caught.update(missed=caught.missed, gone=caught.gone)
        self._log.info(
            "leads.reconciled", crm=crm, looked_at=caught.looked_at, missed=caught.missed, gone=caught.gone
        )
        erased = let_go(self._store, crm, self._keeping, self._now(), self._config_hash)
        if erased:
            self._log.info("leads.erased", crm=crm, leads=erased)

    def _reconciler(self, crm: str) -> Reconciler:
        return Reconciler(
            self._lines[crm].source,
            self._store,
            self._puller(crm),
            self._config_hash,
            self._now,
            self._call,
            partial(self._hear_progress, crm),
        )

    def _call(self, ask: Callable[[], Any]) -> Any:
        return retrying(self._stop.pause, self._random)(ask)

    def _tell_backlog(self) -> None:
        """What the CRMs have yet to take, in one line; none where they have taken all."""
        with self._store.transaction() as session:
            found = backlogs(session).values()
        oldest = min((each.oldest for each in found if each.oldest), default=None)
        if found:
            self._log.info(
                "outbox.backlog",
                waiting=sum(each.waiting for each in found),
                parked=sum(each.parked for each in found),
                oldest_seconds=round((self._now() - oldest).total_seconds()) if oldest else 0,
            )

    def _count_calls(self) -> None:
        day = day_of(self._now())
        for crm, line in self._lines.items():
            if line.source.calls:
                self._store.add_calls(crm, day, line.source.calls)
                line.source.calls.clear()

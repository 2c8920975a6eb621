"""How things stand, in a few lines: what runs in which mode, what is paused or kept back, what is wrong."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from connector.model.alert import Alert
from connector.model.pause import Pause
from connector.store import alerts, pauses
from connector.store.brake import OWNER_CHANGES, WRITES, Limits, Sent, sent_within
from connector.store.leases import DaemonLine, daemons
from connector.store.releases import kept
from connector.store.retiring import counts
from connector.store.steady import SteadyClock, seen
from connector.store.stuck import Backlog, backlogs


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A safety limit, what of it the last hour has used, and what it keeps back."""

    name: str
    most: int
    used: int
    kept_back: int


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand at a moment; `modes` by crm, `beat` the end of this host's last cycle.

    `left_behind` counts the open leads of partners that the config no longer has.
    """

    now: datetime
    modes: Mapping[str, str]
    pauses: tuple[Pause, ...]
    limits: tuple[LimitLine, ...]
    backlog: Mapping[str, Backlog]
    alerts: tuple[Alert, ...]
    daemons: tuple[DaemonLine, ...]
    beat: datetime | None
    patience: timedelta
    left_behind: Mapping[str, int] = field(default_factory=dict)

    @property
    def troubles(self) -> tuple[str, ...]:
        """What needs a person, a sentence each."""
        return tuple(_troubles(self))

    def as_data(self) -> dict[str, Any]:
        """The status as JSON values."""
        return {
            "modes": dict(self.modes),
            "pauses": [_pause_data(one) for one in self.pauses],
            "limits": {
                line.name: {"most": line.most, "used": line.used, "kept_back": line.kept_back}
                for line in self.limits
            },
            "backlog": {
                crm: {"waiting": one.waiting, "oldest": _iso(one.oldest), "parked": one.parked}
                for crm, one in self.backlog.items()
            },
            "alerts": [
                {"code": one.code, "subject": one.subject, "since": _iso(one.since), "facts": one.facts}
                for one in self.alerts
            ],
            "daemons": [{"name": one.name, "silent_seconds": round(one.silent)} for one in self.daemons],
            "last_cycle": _iso(self.beat),
            "troubles": list(self.troubles),
        }


def status(
    session: Session,
    clock: SteadyClock,
    now: datetime,
    limits: Limits,
    modes: Mapping[str, str],
    beat: datetime | None,
    patience: timedelta,
    partners: Collection[str],
) -> Status:
    """What the store knows; a cycle should have ended on this host within `patience`, if ever one did.

    `partners` are the ids of those that the config has.
    """
    sent = sent_within(session, seen(session, clock))
    return Status(
        now=now,
        modes=modes,
        pauses=tuple(pauses.lasting(session, now)),
        limits=tuple(_limits(limits, sent, kept(session, show=0).by_limit)),
        backlog=backlogs(session),
        alerts=tuple(alerts.lasting(session)),
        daemons=tuple(daemons(session)),
        beat=beat,
        patience=patience,
        left_behind={
            who: leads for who, (leads, _) in counts(session).items() if leads and who not in partners
        },
    )


def _limits(limits: Limits, sent: Sent, kept_back: Mapping[str, int]) -> Iterator[LimitLine]:
    used = {WRITES: sent.writes, OWNER_CHANGES: sent.owner_changes}
    for name, most in limits.by_name().items():
        yield LimitLine(name, most, used[name], kept_back.get(name, 0))


def _troubles(status: Status) -> Iterator[str]:
    for line in status.limits:
        if line.kept_back:
            yield (
                f"{line.name} = {line.most} keeps {line.kept_back} writes back; connector release shows them "
                "and lets them go"
            )
    for crm, backlog in status.backlog.items():
        if backlog.parked:
            yield f"{backlog.parked} writes for {crm} are parked; connector outbox list says why"
    for alert in status.alerts:
        if alert.code == "source.trouble":
            facts = alert.facts
            yield (
                f"{alert.subject} has been in trouble since {_told(alert.since)}: {facts['kind']} "
                f"{facts['code']} in {facts['step']}"
            )
    for who, leads in status.left_behind.items():
        yield (
            f"{who} has {leads} open leads and is not in the config any more; put it back, or give them to "
            f"others with connector partners retire --release {who}"
        )
    if status.beat and status.now - status.beat > status.patience:
        yield f"no cycle has ended on this host since {_told(status.beat)}; is the daemon at work?"


def lines(status: Status) -> Iterator[str]:
    """The status for a person."""
    yield "mode: " + ", ".join(f"{crm} {mode}" for crm, mode in status.modes.items())
    for one in status.pauses:
        until = f"until {_told(one.until)}" if one.until else "until connector resume"
        what = "everything" if one.kind == "all" else f"{one.kind} {one.name}"
        yield f"paused: {what} {until}, by {one.by} since {_told(one.since)}: {one.because}"
    for line in status.limits:
        back = f", {line.kept_back} kept back" if line.kept_back else ""
        yield f"{line.name}: {line.used} of {line.most} in the last hour{back}"
    for crm, backlog in status.backlog.items():
        oldest = f", the oldest since {_told(backlog.oldest)}" if backlog.oldest else ""
        yield f"{crm}: {backlog.waiting} writes on their way{oldest}, {backlog.parked} parked"
    for daemon in status.daemons:
        yield f"daemon {daemon.name}: last sign of life {round(daemon.silent)} seconds ago"
    yield f"last cycle on this host: {_told(status.beat) if status.beat else 'never'}"
    yield from (f"trouble: {sentence}" for sentence in status.troubles)


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _pause_data(one: Pause) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": one.name,
        "since": _iso(one.since),
        "until": _iso(one.until),
        "by": one.by,
        "because": one.because,
    }

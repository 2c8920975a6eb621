"""The daemon: a cycle at every interval until a stop is asked for."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MAX_INSTANCES
from apscheduler.schedulers.background import BackgroundScheduler

from connector.store.engine import StoreTrouble
from connector.sync.stopping import Stop, Stopped

# The default grace of one second drops runs, and a run that takes longer than its interval must not pile up.
_JOB_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


_LOOK_EVERY = 1.0
"""Seconds after which the main thread wakes up at the latest."""

PATIENCE = timedelta(seconds=7)
"""How long a stop waits for the step under way, such as a CRM that does not answer."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """A sign of life to give so often, cycles or not."""

    give: Callable[[], None]
    every: timedelta

    def beat(self) -> None:
        """Give it; without a database there is nobody to tell."""
        with suppress(StoreTrouble):
            self.give()


def run_until_stopped(
    cycle: Callable[[], Any], every: timedelta, stop: Stop, abandon: Callable[[], None], pulse: Pulse
) -> None:
    """Run cycles until `stop` is asked for; the one under way ends between two of its steps.

    If its step takes longer than PATIENCE, `abandon` is called, which must end the process.
    """
    log = structlog.get_logger()
    idle = threading.Event()
    idle.set()

    def job() -> None:
        idle.clear()
        try:
            cycle()
        except Stopped:
            log.info("cycle.stopped")
        finally:
            idle.set()

    scheduler = BackgroundScheduler(timezone="UTC", job_defaults=_JOB_DEFAULTS)
    scheduler.add_listener(Teller().tell, EVENT_JOB_ERROR | EVENT_JOB_EXECUTED | EVENT_JOB_MAX_INSTANCES)
    # One job, so that a long first cycle and a second one never run at the same time.
    now = datetime.now(UTC)
    scheduler.add_job(job, "interval", seconds=every.total_seconds(), id="cycle", next_run_time=now)
    scheduler.add_job(pulse.beat, "interval", seconds=pulse.every.total_seconds(), id="pulse")
    scheduler.start()
    log.info("daemon.started", pull_seconds=every.total_seconds())
    while not stop.wait(_LOOK_EVERY):
        # A signal may be given to another thread, and Python runs its handler only when this one wakes up.
        pass
    if not idle.wait(PATIENCE.total_seconds()):
        log.warning("daemon.abandoned_a_step")
        abandon()
    scheduler.shutdown(wait=True)
    log.info("daemon.stopped")


class Teller:
    """Logs a trouble of the cycles once when it begins, and once when it ends."""

    def __init__(self) -> None:
        self._trouble: tuple[str, str | None] | None = None
        self._log = structlog.get_logger()

    def tell(self, event: Any) -> None:
        """Take note of how a job ended."""
        if event.job_id == "pulse":
            return
        if event.code == EVENT_JOB_MAX_INSTANCES:
            self._log.warning("cycle.skipped", because="the one before is still running")
        elif event.code == EVENT_JOB_EXECUTED:
            self._ended()
        else:
            self._began(event.exception)

    def _began(self, error: BaseException) -> None:
        # An unforeseen error's text could hold a lead's values.
        because = str(error) if isinstance(error, StoreTrouble) else None
        trouble = (type(error).__name__, because)
        if trouble != self._trouble:
            self._log.error("cycle.failed", error=trouble[0], because=because)
        self._trouble = trouble

    def _ended(self) -> None:
        if self._trouble is not None:
            self._log.info("cycle.works_again")
        self._trouble = None

"""The daemon: a cycle at every interval until a stop is asked for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES
from apscheduler.schedulers.background import BackgroundScheduler

from connector.sync.stopping import Stop, Stopped

# The default grace of one second drops runs, and a run that takes longer than its interval must not pile up.
_JOB_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


def run_until_stopped(cycle: Callable[[], Any], every: timedelta, stop: Stop) -> None:
    """Run cycles until `stop` is asked for; the one under way ends between two of its steps."""
    log = structlog.get_logger()

    def job() -> None:
        try:
            cycle()
        except Stopped:
            log.info("cycle.stopped")

    scheduler = BackgroundScheduler(timezone="UTC", job_defaults=_JOB_DEFAULTS)
    scheduler.add_listener(_report, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
    scheduler.add_job(job, "interval", seconds=every.total_seconds(), id="cycle")
    scheduler.add_job(job, id="first cycle")
    scheduler.start()
    log.info("daemon.started", pull_seconds=every.total_seconds())
    stop.wait()
    scheduler.shutdown(wait=True)
    log.info("daemon.stopped")


def _report(event: Any) -> None:
    log = structlog.get_logger()
    if event.code == EVENT_JOB_ERROR:
        log.error("cycle.failed", error=type(event.exception).__name__)
    else:
        log.warning("cycle.skipped", because="the one before is still running")

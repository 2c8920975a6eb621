"""When a safety limit begins to keep writes back, and when that is over: told once each."""

from collections.abc import Mapping
from datetime import datetime

import structlog

from connector.store import Store, alerts
from connector.store.outbox import Taker
from connector.store.releases import kept
from connector.store.steady import agreed

REACHED = "safety.limit_reached"
"""The alert, and the log event, of a limit that keeps writes back until a release."""


def note_limits(store: Store, taker: Taker, now: datetime) -> None:
    """Begin and end the alerts of the limits, with how many writes each keeps back."""
    log = structlog.get_logger()
    most = taker.limits.by_name()
    with store.transaction() as session:
        agreed(session, taker.clock)  # one daemon after another, so that each alert begins once
        waiting: Mapping[str, int] = kept(session, show=0).by_limit if most else {}
        begun = {
            limit: alerts.begin(
                session, REACHED, limit, {"limit": most[limit], "kept_back": waiting[limit]}, now
            )
            for limit in waiting
            if limit in most
        }
        lasting = [alert.subject for alert in alerts.lasting(session) if alert.code == REACHED]
        ended = [limit for limit in lasting if limit not in begun]
        for limit in ended:
            alerts.end(session, REACHED, limit, now)
    for limit, is_new in begun.items():
        if is_new:
            log.warning(REACHED, limit=limit, most=most[limit], kept_back=waiting[limit])
    for limit in ended:
        log.info("safety.limit_ended", limit=limit)

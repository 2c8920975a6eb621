"""Troubles of CRMs as alerts: begun once and ended once, whichever daemon meets them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connector.store import Store, alerts

TROUBLE = "source.trouble"
"""The alert of a CRM that cannot be worked with; its facts are the step, the kind of error and its code."""


def note_troubles(
    store: Store, troubles: Mapping[str, Mapping[str, Any]], works: Iterable[str], now: datetime
) -> None:
    """Begin the alerts of CRMs in trouble, by CRM, and end those of the ones that work."""
    with store.transaction() as session:
        lasting = {alert.subject for alert in alerts.lasting(session) if alert.code == TROUBLE}
        for crm, facts in troubles.items():
            if crm not in lasting:
                alerts.begin(session, TROUBLE, crm, facts, now)
        for crm in lasting.intersection(works):
            alerts.end(session, TROUBLE, crm, now)

"""Alerts: begun once, ended once, whichever daemon notices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.alert import Alert
from connector.store.safety_tables import AlertRow


def begin(session: Session, code: str, subject: str, facts: Mapping[str, Any], now: datetime) -> bool:
    """Note that something has begun; False if it was known, whose facts are now these."""
    row = _lasting(session, code, subject)
    if row is not None:
        row.facts = dict(facts)
        return False
    session.add(AlertRow(code=code, subject=subject, facts=dict(facts), since=now))
    session.flush()
    return True


def end(session: Session, code: str, subject: str, now: datetime) -> bool:
    """Note that it is over; False if nothing of the kind lasted."""
    row = _lasting(session, code, subject)
    if row is not None:
        row.until = now
        session.flush()
    return row is not None


def _lasting(session: Session, code: str, subject: str) -> AlertRow | None:
    query = select(AlertRow).where(
        col(AlertRow.code) == code, col(AlertRow.subject) == subject, col(AlertRow.until).is_(None)
    )
    return session.scalars(query.with_for_update()).first()


def lasting(session: Session) -> list[Alert]:
    """Every alert that still lasts, oldest first."""
    return _read(session, col(AlertRow.until).is_(None))


def since(session: Session, moment: datetime) -> list[Alert]:
    """Every alert that began or ended at or after a moment, oldest first."""
    return _read(session, (col(AlertRow.since) >= moment) | (col(AlertRow.until) >= moment))


def _read(session: Session, which: Any) -> list[Alert]:
    rows = session.scalars(select(AlertRow).where(which).order_by(col(AlertRow.since), col(AlertRow.id)))
    return [Alert(row.code, row.subject, row.since, row.until, row.facts) for row in rows]

"""Pauses, kept for all daemons to see."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.pause import Pause, PauseKind, Pauses
from connector.store.safety_tables import PauseRow


def pause(session: Session, wanted: Pause) -> None:
    """Begin a pause; one of the same crm, partner or route that lasts gives way to it."""
    if wanted.kind == "all":
        query = select(PauseRow).where(_lasts(wanted.since), col(PauseRow.kind) == "all")
        for row in session.scalars(query.with_for_update()):
            row.ended_at, row.ended_by = wanted.since, wanted.by
    else:
        _end(session, wanted.kind, wanted.name, wanted.since, wanted.by)
    session.add(
        PauseRow(
            kind=wanted.kind,
            name=wanted.name,
            since=wanted.since,
            until=wanted.until,
            by=wanted.by,
            because=wanted.because,
        )
    )
    session.flush()


def resume(session: Session, kind: PauseKind, name: str, now: datetime, by: str) -> int:
    """End a pause; how many ended. Kind "all" ends every pause that there is."""
    return _end(session, kind, name, now, by)


def _end(session: Session, kind: PauseKind, name: str, now: datetime, by: str) -> int:
    query = select(PauseRow).where(_lasts(now))
    if kind != "all":
        query = query.where(col(PauseRow.kind) == kind, col(PauseRow.name) == name)
    else:
        query = query.where(col(PauseRow.kind) != "retiring")
    rows = session.scalars(query.with_for_update()).all()
    for row in rows:
        row.ended_at, row.ended_by = now, by
    session.flush()
    return len(rows)


def _lasts(now: datetime) -> Any:
    until = col(PauseRow.until)
    return col(PauseRow.ended_at).is_(None) & (until.is_(None) | (until > now))


def lasting(session: Session, now: datetime) -> list[Pause]:
    """Every pause that lasts, oldest first."""
    return [one for one in _lasting(session, now) if one.kind != "retiring"]


def leaving(session: Session, now: datetime) -> list[Pause]:
    """The partners that retire, in the order in which they were told to."""
    return [one for one in _lasting(session, now) if one.kind == "retiring"]


def _lasting(session: Session, now: datetime) -> list[Pause]:
    rows = session.scalars(select(PauseRow).where(_lasts(now)).order_by(col(PauseRow.id)))
    return [
        Pause(cast("PauseKind", row.kind), row.name, row.since, row.until, row.by, row.because)
        for row in rows
    ]


def paused(session: Session, now: datetime) -> Pauses:
    """What is paused."""
    found: dict[str, set[str]] = {"crm": set(), "partner": set(), "route": set()}
    found |= {"all": set(), "retiring": set()}
    for one in _lasting(session, now):
        found[one.kind].add(one.name)
    return Pauses(
        frozenset(found["crm"]),
        frozenset(found["partner"]),
        frozenset(found["route"]),
        everything=bool(found["all"]),
        retiring=frozenset(found["retiring"]),
    )

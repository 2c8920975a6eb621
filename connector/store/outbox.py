"""Writes on their way to a CRM, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.command import WriteAssignment
from connector.model.decision import Decision, Outcome, Reason
from connector.model.lead import Ref
from connector.store.decisions import Ruling, give_back, record
from connector.store.tables import DecisionRow, LeadRow, OutboxRow

DUE = ("pending", "postponed")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One outbox row under way; `attempts` counts this one."""

    id: int
    command: WriteAssignment
    attempts: int
    decision_id: int


def take(session: Session, crm: str, now: datetime, limit: int, about: str = "lead") -> list[Parcel]:
    """The oldest due writes of a CRM about leads, or registrations, now marked as sending and locked against
    other daemons.
    """
    rows = session.scalars(
        select(OutboxRow)
        .where(
            col(OutboxRow.crm) == crm,
            col(OutboxRow.about) == about,
            col(OutboxRow.state).in_(DUE),
            col(OutboxRow.next_at) <= now,
        )
        .order_by(col(OutboxRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.state, row.attempts = "sending", row.attempts + 1
    session.flush()
    return [_parcel(row) for row in rows]


def _parcel(row: OutboxRow) -> Parcel:
    command = WriteAssignment(Ref(row.crm, row.lead_id), row.owner_before, row.values, row.note, row.follows)
    return Parcel(row.id, command, row.attempts, row.decision_id)


def resume(session: Session, crm: str) -> int:
    """Let writes that were under way when the daemon ended be sent again: repeating them is harmless."""
    result = session.execute(
        update(OutboxRow)
        .where(col(OutboxRow.crm) == crm, col(OutboxRow.state) == "sending")
        .values(state="pending")
    )
    return int(getattr(result, "rowcount", 0))


def settle(session: Session, parcels: Sequence[Parcel], now: datetime) -> None:
    """The CRM holds what was wanted; from now on that is what we expect to find there."""
    if not parcels:
        return
    session.execute(
        update(OutboxRow),
        [{"id": p.id, "state": "settled", "settled_at": now, "error": None} for p in parcels],
    )
    expected = [_expected(parcel, now) for parcel in parcels]
    session.execute(update(LeadRow), expected)


def mark_settled(session: Session, parcel: Parcel, now: datetime) -> None:
    """The CRM holds what was wanted of something that is no lead."""
    _mark(session, parcel, state="settled", settled_at=now, error=None)


def _expected(parcel: Parcel, now: datetime) -> dict[str, Any]:
    values = parcel.command.values
    owner = {"owner": values["owner"]} if "owner" in values else {}
    partner = {"written_partner": values["partner"]} if "partner" in values else {}
    key = {"crm": parcel.command.ref.crm, "id": parcel.command.ref.id}
    # Whatever is read next is news, even if it is to the letter what was read before we changed it.
    news = {"fingerprint": ""} if owner or partner else {}
    return {**key, "settled_at": now, **news, **owner, **partner}


def postpone(
    session: Session, parcel: Parcel, next_at: datetime, error: str, *, counted: bool = True
) -> None:
    """Try again at `next_at`; an attempt that failed for the CRM's sake is not `counted`."""
    attempts = parcel.attempts if counted else parcel.attempts - 1
    _mark(session, parcel, state="postponed", next_at=next_at, error=error, attempts=attempts)


def drop(session: Session, parcel: Parcel, why: str) -> None:
    """There is nothing left to write."""
    _mark(session, parcel, state="superseded", error=why)


def park(session: Session, parcel: Parcel, error: str) -> None:
    """Leave it until a person acts."""
    _mark(session, parcel, state="parked", error=error)


def _mark(session: Session, parcel: Parcel, **values: Any) -> None:
    session.execute(
        update(OutboxRow)
        .where(col(OutboxRow.id) == parcel.id, col(OutboxRow.state) == "sending")
        .values(**values)
    )


def yield_to_person(
    session: Session, parcel: Parcel, owner: str | None, now: datetime, config_hash: str
) -> None:
    """A person changed the owner before our write: drop it, give the turn back, leave the lead alone."""
    _end(session, parcel, now, config_hash, Outcome.LEFT_ALONE, Reason("changed_by_person", {"owner": owner}))
    ref = parcel.command.ref
    session.execute(update(LeadRow), [{"crm": ref.crm, "id": ref.id, "owner": owner}])


def gone(session: Session, parcel: Parcel, now: datetime, config_hash: str) -> None:
    """The record was deleted before our write: nothing is left to do, the turn is given back."""
    _end(session, parcel, now, config_hash, Outcome.GONE, Reason("gone"))


def _end(
    session: Session, parcel: Parcel, now: datetime, config_hash: str, outcome: Outcome, reason: Reason
) -> None:
    ref = parcel.command.ref
    ledger = session.get_one(DecisionRow, parcel.decision_id).ledger
    give_back(session, ref.crm, ref.id, now, reason.code)
    _mark(session, parcel, state="superseded", error=reason.code)
    decision = Decision(ref, now, outcome, owner_before=parcel.command.owner_before, reasons=(reason,))
    record(session, ledger, config_hash, [Ruling(decision, ())])

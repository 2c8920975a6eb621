"""What partners have, and how what one has is released when it leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.lead import Ref
from connector.model.life import Mover
from connector.model.registration import OPEN
from connector.store.life import end
from connector.store.tables import AssignmentRow, RegistrationRow


@dataclass(frozen=True, slots=True)
class Has:
    """A lead that a partner has open, since when and in which state."""

    ref: Ref
    since: datetime
    state: str


def open_leads(session: Session, partner: str) -> list[Has]:
    """The leads that a partner has open, oldest first; those that it has in shadow as well."""
    rows = session.scalars(_open(partner))
    return [Has(Ref(row.crm, row.lead_id), row.since, row.state) for row in rows]


def open_registrations(session: Session, partner: str) -> dict[Ref, str]:
    """The registrations of a partner that are not over, with their states."""
    row = RegistrationRow
    rows = session.execute(
        select(col(row.crm), col(row.id), col(row.state))
        .where(col(row.partner) == partner, col(row.state).in_(OPEN))
        .order_by(col(row.submitted_at), col(row.id))
    )
    return {Ref(crm, number): str(state) for crm, number, state in rows}


def counts(session: Session) -> Mapping[str, tuple[int, int]]:
    """Open leads and open registrations of every partner that has any."""
    lead, filed = AssignmentRow, RegistrationRow
    leads = session.execute(
        select(col(lead.partner), func.count()).where(col(lead.open).is_(True)).group_by(col(lead.partner))
    )
    filings = session.execute(
        select(col(filed.partner), func.count())
        .where(col(filed.partner).is_not(None), col(filed.state).in_(OPEN))
        .group_by(col(filed.partner))
    )
    by_leads = {str(partner): count for partner, count in leads}
    by_filings = {str(partner): count for partner, count in filings}
    every = sorted({*by_leads, *by_filings})
    return {who: (by_leads.get(who, 0), by_filings.get(who, 0)) for who in every}


def release(session: Session, partner: str, mover: Mover, now: datetime) -> int:
    """Take a partner's open leads back, to be decided again; how many."""
    rows = session.scalars(_open(partner).with_for_update()).all()
    return sum(end(session, row, "released", now, mover) for row in rows)


def _open(partner: str) -> Select[AssignmentRow]:
    row = AssignmentRow
    return (
        select(row)
        .where(col(row.partner) == partner, col(row.open).is_(True))
        .order_by(col(row.since), col(row.id))
    )

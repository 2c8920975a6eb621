"""What reports ask of registrations; nothing here changes them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.decision import Reason
from connector.model.lead import Ref
from connector.model.registration import Event, Life, Registration, State
from connector.store.registrations import as_registration
from connector.store.tables import RegistrationEventRow, RegistrationRow


@dataclass(frozen=True, slots=True)
class Filed:
    """A registration as it stands; `life` None until it is first looked at."""

    seen: Registration
    life: Life | None
    amount: float | None


def find(session: Session, ref: Ref) -> Filed | None:
    """One registration."""
    row = session.get(RegistrationRow, (ref.crm, ref.id))
    return _filed(row) if row else None


def filed(
    session: Session, *, partner: str | None = None, state: State | None = None, limit: int | None = None
) -> Iterator[Filed]:
    """Registrations, the latest first."""
    statement = select(RegistrationRow).order_by(
        col(RegistrationRow.submitted_at).desc(), col(RegistrationRow.crm), col(RegistrationRow.id)
    )
    if partner:
        statement = statement.where(col(RegistrationRow.partner) == partner)
    if state:
        statement = statement.where(col(RegistrationRow.state) == state.value)
    rows = session.scalars(statement.limit(limit).execution_options(yield_per=1000))
    return (_filed(row) for row in rows)


def states(session: Session) -> dict[str, int]:
    """How many registrations stand in each state; those that nobody has looked at are not among them."""
    state = col(RegistrationRow.state)
    rows = session.execute(
        select(state, func.count()).where(state.is_not(None)).group_by(state).order_by(state)
    )
    return {str(name): count for name, count in rows}


def history(session: Session, ref: Ref) -> list[Event]:
    """Everything that happened to a registration, oldest first."""
    rows = session.scalars(
        select(RegistrationEventRow)
        .where(col(RegistrationEventRow.crm) == ref.crm, col(RegistrationEventRow.registration_id) == ref.id)
        .order_by(col(RegistrationEventRow.id))
    )
    return [_event(row) for row in rows]


def count_steps(session: Session, since: datetime | None = None, until: datetime | None = None) -> int:
    """How many steps registrations took, in a period."""
    wanted = select(func.count()).select_from(RegistrationEventRow)
    if since is not None:
        wanted = wanted.where(col(RegistrationEventRow.at) >= since)
    if until is not None:
        wanted = wanted.where(col(RegistrationEventRow.at) < until)
    return session.scalars(wanted).one()


def events_since(session: Session, since: datetime) -> Iterator[Event]:
    """Everything that happened to any registration since a moment, in order."""
    rows = session.scalars(
        select(RegistrationEventRow)
        .where(col(RegistrationEventRow.at) >= since)
        .order_by(col(RegistrationEventRow.id))
        .execution_options(yield_per=1000)
    )
    return (_event(row) for row in rows)


def _filed(row: RegistrationRow) -> Filed:
    return Filed(as_registration(row), Life.from_data(row.life) if row.life else None, row.amount)


def _event(row: RegistrationEventRow) -> Event:
    return Event(
        Ref(row.crm, row.registration_id),
        row.at,
        row.name,
        State(row.before) if row.before else None,
        State(row.after),
        row.by,
        tuple(_reason(told) for told in row.reasons),
    )


def _reason(told: Mapping[str, Any]) -> Reason:
    return Reason(told["code"], {name: value for name, value in told.items() if name != "code"})

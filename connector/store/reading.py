"""What reports ask of the store; nothing here changes it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.decision import Decision, Outcome
from connector.model.lead import Lead, Ref, Value
from connector.store.intake import as_lead
from connector.store.tables import AssignmentRow, CallRow, CreditRow, DecisionRow, LeadRow, OutboxRow


@dataclass(frozen=True, slots=True)
class CreditLine:
    """A member's place in a rotation: turns taken, credit in integer units, and the farthest from zero."""

    rotation: str
    partner: str
    turns: int
    units: int
    farthest: int = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """A write that a CRM has confirmed."""

    ref: Ref
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class ParkedWrite:
    """A write that waits for a person, and why."""

    id: int
    ref: Ref
    error: str
    attempts: int
    fix: str | None = None


def leads_by_state(session: Session) -> dict[tuple[str, str, str | None, str | None], int]:
    """Leads counted by (crm, state, outcome, ledger)."""
    rows = session.execute(
        select(
            col(LeadRow.crm), col(LeadRow.state), col(LeadRow.outcome), col(LeadRow.ledger), func.count()
        ).group_by(col(LeadRow.crm), col(LeadRow.state), col(LeadRow.outcome), col(LeadRow.ledger))
    )
    return {(crm, state, outcome, ledger): count for crm, state, outcome, ledger, count in rows}


def assigned_by(session: Session, ledger: str) -> dict[tuple[str, str | None], int]:
    """Open assignments counted by (partner, route); route None is a standing."""
    rows = session.execute(
        select(col(AssignmentRow.partner), col(AssignmentRow.route), func.count())
        .where(col(AssignmentRow.ledger) == ledger, col(AssignmentRow.open).is_(True))
        .group_by(col(AssignmentRow.partner), col(AssignmentRow.route))
    )
    return {(partner, route): count for partner, route, count in rows}


def given_up(session: Session, ledger: str) -> int:
    """How many leads are the fallback owner's after partners had them, and did not take them."""
    had = exists().where(
        col(AssignmentRow.crm) == col(LeadRow.crm),
        col(AssignmentRow.lead_id) == col(LeadRow.id),
        col(AssignmentRow.ledger) == ledger,
        col(AssignmentRow.open).is_(False),
    )
    return session.scalars(
        select(func.count()).where(
            col(LeadRow.outcome) == Outcome.FALLBACK, col(LeadRow.ledger) == ledger, had
        )
    ).one()


def credits(session: Session, ledger: str) -> list[CreditLine]:
    """Every rotation's ledger, by rotation and partner."""
    rows = session.scalars(
        select(CreditRow)
        .where(col(CreditRow.ledger) == ledger)
        .order_by(col(CreditRow.rotation), col(CreditRow.partner))
    )
    return [CreditLine(row.rotation, row.partner, row.turns, row.units, row.farthest) for row in rows]


def decisions_of(session: Session, ref: Ref) -> list[Decision]:
    """Every decision on a lead, oldest first."""
    rows = session.scalars(
        select(col(DecisionRow.data))
        .where(col(DecisionRow.crm) == ref.crm, col(DecisionRow.lead_id) == ref.id)
        .order_by(col(DecisionRow.id))
    )
    return [Decision.from_data(data) for data in rows]


def lead(session: Session, ref: Ref) -> Lead | None:
    """A lead as last seen."""
    row = session.get(LeadRow, (ref.crm, ref.id))
    return as_lead(row) if row else None


def leads(session: Session, batch: int = 1000) -> Iterator[Lead]:
    """Every lead as last seen, without holding them all in memory."""
    rows = session.scalars(
        select(LeadRow).order_by(col(LeadRow.crm), col(LeadRow.id)).execution_options(yield_per=batch)
    )
    for row in rows:
        yield as_lead(row)
        session.expunge(row)


def find_refs(session: Session, record_id: str, limit: int = 10) -> list[Ref]:
    """Leads of any CRM with this record id."""
    rows = session.execute(
        select(col(LeadRow.crm), col(LeadRow.id)).where(col(LeadRow.id) == record_id).limit(limit)
    )
    return [Ref(crm, found) for crm, found in rows]


def sample_refs(session: Session, outcome: str, limit: int) -> list[Ref]:
    """The first leads that ended in an outcome."""
    rows = session.execute(
        select(col(LeadRow.crm), col(LeadRow.id))
        .where(col(LeadRow.outcome) == outcome)
        .order_by(col(LeadRow.created_at), col(LeadRow.id))
        .limit(limit)
    )
    return [Ref(crm, found) for crm, found in rows]


def decided_refs(session: Session, batch: int = 5000) -> Iterator[Ref]:
    """Every lead that has an outcome."""
    rows = session.execute(
        select(col(LeadRow.crm), col(LeadRow.id))
        .where(col(LeadRow.state) == "decided")
        .execution_options(yield_per=batch)
    )
    for crm, found in rows:
        yield Ref(crm, found)


def settled(session: Session, batch: int = 1000) -> Iterator[Settled]:
    """Every confirmed write, in order, without holding them all in memory."""
    rows = session.execute(
        select(col(OutboxRow.crm), col(OutboxRow.lead_id), col(OutboxRow.values))
        .where(col(OutboxRow.state) == "settled", col(OutboxRow.about) == "lead")
        .order_by(col(OutboxRow.id))
        .execution_options(yield_per=batch)
    )
    for crm, lead_id, values in rows:
        yield Settled(Ref(crm, lead_id), values)


def parked(session: Session, limit: int = 100) -> list[ParkedWrite]:
    """Writes that wait for a person."""
    rows = session.scalars(
        select(OutboxRow).where(col(OutboxRow.state) == "parked").order_by(col(OutboxRow.id)).limit(limit)
    )
    return [
        ParkedWrite(row.id, Ref(row.crm, row.lead_id), row.error or "", row.attempts, row.fix) for row in rows
    ]


def outbox_by_state(session: Session) -> dict[tuple[str, str], int]:
    """Writes counted by (crm, state)."""
    rows = session.execute(
        select(col(OutboxRow.crm), col(OutboxRow.state), func.count()).group_by(
            col(OutboxRow.crm), col(OutboxRow.state)
        )
    )
    return {(crm, state): count for crm, state, count in rows}


def next_due(session: Session) -> datetime | None:
    """When the next postponed write is due."""
    return session.scalars(
        select(func.min(col(OutboxRow.next_at))).where(col(OutboxRow.state) == "postponed")
    ).one()


def calls(session: Session) -> dict[str, dict[str, int]]:
    """API calls by CRM and purpose."""
    rows = session.execute(
        select(col(CallRow.crm), col(CallRow.purpose), func.sum(col(CallRow.calls))).group_by(
            col(CallRow.crm), col(CallRow.purpose)
        )
    )
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for crm, purpose, count in rows:
        found[crm][purpose] = int(count)
    return dict(found)


def first_seen_by(session: Session) -> dict[str, int]:
    """Leads counted by the reading that first saw them: pull, settle or reconcile."""
    rows = session.execute(select(col(LeadRow.seen_by), func.count()).group_by(col(LeadRow.seen_by)))
    return {row[0]: row[1] for row in rows}

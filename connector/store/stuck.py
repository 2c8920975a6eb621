"""Writes that are not through: shown to a person, and what the person does about them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.decision import Decision, Outcome, Reason
from connector.model.lead import Ref, Value, same_owner
from connector.store.decisions import Ruling, give_back, record
from connector.store.outbox import lock_leads
from connector.store.tables import DecisionRow, LeadRow, OutboxRow

STATES = ("pending", "sending", "postponed", "parked", "settled", "superseded")
UNDER_WAY = ("pending", "sending", "postponed")
_RETRIED = ("parked", "postponed")
_DROPPED = ("parked", "postponed", "pending")
_GIVEN = frozenset({Outcome.ASSIGNED, Outcome.OFFERED, Outcome.FALLBACK})


@dataclass(frozen=True, slots=True)
class OutboxWrite:
    """One write as a person sees it; `error`, `code` and `fix` are of its last failure."""

    id: int
    ref: Ref
    state: str
    partner: str | None
    route: str | None
    values: Mapping[str, Value]
    attempts: int
    created_at: datetime
    next_at: datetime
    sending_by: str | None
    error: str | None
    code: str | None
    fix: str | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a CRM has yet to take: how many writes, since when the oldest waits, how many need a person."""

    waiting: int = 0
    oldest: datetime | None = None
    parked: int = 0


def listed(
    session: Session, states: Sequence[str], crm: str | None = None, limit: int = 100
) -> list[OutboxWrite]:
    """Writes in these states, oldest first."""
    query = select(OutboxRow).where(col(OutboxRow.state).in_(states))
    if crm:
        query = query.where(col(OutboxRow.crm) == crm)
    return [seen_by_a_person(row) for row in session.scalars(query.order_by(col(OutboxRow.id)).limit(limit))]


def seen_by_a_person(row: OutboxRow) -> OutboxWrite:
    return OutboxWrite(
        id=row.id,
        ref=Ref(row.crm, row.lead_id),
        state=row.state,
        partner=row.partner,
        route=row.route,
        values=row.values,
        attempts=row.attempts,
        created_at=row.created_at,
        next_at=row.next_at,
        sending_by=row.sending_by,
        error=row.error,
        code=row.code,
        fix=row.fix,
    )


def backlogs(session: Session) -> dict[str, Backlog]:
    """What each CRM has yet to take; none for a CRM that has taken all."""
    under_way = col(OutboxRow.state).in_(UNDER_WAY)
    query = select(
        func.count().filter(under_way),
        func.min(col(OutboxRow.created_at)).filter(under_way),
        func.count().filter(col(OutboxRow.state) == "parked"),
    ).where(col(OutboxRow.state).in_((*UNDER_WAY, "parked")))
    found = {crm: session.execute(query.where(col(OutboxRow.crm) == crm)).one() for crm in _crms(session)}
    return {crm: Backlog(*row) for crm, row in found.items() if row[0] or row[2]}


def _crms(session: Session) -> Iterator[str]:
    """Every CRM that ever was written to, one look into the index each: this is asked in every cycle."""
    after = ""
    while crm := session.scalar(select(func.min(col(OutboxRow.crm))).where(col(OutboxRow.crm) > after)):
        yield crm
        after = crm


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a person's order: the writes it was carried out on, and why not on others, by id."""

    ids: tuple[int, ...] = ()
    given_back: tuple[Ref, ...] = ()
    refused: Mapping[int, str] = field(default_factory=dict)


def parked_ids(session: Session, crm: str | None = None) -> list[int]:
    """Every parked write."""
    query = select(col(OutboxRow.id)).where(col(OutboxRow.state) == "parked")
    query = query.where(col(OutboxRow.crm) == crm) if crm else query
    return list(session.scalars(query.order_by(col(OutboxRow.id))))


def retry(session: Session, ids: Sequence[int], now: datetime) -> Done:
    """Let parked or postponed writes be sent again with the next delivery, as if never tried."""
    rows, refused = _chosen(session, ids, _RETRIED, "is {state}; only parked and postponed ones are retried")
    for row in rows:
        row.state, row.attempts, row.next_at = "pending", 0, now
    refs = [(row.crm, row.lead_id) for row in rows if row.code == "TUG_OF_WAR"]
    for crm, lead_id in refs:
        session.execute(
            update(LeadRow).where(col(LeadRow.crm) == crm, col(LeadRow.id) == lead_id).values(overwrites=0)
        )
    session.flush()
    return Done(tuple(row.id for row in rows), refused=refused)


def drop(
    session: Session, ids: Sequence[int], now: datetime, by: str, because: str, config_hash: str
) -> Done:
    """Give writes up, recorded with who and why. A lead that never came to its partner is left alone from now
    on, and its turn given back; one that did stays there."""
    rows, refused = _chosen(session, ids, _DROPPED, "is {state}; only what is not sent can be dropped")
    given_back: list[Ref] = []
    for row in rows:
        row.state, row.error = "superseded", f"dropped by {by}: {because}"
        session.flush()
        ref = Ref(row.crm, row.lead_id)
        if row.about == "lead" and _never_came(session, row, ref):
            _leave_alone(session, row, ref, now, by, because, config_hash)
            given_back.append(ref)
    return Done(tuple(row.id for row in rows), tuple(given_back), refused)


def _chosen(
    session: Session, ids: Sequence[int], states: Sequence[str], otherwise: str
) -> tuple[list[OutboxRow], dict[int, str]]:
    """The rows in one of the states, locked after their leads, and why not the others."""
    wanted = list(dict.fromkeys(ids))
    refs = session.execute(
        select(col(OutboxRow.crm), col(OutboxRow.lead_id)).where(col(OutboxRow.id).in_(wanted))
    )
    lock_leads(session, sorted({Ref(crm, lead_id) for crm, lead_id in refs}))
    query = select(OutboxRow).where(col(OutboxRow.id).in_(wanted)).order_by(col(OutboxRow.id))
    found = {row.id: row for row in session.scalars(query.with_for_update())}
    refused = {row_id: "is not known" for row_id in wanted if row_id not in found}
    refused |= {
        row_id: otherwise.format(state=row.state) for row_id, row in found.items() if row.state not in states
    }
    return [row for row_id, row in found.items() if row_id not in refused], refused


def _never_came(session: Session, row: OutboxRow, ref: Ref) -> bool:
    """Whether the write should have brought a lead to an owner who, as far as is known, does not hold it."""
    lead = session.get_one(LeadRow, (ref.crm, ref.id))
    latest = session.scalars(
        select(func.max(DecisionRow.id)).where(
            col(DecisionRow.crm) == ref.crm, col(DecisionRow.lead_id) == ref.id
        )
    ).one()
    owner = row.values.get("owner")
    return (
        latest == row.decision_id
        and lead.outcome in _GIVEN
        and owner is not None
        and not same_owner(lead.owner, owner)
    )


def _leave_alone(
    session: Session, row: OutboxRow, ref: Ref, now: datetime, by: str, because: str, config_hash: str
) -> None:
    give_back(session, ref.crm, ref.id, now, "dropped")
    reason = Reason("dropped", {"by": by, "because": because})
    decision = Decision(ref, now, Outcome.LEFT_ALONE, owner_before=row.owner_before, reasons=(reason,))
    record(session, "live", config_hash, [Ruling(decision, ())])

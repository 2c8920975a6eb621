"""What is to be told, made of the steps in the lives of assignments, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.lead import Ref
from connector.store.missing import insert_missing
from connector.store.notice_tables import NoticeMarkRow, NoticeRow
from connector.store.outbox import UNFINISHED
from connector.store.tables import AssignmentEventRow, AssignmentRow, DecisionRow, LeadRow, OutboxRow

STEPS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Happening:
    """One step in the life of a live assignment; `claimed` says that its partner claimed the lead."""

    event_id: int
    assignment_id: int
    ref: Ref
    partner: str
    at: datetime
    was: str | None
    state: str
    by: str
    because: str | None
    claimed: bool


@dataclass(frozen=True, slots=True)
class Ruled:
    """A live decision that may concern somebody: its reasons as JSON values, each with its code."""

    decision_id: int
    ref: Ref
    at: datetime
    outcome: str
    reasons: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that may go out, and what it tells of as things stand now.

    `open` says whether the partner still has the lead, `unanswered` whether it has yet to accept it;
    `reasons` are those of the decision or the registration told of, `state` is that of the registration,
    `period` the end (ISO 8601) of the time of a digest.
    """

    id: int
    event_id: int
    assignment_id: int
    kind: str
    receiver: str
    partner: str
    ref: Ref
    attempts: int
    created_at: datetime
    route: str | None
    accept_by: datetime | None
    open: bool
    unanswered: bool
    how: str | None
    fields: dict[str, Any]
    decision_id: int = 0
    reasons: tuple[Mapping[str, Any], ...] = ()
    period: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One notice and its outcome."""

    id: int
    at: datetime
    kind: str
    ref: Ref
    partner: str
    receiver: str
    state: str
    attempts: int
    ended_at: datetime | None
    error: str | None


def begin(session: Session, now: datetime) -> None:
    """Tell only of what happens from now on, if nothing was told so far."""
    last = session.scalar(select(func.max(col(AssignmentEventRow.id)))) or 0
    decided = session.scalar(select(func.max(col(DecisionRow.id)))) or 0
    insert_missing(session, NoticeMarkRow, id=1, event_id=last, decision_id=decided, began_at=now)
    session.execute(update(NoticeMarkRow).where(col(NoticeMarkRow.began_at).is_(None)).values(began_at=now))


def began_at(session: Session) -> datetime:
    """Since when people are told."""
    moment = session.get_one(NoticeMarkRow, 1).began_at
    assert moment is not None  # noqa: S101  # `begin` sees to it
    return moment


def happenings(session: Session) -> tuple[list[Happening], bool]:
    """The next live steps that nobody has looked at, in order, each given once; whether more may follow.

    Transactions that write steps come one at a time, so none shows up later under a lower number.
    """
    mark = session.get_one(NoticeMarkRow, 1, with_for_update=True)
    rows = session.execute(
        select(AssignmentEventRow, col(AssignmentRow.claimed))
        .join(AssignmentRow, col(AssignmentRow.id) == col(AssignmentEventRow.assignment_id))
        .where(col(AssignmentEventRow.id) > mark.event_id)
        .order_by(col(AssignmentEventRow.id))
        .limit(STEPS_AT_ONCE)
    ).all()
    if rows:
        mark.event_id = rows[-1][0].id
        session.add(mark)
    found = [_happening(event, claimed) for event, claimed in rows if event.ledger == "live"]
    return found, len(rows) == STEPS_AT_ONCE


def rulings(session: Session) -> tuple[list[Ruled], bool]:
    """The next live decisions that nobody has looked at, in order, each once; whether more may follow."""
    mark = session.get_one(NoticeMarkRow, 1, with_for_update=True)
    rows = session.scalars(
        select(DecisionRow)
        .where(col(DecisionRow.id) > mark.decision_id)
        .order_by(col(DecisionRow.id))
        .limit(STEPS_AT_ONCE)
    ).all()
    if rows:
        mark.decision_id = rows[-1].id
        session.add(mark)
    found = [
        Ruled(row.id, Ref(row.crm, row.lead_id), row.at, row.outcome, tuple(row.data.get("reasons", ())))
        for row in rows
        if row.ledger == "live"
    ]
    return found, len(rows) == STEPS_AT_ONCE


def add_ruling(session: Session, of: Ruled, kind: str, partner: str, receiver: str, now: datetime) -> None:
    """Let a receiver be told of a decision, once however often this is asked for."""
    insert_missing(
        session,
        NoticeRow,
        event_id=0,
        assignment_id=0,
        decision_id=of.decision_id,
        period="",
        kind=kind,
        receiver=receiver,
        partner=partner,
        crm=of.ref.crm,
        lead_id=of.ref.id,
        state="pending",
        attempts=0,
        next_at=now,
        created_at=now,
    )


def add_digest(session: Session, period: datetime, partner: str, receiver: str, now: datetime) -> None:
    """Let a receiver have the digest of the time until a moment, once."""
    insert_missing(
        session,
        NoticeRow,
        event_id=0,
        assignment_id=0,
        decision_id=0,
        period=period.isoformat(),
        kind="digest",
        receiver=receiver,
        partner=partner,
        crm="",
        lead_id="",
        state="pending",
        attempts=0,
        next_at=now,
        created_at=now,
    )


def _happening(row: AssignmentEventRow, claimed: bool) -> Happening:
    ref = Ref(row.crm, row.lead_id)
    return Happening(
        row.id, row.assignment_id, ref, row.partner, row.at, row.was, row.state, row.by, row.because, claimed
    )


def add(session: Session, of: Happening | Due, kind: str, receiver: str, now: datetime) -> None:
    """Let a receiver be told of a step, once however often this is asked for."""
    insert_missing(
        session,
        NoticeRow,
        event_id=of.event_id,
        assignment_id=of.assignment_id,
        decision_id=of.decision_id if isinstance(of, Due) else 0,
        period=of.period if isinstance(of, Due) else "",
        kind=kind,
        receiver=receiver,
        partner=of.partner,
        crm=of.ref.crm,
        lead_id=of.ref.id,
        state="pending",
        attempts=0,
        next_at=now,
        created_at=now,
    )


def due(session: Session, crms: Sequence[str], now: datetime, most: int) -> list[Due]:
    """The oldest notices that may go out; a new lead is told of only once its record says whose it is."""
    unwritten = exists().where(
        col(OutboxRow.crm) == col(NoticeRow.crm),
        col(OutboxRow.lead_id) == col(NoticeRow.lead_id),
        col(OutboxRow.about) == "lead",
        col(OutboxRow.state).in_(UNFINISHED),
    )
    first = col(NoticeRow.kind).in_(("new_lead", "claim_result"))
    rows = session.execute(
        select(NoticeRow, AssignmentRow, col(LeadRow.fields), col(DecisionRow.data), _because())
        .outerjoin(AssignmentRow, col(AssignmentRow.id) == col(NoticeRow.assignment_id))
        .outerjoin(DecisionRow, col(DecisionRow.id) == col(NoticeRow.decision_id))
        .outerjoin(
            LeadRow, (col(LeadRow.crm) == col(NoticeRow.crm)) & (col(LeadRow.id) == col(NoticeRow.lead_id))
        )
        .where(
            col(NoticeRow.state) == "pending",
            col(NoticeRow.next_at) <= now,
            col(NoticeRow.crm).in_([*crms, ""]),
            ~col(NoticeRow.kind).startswith("registration"),
            ~(first & func.coalesce(col(AssignmentRow.open), False) & unwritten),
        )
        .order_by(col(NoticeRow.id))
        .limit(most)
    )
    return [_due(*row) for row in rows]


def _because() -> Any:
    """What was noted of the step that a notice tells of."""
    event = AssignmentEventRow
    return select(col(event.because)).where(col(event.id) == col(NoticeRow.event_id)).scalar_subquery()


def _due(
    row: NoticeRow,
    assignment: AssignmentRow | None,
    fields: dict[str, Any] | None,
    decision: dict[str, Any] | None,
    because: str | None,
) -> Due:
    decided = decision or {}
    return Due(
        id=row.id,
        event_id=row.event_id,
        assignment_id=row.assignment_id,
        kind=row.kind,
        receiver=row.receiver,
        partner=row.partner,
        ref=Ref(row.crm, row.lead_id),
        attempts=row.attempts,
        created_at=row.created_at,
        route=assignment.route if assignment else decided.get("route"),
        accept_by=assignment.accept_by if assignment else None,
        open=assignment is not None and assignment.open,
        unanswered=assignment is not None and assignment.state == "assigned",
        how=because if row.kind == "claim_lost" else assignment.ended_because if assignment else None,
        fields=fields or {},
        decision_id=row.decision_id,
        reasons=tuple(decided.get("reasons", ())),
        period=row.period,
    )


def postpone(session: Session, notice: Due, until: datetime, error: str | None = None) -> None:
    """Let a notice wait, after a failure if there is an `error`."""
    failed = {"attempts": notice.attempts + 1, "error": error} if error else {}
    _change(session, notice, next_at=until, **failed)


def finish(session: Session, notice: Due, state: str, now: datetime, error: str | None = None) -> None:
    """A notice is sent, given_up or dropped, after one more try unless it is dropped."""
    attempts = notice.attempts + (state != "dropped")
    _change(session, notice, state=state, ended_at=now, error=error, attempts=attempts)


def _change(session: Session, notice: Due, **values: Any) -> None:
    session.execute(
        update(NoticeRow)
        .where(col(NoticeRow.id) == notice.id, col(NoticeRow.state) == "pending")
        .values(**values)
    )


def sent_within_an_hour(session: Session, notice: Due, now: datetime) -> list[datetime]:
    """When this receiver was told something in the last hour, oldest first."""
    return list(
        session.scalars(
            select(col(NoticeRow.ended_at))
            .where(*_to_the_same(notice), col(NoticeRow.ended_at) > now - timedelta(hours=1))
            .order_by(col(NoticeRow.ended_at))
        )
    )


def _to_the_same(notice: Due) -> list[Any]:
    """The channel manager is one person, whatever partner it is about."""
    one = [col(NoticeRow.partner) == notice.partner] if notice.receiver != "channel_manager" else []
    return [col(NoticeRow.state) == "sent", col(NoticeRow.receiver) == notice.receiver, *one]


def told(session: Session, state: str | None = None, most: int = 50) -> list[Told]:
    """The newest notices, of one state if it is given."""
    query = select(NoticeRow).order_by(col(NoticeRow.id).desc()).limit(most)
    if state:
        query = query.where(col(NoticeRow.state) == state)
    return [_told(row) for row in session.scalars(query)]


def _told(row: NoticeRow) -> Told:
    return Told(
        row.id,
        row.created_at,
        row.kind,
        Ref(row.crm, row.lead_id),
        row.partner,
        row.receiver,
        row.state,
        row.attempts,
        row.ended_at,
        row.error,
    )


def counts(session: Session) -> dict[str, int]:
    """How many notices there are, by state."""
    rows = session.execute(select(col(NoticeRow.state), func.count()).group_by(col(NoticeRow.state)))
    return {str(state): int(count) for state, count in sorted((row[0], row[1]) for row in rows)}

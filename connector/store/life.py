"""The life of assignments: the one place where their state changes, each step recorded."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.lead import Ref, Value
from connector.model.life import (
    CLOCK,
    ENDS,
    OPEN,
    RULES,
    TAKEN_BACK,
    TAKEN_UP,
    TOUCHED,
    UNDER_WAY,
    Mover,
    State,
    may_follow,
)
from connector.store.among import unindexed
from connector.store.bulk import insert_all, insert_numbered
from connector.store.tables import AssignmentEventRow, AssignmentRow, LeadRow, OutboxRow, UnexplainedRow

__all__ = ["CLOCK", "RULES", "Step", "end", "give", "move", "steps_of", "under_way"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step in the life of an assignment."""

    at: datetime
    partner: str
    state: str
    by: str
    who: str | None
    because: str | None


def give(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Begin assignments, with the columns of each."""
    if not rows:
        return
    ids = insert_numbered(session, AssignmentRow, rows)
    insert_all(
        session,
        AssignmentEventRow,
        [
            {
                "assignment_id": number,
                **{key: row[key] for key in ("crm", "lead_id", "ledger", "partner", "state")},
                "at": row["since"],
                "by": RULES.by,
            }
            for number, row in zip(ids, rows, strict=True)
        ],
    )


def move(
    session: Session, row: AssignmentRow, to: State, mover: Mover, now: datetime, because: str | None = None
) -> bool:
    """Bring an assignment into a state, if that may follow; whether it did.

    The way in which it ended stands in `ended_because`; `because` is what was said.
    """
    was = State(row.state)
    if not may_follow(was, to):
        return False
    row.state = to.value
    if to in TAKEN_UP:
        row.accepted_at = row.accepted_at or now
    if to in TOUCHED:
        row.touched_at = row.touched_at or now
    if to not in OPEN:
        row.open, row.ended_at = False, row.ended_at or now
    session.add(row)
    session.add(_event(row, was, mover, now, because))
    return True


def end(
    session: Session,
    row: AssignmentRow,
    how: str,
    now: datetime,
    mover: Mover = RULES,
    because: str | None = None,
) -> bool:
    """End an assignment in one of the ways of ENDS; whether it did.

    After a way of TAKEN_BACK the lead waits for the next partner, whoever holds the record now.
    """
    if not move(session, row, ENDS[how], mover, now, because or how):
        return False
    row.ended_because = how
    if how in TAKEN_BACK:
        session.execute(
            update(LeadRow)
            .where(col(LeadRow.crm) == row.crm, col(LeadRow.id) == row.lead_id)
            .values(state="waiting", taken_back=how)
        )
    return True


def note(
    session: Session,
    row: AssignmentRow,
    mover: Mover,
    now: datetime,
    because: str,
    partner: str | None = None,
) -> None:
    """Note in the life of an assignment what leaves its state as it is; of another `partner` where given."""
    session.add(_event(row, State(row.state), mover, now, because, partner))


def _event(
    row: AssignmentRow,
    was: State,
    mover: Mover,
    now: datetime,
    because: str | None,
    partner: str | None = None,
) -> AssignmentEventRow:
    return AssignmentEventRow(
        assignment_id=row.id,
        crm=row.crm,
        lead_id=row.lead_id,
        ledger=row.ledger,
        partner=partner or row.partner,
        at=now,
        was=was.value,
        state=row.state,
        by=mover.by,
        who=mover.who,
        because=because,
    )


def under_way(session: Session, crm: str, ids: Sequence[str]) -> dict[str, AssignmentRow]:
    """The live assignments of leads whose outcome is still to come, by lead; locked."""
    rows = session.scalars(
        select(AssignmentRow)
        .where(
            col(AssignmentRow.crm) == crm,
            col(AssignmentRow.lead_id).in_(ids),
            unindexed(col(AssignmentRow.ledger)) == "live",
            col(AssignmentRow.state).in_(UNDER_WAY),
        )
        .order_by(col(AssignmentRow.id))
        .with_for_update()
    )
    return {row.lead_id: row for row in rows}


def unanswered(session: Session, crm: str, until: datetime, after: int, most: int) -> list[AssignmentRow]:
    """Live assignments that wait to be accepted and are due by `until`, in order after a number; locked."""
    return list(
        session.scalars(
            select(AssignmentRow)
            .where(
                col(AssignmentRow.crm) == crm,
                col(AssignmentRow.ledger) == "live",
                col(AssignmentRow.state) == State.ASSIGNED.value,
                col(AssignmentRow.accept_by) <= until,
                col(AssignmentRow.id) > after,
            )
            .order_by(col(AssignmentRow.id))
            .limit(most)
            .with_for_update()
        )
    )


def stale(
    session: Session, crm: str, states: Collection[str], before: datetime, after: int, most: int
) -> list[tuple[AssignmentRow, LeadRow]]:
    """Live assignments in some states whose last step came before a moment, with their leads; locked."""
    last = (
        select(func.max(col(AssignmentEventRow.at)))
        .where(col(AssignmentEventRow.assignment_id) == col(AssignmentRow.id))
        .scalar_subquery()
    )
    rows = session.execute(
        select(AssignmentRow, LeadRow)
        .join(
            LeadRow,
            (col(LeadRow.crm) == col(AssignmentRow.crm)) & (col(LeadRow.id) == col(AssignmentRow.lead_id)),
        )
        .where(
            col(AssignmentRow.crm) == crm,
            col(AssignmentRow.ledger) == "live",
            col(AssignmentRow.state).in_(states),
            col(AssignmentRow.since) <= before,
            col(AssignmentRow.id) > after,
            func.coalesce(last, col(AssignmentRow.since)) <= before,
        )
        .order_by(col(AssignmentRow.id))
        .limit(most)
        .with_for_update(of=AssignmentRow)
    )
    return [(row, lead) for row, lead in rows]


def remind(session: Session, row: AssignmentRow, text: str, now: datetime) -> None:
    """Note a reminder, and let it be written to the record, as a note too where the crm asks."""
    row.reminded += 1
    session.add(row)
    note(session, row, CLOCK, now, f"reminded: {text}")
    write_besides(session, row, row.owner, {"reason": text}, now, told=text)


def write_besides(
    session: Session,
    row: AssignmentRow,
    owner_before: str | None,
    values: Mapping[str, Value],
    now: datetime,
    *,
    told: str | None = None,
    rivals: Sequence[str] = (),
) -> None:
    """Write something to the record of a lead besides what was decided; `told` as a note too."""
    session.add(
        OutboxRow(
            crm=row.crm,
            lead_id=row.lead_id,
            decision_id=row.decision_id,
            owner_before=owner_before,
            values=dict(values),
            note=told,
            rivals=list(rivals),
            next_at=now,
            created_at=now,
        )
    )


def undue(session: Session, row: AssignmentRow, now: datetime) -> None:
    """The partner has taken the lead: its record no longer says by when, nor that it waits to be accepted."""
    if row.accept_by is None or row.ledger != "live":
        return
    values: dict[str, Any] = {"due": None}
    given = (
        session.scalars(
            select(col(OutboxRow.values))
            .where(
                col(OutboxRow.crm) == row.crm,
                col(OutboxRow.lead_id) == row.lead_id,
                unindexed(col(OutboxRow.about)) == "lead",
                col(OutboxRow.decision_id) == row.decision_id,
            )
            .order_by(col(OutboxRow.id))
            .limit(1)
        ).first()
        if row.reminded
        else None
    )
    if given and "reason" in given:
        values["reason"] = given["reason"]
    write_besides(session, row, row.owner, values, now)


def turns_returned(session: Session, partner: str, ledger: str, since: datetime) -> int:
    """How many turns a partner got back for leads that it declined since a moment."""
    row = AssignmentRow
    return session.scalars(
        select(func.count()).where(
            col(row.ledger) == ledger,
            col(row.partner) == partner,
            col(row.turn_returned).is_(True),
            col(row.ended_at) >= since,
        )
    ).one()


def steps_of(session: Session, ref: Ref) -> list[Step]:
    """Every step in the lives of a lead's assignments, oldest first."""
    rows = session.scalars(
        select(AssignmentEventRow)
        .where(col(AssignmentEventRow.crm) == ref.crm, col(AssignmentEventRow.lead_id) == ref.id)
        .order_by(col(AssignmentEventRow.id))
    )
    return [Step(row.at, row.partner, row.state, row.by, row.who, row.because) for row in rows]


def note_unexplained(session: Session, crm: str, found: Iterable[tuple[str, str]], now: datetime) -> int:
    """Remember values that nobody has explained, each once, given as (value, lead id); how many are new."""
    first = dict(reversed(list(found)))
    if not first:
        return 0
    known = set(
        session.scalars(
            select(col(UnexplainedRow.value)).where(
                col(UnexplainedRow.crm) == crm, col(UnexplainedRow.value).in_(first)
            )
        )
    )
    new = [
        UnexplainedRow(crm=crm, value=v, lead_id=i, first_at=now) for v, i in first.items() if v not in known
    ]
    session.add_all(new)
    return len(new)


def unexplained(session: Session) -> list[tuple[str, str, str]]:
    """Values that nobody had explained when they were read: (crm, value, the first lead that had it)."""
    rows = session.scalars(
        select(UnexplainedRow).order_by(col(UnexplainedRow.crm), col(UnexplainedRow.value))
    )
    return [(row.crm, row.value, row.lead_id) for row in rows]

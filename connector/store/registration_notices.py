"""What is to be told of deal registrations, made of what happened to them; kept beside the other notices."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.lead import Ref
from connector.model.registration import Life
from connector.store.missing import insert_missing
from connector.store.notice_tables import NoticeMarkRow, NoticeRow
from connector.store.notices import STEPS_AT_ONCE, Due, Happening
from connector.store.outbox import UNFINISHED
from connector.store.tables import OutboxRow, RegistrationEventRow, RegistrationRow

OF_REGISTRATION = -1
"""Stands where a notice of a lead names the assignment; the kinds all begin with "registration"."""

_MARK = 2


def begin(session: Session) -> None:
    """Tell only of what happens from now on, if nothing was told so far."""
    last = session.scalar(select(func.max(col(RegistrationEventRow.id)))) or 0
    insert_missing(session, NoticeMarkRow, id=_MARK, event_id=last)


def happenings(session: Session, crms: Sequence[str]) -> tuple[list[Happening], bool]:
    """What happened to registrations of these CRMs and nobody has looked at, as `notices.happenings`.

    What happens in any other CRM is passed over for good. `because` is the name of what happened.
    """
    mark = session.get_one(NoticeMarkRow, _MARK, with_for_update=True)
    rows = session.execute(
        select(RegistrationEventRow, col(RegistrationRow.partner))
        .join(
            RegistrationRow,
            (col(RegistrationRow.crm) == col(RegistrationEventRow.crm))
            & (col(RegistrationRow.id) == col(RegistrationEventRow.registration_id)),
        )
        .where(col(RegistrationEventRow.id) > mark.event_id)
        .order_by(col(RegistrationEventRow.id))
        .limit(STEPS_AT_ONCE)
    ).all()
    if rows:
        mark.event_id = rows[-1][0].id
        session.add(mark)
    found = [_happening(event, partner) for event, partner in rows if event.crm in crms]
    return found, len(rows) == STEPS_AT_ONCE


def _happening(row: RegistrationEventRow, partner: str | None) -> Happening:
    return Happening(
        event_id=row.id,
        assignment_id=OF_REGISTRATION,
        ref=Ref(row.crm, row.registration_id),
        partner=partner or "",
        at=row.at,
        was=row.before,
        state=row.after,
        by=row.by,
        because=row.name,
        claimed=False,
    )


def due(session: Session, crms: Sequence[str], now: datetime, most: int) -> list[Due]:
    """The oldest notices that may go out; a ruling is told of only once the record says it."""
    unwritten = exists().where(
        col(OutboxRow.crm) == col(NoticeRow.crm),
        col(OutboxRow.lead_id) == col(NoticeRow.lead_id),
        col(OutboxRow.about) == "registration",
        col(OutboxRow.state).in_(UNFINISHED),
    )
    rows = session.execute(
        select(NoticeRow, RegistrationRow, RegistrationEventRow)
        .join(
            RegistrationRow,
            (col(RegistrationRow.crm) == col(NoticeRow.crm))
            & (col(RegistrationRow.id) == col(NoticeRow.lead_id)),
        )
        .join(RegistrationEventRow, col(RegistrationEventRow.id) == col(NoticeRow.event_id))
        .where(
            col(NoticeRow.kind).startswith("registration"),
            col(NoticeRow.state) == "pending",
            col(NoticeRow.next_at) <= now,
            col(NoticeRow.crm).in_(crms),
            ~((col(NoticeRow.kind) == "registration") & unwritten),
        )
        .order_by(col(NoticeRow.id))
        .limit(most)
    )
    return [_due(notice, row, event) for notice, row, event in rows]


def _due(notice: NoticeRow, row: RegistrationRow, event: RegistrationEventRow) -> Due:
    """`open` says that the registration still is in the state that is told."""
    life = Life.from_data(row.life) if row.life else None
    return Due(
        id=notice.id,
        event_id=notice.event_id,
        assignment_id=notice.assignment_id,
        kind=notice.kind,
        receiver=notice.receiver,
        partner=notice.partner,
        ref=Ref(notice.crm, notice.lead_id),
        attempts=notice.attempts,
        created_at=notice.created_at,
        route=None,
        accept_by=(life.decide_by or life.protected_until) if life else None,
        open=row.state == event.after,
        unanswered=row.state == event.after,
        how=event.name,
        fields=row.fields,
        reasons=tuple(event.reasons),
        state=event.after,
    )

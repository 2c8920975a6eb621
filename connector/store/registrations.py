"""Registrations as last seen, where they stand, and what happened to them."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import func, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.cursor import Cursor
from connector.model.lead import Ref, Value
from connector.model.registration import ANSWERS, OPEN, Event, Life, Registration, State
from connector.store.among import among
from connector.store.intake import read_cursor, write_cursor
from connector.store.tables import CursorRow, OutboxRow, RegistrationEventRow, RegistrationRow

READING, DEALS = "registrations", "deals"
"""The names of the two readings' cursors."""

_OURS = frozenset({"extension"})
_UNSENT = ("pending", "postponed", "parked")


@dataclass(frozen=True, slots=True)
class Pending:
    """A registration to be looked at; `life` None for one that is new."""

    seen: Registration
    life: Life | None
    content_changed: bool
    written: Mapping[str, Value] | None
    valid_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What one look came to: the new life, what happened, and when time brings something next.

    `values` is what the CRM is to hold; None where nothing is written.
    """

    seen: Registration
    life: Life
    events: tuple[Event, ...]
    next_at: datetime | None
    amount: float | None
    values: Mapping[str, Value] | None


def take_in(session: Session, crm: str, seen: Sequence[Registration]) -> int:
    """Store registrations as last seen; those that are new or changed will be looked at. How many are."""
    known = _known(session, crm, [each.ref.id for each in seen])
    fresh, changed = [], []
    for each in seen:
        row = known.get(each.ref.id)
        if row is None and each.status is not None and not each.deleted:
            fresh.append({**_seen(each), "valid_at": each.submitted_at})
        elif row is not None and _is_news(row, each):
            content = row.content_changed or row.content != _content(each)
            changed.append({**_seen(each), "content_changed": content})
    if fresh:
        session.execute(insert(RegistrationRow), fresh)
    if changed:
        session.execute(update(RegistrationRow), changed)
    _merge_away(session, crm, seen)
    return len(fresh) + len(changed)


def _known(session: Session, crm: str, ids: Sequence[str]) -> dict[str, RegistrationRow]:
    rows = session.scalars(
        select(RegistrationRow).where(col(RegistrationRow.crm) == crm, col(RegistrationRow.id).in_(ids))
    )
    return {row.id: row for row in rows}


def _is_news(row: RegistrationRow, each: Registration) -> bool:
    """Search indexes show old states for a while: what was there before what was seen or written is none."""
    now = _fingerprint(each)
    if each.changed_at < row.changed_at or now == row.fingerprint:
        return False
    return now != row.overwritten or each.changed_at > row.changed_at


def _seen(each: Registration) -> dict[str, Any]:
    return {
        "crm": each.ref.crm,
        "id": each.ref.id,
        "submitted_at": each.submitted_at,
        "changed_at": each.changed_at,
        "status": each.status.value if each.status else None,
        "fields": dict(each.fields),
        "answers": dict(each.answers),
        "status_by": each.status_by,
        "won": each.won,
        "deleted": each.deleted,
        "merged_into": each.merged_into,
        "fingerprint": _fingerprint(each),
        "content": _content(each),
        "pending": True,
    }


def _fingerprint(each: Registration) -> str:
    told = [each.status, each.won, each.deleted, each.merged_into, dict(each.fields)]
    return _hash([*told, dict(each.answers)] if each.answers else told)


def _content(each: Registration) -> str:
    """A hash of what the submitter fills in; what we answer in is not among it."""
    return _hash({name: value for name, value in each.fields.items() if name not in _OURS})


def _hash(content: Any) -> str:
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def _merge_away(session: Session, crm: str, seen: Sequence[Registration]) -> None:
    """Records that others absorbed end there; what these were is for the others to take over."""
    for each in seen:
        if each.merged_into:
            heir = (col(RegistrationRow.crm) == crm) & (col(RegistrationRow.id) == each.merged_into)
            session.execute(update(RegistrationRow).where(heir).values(pending=True))
        if each.absorbed:
            here = (col(RegistrationRow.crm) == crm) & (col(RegistrationRow.id) == each.ref.id)
            session.execute(update(RegistrationRow).where(here).values(pending=True))
            session.execute(
                update(RegistrationRow)
                .where(
                    col(RegistrationRow.crm) == crm,
                    col(RegistrationRow.id).in_(each.absorbed),
                    col(RegistrationRow.deleted).is_(False),
                )
                .values(deleted=True, merged_into=each.ref.id, pending=True, fingerprint="")
            )


def end_missing(session: Session, crm: str, gone: Mapping[str, str | None]) -> None:
    """Records that the CRM does not know any more, with what absorbed them where something did."""
    for record_id, into in gone.items():
        session.execute(
            update(RegistrationRow)
            .where(col(RegistrationRow.crm) == crm, col(RegistrationRow.id) == record_id)
            .values(deleted=True, merged_into=into, pending=True, fingerprint="")
        )


def open_ids(session: Session, crm: str) -> list[str]:
    """The registrations of a CRM that are not over."""
    rows = session.scalars(
        select(col(RegistrationRow.id))
        .where(
            col(RegistrationRow.crm) == crm,
            col(RegistrationRow.deleted).is_(False),
            col(RegistrationRow.state).in_([state.value for state in (*OPEN, State.CONFLICT)]),
        )
        .order_by(col(RegistrationRow.id))
    )
    return list(rows)


def answer_unanswered(session: Session, crms: Sequence[str]) -> None:
    """Let those be looked at that were ruled in shadow only: their CRM is live now."""
    session.execute(
        update(RegistrationRow)
        .where(
            col(RegistrationRow.crm).in_(crms),
            col(RegistrationRow.answered).is_(False),
            col(RegistrationRow.deleted).is_(False),
            col(RegistrationRow.state).is_not(None),
        )
        .values(pending=True)
    )


def one_at_a_time(session: Session) -> None:
    """Rule in one transaction after the other, whatever number of daemons there is."""
    lock = ("", "ruling")
    if session.get(CursorRow, lock, with_for_update=True) is None:
        write_cursor(session, *_first(lock))
        session.flush()
        session.get(CursorRow, lock, with_for_update=True)


def _first(lock: tuple[str, str]) -> tuple[str, Cursor, str]:
    return lock[0], Cursor(datetime.fromisoformat("2005-01-01T00:00:00+00:00")), lock[1]


def pending(session: Session, now: datetime, after: Pending | None, limit: int) -> list[Pending]:
    """What must be looked at now, first come first: news, deadlines, and what waits for a ruling.

    Read on after the last one of the batch before. A batch ends with a whole second, because of two in one
    second the time does not say which was first.
    """
    key = (col(RegistrationRow.valid_at), col(RegistrationRow.crm), col(RegistrationRow.id))
    statement = select(RegistrationRow).where(
        or_(
            col(RegistrationRow.pending).is_(True),
            col(RegistrationRow.next_at) <= now,
            col(RegistrationRow.state) == State.SUBMITTED.value,
        )
    )
    if after:
        valid_at = after.valid_at
        statement = statement.where(tuple_(*key) > tuple_(valid_at, after.seen.ref.crm, after.seen.ref.id))
    rows = list(session.scalars(statement.order_by(*key).limit(limit + 1)))
    if len(rows) > limit:
        last = rows[-1].valid_at.replace(microsecond=0)
        whole = [row for row in rows if row.valid_at < last]
        first = statement.where(col(RegistrationRow.valid_at) < last + timedelta(seconds=1))
        rows = whole or list(session.scalars(first.order_by(*key)))
    return [_pending(row) for row in rows]


def _pending(row: RegistrationRow) -> Pending:
    life = Life.from_data(row.life) if row.life else None
    return Pending(as_registration(row), life, row.content_changed, row.written, row.valid_at)


def as_registration(row: RegistrationRow) -> Registration:
    """The registration that a row holds."""
    return Registration(
        ref=Ref(row.crm, row.id),
        submitted_at=row.submitted_at,
        changed_at=row.changed_at,
        status=State(row.status) if row.status else None,
        fields=row.fields,
        won=row.won,
        deleted=row.deleted,
        merged_into=row.merged_into,
        answers=row.answers or {},
        status_by=row.status_by,
    )


def open_counts(session: Session) -> Counter[str]:
    """Open registrations by partner."""
    rows = session.execute(
        select(col(RegistrationRow.partner), func.count())
        .where(
            col(RegistrationRow.state).in_([state.value for state in OPEN]),
            col(RegistrationRow.partner).is_not(None),
        )
        .group_by(col(RegistrationRow.partner))
    )
    return Counter({str(partner): count for partner, count in rows})


def read_until(session: Session, crms: Mapping[str, bool]) -> dict[str, datetime | None]:
    """How far each CRM has been read, its deals too where it has any."""
    found: dict[str, datetime | None] = {}
    for crm, has_deals in crms.items():
        cursors = [
            read_cursor(session, crm, name) for name in ((READING, DEALS) if has_deals else (READING,))
        ]
        found[crm] = min((c.since for c in cursors if c), default=None) if all(cursors) else None
    return found


def waiting_for(session: Session, refs: Sequence[str]) -> None:
    """Let those be looked at again that were in conflict with something that is gone."""
    if refs:
        session.execute(
            update(RegistrationRow).where(col(RegistrationRow.waits_for).in_(refs)).values(pending=True)
        )


def waited_for(session: Session, kind: str) -> list[str]:
    """The rights of a kind, by how their refs begin, that registrations in conflict wait for."""
    waits = col(RegistrationRow.waits_for)
    return sorted({str(ref) for ref in session.scalars(select(waits).where(waits.startswith(kind)))})


def record(session: Session, config_hash: str, steps: Sequence[Step], now: datetime) -> None:
    """The lives, their history and the writes that follow, together or not at all."""
    if not steps:
        return
    session.execute(update(RegistrationRow), sorted(map(_stands, steps), key=sorted))
    events = [_event(event, config_hash) for step in steps for event in step.events]
    if events:
        session.execute(insert(RegistrationEventRow), events)
    sent = [step for step in steps if step.values is not None]
    _put_in_outbox(session, sent, now)


def _stands(step: Step) -> dict[str, Any]:
    life = step.life
    written = {"written": dict(step.values), "answered": True} if step.values is not None else {}
    return {
        "crm": step.seen.ref.crm,
        "id": step.seen.ref.id,
        "pending": False,
        "content_changed": False,
        "state": life.state.value,
        "valid_at": life.valid_at,
        "partner": life.partner,
        "amount": step.amount,
        "next_at": step.next_at,
        "waits_for": life.waits_for,
        "life": life.as_data(),
        **written,
    }


def _event(event: Event, config_hash: str) -> dict[str, Any]:
    return {
        "crm": event.ref.crm,
        "registration_id": event.ref.id,
        "at": event.at,
        "name": event.name,
        "before": event.before.value if event.before else None,
        "after": event.after.value,
        "by": event.by,
        "reasons": [{"code": reason.code, **reason.facts} for reason in event.reasons],
        "config_hash": config_hash,
    }


def _put_in_outbox(session: Session, steps: Sequence[Step], now: datetime) -> None:
    if not steps:
        return
    refs = [step.seen.ref for step in steps]
    session.execute(
        update(OutboxRow)
        .where(
            among(col(OutboxRow.crm), col(OutboxRow.lead_id), refs),
            col(OutboxRow.about) == "registration",
            col(OutboxRow.state).in_(_UNSENT),
        )
        .values(state="superseded")
    )
    session.execute(insert(OutboxRow), [_parcel(step, now) for step in steps])


def _parcel(step: Step, now: datetime) -> dict[str, Any]:
    """A write about a registration; the status that it was ruled on stands where a lead has its owner."""
    return {
        "crm": step.seen.ref.crm,
        "lead_id": step.seen.ref.id,
        "about": "registration",
        "decision_id": 0,
        "owner_before": step.life.said.value if step.life.said else None,
        "values": dict(step.values or {}),
        "note": None,
        "follows": False,
        "state": "pending",
        "sent": False,
        "ordered": False,
        "attempts": 0,
        "next_at": now,
        "created_at": now,
    }


def settled(session: Session, ref: Ref, values: Mapping[str, Value], reads: Collection[str]) -> None:
    """The CRM holds what was written: whatever else it says from now on is a person's word.

    `reads` are the names of what is read of registrations, among which may be what was written.
    """
    row = session.get(RegistrationRow, (ref.crm, ref.id))
    if row is None or row.life is None:
        return
    heard = str(values.get("extension") or "").casefold()
    held = {name: values[name] for name in ANSWERS if name in values}
    life = {**row.life, "said": values["status"], "held": held}
    row.life = {**life, **({"extension_heard": heard} if heard else {})}
    _as_written(row, values, reads)
    session.add(row)


def _as_written(row: RegistrationRow, values: Mapping[str, Value], reads: Collection[str]) -> None:
    """What was last seen of the record is what was written; nobody is to take our own words for news."""
    both = {name: values[name] for name in ("lead", "extension") if values.get(name) and name in reads}
    row.overwritten = row.fingerprint
    row.status, row.fields = str(values["status"]), {**row.fields, **both}
    row.answers = {name: values.get(name) for name in row.answers or ()}
    now = as_registration(row)
    row.fingerprint, row.content = _fingerprint(now), _content(now)


def known_to_hold(session: Session, refs: Sequence[Ref]) -> dict[Ref, Mapping[str, Value]]:
    """What each record is known to hold in the fields of ANSWERS; nothing where it was never written."""
    rows = session.scalars(
        select(RegistrationRow).where(among(col(RegistrationRow.crm), col(RegistrationRow.id), refs))
    )
    return {Ref(row.crm, row.id): (row.life or {}).get("held") or {} for row in rows}


def spoken(session: Session, seen: Sequence[Registration]) -> list[str]:
    """The ids of those whose status neither we gave nor knew: a person's word."""
    refs = [each.ref for each in seen if each.status is not None and not each.deleted]
    rows = session.scalars(
        select(RegistrationRow).where(among(col(RegistrationRow.crm), col(RegistrationRow.id), refs))
    )
    known = {row.id: row.life for row in rows if row.life}
    return [
        each.ref.id
        for each in seen
        if each.ref.id in known
        and each.status not in (known[each.ref.id]["said"], known[each.ref.id]["state"])
    ]

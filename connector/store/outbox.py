"""Writes on their way to a CRM: who has which under way, and what became of them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, or_, select, text, update
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from connector.model.command import WriteAssignment
from connector.model.decision import Decision, Outcome, Reason
from connector.model.lead import Ref
from connector.model.pause import Pauses
from connector.store.among import among
from connector.store.brake import NO_LIMITS, Brake, Limits, forget_old
from connector.store.bulk import change_all
from connector.store.decisions import Ruling, give_back, record
from connector.store.moving import writes_of
from connector.store.pauses import paused
from connector.store.safety_tables import SentRow
from connector.store.steady import SteadyClock, agreed, seen
from connector.store.tables import TO_SEND, DecisionRow, LeadRow, OutboxRow

_ENDED = ("settled", "superseded")
UNFINISHED = ("pending", "postponed", "sending", "parked")
"""The states of writes that later ones of the same record wait for."""

TAKEN_OVER_AFTER = timedelta(minutes=5)
"""How long a daemon may be silent before another one sends what it had under way.

It tells the store before each call to the CRM that it is still there, and a call ends after a minute.
"""


@dataclass(frozen=True, slots=True)
class Taker:
    """A daemon that delivers: its name, which no other run of it shares, its steady clock, the limits that
    its config sets, and the routes that send nothing."""

    name: str
    clock: SteadyClock
    limits: Limits = NO_LIMITS
    silent_routes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Parcel:
    """One outbox row under way; `attempts` counts this one.

    `ours` are the owners that earlier writes of ours may have left on the record, whatever was known when
    this one was decided; `sent` says that the CRM may have seen this very write before.
    """

    id: int
    command: WriteAssignment
    attempts: int
    decision_id: int
    ours: frozenset[str] = frozenset()
    sent: bool = False
    batch: int = 0
    released: bool = False
    owner_change: bool = False


def take(
    session: Session, crm: str, now: datetime, limit: int, taker: Taker, about: str = "lead"
) -> list[Parcel]:
    """The oldest due writes of a CRM about leads, or registrations, from now on this taker's.

    Due are those that wait and those whose taker has fallen silent; never one before an earlier one of its
    record has ended. What the safety limits keep back is marked, and passed over. Daemons take one after
    another; rows that something else has locked are passed over.
    """
    moment = agreed(session, taker.clock)
    still = paused(session, now)
    if still.stops(crm):
        return []
    brake = Brake(session, taker.limits, moment)
    if brake.shut:
        brake.keep_back(crm)
    due = _due(now, moment)
    query = (
        select(OutboxRow)
        .where(col(OutboxRow.crm) == crm, col(OutboxRow.about) == about, due, _may_go(brake.names))
        .where(_first_of_its_record(), _not_paused(still, taker.silent_routes))
        .order_by(col(OutboxRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows: list[OutboxRow] = []
    while not rows and (candidates := session.scalars(query).all()):
        rows = brake.let_go(candidates)
    return _taken(session, rows, brake, taker, moment) if rows else []


def _taken(
    session: Session, rows: Sequence[OutboxRow], brake: Brake, taker: Taker, moment: datetime
) -> list[Parcel]:
    forget_old(session, moment)
    # Until the batch ends it counts as sent as late as it could be.
    brake.tally.at = moment + TAKEN_OVER_AFTER
    session.add(brake.tally)
    session.flush()
    ours = _left_by_us(session, rows)
    parcels = []
    for row in rows:
        released, moved = row.released is not None, row.id in brake.moved
        row.state, row.attempts = "sending", row.attempts + 1
        row.sending_by, row.sending_since = taker.name, moment
        parcel = _parcel(row, ours.get(row.id, frozenset()))
        parcels.append(replace(parcel, batch=brake.tally.id, released=released, owner_change=moved))
    session.flush()
    return parcels


def _not_paused(still: Pauses, silent: Collection[str]) -> Any:
    partner, route = col(OutboxRow.partner), col(OutboxRow.route)
    return col(OutboxRow.ordered) | (partner.is_(None) | partner.not_in(still.partners)) & (
        route.is_(None) | route.not_in({*still.routes, *silent})
    )


def _may_go(limits: Sequence[str]) -> Any:
    kept = col(OutboxRow.kept_back)
    return kept.is_(None) | kept.not_in(limits) | col(OutboxRow.released).is_not(None)


def _due(now: datetime, moment: datetime) -> Any:
    state = col(OutboxRow.state)
    silent = col(OutboxRow.sending_since) <= moment - TAKEN_OVER_AFTER
    # The first condition is implied; spelt out as in the index outbox_to_send, it makes that one serve.
    return text(f"outbox.{TO_SEND}") & or_(
        state == "pending",
        (state == "postponed") & (col(OutboxRow.next_at) <= now),
        (state == "sending") & (silent | col(OutboxRow.sending_since).is_(None)),
    )


def _first_of_its_record() -> Any:
    earlier = aliased(OutboxRow)
    return ~exists().where(
        col(earlier.crm) == col(OutboxRow.crm),
        col(earlier.lead_id) == col(OutboxRow.lead_id),
        col(earlier.about) == col(OutboxRow.about),
        col(earlier.id) < col(OutboxRow.id),
        col(earlier.state).in_(UNFINISHED),
    )


def _left_by_us(session: Session, rows: Sequence[OutboxRow]) -> dict[int, frozenset[str]]:
    """By row, the owners of earlier writes of its record that ended after it was decided, or unclearly."""
    if not rows:
        return {}
    earlier = writes_of(session, rows[0].crm, rows[0].about, [row.lead_id for row in rows])
    by_record = {row.lead_id: row for row in rows}
    found: dict[int, set[str]] = {row.id: set() for row in rows}
    known: set[int] = set()
    for row in reversed(earlier):
        later = by_record[row.lead_id]
        if later.id in known or row.id > later.id or not row.sent or row.state not in _ENDED:
            continue
        if row.settled_at is not None and row.settled_at < later.created_at:
            known.add(later.id)  # it ended before the later one was decided, which saw what it left
        elif row.values.get("owner"):
            found[later.id].add(row.values["owner"])
    return {row_id: frozenset(owners) for row_id, owners in found.items()}


def _parcel(row: OutboxRow, ours: frozenset[str]) -> Parcel:
    command = WriteAssignment(
        Ref(row.crm, row.lead_id), row.owner_before, row.values, row.note, row.follows, tuple(row.rivals)
    )
    return Parcel(row.id, command, row.attempts, row.decision_id, ours, row.sent)


def keep(session: Session, parcels: Sequence[Parcel], taker: Taker, *, sends: bool = False) -> bool:
    """Say that these are still under way, and whether the CRM is about to see them; False if any has been
    taken over."""
    moment = agreed(session, taker.clock)
    _count_until(session, parcels, moment + TAKEN_OVER_AFTER)
    news = {"sending_since": moment, **({"sent": True} if sends else {})}
    result = session.execute(
        update(OutboxRow).where(_of(parcels, taker)).values(**news),
        execution_options={"synchronize_session": False},
    )
    return int(getattr(result, "rowcount", 0)) == len(parcels)


def _count_until(session: Session, parcels: Sequence[Parcel], at: datetime) -> None:
    batches = {parcel.batch for parcel in parcels}
    session.execute(update(SentRow).where(col(SentRow.id).in_(batches)).values(at=at))


def ended(session: Session, parcels: Sequence[Parcel], unsent: Sequence[Parcel], taker: Taker) -> None:
    """A batch is over: it counts as sent by now, but for the parcels of it that the CRM never saw."""
    _count_until(session, parcels, seen(session, taker.clock))
    for batch in {parcel.batch for parcel in unsent}:
        row = session.get(SentRow, batch)
        if row is not None:
            mine = [parcel for parcel in unsent if parcel.batch == batch]
            row.writes -= sum(not parcel.released for parcel in mine)
            row.owner_changes -= sum(parcel.owner_change and not parcel.released for parcel in mine)
            row.released -= sum(parcel.released for parcel in mine)
    session.flush()


def _of(parcels: Sequence[Parcel], taker: Taker) -> Any:
    return (
        col(OutboxRow.id).in_([parcel.id for parcel in parcels])
        & (col(OutboxRow.state) == "sending")
        & (col(OutboxRow.sending_by) == taker.name)
    )


def still(session: Session, parcels: Sequence[Parcel], taker: Taker) -> set[int]:
    """The ids of the parcels that nobody has taken over; locked, their leads first, until the end."""
    refs = sorted({parcel.command.ref for parcel in parcels})
    lock_leads(session, refs)
    return set(session.scalars(select(col(OutboxRow.id)).where(_of(parcels, taker)).with_for_update()))


def lock_leads(session: Session, refs: Sequence[Ref]) -> None:
    """Leads are locked before anything that hangs on them, in the order of their addresses."""
    session.execute(
        select(col(LeadRow.id))
        .where(among(col(LeadRow.crm), col(LeadRow.id), refs))
        .order_by(col(LeadRow.crm), col(LeadRow.id))
        .with_for_update()
    )


def resume(session: Session, crm: str, ended: Callable[[str], bool]) -> int:
    """Let writes be sent again that takers had under way who have `ended`: repeating them is harmless."""
    names = session.scalars(
        select(col(OutboxRow.sending_by))
        .where(col(OutboxRow.crm) == crm, col(OutboxRow.state) == "sending")
        .distinct()
    ).all()
    gone = [name for name in names if name and ended(name)]
    if not gone:
        return 0
    rows = session.scalars(
        select(OutboxRow)
        .where(
            col(OutboxRow.crm) == crm,
            col(OutboxRow.state) == "sending",
            col(OutboxRow.sending_by).in_(gone),
        )
        .order_by(col(OutboxRow.id))
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.state = "superseded" if _replaced(session, row) else "pending"
        row.sending_by = row.sending_since = None
    session.flush()
    return len(rows)


def settle(session: Session, parcels: Sequence[Parcel], now: datetime) -> None:
    """The CRM holds what was wanted; from now on that is what we expect to find there."""
    if not parcels:
        return
    values = {"state": "settled", "settled_at": now, "error": None, "code": None, "fix": None}
    values |= {"sending_by": None, "sending_since": None}
    session.execute(update(OutboxRow), [{"id": parcel.id, **values} for parcel in parcels])
    replaced = _replaced_of(session, parcels)
    for rows in (
        [_expected(parcel, now) for parcel in parcels if parcel.id not in replaced],
        [_left(parcel) for parcel in parcels if parcel.id in replaced],
    ):
        change_all(session, LeadRow, rows)


def mark_settled(session: Session, parcel: Parcel, now: datetime) -> None:
    """The CRM holds what was wanted of something that is no lead."""
    _mark(session, parcel, state="settled", settled_at=now, error=None, code=None, fix=None)


def _expected(parcel: Parcel, now: datetime) -> dict[str, Any]:
    values = parcel.command.values
    partner = {"written_partner": values["partner"]} if "partner" in values else {}
    # A write that gives the record to nobody says nothing of whose it is from then on.
    ours = {"settled_at": now} if {"owner", "partner"} & values.keys() else {}
    return {**_left(parcel), **ours, **({"fingerprint": ""} if partner else {}), **partner}


def _left(parcel: Parcel) -> dict[str, Any]:
    """What a write leaves on its record. Whatever is read next is news, even if it is to the letter what was
    read before we changed it."""
    ref, values = parcel.command.ref, parcel.command.values
    owner = {"owner": values["owner"], "fingerprint": ""} if "owner" in values else {}
    return {"crm": ref.crm, "id": ref.id, **owner}


def _replaced_of(session: Session, parcels: Sequence[Parcel]) -> set[int]:
    later = aliased(OutboxRow)
    rows = session.scalars(
        select(col(OutboxRow.id)).where(
            col(OutboxRow.id).in_([parcel.id for parcel in parcels]),
            exists().where(
                col(later.crm) == col(OutboxRow.crm),
                col(later.lead_id) == col(OutboxRow.lead_id),
                col(later.about) == col(OutboxRow.about),
                or_(
                    col(later.decision_id) > col(OutboxRow.decision_id),
                    (col(OutboxRow.about) != "lead") & (col(later.id) > col(OutboxRow.id)),
                ),
            ),
        )
    )
    return set(rows)


def replaced(session: Session, parcel: Parcel) -> bool:
    """Whether a newer decision has written of the same record since."""
    return bool(_replaced_of(session, [parcel]))


def _replaced(session: Session, row: OutboxRow) -> bool:
    return replaced(session, _parcel(row, frozenset()))


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong: in words, the CRM's code, and what a person can do about it."""

    error: str
    code: str = ""
    fix: str = ""


def postpone(
    session: Session, parcel: Parcel, next_at: datetime, failure: Failure, *, counted: bool = True
) -> None:
    """Try again at `next_at`; an attempt that failed for the CRM's sake is not `counted`."""
    attempts = parcel.attempts if counted else parcel.attempts - 1
    _fail(session, parcel, "postponed", failure, next_at=next_at, attempts=attempts)


def park(session: Session, parcel: Parcel, failure: Failure) -> None:
    """Leave it until a person acts."""
    _fail(session, parcel, "parked", failure)


def _fail(session: Session, parcel: Parcel, state: str, failure: Failure, **values: Any) -> None:
    told = {"error": failure.error, "code": failure.code or None, "fix": failure.fix or None}
    if replaced(session, parcel):
        state, told = "superseded", {}
    _mark(session, parcel, state=state, **told, **values)


def drop(session: Session, parcel: Parcel, why: str) -> None:
    """There is nothing left to write."""
    _mark(session, parcel, state="superseded", error=why)


def _mark(session: Session, parcel: Parcel, **values: Any) -> None:
    session.execute(
        update(OutboxRow)
        .where(col(OutboxRow.id) == parcel.id, col(OutboxRow.state) == "sending")
        .values(sending_by=None, sending_since=None, **values)
    )


def yield_to_person(
    session: Session, parcel: Parcel, owner: str | None, now: datetime, config_hash: str
) -> None:
    """A person changed the owner before our write: drop it, give the turn back, leave the lead alone.

    If a newer decision stands, it has seen that person's change, or its own write will.
    """
    if replaced(session, parcel):
        drop(session, parcel, "decided again")
        return
    if "owner" not in parcel.command.values and _is_given(session, parcel):
        # A reminder or the like: the partner has the lead since long ago, and the pull hears who has it now.
        drop(session, parcel, "changed by a person")
        return
    _end(session, parcel, now, config_hash, Outcome.LEFT_ALONE, Reason("changed_by_person", {"owner": owner}))
    ref = parcel.command.ref
    session.execute(update(LeadRow), [{"crm": ref.crm, "id": ref.id, "owner": owner}])


def _is_given(session: Session, parcel: Parcel) -> bool:
    return session.get_one(DecisionRow, parcel.decision_id).outcome == Outcome.ASSIGNED


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

"""T1: what was read from a CRM, taken in together with the cursor."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.cursor import Cursor
from connector.model.decision import Outcome
from connector.model.lead import Lead, Ref, same_owner
from connector.store.among import unindexed
from connector.store.bulk import change_all, insert_all
from connector.store.tables import CursorRow, LeadRow, OutboxRow
from connector.store.values import storable

GIVEN = frozenset({Outcome.ASSIGNED, Outcome.FALLBACK, Outcome.OFFERED, Outcome.FOLLOWS})
SHARED = frozenset({Outcome.ASSIGNED, Outcome.OFFERED, Outcome.FOLLOWS})
AUTOMATION_WITHIN = timedelta(minutes=15)
"""An owner that turns back so soon after our write was turned by an automation, not by a person."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What a page brought; `changed` are known leads that must be decided again, `kept` the others.

    `overruled` are leads whose owner an automation has set back a second time; `ended` those that the page
    says are deleted or merged away. `doubtful` are given leads that seem moved, but were perhaps read before
    a write of ours that is under way or has just ended: nothing was taken in of them. With each comes when
    its last write ended. `given` are those that a partner has, and that say something new.
    """

    new: int = 0
    changed: int = 0
    kept: int = 0
    overruled: tuple[Ref, ...] = ()
    given: tuple[Lead, ...] = ()
    shared: tuple[Lead, ...] = ()
    ended: tuple[Lead, ...] = ()
    absorbing: tuple[Lead, ...] = ()
    doubtful: Mapping[str, datetime | None] = field(default_factory=dict)


def read_cursor(session: Session, crm: str, reading: str = "pull") -> Cursor | None:
    """Where a reading of a CRM stands, or None before the first time."""
    row = session.get(CursorRow, (crm, reading))
    return Cursor(row.since, row.until, row.after) if row else None


def write_cursor(session: Session, crm: str, cursor: Cursor, reading: str = "pull") -> None:
    """Remember where a reading stands."""
    session.merge(
        CursorRow(crm=crm, reading=reading, since=cursor.since, until=cursor.until, after=cursor.after)
    )


def forget_cursor(session: Session, crm: str, reading: str) -> None:
    """A reading begins anew when it is next asked for."""
    row = session.get(CursorRow, (crm, reading))
    if row is not None:
        session.delete(row)


def take_in(
    session: Session,
    crm: str,
    leads: Sequence[Lead],
    now: datetime,
    reading: str = "pull",
    sure: Mapping[str, datetime | None] | None = None,
) -> Intake:
    """Store leads as last seen; new ones and those that must be decided again wait.

    `reading` says by which reading a lead is first seen, so that reports can tell what only a later one
    caught. `sure` are leads that were doubtful before and have been read again since.
    """
    known = _known(session, crm, [lead.ref.id for lead in leads])
    doubtful = _doubtful(session, crm, leads, known, now, sure or {})
    fresh = [_seen(lead) for lead in leads if lead.ref.id not in known and not lead.deleted]
    taken = [lead for lead in leads if lead.ref.id in known and lead.ref.id not in doubtful]
    changes = [change for lead in taken if (change := _changed(known[lead.ref.id], lead, now))]
    insert_all(session, LeadRow, [{**seen, "seen_by": reading} for seen in fresh])
    change_all(session, LeadRow, [change.values for change in changes])
    again = sum(change.again for change in changes)
    return Intake(
        new=len(fresh),
        changed=again,
        kept=len(leads) - len(fresh) - again,
        overruled=tuple(change.lead.ref for change in changes if change.overruled),
        given=tuple(change.lead for change in changes if change.given),
        shared=tuple(change.lead for change in changes if change.shared),
        ended=tuple(lead for lead in leads if lead.deleted and lead.ref.id in known),
        absorbing=tuple(lead for lead in leads if lead.absorbed),
        doubtful=doubtful,
    )


@dataclass(frozen=True, slots=True)
class _Change:
    """A known lead that says something new: what its row is to hold, and what else follows, as in Intake."""

    lead: Lead
    values: Mapping[str, Any]
    again: bool
    given: bool
    shared: bool
    overruled: bool


def _changed(row: LeadRow, lead: Lead, now: datetime) -> _Change | None:
    seen = _seen(lead)
    if not _differs(row, lead, seen["fingerprint"]):
        return None
    step = _next_step(row, lead, now)
    again = "state" in step
    stays = row.state == "decided" and not again and not lead.deleted
    return _Change(
        lead,
        seen | step,
        again=again,
        given=not again and _is_news(row, lead),
        shared=stays and row.outcome in SHARED,
        overruled=step.get("overwrites", 0) > 1,
    )


def _doubtful(
    session: Session,
    crm: str,
    leads: Sequence[Lead],
    known: Mapping[str, LeadRow],
    now: datetime,
    sure: Mapping[str, datetime | None],
) -> dict[str, datetime | None]:
    """Another daemon may write while this one reads: what was read before says nothing of afterwards."""
    seem = [row for lead in leads if (row := known.get(lead.ref.id)) and _seems_moved(row, lead)]
    sending = being_sent(session, crm, [row.id for row in seem])
    return {
        row.id: row.settled_at
        for row in seem
        if row.id in sending
        or (_just_settled(row, now) and (row.id not in sure or sure[row.id] != row.settled_at))
    }


def _seems_moved(row: LeadRow, lead: Lead) -> bool:
    return row.state == "decided" and row.outcome in GIVEN and not lead.deleted and _moved(row, lead)


def _just_settled(row: LeadRow, now: datetime) -> bool:
    return row.settled_at is not None and now - row.settled_at <= AUTOMATION_WITHIN


def being_sent(session: Session, crm: str, ids: Sequence[str]) -> set[str]:
    """Those of the leads to which a write is under way."""
    if not ids:
        return set()
    rows = session.scalars(
        select(col(OutboxRow.lead_id)).where(
            col(OutboxRow.crm) == crm, col(OutboxRow.lead_id).in_(ids), col(OutboxRow.state) == "sending"
        )
    )
    return set(rows)


def _differs(row: LeadRow, lead: Lead, seen: str) -> bool:
    """An erased lead is not read again, unless its record was deleted and is back."""
    if row.erased_at is not None and (lead.deleted or row.outcome != Outcome.GONE):
        return False
    return row.fingerprint != seen


def _known(session: Session, crm: str, ids: Iterable[str]) -> dict[str, LeadRow]:
    rows = session.scalars(select(LeadRow).where(col(LeadRow.crm) == crm, col(LeadRow.id).in_(ids)))
    return {row.id: row for row in rows}


def _seen(lead: Lead) -> dict[str, Any]:
    lead = replace(lead, fields=storable(lead.fields))
    return {
        "crm": lead.ref.crm,
        "id": lead.ref.id,
        "created_at": lead.created_at,
        "changed_at": lead.changed_at,
        "owner": lead.owner,
        "fields": dict(lead.fields),
        "converted": lead.converted,
        "linked": lead.linked,
        "fingerprint": fingerprint(lead),
        "erased_at": None,
    }


def fingerprint(lead: Lead) -> str:
    """A hash of everything that a decision may look at; the change stamp is not among it."""
    content = [lead.owner, lead.converted, lead.deleted, lead.linked, lead.fields]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def _next_step(row: LeadRow, lead: Lead, now: datetime) -> dict[str, Any]:
    """A lead that was given away is decided again only when somebody moved it; any other on any change."""
    if lead.deleted:
        return {}
    if row.state != "decided" or row.outcome not in GIVEN:
        return {"state": "waiting"}
    if not _moved(row, lead):
        return {"state": "waiting"} if _claimed(row, lead) else {}
    if row.outcome == Outcome.OFFERED or not _just_settled(row, now):
        return {"state": "waiting"}
    # Set back within minutes of our write: once it is tried again, twice it is a tug of war.
    overwrites = row.overwrites + 1
    return {"overwrites": overwrites, **({"state": "waiting"} if overwrites == 1 else {})}


def _is_news(row: LeadRow, lead: Lead) -> bool:
    """Whether a lead's values are its partner's words: not before ours have arrived, nor by a late page."""
    if row.outcome != Outcome.ASSIGNED or row.settled_at is None or lead.deleted:
        return False
    return lead.changed_at >= row.changed_at


def _claimed(row: LeadRow, lead: Lead) -> bool:
    """Whether somebody has filled in the claim field since the record was read or written last."""
    claim = lead.fields.get("claimed_by")
    return claim not in (None, "", row.fields.get("claimed_by"))


def _moved(row: LeadRow, lead: Lead) -> bool:
    if not same_owner(lead.owner, row.owner) and not same_owner(lead.owner, row.wanted_owner):
        return True
    return row.written_partner is not None and lead.fields.get("partner") != row.written_partner


def as_lead(row: LeadRow) -> Lead:
    """The lead that a row holds."""
    return Lead(
        ref=Ref(row.crm, row.id),
        owner=row.owner,
        created_at=row.created_at,
        changed_at=row.changed_at,
        fields=row.fields,
        converted=row.converted,
        linked=row.linked,
    )


def wake(session: Session, crms: Sequence[str], now: datetime, together: timedelta = timedelta()) -> None:
    """Let held and nurtured leads wait for a decision again when their time has come.

    Leads that a route holds until somebody can take them come `together` with the first of them that is due
    within that time, so that whoever goes first among them is served first.
    """
    again = col(LeadRow.look_again_at)
    asleep = (unindexed(col(LeadRow.crm)).in_(crms), unindexed(col(LeadRow.state)) == "decided")
    held = (*asleep, unindexed(col(LeadRow.outcome)) == Outcome.HELD, col(LeadRow.route).is_not(None))
    if together and session.scalar(select(again).where(*held, again <= now).limit(1)):
        session.execute(update(LeadRow).where(*held, again <= now + together).values(state="waiting"))
    session.execute(update(LeadRow).where(*asleep, again <= now).values(state="waiting"))

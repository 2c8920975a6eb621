"""T1: what was read from a CRM, taken in together with the cursor."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.cursor import Cursor
from connector.model.decision import Outcome
from connector.model.lead import Lead, Ref, same_owner
from connector.store.tables import CursorRow, LeadRow

_GIVEN = frozenset({Outcome.ASSIGNED, Outcome.FALLBACK, Outcome.OFFERED})


@dataclass(frozen=True, slots=True)
class Intake:
    """What a page brought; `changed` are known leads that must be decided again, `kept` the others."""

    new: int = 0
    changed: int = 0
    kept: int = 0


def read_cursor(session: Session, crm: str) -> Cursor | None:
    """Where the reading of a CRM stands, or None before the first time."""
    row = session.get(CursorRow, crm)
    return Cursor(row.since, row.until, row.after) if row else None


def write_cursor(session: Session, crm: str, cursor: Cursor) -> None:
    """Remember where the reading stands."""
    session.merge(CursorRow(crm=crm, since=cursor.since, until=cursor.until, after=cursor.after))


def take_in(session: Session, crm: str, leads: Sequence[Lead]) -> Intake:
    """Store leads as last seen; new ones and those that must be decided again wait."""
    known = _known(session, crm, [lead.ref.id for lead in leads])
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for lead in leads:
        seen = _seen(lead)
        row = known.get(lead.ref.id)
        if row is None:
            fresh.append(seen)
        elif row.fingerprint != seen["fingerprint"]:
            changed.append(seen | _next_state(row, lead))
    if fresh:
        session.execute(insert(LeadRow), fresh)
    if changed:
        session.execute(update(LeadRow), changed)
    again = sum("state" in row for row in changed)
    return Intake(len(fresh), again, len(leads) - len(fresh) - again)


def _known(session: Session, crm: str, ids: Iterable[str]) -> dict[str, LeadRow]:
    rows = session.scalars(select(LeadRow).where(col(LeadRow.crm) == crm, col(LeadRow.id).in_(ids)))
    return {row.id: row for row in rows}


def _seen(lead: Lead) -> dict[str, Any]:
    return {
        "crm": lead.ref.crm,
        "id": lead.ref.id,
        "created_at": lead.created_at,
        "changed_at": lead.changed_at,
        "owner": lead.owner,
        "fields": dict(lead.fields),
        "converted": lead.converted,
        "fingerprint": fingerprint(lead),
    }


def fingerprint(lead: Lead) -> str:
    """A hash of everything that a decision may look at; the change stamp is not among it."""
    content = [lead.owner, lead.converted, lead.fields]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def _next_state(row: LeadRow, lead: Lead) -> dict[str, Any]:
    """A lead that was given away is decided again only when a person moved it; any other on any change."""
    if row.state == "decided" and row.outcome in _GIVEN and not _moved_by_person(row, lead):
        return {}
    return {"state": "waiting"}


def _moved_by_person(row: LeadRow, lead: Lead) -> bool:
    if not same_owner(lead.owner, row.owner) and not same_owner(lead.owner, row.wanted_owner):
        return True
    return row.written_partner is not None and lead.fields.get("partner") != row.written_partner


def as_lead(row: LeadRow) -> Lead:
    """The lead that a row holds."""
    return Lead(Ref(row.crm, row.id), row.owner, row.created_at, row.changed_at, row.fields, row.converted)


def wake(session: Session, crms: Sequence[str], now: datetime) -> None:
    """Let held and nurtured leads wait for a decision again when their time has come."""
    session.execute(
        update(LeadRow)
        .where(col(LeadRow.crm).in_(crms), col(LeadRow.look_again_at) <= now, col(LeadRow.state) == "decided")
        .values(state="waiting")
    )

"""Which writes move a record that already is a partner's, as far as is known when they are taken."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.lead import same_owner
from connector.store.tables import LeadRow, OutboxRow


def moving(session: Session, rows: Sequence[OutboxRow]) -> set[int]:
    """The ids of the writes that take a record from its partner, or to another owner of the partner.

    A record is a partner's if our last write that was confirmed gave it to one and its owner is still the
    same, or if it names a partner. What gives a record that names a partner to that partner is no move. All
    rows are of one CRM.
    """
    ids = {row.lead_id for row in rows if row.about == "lead"}
    if not ids:
        return set()
    leads = _leads(session, rows[0].crm, ids)
    given = _given(session, rows[0].crm, ids)
    return {
        row.id
        for row in rows
        if row.about == "lead" and _moves(row, leads.get(row.lead_id), given.get(row.lead_id, {}))
    }


def _leads(session: Session, crm: str, ids: Collection[str]) -> dict[str, LeadRow]:
    found = session.scalars(select(LeadRow).where(col(LeadRow.crm) == crm, col(LeadRow.id).in_(ids)))
    return {lead.id: lead for lead in found}


def _given(session: Session, crm: str, ids: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """The values of each record's last confirmed write that set its owner, by lead."""
    rows = writes_of(session, crm, "lead", ids)
    return {row.lead_id: row.values for row in rows if row.state == "settled" and "owner" in row.values}


def writes_of(session: Session, crm: str, about: str, ids: Collection[str]) -> list[OutboxRow]:
    """Every write of these records, in order.

    By the records alone, since SQLite would rather look through all that are settled, or at every row.
    """
    query = select(OutboxRow).where(col(OutboxRow.crm) == crm, col(OutboxRow.lead_id).in_(ids))
    return sorted((row for row in session.scalars(query) if row.about == about), key=lambda row: row.id)


def _moves(row: OutboxRow, lead: LeadRow | None, given: Mapping[str, Any]) -> bool:
    if lead is None:
        return False
    values = row.values
    if given.get("partner") and same_owner(given["owner"], lead.owner):
        return not same_owner(values.get("owner", lead.owner), lead.owner) or (
            "partner" in values and values["partner"] != given["partner"]
        )
    named = _folded(lead.fields.get("partner"))
    wanted = {_folded(values["partner"]), _folded(row.partner)} if values.get("partner") else set()
    if row.partner and "partner" not in values:
        return False
    return bool(named) and ("owner" in values or "partner" in values) and named not in wanted


def _folded(name: Any) -> str:
    return str(name or "").strip().casefold()

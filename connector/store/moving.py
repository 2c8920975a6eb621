"""Which writes move a record that already is a partner's, as far as is known when they are taken."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.lead import same_owner
from connector.store.tables import LeadRow, OutboxRow

Key = tuple[str, str]


def moving(session: Session, rows: Sequence[OutboxRow]) -> set[int]:
    """The ids of the writes that take a record from its partner, or to another owner of the partner.

    A record is a partner's if our last write that was confirmed gave it to one and its owner is still the
    same, or if it names a partner. What gives a record that names a partner to that partner is no move.
    """
    keys = {(row.crm, row.lead_id) for row in rows if row.about == "lead"}
    if not keys:
        return set()
    leads = _leads(session, keys)
    given = _given(session, keys)
    return {
        row.id
        for row in rows
        if row.about == "lead" and _moves(row, leads.get(_key(row)), given.get(_key(row), {}))
    }


def _key(row: OutboxRow) -> Key:
    return row.crm, row.lead_id


def _leads(session: Session, keys: set[Key]) -> dict[Key, LeadRow]:
    found = session.scalars(select(LeadRow).where(tuple_(col(LeadRow.crm), col(LeadRow.id)).in_(keys)))
    return {(lead.crm, lead.id): lead for lead in found}


def _given(session: Session, keys: set[Key]) -> dict[Key, Mapping[str, Any]]:
    """The values of each record's last confirmed write that set its owner."""
    query = (
        select(OutboxRow)
        .where(
            tuple_(col(OutboxRow.crm), col(OutboxRow.lead_id)).in_(keys),
            col(OutboxRow.state) == "settled",
            col(OutboxRow.about) == "lead",
        )
        .order_by(col(OutboxRow.id))
    )
    return {_key(row): row.values for row in session.scalars(query) if "owner" in row.values}


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

"""A person's data, removed wherever it is held; counts, credits and the course of decisions stay."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, String, Table, and_, cast, delete, func, or_, select, update
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from connector.model.decision import Decision, Outcome, Reason
from connector.model.lead import Ref
from connector.store import identities, rights
from connector.store.among import among
from connector.store.decisions import Ruling, end_assignments, record
from connector.store.tables import AssignmentRow, DecisionRow, InputRow, LeadRow, OutboxRow

ERASED = "(erased)"

_OF_DECISIONS = frozenset(
    {"ref", "at", "outcome", "owner_before", "owner", "partner", "route", "score", "choices", "turns"}
    | {"offered_to", "look_again_at", "accept_by"}
)
"""The parts of a decision that say nothing of the person, whatever else it may come to hold."""

_OF_REASONS = frozenset(
    {"code", "screen", "stage", "kind", "partner", "partners", "route", "rotation", "method", "rule", "by"}
    | {"of", "leader", "into", "field", "operator", "operand", "because", "text", "owner", "who"}
    | {"how", "instead_of", "until", "kept", "picked", "outcome"}
)
"""The facts of reasons that are the admin's words or the connector's; all other texts are erased."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How many leads and decisions a person was erased from, and how many other rows had named it."""

    leads: int = 0
    decisions: int = 0
    mentions: int = 0


def refs_of(session: Session, email: str) -> list[Ref]:
    """The leads with this e-mail address, in every CRM, whatever the case of its letters."""
    held = func.lower(func.trim(col(LeadRow.fields)["email"].as_string()))
    rows = session.execute(select(col(LeadRow.crm), col(LeadRow.id)).where(held == email.strip().lower()))
    return [Ref(crm, lead_id) for crm, lead_id in rows]


def over(
    session: Session, crm: str, deleted_before: datetime, over_before: datetime | None, most: int = 1000
) -> list[Ref]:
    """Leads that are not needed any more: deleted in the CRM before a moment, or over since before another.

    A lead is over when it waits for nothing, no partner has it open, and nothing happened to it since.
    """
    decided = select(func.max(col(DecisionRow.at))).where(
        col(DecisionRow.crm) == col(LeadRow.crm), col(DecisionRow.lead_id) == col(LeadRow.id)
    )
    last = decided.scalar_subquery()
    ends = [and_(col(LeadRow.outcome) == Outcome.GONE.value, last < deleted_before)]
    if over_before is not None:
        waits = [Outcome.HELD.value, Outcome.NURTURE.value, Outcome.OFFERED.value]
        busy = select(col(AssignmentRow.id)).where(
            col(AssignmentRow.crm) == col(LeadRow.crm),
            col(AssignmentRow.lead_id) == col(LeadRow.id),
            or_(col(AssignmentRow.open).is_(True), col(AssignmentRow.ended_at) >= over_before),
        )
        ends.append(
            and_(
                col(LeadRow.state) == "decided",
                col(LeadRow.outcome).not_in(waits),
                col(LeadRow.changed_at) < over_before,
                last < over_before,
                ~busy.exists(),
            )
        )
    rows = session.execute(
        select(col(LeadRow.crm), col(LeadRow.id))
        .where(col(LeadRow.crm) == crm, col(LeadRow.erased_at).is_(None), or_(*ends))
        .limit(most)
    )
    return [Ref(found, lead_id) for found, lead_id in rows]


def held_ids(session: Session, crm: str, after: str, most: int) -> list[str]:
    """The next leads of a CRM, by id, of which personal data is held and that are not known to be gone."""
    rows = session.scalars(
        select(col(LeadRow.id))
        .where(_is_held(crm), col(LeadRow.id) > after)
        .order_by(col(LeadRow.id))
        .limit(most)
    )
    return list(rows)


def count_held(session: Session, crm: str) -> int:
    """How many leads `held_ids` would list."""
    return session.scalars(select(func.count()).select_from(LeadRow).where(_is_held(crm))).one()


def _is_held(crm: str) -> Any:
    here = col(LeadRow.outcome).is_(None) | (col(LeadRow.outcome) != Outcome.GONE.value)
    return and_(col(LeadRow.crm) == crm, col(LeadRow.erased_at).is_(None), here)


def erase(
    session: Session, refs: Sequence[Ref], now: datetime, config_hash: str, emails: Iterable[str] = ()
) -> Erased:
    """Erase these leads, and every mention of the e-mail addresses elsewhere; harmless to repeat."""
    leads = decisions = 0
    if refs:
        decisions = _erase_decisions(session, refs, now)
        end_assignments(session, refs, now, "erased")
        _end_waiting(session, refs, now, config_hash)
        _blank(session, refs)
        rights.forget(session, [str(ref) for ref in refs])
        identities.forget(session, refs)
        leads = _mark(session, refs, now)
    mentions = sum(_erase_mentions(session, email.strip(), now) for email in emails if email.strip())
    return Erased(leads, decisions, mentions)


def _of(table: Any, refs: Sequence[Ref], name: str = "lead_id") -> Any:
    return among(table.c.crm, table.c[name], refs)


def _table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


def _end_waiting(session: Session, refs: Sequence[Ref], now: datetime, config_hash: str) -> None:
    """Leads that nobody was given yet end here."""
    rows = session.scalars(
        select(LeadRow).where(_of(_table(LeadRow), refs, "id"), col(LeadRow.erased_at).is_(None))
    ).all()
    for row in rows:
        if row.outcome in (None, Outcome.HELD, Outcome.NURTURE):
            ref = Ref(row.crm, row.id)
            decision = Decision(ref, now, Outcome.LEFT_ALONE, row.owner, reasons=(Reason("erased"),))
            record(session, row.ledger or "live", config_hash, [Ruling(decision, ())])
    _erase_decisions(session, refs, now)


def _mark(session: Session, refs: Sequence[Ref], now: datetime) -> int:
    lead = _table(LeadRow)
    result = session.execute(
        update(lead)
        .where(_of(lead, refs, "id"), lead.c.erased_at.is_(None))
        .values(erased_at=now, state="decided", look_again_at=None, held_since=None, **_left(lead))
    )
    return _count(result)


def _erase_decisions(session: Session, refs: Sequence[Ref], now: datetime) -> int:
    decision = _table(DecisionRow)
    rows = session.execute(
        select(decision.c.id, decision.c.data).where(_of(decision, refs), decision.c.erased_at.is_(None))
    ).all()
    for decision_id, data in rows:
        values = {"data": scrubbed(data), "erased_at": now}
        session.execute(update(decision).where(decision.c.id == decision_id).values(**values))
    ids = select(decision.c.id).where(_of(decision, refs))
    session.execute(update(InputRow).where(col(InputRow.decision_id).in_(ids)).values(data=None))
    return len(rows)


def scrubbed(data: Mapping[str, Any]) -> dict[str, Any]:
    """A decision's data without what it says of the person."""
    kept = {key: held if key in _OF_DECISIONS else _blanked(held) for key, held in data.items()}
    return kept | {"reasons": [_reason(reason) for reason in data["reasons"]]}


def _reason(reason: Mapping[str, Any]) -> dict[str, Any]:
    by_hand = {"because": ERASED} if reason["code"] == "by_hand" else {}
    return {**_blanked(reason), **by_hand}


def _blanked(value: Any) -> Any:
    if isinstance(value, str):
        return ERASED
    if isinstance(value, Mapping):
        values = {key: held if key in _OF_REASONS else _blanked(held) for key, held in value.items()}
        return values | ({"value": ERASED} if "value" in values else {})
    return [_blanked(held) for held in value] if isinstance(value, list) else value


def _blank(session: Session, refs: Sequence[Ref]) -> None:
    """Empty what tables hold of leads; writes that were not sent yet are not sent at all."""
    outbox = _table(OutboxRow)
    unsent = outbox.c.state.not_in(("settled", "superseded"))
    session.execute(update(outbox).where(_of(outbox, refs), unsent).values(state="superseded"))
    for table in SQLModel.metadata.sorted_tables:
        if "lead_id" in table.c and table.name != DecisionRow.__tablename__ and _left(table):
            session.execute(update(table).where(_of(table, refs)).values(_left(table)))


def _left(table: Table) -> dict[str, Any]:
    return {column.name: column.info["left"] for column in _personal(table)}


def _personal(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.info.get("personal")]


def _erase_mentions(session: Session, email: str, now: datetime) -> int:
    """Take an address out of whatever else names it, such as another lead's free text."""
    count = 0
    for table in SQLModel.metadata.sorted_tables:
        columns = _personal(table)
        if not columns:
            continue
        names = or_(*(cast(column, String).icontains(email, autoescape=True) for column in columns))
        key = list(table.primary_key.columns)
        for row in session.execute(select(*dict.fromkeys((*key, *columns))).where(names)).all():
            this = [column == row._mapping[column.name] for column in key]
            if any(column.primary_key for column in columns):
                session.execute(delete(table).where(*this))
            else:
                cleaned = {column.name: _without(row._mapping[column.name], email) for column in columns}
                when = {"erased_at": now} if table.name == DecisionRow.__tablename__ else {}
                session.execute(update(table).where(*this).values(**cleaned, **when))
            count += 1
    return count


def _without(value: Any, email: str) -> Any:
    if isinstance(value, str):
        return re.sub(re.escape(email), ERASED, value, flags=re.IGNORECASE)
    if isinstance(value, Mapping):
        return {key: _without(held, email) for key, held in value.items()}
    return [_without(held, email) for held in value] if isinstance(value, list) else value


def _count(result: Any) -> int:
    return int(getattr(result, "rowcount", 0))

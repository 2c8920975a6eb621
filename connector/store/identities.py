"""Who leads are, kept apart from what was decided: found again by index, and erasable."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.decision import Decision, Outcome
from connector.model.identity import Holding, Identity
from connector.model.known import Holdings, Known, Records
from connector.model.lead import Lead, Ref
from connector.store.among import among
from connector.store.intake import as_lead
from connector.store.tables import AssignmentRow, IdentityRow, LeadRow, ProgressRow

PROPER = ("won", "lost", "converted", "closed")
"""The ends of an assignment after which the partner still counts as the one that had the lead."""

_NOT_THERE = (Outcome.REJECTED.value, Outcome.GONE.value)
_PARTS = ("email", "phone", "last_name", "domain", "brand", "company", "country")


@dataclass(frozen=True, slots=True)
class Reach:
    """Since when an earlier lead counts for the same person, and for the same company."""

    person: datetime
    company: datetime


def keep(session: Session, decisions: Sequence[Decision]) -> None:
    """Remember who the decided leads are; what is known of a record that is gone is forgotten."""
    forget(session, [decision.ref for decision in decisions if decision.outcome is Outcome.GONE])
    _put(session, [_row(d.ref, d.identity, _given(d)) for d in decisions if d.identity])


def _put(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows or replace them; when a lead was last given stays, unless it is given anew."""
    if not rows:
        return
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    new = sqlite.insert(IdentityRow) if on_sqlite else postgresql.insert(IdentityRow)
    given_at = func.coalesce(new.excluded.given_at, col(IdentityRow.given_at))
    values = {name: new.excluded[name] for name in (*_PARTS, "begins")} | {"given_at": given_at}
    session.execute(new.on_conflict_do_update(index_elements=["crm", "id"], set_=values), rows)


def correct(session: Session, who: Mapping[Ref, Identity]) -> None:
    """Leads that partners have say something else of who they are."""
    _put(session, [_row(ref, identity, None) for ref, identity in who.items()])


def _row(ref: Ref, who: Identity, given_at: datetime | None) -> dict[str, Any]:
    parts = {name: getattr(who, name) for name in _PARTS}
    return {"crm": ref.crm, "id": ref.id, **parts, "begins": who.begins, "given_at": given_at}


def _given(decision: Decision) -> datetime | None:
    return decision.at if decision.outcome is Outcome.ASSIGNED else None


def forget(session: Session, refs: Sequence[Ref]) -> None:
    """Erase who some leads are; what was decided on them stays."""
    if refs:
        those = among(col(IdentityRow.crm), col(IdentityRow.id), refs)
        session.execute(delete(IdentityRow).where(those))


def who_is_known(session: Session, ledger: str, leads: Mapping[Ref, Identity], reach: Reach) -> Known:
    """Everything that is known of the people and companies of these leads."""
    return Known(holdings(session, ledger, [*leads.values()], reach), records(session, leads))


def holdings(session: Session, ledger: str, leads: Sequence[Identity], reach: Reach) -> Holdings:
    """Who holds or properly held leads of these people and companies, as far as it may count."""
    found = Holdings()
    for wanted in _wanted(leads, reach):
        for who, crm, lead_id, partner, owner, since, still in session.execute(_held(ledger).where(wanted)):
            found.add(Holding(Ref(crm, lead_id), partner, owner, since, still, as_identity(who)))
    return found


def _held(ledger: str) -> Any:
    had = AssignmentRow
    return (
        select(
            IdentityRow,
            col(had.crm),
            col(had.lead_id),
            col(had.partner),
            col(had.owner),
            col(had.since),
            col(had.open),
        )
        .join(had, and_(col(had.crm) == col(IdentityRow.crm), col(had.lead_id) == col(IdentityRow.id)))
        .where(col(had.ledger) == ledger, or_(col(had.open).is_(True), col(had.ended_because).in_(PROPER)))
        .order_by(col(had.id))
    )


def _wanted(leads: Sequence[Identity], reach: Reach) -> Iterator[Any]:
    """What to look for, one index each; see `connector/routing/standing` for what it is looked for."""
    row, had = IdentityRow, AssignmentRow
    of_person = or_(col(had.open).is_(True), col(had.since) >= reach.person)
    for column, values in (
        (row.email, {who.email for who in leads if who.email}),
        (row.phone, {who.phone for who in leads if who.phone and who.last_name}),
    ):
        if values:
            yield and_(col(column).in_(sorted(values)), of_person)
    lately = col(row.given_at) >= reach.company
    brands = {who.brand for who in leads if who.brand}
    if brands:
        yield and_(col(row.brand).in_(sorted(brands)), lately)
    anybody = {who.begins for who in leads if who.begins and not who.domain}
    if anybody:
        yield and_(col(row.begins).in_(sorted(anybody)), lately)
    without_domain = {who.begins for who in leads if who.begins and who.domain} - anybody
    if without_domain:
        yield and_(col(row.begins).in_(sorted(without_domain)), lately, col(row.domain).is_(None))


def as_identity(row: IdentityRow) -> Identity:
    """Who the lead of a row is."""
    parts = {name: getattr(row, name) for name in _PARTS}
    return Identity(**parts, opening=row.begins.partition(":")[2] if row.begins else None)


def records(session: Session, leads: Mapping[Ref, Identity]) -> Records:
    """The open records of these people: neither converted, closed, rejected nor gone."""
    found = Records(closed=_closed(session, leads))
    row = IdentityRow
    for column, values in (
        (row.email, {who.email for who in leads.values() if who.email}),
        (row.phone, {who.phone for who in leads.values() if who.phone and who.last_name}),
    ):
        if values:
            for each in session.scalars(_open_records().where(col(column).in_(sorted(values)))):
                found.add(Ref(each.crm, each.id), as_identity(each))
    return found


def _closed(session: Session, refs: Iterable[Ref]) -> frozenset[Ref]:
    row = ProgressRow
    rows = session.execute(
        select(col(row.crm), col(row.id)).where(
            among(col(row.crm), col(row.id), refs),
            col(row.open).is_(False),
        )
    )
    return frozenset(Ref(crm, lead_id) for crm, lead_id in rows)


def _open_records() -> Any:
    row, lead, progress = IdentityRow, LeadRow, ProgressRow
    return (
        select(row)
        .join(lead, and_(col(lead.crm) == col(row.crm), col(lead.id) == col(row.id)))
        .outerjoin(progress, and_(col(progress.crm) == col(row.crm), col(progress.id) == col(row.id)))
        .where(
            col(lead.converted).is_(False),
            col(lead.outcome).not_in(_NOT_THERE),
            or_(col(progress.open).is_(None), col(progress.open).is_(True)),
        )
        .order_by(col(row.crm), col(row.id))
    )


def unidentified(session: Session, since: datetime, limit: int) -> list[tuple[Lead, datetime]]:
    """Leads that partners have or were given since then, of whom it is not known who they are."""
    had, row, lead = AssignmentRow, IdentityRow, LeadRow
    rows = session.execute(
        select(lead, col(had.since))
        .join(had, and_(col(had.crm) == col(lead.crm), col(had.lead_id) == col(lead.id)))
        .outerjoin(row, and_(col(row.crm) == col(lead.crm), col(row.id) == col(lead.id)))
        .where(col(row.id).is_(None), or_(col(had.open).is_(True), col(had.since) >= since))
        .where(col(lead.outcome) != Outcome.GONE.value)
        .order_by(col(had.id))
        .limit(limit)
    )
    return [(as_lead(found), given) for found, given in rows]


def identify_all(session: Session, found: Iterable[tuple[Ref, Identity, datetime]]) -> None:
    """Remember who leads are that were given before anybody asked; the latest time counts."""
    _put(session, list({ref: _row(ref, who, at) for ref, who, at in found}.values()))

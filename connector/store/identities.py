"""Who leads are, kept apart from what was decided: found again by index, and erasable."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.decision import Decision, Outcome
from connector.model.identity import Holding, Identity
from connector.model.known import Holdings, Known, Records
from connector.model.lead import Lead, Ref
from connector.store.among import among, unindexed
from connector.store.bulk import write_whole
from connector.store.intake import as_lead
from connector.store.tables import AssignmentRow, IdentityRow, LeadRow, ProgressRow

PROPER = ("won", "lost", "converted", "closed")
"""The ends of an assignment after which the partner still counts as the one that had the lead."""

_NOT_THERE = (Outcome.REJECTED.value, Outcome.GONE.value)
_PARTS = ("email", "phone", "last_name", "domain", "company", "country")


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
    write_whole(
        session,
        IdentityRow,
        rows,
        given_at=lambda new: func.coalesce(new.given_at, col(IdentityRow.given_at)),
    )


def correct(session: Session, who: Mapping[Ref, Identity]) -> None:
    """Leads that partners have say something else of who they are."""
    _put(session, [_row(ref, identity, None) for ref, identity in who.items()])


def _row(ref: Ref, who: Identity, given_at: datetime | None) -> dict[str, Any]:
    parts = {name: getattr(who, name) for name in _PARTS}
    keys = {"begins": who.begins, "brand": who.branded}
    return {"crm": ref.crm, "id": ref.id, **parts, **keys, "given_at": given_at}


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
    alike = {Ref(row.crm, row.id): as_identity(row) for row in _alike(session, leads, reach)}
    found = Holdings()
    for had in _had(session, ledger, sorted(alike)):
        ref = Ref(had.crm, had.lead_id)
        found.add(Holding(ref, had.partner, had.owner, had.since, had.open, alike[ref]))
    return found


def _alike(session: Session, leads: Sequence[Identity], reach: Reach) -> Iterator[Any]:
    """Leads that partners were given and that may be of these people and companies, one index at a time.

    They are looked up before their assignments: in one statement, SQLite begins with all assignments.
    """
    row = IdentityRow
    given, lately = col(row.given_at).is_not(None), col(row.given_at) >= reach.company
    anybody = {who.begins for who in leads if who.begins and not who.domain}
    without_domain = {who.begins for who in leads if who.begins and who.domain} - anybody
    for column, values, which in (
        (row.email, {who.email for who in leads}, given),
        (row.phone, {who.phone for who in leads if who.last_name}, given),
        (row.domain, {who.domain for who in leads}, lately),
        (row.brand, {who.branded for who in leads}, lately),
        (row.begins, anybody, lately),
        (row.begins, without_domain, and_(lately, col(row.domain).is_(None))),
    ):
        wanted = sorted(filter(None, values))
        if wanted:
            yield from session.execute(_WHO.where(col(column).in_(wanted), which))


_WHO = select(
    *(col(getattr(IdentityRow, name)) for name in ("crm", "id", *_PARTS, "brand", "begins", "given_at"))
)


def _had(session: Session, ledger: str, refs: Sequence[Ref], size: int = 500) -> Iterator[Any]:
    """The assignments of leads that are open or came to a proper end."""
    had = AssignmentRow
    wanted = (had.crm, had.lead_id, had.partner, had.owner, had.since, had.open)
    proper = or_(col(had.open).is_(True), col(had.ended_because).in_(PROPER))
    for start in range(0, len(refs), size):
        some = among(col(had.crm), col(had.lead_id), refs[start : start + size])
        yield from session.execute(
            select(*(col(column) for column in wanted)).where(
                some, unindexed(col(had.ledger)) == ledger, proper
            )
        )


def as_identity(row: Any) -> Identity:
    """Who the lead of a row is."""
    parts = {name: getattr(row, name) for name in _PARTS}
    brand, _, opening = (row.brand or "").partition(":")
    opening = opening or (row.begins or "").partition(":")[2]
    return Identity(**parts, brand=brand or None, opening=opening or None)


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


def had_lately(session: Session, since: datetime, after: int, limit: int) -> list[tuple[int, Lead, datetime]]:
    """Leads that partners have or were given since then, after an assignment's number, with that and when."""
    had, lead = AssignmentRow, LeadRow
    rows = session.execute(
        select(col(had.id), lead, col(had.since))
        .join(lead, and_(col(had.crm) == col(lead.crm), col(had.lead_id) == col(lead.id)))
        .where(col(had.id) > after, or_(col(had.open).is_(True), col(had.since) >= since))
        .where(col(lead.outcome) != Outcome.GONE.value)
        .order_by(col(had.id))
        .limit(limit)
    )
    return [(number, as_lead(found), given) for number, found, given in rows]


def identify_all(session: Session, found: Iterable[tuple[Ref, Identity, datetime]]) -> None:
    """Remember who leads are that were given before anybody asked; the latest time counts."""
    _put(session, list({ref: _row(ref, who, at) for ref, who, at in found}.values()))

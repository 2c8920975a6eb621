"""The leads that wait to be decided, locked for whoever decides them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.decision import Outcome
from connector.model.lead import Lead, Ref, same_owner
from connector.store.among import among, unindexed
from connector.store.intake import as_lead
from connector.store.tables import LeadRow

_GIVEN = frozenset({Outcome.ASSIGNED, Outcome.OFFERED, Outcome.FALLBACK})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lead that waits to be decided, and what was decided before."""

    lead: Lead
    outcome: Outcome | None
    route: str | None
    held_since: datetime | None
    taken_back: str | None = None
    on_offer_until: datetime | None = None


def waiting(
    session: Session, crms: Sequence[str], limit: int, *, followers: bool = False, newest: bool = False
) -> list[Waiting]:
    """The oldest or newest leads that wait, locked against other daemons; those that follow another apart."""
    created = col(LeadRow.created_at)
    rows = session.scalars(
        select(LeadRow)
        .where(*_waits(crms, followers))
        .order_by(created.desc() if newest else created, col(LeadRow.crm), col(LeadRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_waiting(row) for row in rows]


def _waits(crms: Sequence[str], followers: bool) -> tuple[Any, ...]:
    linked = col(LeadRow.linked)
    state = col(LeadRow.state) == "waiting"
    return state, col(LeadRow.crm).in_(crms), linked.is_not(None) if followers else linked.is_(None)


def all_waiting(session: Session, crms: Sequence[str], *, followers: bool = False) -> Iterator[Lead]:
    """Every lead that waits, to be put in order; none is locked."""
    query = select(LeadRow).where(*_waits(crms, followers)).execution_options(yield_per=1000)
    return map(as_lead, session.scalars(query))


def still_waiting(session: Session, refs: Sequence[Ref]) -> list[Waiting]:
    """Those of the leads that wait, in the given order, locked against other daemons."""
    rows = session.scalars(
        select(LeadRow)
        .where(among(col(LeadRow.crm), col(LeadRow.id), refs), unindexed(col(LeadRow.state)) == "waiting")
        .with_for_update(skip_locked=True)
    )
    found = {Ref(row.crm, row.id): row for row in rows}
    return [_waiting(found[ref]) for ref in refs if ref in found]


def _waiting(row: LeadRow) -> Waiting:
    ours = row.taken_back if same_owner(row.owner, row.wanted_owner) else None
    outcome = Outcome(row.outcome) if row.outcome else None
    return Waiting(as_lead(row), outcome, row.route, row.held_since, ours, row.look_again_at)


@dataclass(frozen=True, slots=True)
class Settled:
    """A lead wherever it stands: with whom it is by an earlier decision, and whether it still is there."""

    item: Waiting
    ours: bool
    partner: str | None


def settled(session: Session, ref: Ref, ledger: str) -> Settled | None:
    """A known lead, locked against other daemons; None if it is not known or gone."""
    row = session.get(LeadRow, (ref.crm, ref.id), with_for_update=True)
    if row is None or row.outcome == Outcome.GONE:
        return None
    outcome = Outcome(row.outcome) if row.outcome else None
    given = outcome in _GIVEN and row.ledger == ledger
    # What is decided in shadow, or on its way to the CRM, still has the owner that it was taken from.
    ours = given and (ledger == "shadow" or row.settled_at is None or same_owner(row.owner, row.wanted_owner))
    return Settled(
        Waiting(as_lead(row), outcome, row.route, row.held_since), ours, row.partner if ours else None
    )

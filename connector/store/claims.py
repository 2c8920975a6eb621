"""What is on offer, who claims how much, and what becomes of a record that was claimed too late."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.lead import Lead, Ref, same_owner
from connector.model.life import Mover
from connector.model.snapshot import Offer
from connector.store.among import among, unindexed
from connector.store.life import note
from connector.store.tables import AssignmentRow, DecisionRow, LeadRow, OutboxRow

LAPSED = ("declined", "breached", "recycled", "released")
"""How a claim ends that its partner let lapse."""

_BACK = timedelta(days=400)


@dataclass(slots=True)
class Claims:
    """By partner: how many claims are open, when claims were made, and when one lapsed."""

    open: Counter[str] = field(default_factory=Counter)
    at: defaultdict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    lapsed: dict[str, tuple[datetime, ...]] = field(default_factory=dict)


def on_offer(session: Session, until: Mapping[Ref, datetime | None]) -> dict[Ref, Offer]:
    """The offers of leads, as they were made; each with its end."""
    if not until:
        return {}
    latest = (
        select(func.max(col(DecisionRow.id)))
        .where(among(col(DecisionRow.crm), col(DecisionRow.lead_id), until))
        .group_by(col(DecisionRow.crm), col(DecisionRow.lead_id))
    )
    rows = session.scalars(select(DecisionRow).where(col(DecisionRow.id).in_(latest)))
    found = {Ref(row.crm, row.lead_id): row.data for row in rows}
    return {
        ref: Offer(data["route"], tuple(data.get("offered_to", ())), until[ref])
        for ref, data in found.items()
    }


def claims(session: Session, ledger: str, now: datetime) -> Claims:
    """The claims of the last thirteen months."""
    found, row = Claims(), AssignmentRow
    rows = session.execute(
        select(col(row.partner), col(row.since), col(row.open), col(row.ended_at), col(row.ended_because))
        .where(col(row.ledger) == ledger, col(row.claimed).is_(True), col(row.since) >= now - _BACK)
        .order_by(col(row.since), col(row.id))
    )
    lapsed: defaultdict[str, list[datetime]] = defaultdict(list)
    for partner, since, is_open, ended_at, because in rows:
        found.at[partner].append(since)
        found.open[partner] += bool(is_open)
        if because in LAPSED and ended_at:
            lapsed[partner].append(ended_at)
    found.lapsed = {partner: tuple(times) for partner, times in lapsed.items()}
    return found


def holders(session: Session, refs: Sequence[Ref]) -> dict[Ref, AssignmentRow]:
    """The live assignments that leads have open."""
    rows = session.scalars(
        select(AssignmentRow).where(
            among(col(AssignmentRow.crm), col(AssignmentRow.lead_id), refs),
            unindexed(col(AssignmentRow.ledger)) == "live",
            col(AssignmentRow.open).is_(True),
        )
    )
    return {Ref(row.crm, row.lead_id): row for row in rows}


def written_partner(session: Session, ref: Ref) -> str | None:
    """Whom the record names, as it was last written."""
    row = session.get(LeadRow, (ref.crm, ref.id))
    return row.written_partner if row else None


def moved_before_our_write(session: Session, row: AssignmentRow, lead: Lead) -> bool:
    """Whether a person gave a lead to somebody, or converted it, before it came to the partner."""
    before = session.get_one(DecisionRow, row.decision_id).data.get("owner_before")
    moved = lead.converted or not (same_owner(lead.owner, before) or same_owner(lead.owner, row.owner))
    return moved and session.get_one(LeadRow, (row.crm, row.lead_id)).settled_at is None


def leave_decided(session: Session, ref: Ref) -> None:
    """What was read of a lead changes nothing in what was decided."""
    session.execute(
        update(LeadRow).where(col(LeadRow.crm) == ref.crm, col(LeadRow.id) == ref.id).values(state="decided")
    )


def adopt_owner(session: Session, row: AssignmentRow, owner: str | None) -> None:
    """The record is with another user of the same partner, and belongs there."""
    row.owner = owner or row.owner
    session.add(row)
    session.execute(
        update(LeadRow)
        .where(col(LeadRow.crm) == row.crm, col(LeadRow.id) == row.lead_id)
        .values(wanted_owner=row.owner)
    )
    session.execute(
        update(OutboxRow)
        .where(
            col(OutboxRow.crm) == row.crm,
            col(OutboxRow.lead_id) == row.lead_id,
            unindexed(col(OutboxRow.about)) == "lead",
            unindexed(col(OutboxRow.state)).in_(("pending", "postponed")),
        )
        .values(owner_before=row.owner)
    )


TOO_LATE = "claimed too late: "
"""Begins what is noted of a claim on a lead that somebody has."""


def note_late(session: Session, row: AssignmentRow, partner: str, who: str, told: str, now: datetime) -> None:
    """Note that a partner came too late to claim what another one has; nothing changes by it."""
    note(session, row, Mover("crm", who), now, f"{TOO_LATE}{told}", partner)

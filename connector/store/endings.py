"""Records that are deleted, merged away, overruled, or done with."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.decision import Decision, Outcome, Reason
from connector.model.lead import Lead, Ref
from connector.model.life import OPEN, State
from connector.model.progress import Progress
from connector.store.bulk import write_whole
from connector.store.decisions import Ruling, end_assignments, give_back, record, supersede
from connector.store.tables import AliasRow, AssignmentRow, DecisionRow, LeadRow, OutboxRow, ProgressRow


def end_all(
    session: Session, ended: Iterable[Lead], absorbing: Iterable[Lead], now: datetime, config_hash: str
) -> int:
    """Deal with what a page says is deleted or merged away; how many leads ended."""
    count = 0
    for lead in ended:
        into = lead.merged_into
        count += (
            merge_away(session, lead.ref, into, now, config_hash)
            if into
            else delete(session, lead.ref, now, config_hash)
        )
    for lead in absorbing:
        for old in lead.absorbed:
            count += merge_away(session, Ref(lead.ref.crm, old), lead.ref.id, now, config_hash)
    return count


def delete(session: Session, ref: Ref, now: datetime, config_hash: str) -> bool:
    """A record was deleted: its lead is gone; a turn that never reached the CRM is given back."""
    row = session.get(LeadRow, (ref.crm, ref.id))
    if row is None or row.outcome == Outcome.GONE:
        return False
    if row.settled_at is None:
        give_back(session, ref.crm, ref.id, now, "gone")
    end_assignments(session, [ref], now, "deleted")
    _gone(session, row, now, config_hash, Reason("gone"))
    return True


def merge_away(session: Session, ref: Ref, into: str, now: datetime, config_hash: str) -> bool:
    """A record was merged into another: the survivor is decided again and inherits the partner."""
    row = session.get(LeadRow, (ref.crm, ref.id))
    if session.get(AliasRow, (ref.crm, ref.id)) is None:
        session.execute(insert(AliasRow), [{"crm": ref.crm, "old_id": ref.id, "new_id": into}])
    if row is None or row.outcome == Outcome.GONE:
        return False
    end_assignments(session, [ref], now, "merged")
    _gone(session, row, now, config_hash, Reason("merged", {"into": into}))
    given = [Outcome.ASSIGNED.value, Outcome.FALLBACK.value, Outcome.OFFERED.value]
    session.execute(
        update(LeadRow)
        .where(col(LeadRow.crm) == ref.crm, col(LeadRow.id) == into, col(LeadRow.outcome).not_in(given))
        .values(state="waiting")
    )
    return True


def _gone(session: Session, row: LeadRow, now: datetime, config_hash: str, reason: Reason) -> None:
    ref = Ref(row.crm, row.id)
    supersede(session, [ref])
    decision = Decision(ref, now, Outcome.GONE, owner_before=row.owner, reasons=(reason,))
    record(session, row.ledger or "live", config_hash, [Ruling(decision, ())])


def park_overruled(session: Session, ref: Ref, now: datetime) -> None:
    """An automation has set our owner back a second time: stop, and let a person look."""
    row = session.get_one(LeadRow, (ref.crm, ref.id))
    latest = session.scalars(
        select(col(DecisionRow.id))
        .where(col(DecisionRow.crm) == ref.crm, col(DecisionRow.lead_id) == ref.id)
        .order_by(col(DecisionRow.id).desc())
        .limit(1)
    ).one()
    error = f"an automation in {ref.crm} sets {row.owner} back whenever {row.wanted_owner} is written"
    values = {"owner": row.wanted_owner}
    session.execute(
        insert(OutboxRow),
        [
            {
                "crm": ref.crm,
                "lead_id": ref.id,
                "decision_id": latest,
                "owner_before": row.owner,
                "values": values,
                "partner": row.partner,
                "route": row.route,
                "ordered": False,
                "state": "parked",
                "attempts": 0,
                "sent": False,
                "next_at": now,
                "error": error,
                "code": "TUG_OF_WAR",
                "fix": "switch the automation off for these records, then retry; or drop this and let it win",
                "created_at": now,
            }
        ],
    )


def open_assignments(
    session: Session, crm: str, after: int, most: int, states: Collection[State] = OPEN
) -> tuple[int, list[str]]:
    """Leads that partners have in a CRM in some states, by default open: ids after an assignment's number,
    and the last number."""
    rows = session.execute(
        select(col(AssignmentRow.id), col(AssignmentRow.lead_id))
        .where(
            col(AssignmentRow.crm) == crm,
            col(AssignmentRow.ledger) == "live",
            col(AssignmentRow.state).in_(states),
            col(AssignmentRow.id) > after,
        )
        .order_by(col(AssignmentRow.id))
        .limit(most)
    ).all()
    return (rows[-1][0] if rows else after), [lead_id for _, lead_id in rows]


def keep_progress(session: Session, crm: str, found: Mapping[str, Progress], now: datetime) -> None:
    """Keep how far leads have come."""
    rows = [
        {
            "crm": crm,
            "id": lead_id,
            "status": progress.status,
            "open": progress.open,
            "converted": progress.converted,
            "won": progress.won,
            "open_deals": progress.open_deals,
            "amount": progress.amount,
            "currency": progress.currency,
            "checked_at": now,
        }
        for lead_id, progress in found.items()
    ]
    write_whole(session, ProgressRow, rows)


def unknown_ids(session: Session, crm: str, ids: Sequence[str]) -> list[str]:
    """Those of the ids that were never taken in."""
    rows = session.scalars(select(col(LeadRow.id)).where(col(LeadRow.crm) == crm, col(LeadRow.id).in_(ids)))
    known = set(rows)
    return [lead_id for lead_id in ids if lead_id not in known]

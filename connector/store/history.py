"""Leads as they came, to try other rules on: each as it was before anything was decided for it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.decision import Outcome
from connector.model.lead import Lead
from connector.store.intake import as_lead
from connector.store.tables import DecisionRow, LeadRow


@dataclass(frozen=True, slots=True)
class Past:
    """A lead as it came, and the partner that it went to in the end."""

    lead: Lead
    partner: str | None


def history(session: Session, ledger: str, since: datetime | None = None) -> Iterator[Past]:
    """Every known lead created `since` then, in order of arrival, those that follow another last.

    The owner is the one from whom it was first taken, and the partner that we wrote ourselves is left out.
    The other fields are as last seen: what was edited since reads as if it had been so from the start.
    """
    first = (
        select(func.min(col(DecisionRow.id)))
        .where(col(DecisionRow.ledger) == ledger)
        .group_by(col(DecisionRow.crm), col(DecisionRow.lead_id))
    )
    rows = session.execute(
        select(LeadRow, DecisionRow)
        .outerjoin(
            DecisionRow,
            (col(DecisionRow.crm) == col(LeadRow.crm))
            & (col(DecisionRow.lead_id) == col(LeadRow.id))
            & col(DecisionRow.id).in_(first),
        )
        .where(*([col(LeadRow.created_at) >= since] if since else []))
        .order_by(
            col(LeadRow.linked).is_not(None), col(LeadRow.created_at), col(LeadRow.crm), col(LeadRow.id)
        )
        .execution_options(yield_per=1000)
    )
    for row, decision in rows:
        yield Past(_as_it_came(row, decision), row.partner if row.ledger == ledger else None)


def _as_it_came(row: LeadRow, first: DecisionRow | None) -> Lead:
    lead = as_lead(row)
    if first is None:
        return lead
    fields = dict(lead.fields)
    if row.written_partner is not None and fields.get("partner") == row.written_partner:
        del fields["partner"]
    return replace(
        lead,
        owner=first.data["owner_before"],
        fields=fields,
        converted=row.converted and first.outcome == Outcome.LEFT_ALONE,
    )

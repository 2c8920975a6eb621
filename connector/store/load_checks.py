"""Partners' load as counted here, beside what the CRM's own records say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.lead import Lead, same_owner
from connector.store.among import unindexed
from connector.store.tables import AssignmentRow, LoadCheckRow


@dataclass(frozen=True, slots=True)
class LoadCheck:
    """A partner's open leads in a CRM: `ours` by assignments, `theirs` those that its records confirm."""

    crm: str
    partner: str
    ours: int
    theirs: int
    at: datetime


class Tally:
    """Counts open leads of one CRM by partner, and those that the CRM still shows as the partner's."""

    def __init__(self) -> None:
        self.ours: Counter[str] = Counter()
        self.theirs: Counter[str] = Counter()

    def add(self, session: Session, crm: str, found: Mapping[str, Lead | None]) -> None:
        """Take in leads as the CRM has them now, by the id asked for; None for one that is gone."""
        rows = session.execute(
            select(col(AssignmentRow.lead_id), col(AssignmentRow.partner), col(AssignmentRow.owner)).where(
                col(AssignmentRow.crm) == crm,
                col(AssignmentRow.lead_id).in_(found),
                unindexed(col(AssignmentRow.ledger)) == "live",
                col(AssignmentRow.open).is_(True),
            )
        )
        for lead_id, partner, owner in rows:
            lead = found[lead_id]
            self.ours[partner] += 1
            self.theirs[partner] += bool(lead and same_owner(lead.owner, owner))


def keep(session: Session, crm: str, tally: Tally, now: datetime) -> None:
    """Keep the latest counts of a CRM in place of those before."""
    session.execute(delete(LoadCheckRow).where(col(LoadCheckRow.crm) == crm))
    rows = [
        {"crm": crm, "partner": partner, "ours": ours, "theirs": tally.theirs[partner], "at": now}
        for partner, ours in sorted(tally.ours.items())
    ]
    if rows:
        session.execute(insert(LoadCheckRow), rows)


def differing(session: Session) -> Sequence[LoadCheck]:
    """The latest counts that differ."""
    rows = session.scalars(
        select(LoadCheckRow)
        .where(col(LoadCheckRow.ours) != col(LoadCheckRow.theirs))
        .order_by(col(LoadCheckRow.crm), col(LoadCheckRow.partner))
    )
    return [LoadCheck(row.crm, row.partner, row.ours, row.theirs, row.at) for row in rows]

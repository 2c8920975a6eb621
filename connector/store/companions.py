"""Records of one person that go along with another: when that one goes elsewhere, they do."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.decision import Decision, Outcome
from connector.model.lead import Ref
from connector.store.among import among, unindexed
from connector.store.tables import LeadRow

_STAYS = frozenset({Outcome.LEFT_ALONE, Outcome.HELD, Outcome.NURTURE})
"""Where a lead has not gone elsewhere: a person has it, or the next partner is still to be found."""


def wake_companions(session: Session, decisions: Sequence[Decision]) -> None:
    """Let records wait whose person's lead is no longer with the partner that they went along to."""
    moved = {str(decision.ref): decision.partner for decision in decisions if _went(decision)}
    if not moved:
        return
    rows = session.scalars(
        select(LeadRow).where(
            col(LeadRow.goes_with).in_(sorted(moved)), col(LeadRow.outcome) == Outcome.FOLLOWS.value
        )
    )
    for row in rows:
        if row.partner != moved[str(row.goes_with)]:
            row.state, row.taken_back = "waiting", "leader_moved"
            session.add(row)
    session.flush()


def _went(decision: Decision) -> bool:
    recalled = any(r.code == "taken_back" and r.facts["how"] == "recalled" for r in decision.reasons)
    return recalled or decision.outcome not in _STAYS


def left_behind(session: Session, refs: Sequence[Ref]) -> dict[Ref, str]:
    """Which partner has these, of records that went along with one that is gone since."""
    keys = col(LeadRow.crm), col(LeadRow.id)
    along = session.scalars(select(LeadRow).where(among(*keys, refs), col(LeadRow.goes_with).is_not(None)))
    leader_of = {Ref(row.crm, row.id): (Ref.parse(str(row.goes_with)), row.partner) for row in along}
    gone = session.execute(
        select(col(LeadRow.crm), col(LeadRow.id)).where(
            among(*keys, (leader for leader, _ in leader_of.values())),
            col(LeadRow.outcome) == Outcome.GONE.value,
        )
    )
    left = {Ref(crm, lead_id) for crm, lead_id in gone}
    return {ref: partner for ref, (leader, partner) in leader_of.items() if partner and leader in left}


def wake_followers(session: Session, refs: Sequence[Ref]) -> None:
    """What was decided for a record is decided for those that a native sync ties to it."""
    session.execute(
        update(LeadRow)
        .where(col(LeadRow.linked).in_([str(ref) for ref in refs]))
        .where(unindexed(col(LeadRow.state)) == "decided")
        .values(state="waiting")
    )

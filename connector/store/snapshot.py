"""What decisions read, gathered in one moment."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.decision import Outcome
from connector.model.lead import Ref
from connector.model.recall import NOTHING, Recall
from connector.model.snapshot import Leader, Snapshot
from connector.store.among import among
from connector.store.claims import claims, on_offer
from connector.store.companions import left_behind
from connector.store.given import Loads, breaches, deals, given, had_before, holding, load_of_owner
from connector.store.pauses import paused
from connector.store.tables import AliasRow, AssignmentRow, CreditRow, LeadRow
from connector.store.waiting import Waiting


def snapshot(
    session: Session,
    ledger: str,
    now: datetime,
    work: Sequence[Waiting],
    recall: Recall = NOTHING,
    loads: Loads | None = None,
) -> Snapshot:
    """What decisions in one ledger read; the credit rows stay locked until the end of the transaction.

    Of the leads that were given earlier only what `recall` asks for is read. `loads` are those of the run of
    decisions that these belong to.
    """
    state = Snapshot(now)
    _lock_credits(session, ledger, state)  # first, so that all else is read as of whoever had them before
    state.load = (loads or Loads()).of(session, ledger)
    _look_at_partners(session, ledger, recall, state)
    _look_at_leads(session, ledger, work, state)
    _look_at_offers(session, ledger, work, state)
    return state


def _lock_credits(session: Session, ledger: str, state: Snapshot) -> None:
    for row in session.scalars(select(CreditRow).where(col(CreditRow.ledger) == ledger).with_for_update()):
        state.credits[row.rotation][row.partner] = row.units
        state.turns[row.rotation][row.partner] = row.turns
        state.farthest[row.rotation] = max(state.farthest[row.rotation], row.farthest)


def _look_at_partners(session: Session, ledger: str, recall: Recall, state: Snapshot) -> None:
    times = given(session, ledger, recall, state.now)
    state.given, state.given_to_owner, state.given_by_route = times.to, times.to_owner, times.by_route
    state.load_of_owner = load_of_owner(session, ledger, recall)
    state.deals = deals(session, ledger, recall.deal_weight)
    still = paused(session, state.now)
    state.retiring = still.retiring
    state.paused_partners, state.paused_routes = still.partners, still.routes


def _look_at_leads(session: Session, ledger: str, work: Sequence[Waiting], state: Snapshot) -> None:
    refs = [item.lead.ref for item in work]
    state.held_since = {item.lead.ref: item.held_since for item in work if item.held_since}
    state.nurtured = {item.lead.ref: True for item in work if item.outcome is Outcome.NURTURE}
    state.taken_back = {item.lead.ref: item.taken_back for item in work if item.taken_back}
    state.breaches = breaches(session, ledger, list(state.taken_back))
    state.inherited = left_behind(session, refs) | _inherited(session, refs)
    state.leaders = _leaders(session, work)
    state.holding = holding(session, ledger, refs)
    state.had_before = had_before(session, ledger, refs)


def _look_at_offers(session: Session, ledger: str, work: Sequence[Waiting], state: Snapshot) -> None:
    offered = {item.lead.ref: item.on_offer_until for item in work if item.outcome is Outcome.OFFERED}
    state.on_offer = on_offer(session, offered)
    if state.on_offer:
        made = claims(session, ledger, state.now)
        state.open_claims, state.claimed_at, state.lapsed_claims = made.open, made.at, made.lapsed


def _inherited(session: Session, refs: Sequence[Ref]) -> dict[Ref, str]:
    """Which partner had a record that one of these absorbed."""
    aliases = session.execute(
        select(col(AliasRow.crm), col(AliasRow.old_id), col(AliasRow.new_id)).where(
            among(col(AliasRow.crm), col(AliasRow.new_id), refs)
        )
    )
    into = {Ref(crm, old_id): Ref(crm, new_id) for crm, old_id, new_id in aliases}
    if not into:
        return {}
    # Together with the first in one statement, SQLite begins with all assignments.
    row = AssignmentRow
    rows = session.execute(
        select(col(row.crm), col(row.lead_id), col(row.partner))
        .where(among(col(row.crm), col(row.lead_id), into), col(row.ended_because) == "merged")
        .order_by(col(row.id))
    )
    return {into[Ref(crm, lead_id)]: partner for crm, lead_id, partner in rows}


def _leaders(session: Session, work: Sequence[Waiting]) -> dict[Ref, Leader]:
    """The record that each of these follows, as far as it is decided."""
    wanted = {Ref.parse(item.lead.linked): item.lead.ref for item in work if item.lead.linked}
    if not wanted:
        return {}
    found = {follower: Leader(leader) for leader, follower in wanted.items()}
    rows = session.scalars(
        select(LeadRow).where(
            among(col(LeadRow.crm), col(LeadRow.id), wanted),
            col(LeadRow.state) == "decided",
        )
    )
    for row in rows:
        ref = Ref(row.crm, row.id)
        outcome = Outcome(row.outcome) if row.outcome else None
        found[wanted[ref]] = Leader(ref, outcome, row.partner, row.ledger == "shadow")
    return found

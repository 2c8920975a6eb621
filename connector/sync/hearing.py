"""Hear what partners say in the CRM: they accept, decline, work, win and lose, and assignments move on."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from connector.model.lead import Lead, Ref
from connector.model.life import ENDS, UNDER_WAY, Mover, State, may_follow
from connector.model.progress import Progress
from connector.routing.policy import Policy
from connector.routing.progress import NO_MEANING, Meaning, Said
from connector.store.endings import keep_progress
from connector.store.life import end, move, note_unexplained, under_way
from connector.store.tables import AssignmentRow


class NotPossible(ValueError):
    """A step that the life of an assignment does not allow; the message is a sentence."""


def step(
    session: Session,
    row: AssignmentRow,
    to: State,
    mover: Mover,
    now: datetime,
    because: str | None = None,
) -> bool:
    """Bring an assignment into a state, whoever asks; whether it moved."""
    how = next((how for how, state in ENDS.items() if state is to), None)
    if how is None:
        return move(session, row, to, mover, now, because)
    return end(session, row, how, now, mover, because)


def hear(session: Session, policy: Policy, crm: str, leads: Sequence[Lead], now: datetime) -> int:
    """What changed leads say of their partners' work; how many assignments moved on."""
    meaning = _meaning(policy, crm)
    said = {lead.ref.id: meaning.of_lead(lead) for lead in leads}
    _note_unknown(session, crm, said, now)
    telling = [lead for lead in leads if said[lead.ref.id].state]
    rows = under_way(session, crm, [lead.ref.id for lead in telling]) if telling else {}
    return sum(
        _follow(session, rows[lead.ref.id], said[lead.ref.id], Mover("crm", lead.owner), now)
        for lead in telling
        if lead.ref.id in rows
    )


def hear_progress(
    session: Session, policy: Policy, crm: str, found: Mapping[str, Progress], now: datetime
) -> int:
    """How far leads have come, as their CRM sees them; how many assignments ended."""
    meaning = _meaning(policy, crm)
    keep_progress(session, crm, found, now)
    said = {lead_id: meaning.said({"status": progress.status}) for lead_id, progress in found.items()}
    _note_unknown(session, crm, said, now)
    ended = 0
    for lead_id, row in under_way(session, crm, list(found)).items():
        how, mover = meaning.ended(found[lead_id]), Mover("crm", row.owner)
        if how:
            ended += end(session, row, how, now, mover)
        else:
            _follow(session, row, said[lead_id], mover, now)
            ended += State(row.state) not in UNDER_WAY
    return ended


def _follow(session: Session, row: AssignmentRow, said: Said, mover: Mover, now: datetime) -> bool:
    if said.state is None:
        return False
    because = said.because if said.state is State.DECLINED else None
    return step(session, row, said.state, mover, now, because)


def answer(
    session: Session,
    ref: Ref,
    to: State,
    mover: Mover,
    now: datetime,
    because: str | None = None,
    partner: str | None = None,
) -> AssignmentRow:
    """An answer that does not come through the CRM, of one partner or whoever has the lead; NotPossible."""
    row = under_way(session, ref.crm, [ref.id]).get(ref.id)
    if row is None:
        raise NotPossible(f"no partner has {ref} at the moment, so nobody can answer for it")
    if partner and partner != row.partner:
        raise NotPossible(f"{ref} is {row.partner}'s, so {partner} cannot answer for it")
    if not may_follow(State(row.state), to):
        raise NotPossible(f"{ref} is {row.state}, so it cannot become {to}")
    step(session, row, to, mover, now, because)
    return row


def _meaning(policy: Policy, crm: str) -> Meaning:
    return policy.crms[crm].meaning if crm in policy.crms else NO_MEANING


def _note_unknown(session: Session, crm: str, said: Mapping[str, Said], now: datetime) -> None:
    found = [(value, lead_id) for lead_id, what in said.items() for value in what.unknown]
    note_unexplained(session, crm, found, now)

"""Hear what partners say in the CRM: they accept, decline, work, win and lose, and assignments move on."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from connector.model.lead import Lead, Ref
from connector.model.life import ENDS, UNDER_WAY, Mover, State, may_follow
from connector.model.progress import Progress
from connector.routing.capacity import began
from connector.routing.conditions import moment
from connector.routing.policy import Policy
from connector.routing.progress import NO_MEANING, Meaning, Said
from connector.store.decisions import reverse_turns
from connector.store.endings import keep_progress
from connector.store.life import end, move, note_unexplained, turns_returned, under_way, undue
from connector.store.tables import AssignmentRow


class NotPossible(ValueError):
    """A step that the life of an assignment does not allow; the message is a sentence."""


def step(
    session: Session,
    policy: Policy,
    row: AssignmentRow,
    to: State,
    mover: Mover,
    now: datetime,
    because: str | None = None,
) -> bool:
    """Bring an assignment into a state, whoever asks; whether it moved.

    An early refusal gives the turn back, where the route says so: it costs nothing, and earns nothing.
    """
    how = next((how for how, state in ENDS.items() if state is to), None)
    if how is None:
        waited = row.state == State.ASSIGNED
        moved = move(session, row, to, mover, now, because)
        if moved and waited:
            undue(session, row, now)
        return moved
    moved = end(session, row, how, now, mover, because)
    if moved and to is State.DECLINED:
        _give_turn_back(session, policy, row, now)
    return moved


def _give_turn_back(session: Session, policy: Policy, row: AssignmentRow, now: datetime) -> None:
    terms, calendar = policy.terms_of(row.route), policy.attendance.of(row.partner)
    so_far = turns_returned(session, row.partner, row.ledger, began(now, policy.zone)["month"])
    if row.turns and terms.gives_back(calendar, row.since, now, so_far):
        row.turn_returned = True
        reverse_turns(session, row)


def hear(session: Session, policy: Policy, crm: str, leads: Sequence[Lead], now: datetime) -> int:
    """What changed leads say of their partners' work; how many assignments moved on."""
    meaning = _meaning(policy, crm)
    said = {lead.ref.id: meaning.of_lead(lead) for lead in leads}
    _note_unknown(session, crm, said, now)
    telling = [lead for lead in leads if said[lead.ref.id].state or lead.fields.get("first_touch")]
    rows = under_way(session, crm, [lead.ref.id for lead in telling]) if telling else {}
    for lead in telling:
        if lead.ref.id in rows:
            _note_touch(rows[lead.ref.id], lead)
    return sum(
        _follow(session, policy, rows[lead.ref.id], said[lead.ref.id], Mover("crm", lead.owner), now)
        for lead in telling
        if lead.ref.id in rows
    )


def _note_touch(row: AssignmentRow, lead: Lead) -> None:
    """The CRM's own word on the first touch, where a field is mapped and speaks of this partner's time."""
    touch = moment(lead.fields.get("first_touch"))
    if touch and touch >= row.since and (row.touched_at is None or touch < row.touched_at):
        row.touched_at = touch


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
            _follow(session, policy, row, said[lead_id], mover, now)
            ended += State(row.state) not in UNDER_WAY
    return ended


def _follow(
    session: Session, policy: Policy, row: AssignmentRow, said: Said, mover: Mover, now: datetime
) -> bool:
    if said.state is None:
        return False
    because = said.because if said.state is State.DECLINED else None
    return step(session, policy, row, said.state, mover, now, because)


def answer(
    session: Session,
    policy: Policy,
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
    step(session, policy, row, to, mover, now, because)
    return row


def _meaning(policy: Policy, crm: str) -> Meaning:
    return policy.crms[crm].meaning if crm in policy.crms else NO_MEANING


def _note_unknown(session: Session, crm: str, said: Mapping[str, Said], now: datetime) -> None:
    found = [(value, lead_id) for lead_id, what in said.items() for value in what.unknown]
    note_unexplained(session, crm, found, now)

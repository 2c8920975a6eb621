"""T2: decisions, assignments, credits and outbox rows, in one transaction."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.command import WriteAssignment
from connector.model.decision import Decision, Outcome, Turn
from connector.model.lead import Ref
from connector.model.life import State
from connector.store.among import among, unindexed
from connector.store.bulk import change_all, insert_all, insert_numbered
from connector.store.companions import wake_companions, wake_followers
from connector.store.identities import keep
from connector.store.life import end, give
from connector.store.tables import AssignmentRow, CreditRow, DecisionRow, LeadRow, OutboxRow

_UNSENT = ("pending", "postponed", "parked")


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision with the writes that follow from it."""

    decision: Decision
    commands: tuple[WriteAssignment, ...]


def record(session: Session, ledger: str, config_hash: str, rulings: Sequence[Ruling]) -> list[int]:
    """Record decisions and everything that follows from them; the decisions' ids, in order."""
    if not rulings:
        return []
    ids = _insert_decisions(session, ledger, config_hash, [ruling.decision for ruling in rulings])
    refs = [ruling.decision.ref for ruling in rulings]
    end_assignments(session, refs, rulings[0].decision.at, "decided_again")
    unsent = supersede(session, refs)
    give(session, [_assignment(r.decision, i, ledger) for r, i in _given(rulings, ids)])
    rows = [row for r, i in zip(rulings, ids, strict=True) for row in _outbox(r, i)]
    insert_all(session, OutboxRow, [_with_unsent(row, unsent) for row in rows])
    change_all(session, LeadRow, [_standing(r.decision, ledger) for r in rulings])
    keep(session, [ruling.decision for ruling in rulings])
    wake_followers(session, refs)
    wake_companions(session, [ruling.decision for ruling in rulings])
    book(session, ledger, [turn for r in rulings for turn in r.decision.turns])
    return ids


def _given(rulings: Sequence[Ruling], ids: Sequence[int]) -> list[tuple[Ruling, int]]:
    pairs = zip(rulings, ids, strict=True)
    return [(r, i) for r, i in pairs if r.decision.outcome is Outcome.ASSIGNED]


def _insert_decisions(
    session: Session, ledger: str, config_hash: str, decisions: Sequence[Decision]
) -> list[int]:
    rows = [
        {
            "crm": decision.ref.crm,
            "lead_id": decision.ref.id,
            "at": decision.at,
            "ledger": ledger,
            "outcome": decision.outcome.value,
            "config_hash": config_hash,
            "data": decision.as_data(),
        }
        for decision in decisions
    ]
    return insert_numbered(session, DecisionRow, rows)


def _assignment(decision: Decision, decision_id: int, ledger: str) -> dict[str, Any]:
    return {
        "crm": decision.ref.crm,
        "lead_id": decision.ref.id,
        "decision_id": decision_id,
        "ledger": ledger,
        "partner": decision.partner,
        "owner": decision.owner,
        "route": decision.route,
        "turns": [_turn_data(turn) for turn in decision.turns],
        "since": decision.at,
        "open": True,
        "state": (State.ACCEPTED if decision.claimed else State.ASSIGNED).value,
        "accepted_at": decision.at if decision.claimed else None,
        "accept_by": decision.accept_by,
        "claimed": decision.claimed,
    }


def _turn_data(turn: Turn) -> dict[str, Any]:
    """What taking a turn back needs."""
    return {"rotation": turn.rotation, "picked": turn.picked, "entry": dict(turn.entry), "of": turn.of}


def _outbox(ruling: Ruling, decision_id: int) -> list[dict[str, Any]]:
    return [
        {
            "crm": command.ref.crm,
            "lead_id": command.ref.id,
            "decision_id": decision_id,
            "owner_before": command.owner_before,
            "values": dict(command.values),
            "note": command.note,
            "follows": command.follows,
            "rivals": list(command.rivals),
            "partner": ruling.decision.partner,
            "route": ruling.decision.route,
            "ordered": any(reason.code == "by_hand" for reason in ruling.decision.reasons),
            "state": "pending",
            "sent": False,
            "attempts": 0,
            "next_at": ruling.decision.at,
            "created_at": ruling.decision.at,
        }
        for command in ruling.commands
    ]


def _standing(decision: Decision, ledger: str) -> dict[str, Any]:
    held = decision.outcome is Outcome.HELD
    waits = decision.outcome in (Outcome.HELD, Outcome.NURTURE)
    return {
        "crm": decision.ref.crm,
        "id": decision.ref.id,
        "state": "decided",
        "ledger": ledger,
        "outcome": decision.outcome.value,
        "partner": decision.partner,
        "route": decision.route,
        "written_partner": None,
        "settled_at": None,
        "look_again_at": decision.look_again_at,
        "goes_with": str(decision.with_person) if decision.with_person else None,
        # A lead that was taken back and finds nobody yet still has the owner that we gave it.
        **({} if waits and not decision.owner else {"wanted_owner": decision.owner}),
        **({} if waits else {"taken_back": None}),
        **({} if held else {"held_since": None}),
    }


def hold_again(session: Session, decisions: Sequence[Decision]) -> None:
    """Leads that are held as before: nothing new to record but who they are, and when to look again."""
    keep(session, decisions)
    rows = [
        {"crm": d.ref.crm, "id": d.ref.id, "state": "decided", "look_again_at": d.look_again_at}
        for d in decisions
    ]
    change_all(session, LeadRow, rows)


def hold_from(session: Session, decisions: Sequence[Decision]) -> None:
    """Remember since when newly held leads wait."""
    rows = [{"crm": d.ref.crm, "id": d.ref.id, "held_since": d.at} for d in decisions]
    change_all(session, LeadRow, rows)


def book(session: Session, ledger: str, turns: Sequence[Turn], times: Literal[1, -1] = 1) -> None:
    """Book turns in their rotations' credits, in order; -1 takes them back as if they had never been."""
    by_rotation: defaultdict[str, list[Turn]] = defaultdict(list)
    for turn in turns:
        by_rotation[turn.rotation].append(turn)
    for rotation, taken in by_rotation.items():
        _move(_credit_rows(session, ledger, rotation, taken), taken, times)
    session.flush()


def _credit_rows(session: Session, ledger: str, rotation: str, turns: Sequence[Turn]) -> dict[str, CreditRow]:
    """The credits that turns of one rotation move, level where there are none yet."""
    members = sorted({member for turn in turns for member in turn.entry})
    held = session.scalars(
        select(CreditRow)
        .where(
            col(CreditRow.ledger) == ledger,
            col(CreditRow.rotation) == rotation,
            col(CreditRow.partner).in_(members),
        )
        .order_by(col(CreditRow.partner))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = {row.partner: row for row in held}
    for member in members:
        if member not in rows:
            rows[member] = CreditRow(ledger=ledger, rotation=rotation, partner=member, units=0, turns=0)
            session.add(rows[member])
    return rows


def _move(rows: Mapping[str, CreditRow], turns: Sequence[Turn], times: int) -> None:
    units = {member: row.units for member, row in rows.items()}
    farthest = {member: row.farthest for member, row in rows.items()}
    taken: Counter[str] = Counter()
    for turn in turns:
        taken[turn.picked] += times
        for member, amount in turn.entry.items():
            units[member] += times * amount
            farthest[member] = max(farthest[member], abs(units[member]))
    for member, row in rows.items():
        row.units, row.farthest = units[member], farthest[member]
        row.turns += taken[member]


def give_back(session: Session, crm: str, lead_id: str, now: datetime, because: str) -> None:
    """End a lead's open assignment as if it had never been made: its turns' whole entries are reversed."""
    rows = session.scalars(
        select(AssignmentRow).where(
            col(AssignmentRow.crm) == crm,
            col(AssignmentRow.lead_id) == lead_id,
            col(AssignmentRow.open).is_(True),
        )
    )
    for row in rows:
        end(session, row, because, now)
        reverse_turns(session, row)


def recall(session: Session, ref: Ref, now: datetime) -> bool:
    """Take a lead away from whoever has it, and its turn back; it waits, and is ours to give on."""
    give_back(session, ref.crm, ref.id, now, "recalled")
    session.execute(
        update(LeadRow)
        .where(col(LeadRow.crm) == ref.crm, col(LeadRow.id) == ref.id)
        .values(state="waiting", taken_back="recalled")
    )
    return True


def reverse_turns(session: Session, row: AssignmentRow) -> None:
    """Book the reverse of an assignment's whole entry, as if its turns had not been taken."""
    book(session, row.ledger, [Turn(**turn) for turn in row.turns], -1)


def end_assignments(session: Session, refs: Sequence[Ref], now: datetime, because: str) -> None:
    """End the open assignments of leads; their turns stay taken."""
    rows = session.scalars(
        select(AssignmentRow).where(_of(AssignmentRow, refs), col(AssignmentRow.open).is_(True))
    )
    for row in rows:
        end(session, row, because, now)


def supersede(session: Session, refs: Sequence[Ref]) -> dict[Ref, Mapping[str, Any]]:
    """Cancel what was not sent yet: a newer decision replaces it. What it was, by lead."""
    rows = session.execute(
        update(OutboxRow)
        .where(
            _of(OutboxRow, refs), col(OutboxRow.about) == "lead", unindexed(col(OutboxRow.state)).in_(_UNSENT)
        )
        .values(state="superseded")
        .returning(col(OutboxRow.crm), col(OutboxRow.lead_id), col(OutboxRow.values))
    )
    return {Ref(crm, lead_id): values for crm, lead_id, values in rows}


def _with_unsent(row: dict[str, Any], unsent: Mapping[Ref, Mapping[str, Any]]) -> dict[str, Any]:
    """Where a lead ripens is written once, when that changes: what did not come to it is taken over."""
    before = unsent.get(Ref(row["crm"], row["lead_id"]), {})
    if "nurture" not in before or "nurture" in row["values"]:
        return row
    return row | {"values": {**row["values"], "nurture": before["nurture"]}}


def _of(table: type[AssignmentRow] | type[OutboxRow], refs: Sequence[Ref]) -> Any:
    return among(col(table.crm), col(table.lead_id), refs)


def redecide_shadowed(session: Session, crms: Sequence[str], tried: Collection[str] = ()) -> int:
    """Let leads that were only decided in shadow wait again, now that their CRM is live and their route none
    of those that are only `tried`."""
    route = col(LeadRow.route)
    result = session.execute(
        update(LeadRow)
        .where(col(LeadRow.crm).in_(crms), col(LeadRow.ledger) == "shadow", col(LeadRow.state) == "decided")
        .where(route.is_(None) | route.not_in(tried))
        .values(state="waiting", outcome=None, ledger=None, partner=None, wanted_owner=None)
    )
    return int(getattr(result, "rowcount", 0))


def ledger_balance(session: Session) -> Mapping[tuple[str, str], int]:
    """The sum of credits by ledger and rotation; every one is zero."""
    rows = session.execute(
        select(col(CreditRow.ledger), col(CreditRow.rotation), func.sum(col(CreditRow.units))).group_by(
            col(CreditRow.ledger), col(CreditRow.rotation)
        )
    )
    return {(ledger, rotation): int(total) for ledger, rotation, total in rows}

"""What partners, their owners and routes were given: what is open, since when, and who had a lead before."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.lead import Ref
from connector.model.life import OPEN, State
from connector.model.recall import Recall
from connector.model.snapshot import OwnerKey
from connector.store.among import among, unindexed
from connector.store.tables import AliasRow, AssignmentEventRow, AssignmentRow, ProgressRow

NEVER_REACHED = ("changed_by_person", "gone", "dropped")
"""The ways to end of assignments that their partner never learned of."""

HAD_BEFORE: Mapping[str, str] = {
    "declined": "declined_before",
    **dict.fromkeys(("breached", "recycled", "recalled", "released", "taken_over"), "held_before"),
}
"""Why a partner that had a lead does not get it again, by how its assignment ended."""

Times = defaultdict[str, list[datetime]]


@dataclass(slots=True)
class Given:
    """When leads were given that reached their partner, oldest first."""

    to: Times = field(default_factory=lambda: defaultdict(list))
    to_owner: defaultdict[OwnerKey, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    by_route: Times = field(default_factory=lambda: defaultdict(list))


def given(session: Session, ledger: str, recall: Recall, now: datetime) -> Given:
    """The leads that were given as far back as any cap looks."""
    found = Given()
    if not recall.back:
        return found
    for partner, owner, _, since in _lately(session, ledger, "partner", recall.partners, now - recall.back):
        found.to[partner].append(since)
        found.to_owner[partner, owner.casefold()].append(since)
    for _, _, route, since in _lately(session, ledger, "route", recall.routes, now - recall.back):
        found.by_route[route].append(since)
    return found


def _lately(
    session: Session, ledger: str, column: str, names: Collection[str], since: datetime
) -> Iterable[Any]:
    """Assignments of these partners, or routes, by an index that begins where the caps begin to look.

    Asked for in one statement, either or, SQLite goes through the whole history.
    """
    if not names:
        return ()
    row = AssignmentRow
    ended = col(row.ended_because)
    return session.execute(
        select(col(row.partner), col(row.owner), col(row.route), col(row.since))
        .where(
            col(row.ledger) == ledger,
            col(getattr(row, column)).in_(sorted(names)),
            col(row.since) >= since,
            ended.is_(None) | ended.not_in(NEVER_REACHED),
        )
        .order_by(col(row.since), col(row.id))
    )


@dataclass(slots=True)
class Loads:
    """How many leads each partner has open: counted once, and from then on moved by each step of a lead.

    For one run of transactions that all commit; counting a million open leads for every batch would cost more
    than deciding it. Steps are recorded with whatever they change, so what others did in between counts too.
    """

    _counted: dict[str, Counter[str]] = field(default_factory=dict)
    _until: dict[str, int] = field(default_factory=dict)

    def of(self, session: Session, ledger: str) -> Counter[str]:
        """As `load` counts it at this moment."""
        event = AssignmentEventRow
        last = session.scalar(select(func.max(col(event.id)))) or 0
        if ledger not in self._counted:
            self._counted[ledger] = load(session, ledger)
        elif last > self._until[ledger]:
            steps = session.execute(
                select(col(event.partner), col(event.was), col(event.state)).where(
                    col(event.id) > self._until[ledger], unindexed(col(event.ledger)) == ledger
                )
            )
            for partner, was, state in steps:
                self._counted[ledger][partner] += (state in OPEN) - (was in OPEN)
        self._until[ledger] = last
        return +self._counted[ledger]


def load(session: Session, ledger: str) -> Counter[str]:
    """How many leads each partner has open."""
    rows = session.execute(
        select(col(AssignmentRow.partner), func.count())
        .where(col(AssignmentRow.ledger) == ledger, col(AssignmentRow.open).is_(True))
        .group_by(col(AssignmentRow.partner))
    )
    return Counter({row[0]: row[1] for row in rows})


def deals(session: Session, ledger: str, weight: int) -> dict[str, int] | None:
    """What the open deals weigh that came from each partner's converted leads, as their CRM last said.

    None where they weigh nothing. A lead that is not converted counts as an open lead, whatever deals it has.
    """
    if not weight:
        return None
    row, progress = AssignmentRow, ProgressRow
    rows = session.execute(
        select(col(row.partner), func.sum(col(progress.open_deals)))
        .join(progress, and_(col(progress.crm) == col(row.crm), col(progress.id) == col(row.lead_id)))
        .where(
            col(row.ledger) == ledger, col(row.state) == State.CONVERTED.value, col(progress.open_deals) > 0
        )
        .group_by(col(row.partner))
    )
    return {partner: weight * int(count) for partner, count in rows}


def load_of_owner(session: Session, ledger: str, recall: Recall) -> Counter[OwnerKey]:
    """How many leads each owner has open for each of the partners, if anybody asks."""
    found: Counter[OwnerKey] = Counter()
    if recall.owners:
        rows = session.execute(
            select(col(AssignmentRow.partner), col(AssignmentRow.owner), func.count())
            .where(
                col(AssignmentRow.ledger) == ledger,
                col(AssignmentRow.open).is_(True),
                col(AssignmentRow.partner).in_(recall.partners),
            )
            .group_by(col(AssignmentRow.partner), col(AssignmentRow.owner))
        )
        for partner, owner, count in rows:
            found[partner, owner.casefold()] += count
    return found


def holding(session: Session, ledger: str, refs: Sequence[Ref]) -> dict[Ref, OwnerKey]:
    """The partner and owner that have one of these leads open, until it is decided again."""
    rows = session.execute(
        select(
            col(AssignmentRow.crm),
            col(AssignmentRow.lead_id),
            col(AssignmentRow.partner),
            col(AssignmentRow.owner),
        ).where(_of(refs), unindexed(col(AssignmentRow.ledger)) == ledger, col(AssignmentRow.open).is_(True))
    )
    return {Ref(crm, lead): (partner, owner.casefold()) for crm, lead, partner, owner in rows}


def had_before(session: Session, ledger: str, refs: Sequence[Ref]) -> dict[Ref, dict[str, str]]:
    """By lead, the partners that had it, or a record merged into it, with the code that refuses each."""
    aliases = session.execute(
        select(col(AliasRow.crm), col(AliasRow.old_id), col(AliasRow.new_id)).where(
            among(col(AliasRow.crm), col(AliasRow.new_id), refs)
        )
    )
    whole = {ref: ref for ref in refs} | {Ref(crm, old): Ref(crm, new) for crm, old, new in aliases}
    row = AssignmentRow
    rows = session.execute(
        select(col(row.crm), col(row.lead_id), col(row.partner), col(row.ended_because))
        .where(_of(list(whole)), unindexed(col(row.ledger)) == ledger, col(row.ended_because).in_(HAD_BEFORE))
        .order_by(col(row.id))
    )
    found: defaultdict[Ref, dict[str, str]] = defaultdict(dict)
    for crm, lead, partner, because in rows:
        codes, code = found[whole[Ref(crm, lead)]], HAD_BEFORE[str(because)]
        # Who once said no stays one who declined, however later assignments ended.
        if codes.get(partner) != "declined_before":
            codes[partner] = code
    return dict(found)


def breaches(session: Session, ledger: str, refs: Sequence[Ref]) -> dict[Ref, int]:
    """How many partners let the time to accept each of these leads pass."""
    if not refs:
        return {}
    row = AssignmentRow
    rows = session.execute(
        select(col(row.crm), col(row.lead_id), func.count())
        .where(_of(refs), unindexed(col(row.ledger)) == ledger, col(row.ended_because) == "breached")
        .group_by(col(row.crm), col(row.lead_id))
    )
    return {Ref(crm, lead): count for crm, lead, count in rows}


def breached(session: Session, ledger: str) -> dict[str, int]:
    """How often each partner let the time to accept a lead pass, ever."""
    row = AssignmentRow
    rows = session.execute(
        select(col(row.partner), func.count())
        .where(col(row.ledger) == ledger, col(row.ended_because) == "breached")
        .group_by(col(row.partner))
    )
    return {row[0]: row[1] for row in rows}


def _of(refs: Sequence[Ref]) -> ColumnElement[bool]:
    return among(col(AssignmentRow.crm), col(AssignmentRow.lead_id), refs)

"""What the safety limits keep back, and letting it go."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.store.brake import HOUR, kept_back
from connector.store.safety_tables import ReleaseRow
from connector.store.steady import SteadyClock, agreed
from connector.store.stuck import OutboxWrite, seen_by_a_person
from connector.store.tables import OutboxRow


@dataclass(frozen=True, slots=True)
class Kept:
    """Writes that wait for a release: how many by limit, CRM and partner (None: nobody's), and the first."""

    by_limit: Mapping[str, int] = field(default_factory=dict)
    by_crm: Mapping[str, int] = field(default_factory=dict)
    by_partner: Mapping[str | None, int] = field(default_factory=dict)
    first: tuple[OutboxWrite, ...] = ()

    @property
    def count(self) -> int:
        """How many in all."""
        return sum(self.by_limit.values())


def kept(session: Session, crm: str | None = None, show: int = 10) -> Kept:
    """What is kept back now."""
    conditions = _kept(crm)
    keys = (col(OutboxRow.kept_back), col(OutboxRow.crm), col(OutboxRow.partner))
    counts = session.execute(select(*keys, func.count()).where(*conditions).group_by(*keys)).all()
    by_limit: Counter[str] = Counter()
    by_crm: Counter[str] = Counter()
    by_partner: Counter[str | None] = Counter()
    for limit, of_crm, partner, count in counts:
        by_limit[str(limit)] += count
        by_crm[of_crm] += count
        by_partner[partner] += count
    query = select(OutboxRow).where(*conditions).order_by(col(OutboxRow.id)).limit(show)
    first = tuple(seen_by_a_person(row) for row in session.scalars(query)) if counts else ()
    return Kept(dict(by_limit), dict(by_crm), dict(by_partner.most_common()), first)


def _kept(crm: str | None) -> Sequence[ColumnElement[bool]]:
    of_crm = [col(OutboxRow.crm) == crm] if crm else []
    return [*kept_back(), *of_crm]


@dataclass(frozen=True, slots=True)
class Released:
    """What a release let go, and how many writes more it lets go within the hour."""

    writes: int
    more: int


def release(
    session: Session,
    clock: SteadyClock,
    now: datetime,
    by: str,
    *,
    crm: str | None = None,
    most: int | None = None,
    because: str | None = None,
) -> Released:
    """Let what is kept back go with the next delivery, oldest first, at most so many; recorded.

    What `most` leaves over holds for writes of any CRM that come within the next hour.
    """
    moment = agreed(session, clock)
    query = select(OutboxRow).where(*_kept(crm)).order_by(col(OutboxRow.id)).limit(most)
    rows = session.scalars(query.with_for_update()).all()
    more = most - len(rows) if most is not None else 0
    record = ReleaseRow(
        at=now,
        by=by,
        because=because,
        crm=crm,
        writes=len(rows) + more,
        more_left=more,
        until=moment + HOUR,
    )
    session.add(record)
    session.flush()
    for row in rows:
        row.released = record.id
    session.flush()
    return Released(len(rows), more)

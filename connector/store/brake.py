"""The safety limits: how many writes, and how many moves of partners' records, may go in an hour."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.store.moving import moving
from connector.store.safety_tables import ReleaseRow, SentRow
from connector.store.steady import ALIKE
from connector.store.tables import OutboxRow

WRITES, OWNER_CHANGES = "max_writes_per_hour", "max_owner_changes_per_hour"
HOUR = timedelta(hours=1)
WAITING = ("pending", "postponed")


@dataclass(frozen=True, slots=True)
class Limits:
    """The most in any hour, over all CRMs and daemons; None for no limit.

    `owner_changes` counts records that already had a partner and are moved or taken away.
    """

    writes: int | None = None
    owner_changes: int | None = None

    def by_name(self) -> dict[str, int]:
        """Those that there are."""
        both = ((WRITES, self.writes), (OWNER_CHANGES, self.owner_changes))
        return {name: most for name, most in both if most is not None}


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent in the hour up to a moment, without and with what was released."""

    writes: int = 0
    owner_changes: int = 0
    released: int = 0


def sent_within(session: Session, moment: datetime) -> Sent:
    """The hour before a moment of the steady clock, and the minute that clocks may differ."""
    query = select(func.sum(SentRow.writes), func.sum(SentRow.owner_changes), func.sum(SentRow.released))
    row = session.execute(query.where(col(SentRow.at) > moment - HOUR - ALIKE)).one()
    return Sent(*(int(value or 0) for value in row))


class Brake:
    """Lets writes go while the hour has room for them, and keeps the others back until a release.

    Once a limit keeps anything back it keeps everything back, new hour or not: a person looks first. It all
    happens in the transaction that has locked the steady clock, so daemons take one after another.
    """

    def __init__(self, session: Session, limits: Limits, moment: datetime):
        self._session = session
        self._limits = limits.by_name()
        sent = sent_within(session, moment) if self._limits else Sent()
        used = {WRITES: sent.writes, OWNER_CHANGES: sent.owner_changes}
        self._room = {
            name: 0 if _keeps(session, name) else most - used[name] for name, most in self._limits.items()
        }
        self._allowances = _allowances(session, moment) if self._limits else []
        self.tally = SentRow(at=moment)
        self.moved: set[int] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """The limits that there are."""
        return tuple(self._limits)

    @property
    def shut(self) -> bool:
        """Whether nothing goes that is not released already."""
        return self._room.get(WRITES, 1) < 1 and not any(one.more_left for one in self._allowances)

    def keep_back(self, crm: str) -> None:
        """Mark whatever of a CRM waits, but what another transaction holds just now."""
        waiting = (
            select(col(OutboxRow.id))
            .where(col(OutboxRow.crm) == crm, col(OutboxRow.state).in_(WAITING))
            .where(col(OutboxRow.kept_back).is_(None), col(OutboxRow.released).is_(None))
            .with_for_update(skip_locked=True)
        )
        self._session.execute(
            update(OutboxRow).where(col(OutboxRow.id).in_(waiting)).values(kept_back=WRITES),
            execution_options={"synchronize_session": False},
        )

    def let_go(self, rows: Sequence[OutboxRow]) -> list[OutboxRow]:
        """The writes that may go now; the others are marked with the limit that keeps them back."""
        self.moved = moving(self._session, rows) if OWNER_CHANGES in self._limits else set()
        free = [row for row in rows if self._lets(row, row.id in self.moved)]
        self._session.flush()
        return free

    def _lets(self, row: OutboxRow, moves: bool) -> bool:
        needed = [name for name in self._limits if moves or name == WRITES]
        full = next((name for name in needed if self._room[name] < 1), None)
        allowance = next((one for one in self._allowances if one.more_left), None)
        if row.released is None and full and allowance:
            row.released, allowance.more_left = allowance.id, allowance.more_left - 1
        if row.released is None and full:
            row.kept_back = full
            row.state = "pending" if row.state == "sending" else row.state
            return False
        if row.released is not None:
            self.tally.released += 1
            return True
        row.kept_back = None
        for name in needed:
            self._room[name] -= 1
        self.tally.writes += 1
        self.tally.owner_changes += moves
        return True


def _keeps(session: Session, limit: str) -> bool:
    query = select(exists().where(*kept_back(limit)))
    return bool(session.scalars(query).one())


def kept_back(limit: str | None = None) -> Iterator[ColumnElement[bool]]:
    """The conditions for writes that a limit keeps back."""
    yield col(OutboxRow.state).in_(WAITING)
    yield col(OutboxRow.released).is_(None)
    yield col(OutboxRow.kept_back) == limit if limit else col(OutboxRow.kept_back).is_not(None)


def forget_old(session: Session, moment: datetime) -> None:
    """What was sent long before the hour counts no more."""
    session.execute(delete(SentRow).where(col(SentRow.at) < moment - 3 * HOUR))


def _allowances(session: Session, moment: datetime) -> list[ReleaseRow]:
    query = select(ReleaseRow).where(col(ReleaseRow.more_left) > 0, col(ReleaseRow.until) > moment)
    return list(session.scalars(query.order_by(col(ReleaseRow.id))))

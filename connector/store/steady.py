"""A time that never jumps, on which all daemons agree: what limits and takeovers are measured by."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.store.missing import insert_missing
from connector.store.safety_tables import SteadyRow

_THE_ROW = 1
ALIKE = timedelta(minutes=1)
"""How far the clocks of hosts may be apart when daemons start on them."""


class SteadyClock:
    """One process's share of the steady time.

    Wall clocks jump; `ticks` (seconds, as of time.monotonic) only pass. A process trusts its wall clock once,
    when it starts, to a minute (ALIKE); from then on it adds its ticks to the latest time that it has seen in
    the store, and never goes back behind what another one has written there.
    """

    def __init__(self, now: Callable[[], datetime], ticks: Callable[[], float]):
        self._ticks = ticks
        self._at, self._ticked = now(), ticks()

    def after(self, shared: datetime | None) -> datetime:
        """The time now, not before `shared`, the latest that the store knows."""
        ticked = self._ticks()
        own = self._at + timedelta(seconds=max(0.0, ticked - self._ticked))
        self._at, self._ticked = max(own, shared or own), ticked
        return self._at


def agreed(session: Session, clock: SteadyClock) -> datetime:
    """The steady time, moved on in the store; who else asks for it waits until the transaction ends."""
    query = select(SteadyRow).where(col(SteadyRow.id) == _THE_ROW)
    row = session.scalars(query.with_for_update().execution_options(populate_existing=True)).first()
    if row is None:
        insert_missing(session, SteadyRow, id=_THE_ROW, at=clock.after(None))
        row = session.scalars(query.with_for_update()).one()
    row.at = clock.after(row.at)
    session.flush()
    return row.at


def seen(session: Session, clock: SteadyClock) -> datetime:
    """The steady time, without waiting for anybody."""
    return clock.after(session.scalars(select(col(SteadyRow.at))).first())

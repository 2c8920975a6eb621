"""Who does what alone: leases with fencing tokens, on the database's clock.

Of several daemons one reads a CRM and one decides, so that nothing is done twice for nothing. What keeps it
right is not the lease but the fence: every transaction that rests on a lease asks for its token first, and
keeps that row locked until it ends. A daemon that was stopped past its lease finds the token gone when it
wakes, and what it had in hand is dropped (M. Kleppmann, "How to do distributed locking", 2016).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Float, case, cast, delete, extract, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.store.missing import insert_missing
from connector.store.tables import DaemonRow, LeaseRow


class LeaseLost(Exception):
    """Another daemon has taken this work over; what rests on the lease must not be committed."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do something alone, until it is taken over; `token` only ever grows."""

    name: str
    holder: str
    token: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Held:
    """A lease as the store has it; `left` seconds until it can be taken over."""

    name: str
    holder: str
    left: float


def take(
    session: Session, name: str, holder: str, seconds: float, is_over: Callable[[str], bool]
) -> Lease | None:
    """The lease, for so many seconds, or None while another holder has it that is not known to be over."""
    insert_missing(session, LeaseRow, name=name, holder="", token=0, until=0.0)
    now = session.scalars(select(_now(session))).one()
    row = session.scalars(
        select(LeaseRow)
        .where(col(LeaseRow.name) == name)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.holder not in ("", holder) and row.until > now and not is_over(row.holder):
        return None
    if row.holder != holder:
        row.holder, row.token = holder, row.token + 1
    row.until = now + seconds
    session.flush()
    return Lease(name, holder, row.token, seconds)


def fence(session: Session, lease: Lease) -> None:
    """Renew a lease and keep anybody from taking it over until the transaction ends; LeaseLost if gone."""
    renewed = session.execute(
        update(LeaseRow)
        .where(
            col(LeaseRow.name) == lease.name,
            col(LeaseRow.holder) == lease.holder,
            col(LeaseRow.token) == lease.token,
        )
        .values(until=_now(session) + lease.seconds),
        execution_options={"synchronize_session": False},
    )
    if not getattr(renewed, "rowcount", 0):
        raise LeaseLost(lease.name)


def give_up(session: Session, holder: str) -> None:
    """Let others take over at once whatever a holder has; it is at work no more."""
    session.execute(delete(DaemonRow).where(col(DaemonRow.name) == holder))
    session.execute(
        update(LeaseRow).where(col(LeaseRow.holder) == holder).values(holder="", until=0.0),
        execution_options={"synchronize_session": False},
    )


def held(session: Session) -> list[Held]:
    """Every lease that somebody has."""
    left = case((col(LeaseRow.until) > _now(session), col(LeaseRow.until) - _now(session)), else_=0.0)
    rows = session.execute(
        select(col(LeaseRow.name), col(LeaseRow.holder), left)
        .where(col(LeaseRow.holder) != "")
        .order_by(col(LeaseRow.name))
    )
    return [Held(name, holder, float(seconds)) for name, holder, seconds in rows]


@dataclass(frozen=True, slots=True)
class DaemonLine:
    """A run of the connector: seconds since it started and since its last sign of life, what it does alone.

    `config_hash` names the rules that it goes by.
    """

    name: str
    up: float
    silent: float
    config_hash: str
    alone: tuple[str, ...]


FORGOTTEN_AFTER = 86_400.0
"""Seconds of silence after which a daemon that did not stop properly is no longer told of."""


def note_alive(session: Session, name: str, config_hash: str) -> None:
    """A sign of life of a daemon."""
    now = session.scalars(select(_now(session))).one()
    insert_missing(session, DaemonRow, name=name, started=now, seen=now, config_hash=config_hash)
    session.execute(
        update(DaemonRow).where(col(DaemonRow.name) == name).values(seen=now, config_hash=config_hash)
    )
    session.execute(delete(DaemonRow).where(col(DaemonRow.seen) < now - FORGOTTEN_AFTER))


def daemons(session: Session) -> list[DaemonLine]:
    """Every daemon that has not stopped properly since its last sign of life, the longest at work first."""
    now = session.scalars(select(_now(session))).one()
    alone: dict[str, list[str]] = {}
    for lease in held(session):
        if lease.left:
            alone.setdefault(lease.holder, []).append(lease.name)
    rows = session.scalars(select(DaemonRow).order_by(col(DaemonRow.started), col(DaemonRow.name)))
    return [
        DaemonLine(
            row.name, now - row.started, now - row.seen, row.config_hash, tuple(alone.get(row.name, ()))
        )
        for row in rows
    ]


def _now(session: Session) -> Any:
    """Seconds since 1970 on the database's clock, which all daemons share."""
    if session.get_bind().dialect.name == "postgresql":
        return cast(extract("epoch", func.clock_timestamp()), Float)
    return (func.julianday("now") - 2440587.5) * 86400.0

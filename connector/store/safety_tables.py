"""The tables of what keeps writes back: the steady clock, what was sent, releases, pauses, alerts."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from connector.store.tables import JSON_VALUES, personal


class SteadyRow(SQLModel, table=True):
    """The time that all daemons agree on, which never jumps; one row."""

    __tablename__ = "steady_clock"
    id: int = Field(primary_key=True)
    at: datetime


class SentRow(SQLModel, table=True):
    """Writes that one batch may have sent until `at`, on the steady clock, and how many were owner changes.

    `released` ones are counted apart: they went beyond the limits.
    """

    __tablename__ = "sent"
    id: int = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    writes: int = 0
    owner_changes: int = 0
    released: int = 0


class ReleaseRow(SQLModel, table=True):
    """A person let writes go beyond the limits: those kept back, and `more_left` more until then."""

    __tablename__ = "write_release"
    id: int = Field(default=None, primary_key=True)
    at: datetime
    by: str
    because: str | None = Field(default=None, sa_column_kwargs=personal())
    crm: str | None = None
    writes: int
    more_left: int = 0
    until: datetime


class AlertRow(SQLModel, table=True):
    """Something that a person should know, from `since` until it is over."""

    __tablename__ = "alert"
    id: int = Field(default=None, primary_key=True)
    code: str
    subject: str
    facts: dict[str, Any] = Field(sa_type=JSON_VALUES)
    since: datetime
    until: datetime | None = Field(default=None, index=True)


class PauseRow(SQLModel, table=True):
    """A pause, and how it ended; never changed after that."""

    __tablename__ = "pause"
    id: int = Field(default=None, primary_key=True)
    kind: str
    name: str
    since: datetime
    until: datetime | None = None
    by: str
    because: str = Field(sa_column_kwargs=personal(""))
    ended_at: datetime | None = Field(default=None, index=True)
    ended_by: str | None = None

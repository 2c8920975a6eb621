"""The tables of what partners and channel managers are told."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class NoticeRow(SQLModel, table=True):
    """One thing to tell one role of a partner, or the channel manager; `state` is pending, sent, given_up or
    dropped, where nobody is to be told any more.

    It is told of a step in the life of an assignment (`event_id`), of a decision, or of a digest's period; 0
    and "" stand for none.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("notice_once", "event_id", "decision_id", "period", "partner", "kind", "receiver", unique=True),
        Index("notice_due", "state", "next_at"),
    )
    id: int = Field(default=None, primary_key=True)
    event_id: int
    assignment_id: int
    decision_id: int = 0
    period: str = ""
    kind: str
    receiver: str
    partner: str
    crm: str
    lead_id: str
    state: str = "pending"
    attempts: int = 0
    next_at: datetime
    created_at: datetime
    ended_at: datetime | None = Field(default=None, index=True)
    error: str | None = None


class NoticeMarkRow(SQLModel, table=True):
    """The last step in the lives of assignments, and the last decision, that were looked at for what to tell;
    one row. Digests are about the time since `began_at`."""

    __tablename__ = "notice_mark"
    id: int = Field(primary_key=True)
    event_id: int
    decision_id: int = 0
    began_at: datetime | None = None

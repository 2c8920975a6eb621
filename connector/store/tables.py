"""The tables, on SQLite and PostgreSQL alike."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

_JSON = JSON().with_variant(JSONB(), "postgresql")
JSON_VALUES = _JSON
"""A column of JSON values, which PostgreSQL keeps as jsonb."""


def personal(left: Any = None) -> dict[str, Any]:
    """Marks a column that may hold something of a person, and what remains in it once that is erased."""
    return {"info": {"personal": True, "left": left}}


# Named alike on both dialects, so that a later revision can name what it changes.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
}

SCHEMA_VERSION = 2


class SchemaRow(SQLModel, table=True):
    """Tells a connector from before there were migrations, which knows 1, that this is not its database."""

    __tablename__ = "schema_version"
    version: int = Field(primary_key=True)


class LeadRow(SQLModel, table=True):
    """One lead as last seen, and where it stands."""

    __tablename__ = "lead"
    __table_args__ = (
        Index("lead_waiting", "state", "created_at", "crm", "id"),
        Index("lead_look_again", "look_again_at"),
    )
    crm: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    created_at: datetime
    changed_at: datetime
    owner: str | None = None
    fields: dict[str, Any] = Field(sa_type=_JSON, sa_column_kwargs=personal({}))
    converted: bool = False
    fingerprint: str = Field(sa_column_kwargs=personal(""))
    state: str = "waiting"
    ledger: str | None = None
    outcome: str | None = Field(default=None, index=True)
    partner: str | None = None
    route: str | None = None
    wanted_owner: str | None = None
    written_partner: str | None = None
    look_again_at: datetime | None = None
    held_since: datetime | None = None
    linked: str | None = Field(default=None, index=True)
    goes_with: str | None = Field(default=None, index=True)
    settled_at: datetime | None = None
    taken_back: str | None = None
    overwrites: int = 0
    seen_by: str = "pull"
    erased_at: datetime | None = None


class IdentityRow(SQLModel, table=True):
    """Who a lead is, in normal form: personal data that can be erased while what was decided stays.

    `begins` is the country and how the company's name begins, `brand` its domain without the ending and how
    the name begins; `given_at` is when a partner was last given it.
    """

    __tablename__ = "identity"
    __table_args__ = (
        Index("identity_domain", "domain", "given_at"),
        Index("identity_brand", "brand", "given_at"),
        Index("identity_begins", "begins", "domain", "given_at"),
    )
    crm: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    email: str | None = Field(default=None, index=True, sa_column_kwargs=personal())
    phone: str | None = Field(default=None, index=True, sa_column_kwargs=personal())
    last_name: str | None = Field(default=None, sa_column_kwargs=personal())
    domain: str | None = Field(default=None, sa_column_kwargs=personal())
    brand: str | None = Field(default=None, sa_column_kwargs=personal())
    company: str | None = Field(default=None, sa_column_kwargs=personal())
    country: str | None = None
    begins: str | None = Field(default=None, sa_column_kwargs=personal())
    given_at: datetime | None = None


class AliasRow(SQLModel, table=True):
    """An id that a merge took away, and the record that answers for it now."""

    __tablename__ = "alias"
    crm: str = Field(primary_key=True)
    old_id: str = Field(primary_key=True)
    new_id: str = Field(index=True)


class ProgressRow(SQLModel, table=True):
    """How far a lead has come, as its CRM last said."""

    __tablename__ = "progress"
    crm: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    status: str | None = None
    open: bool = True
    converted: bool = False
    won: bool | None = None
    open_deals: int = 0
    amount: float | None = None
    currency: str | None = None
    checked_at: datetime


class LimitRow(SQLModel, table=True):
    """When the next call of a class is due at an account, by the generic cell rate algorithm."""

    __tablename__ = "rate_limit"
    account: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    due_at: datetime


class CursorRow(SQLModel, table=True):
    """Where a reading of a CRM stands: the pull, the settling re-read, or the reconciliation."""

    __tablename__ = "cursor"
    crm: str = Field(primary_key=True)
    reading: str = Field(primary_key=True)
    since: datetime
    until: datetime | None = None
    after: str | None = None


class DecisionRow(SQLModel, table=True):
    """A decision, never changed after it is made, unless to erase what it says of a person."""

    __tablename__ = "decision"
    __table_args__ = (Index("decision_of_lead", "crm", "lead_id"),)
    id: int = Field(default=None, primary_key=True)
    crm: str
    lead_id: str
    at: datetime = Field(index=True)
    ledger: str
    outcome: str
    config_hash: str
    data: dict[str, Any] = Field(sa_type=_JSON, sa_column_kwargs=personal())
    erased_at: datetime | None = None


class AssignmentRow(SQLModel, table=True):
    """A lead that a partner has, or had until `ended_at`."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index("assignment_load", "ledger", "open", "partner"),
        Index("assignment_since", "ledger", "partner", "since"),
        Index("assignment_of_route", "ledger", "route", "since"),
        Index("assignment_of_lead", "crm", "lead_id"),
        Index("assignment_under_way", "crm", "ledger", "state", "id"),
    )
    id: int = Field(default=None, primary_key=True)
    crm: str
    lead_id: str
    decision_id: int
    ledger: str
    partner: str
    owner: str
    state: str = "assigned"
    accepted_at: datetime | None = None
    touched_at: datetime | None = None
    accept_by: datetime | None = None
    reminded: int = 0
    turn_returned: bool = False
    claimed: bool = False
    route: str | None = None
    turns: list[dict[str, Any]] = Field(sa_type=_JSON)
    since: datetime
    open: bool = True
    ended_at: datetime | None = None
    ended_because: str | None = None


class AssignmentEventRow(SQLModel, table=True):
    """A step in the life of an assignment: when, from where to where, who made it and why."""

    __tablename__ = "assignment_event"
    __table_args__ = (Index("assignment_event_of_lead", "crm", "lead_id"),)
    id: int = Field(default=None, primary_key=True)
    assignment_id: int = Field(index=True)
    crm: str
    lead_id: str
    ledger: str
    partner: str
    at: datetime
    was: str | None = None
    state: str
    by: str
    who: str | None = None
    because: str | None = Field(default=None, sa_column_kwargs=personal())


class UnexplainedRow(SQLModel, table=True):
    """A value of a CRM that `[crm.NAME.progress]` does not explain, and the first lead that had it."""

    __tablename__ = "unexplained"
    crm: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    lead_id: str
    first_at: datetime


class CreditRow(SQLModel, table=True):
    """A member's credit in a rotation, in the ledger's integer units: a partner's, or an owner's within one.

    `farthest` is the most that it ever was away from zero.
    """

    __tablename__ = "credit"
    ledger: str = Field(primary_key=True)
    rotation: str = Field(primary_key=True)
    partner: str = Field(primary_key=True)
    units: int = Field(sa_type=BigInteger)
    turns: int = 0
    farthest: int = Field(default=0, sa_type=BigInteger)


TO_SEND = "state IN ('pending', 'postponed', 'sending')"
"""Of the writes, those still to be sent: an index holds only these, and a query says it like this."""


class OutboxRow(SQLModel, table=True):
    """A write that a CRM has yet to take, or has taken.

    While it is `sending` it belongs to the daemon `sending_by`, unless that lets `sending_since`, on the
    steady clock, grow old. `sent` says that the CRM may have seen it, whatever became of the answer.
    What a person `ordered` waits for no pause of a partner or route.
    `kept_back` names the safety limit that it waits for, `released` the release that lets it go beyond it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_due", "crm", "state", "next_at"),
        Index("outbox_of_lead", "crm", "lead_id"),
        Index("outbox_kept_back", "kept_back", "state"),
        Index(
            "outbox_to_send",
            "crm",
            "about",
            "id",
            sqlite_where=text(TO_SEND),
            postgresql_where=text(TO_SEND),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    crm: str
    lead_id: str
    about: str = "lead"
    decision_id: int
    owner_before: str | None = None
    values: dict[str, Any] = Field(sa_type=_JSON, sa_column_kwargs=personal({}))
    note: str | None = Field(default=None, sa_column_kwargs=personal())
    follows: bool = False
    rivals: list[str] = Field(default_factory=list, sa_type=_JSON)
    partner: str | None = None
    route: str | None = None
    ordered: bool = False
    state: str = "pending"
    attempts: int = 0
    next_at: datetime
    sending_by: str | None = None
    sending_since: datetime | None = None
    sent: bool = False
    error: str | None = Field(default=None, sa_column_kwargs=personal())
    code: str | None = None
    fix: str | None = None
    kept_back: str | None = None
    released: int | None = None
    created_at: datetime
    settled_at: datetime | None = None


class LeaseRow(SQLModel, table=True):
    """Who does something alone, until when (seconds since 1970 on the database's clock), by which token."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str = ""
    token: int = 0
    until: float = 0


class HeartbeatRow(SQLModel, table=True):
    """When the last cycle of a host's daemon ended."""

    __tablename__ = "heartbeat"
    host: str = Field(primary_key=True)
    at: datetime


class DaemonRow(SQLModel, table=True):
    """A run of the connector and its last sign of life, in seconds since 1970 on the database's clock."""

    __tablename__ = "daemon"
    name: str = Field(primary_key=True)
    started: float
    seen: float
    config_hash: str


class CallRow(SQLModel, table=True):
    """API calls made, by CRM, day (UTC) and purpose."""

    __tablename__ = "api_call"
    crm: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    calls: int = 0


class ConfigVersionRow(SQLModel, table=True):
    """The rules that decisions name by their hash, whole: config.toml, the files it names, CRMs' partners."""

    __tablename__ = "config_version"
    hash: str = Field(primary_key=True)
    text: str
    files: dict[str, str] = Field(sa_type=_JSON)
    roster: dict[str, Any] = Field(sa_type=_JSON)


class ConfigUseRow(SQLModel, table=True):
    """From when on rules were in use, and who started the connector with them; never changed afterwards."""

    __tablename__ = "config_use"
    id: int = Field(default=None, primary_key=True)
    hash: str
    at: datetime
    by: str
    app_version: str


class BatchRow(SQLModel, table=True):
    """What decisions made together read of partners and rotations; compressed JSON."""

    __tablename__ = "decision_batch"
    id: int = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    ledger: str
    first_decision: int
    last_decision: int
    state: bytes


class InputRow(SQLModel, table=True):
    """What one decision read of its lead and of persons, apart from the decision; `data` None once erased."""

    __tablename__ = "decision_input"
    decision_id: int = Field(primary_key=True)
    batch_id: int
    data: dict[str, Any] | None = Field(default=None, sa_type=_JSON, sa_column_kwargs=personal())


class RegistrationRow(SQLModel, table=True):
    """A deal registration as last seen, and where it stands; `state` None until it is first looked at.

    `life` holds everything that its next step depends on, `written` what was last put in the outbox;
    `overwritten` is the fingerprint from before our last write, which an index may still show.
    """

    __tablename__ = "registration"
    __table_args__ = (
        Index("registration_pending", "pending"),
        Index("registration_due", "next_at"),
        Index("registration_of_partner", "partner", "state"),
    )
    crm: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    submitted_at: datetime
    changed_at: datetime
    status: str | None = None
    fields: dict[str, Any] = Field(sa_type=_JSON, sa_column_kwargs=personal({}))
    answers: dict[str, Any] | None = Field(default=None, sa_type=_JSON, sa_column_kwargs=personal())
    status_by: str | None = Field(default=None, sa_column_kwargs=personal())
    won: bool | None = None
    deleted: bool = False
    merged_into: str | None = None
    fingerprint: str
    overwritten: str | None = None
    content: str
    pending: bool = True
    content_changed: bool = False
    state: str | None = None
    valid_at: datetime = Field(index=True)
    partner: str | None = None
    amount: float | None = None
    next_at: datetime | None = None
    waits_for: str | None = Field(default=None, index=True)
    life: dict[str, Any] | None = Field(default=None, sa_type=_JSON, sa_column_kwargs=personal())
    written: dict[str, Any] | None = Field(default=None, sa_type=_JSON, sa_column_kwargs=personal())
    answered: bool = False


class RegistrationEventRow(SQLModel, table=True):
    """Something that happened to a registration, never changed afterwards."""

    __tablename__ = "registration_event"
    __table_args__ = (Index("event_of_registration", "crm", "registration_id"),)
    id: int = Field(default=None, primary_key=True)
    crm: str
    registration_id: str
    at: datetime = Field(index=True)
    name: str
    before: str | None = None
    after: str
    by: str
    reasons: list[dict[str, Any]] = Field(sa_type=_JSON, sa_column_kwargs=personal([]))
    config_hash: str


class RightRow(SQLModel, table=True):
    """Whose customer somebody is: by a registration, a deal of the vendor or an assigned lead."""

    __tablename__ = "customer_right"
    ref: str = Field(primary_key=True)
    kind: str = Field(index=True)
    number: int = 0
    partner: str | None = None
    company: str | None = None
    domain: str | None = None
    country: str | None = None
    email: str | None = Field(default=None, sa_column_kwargs=personal())
    products: list[str] = Field(sa_type=_JSON)
    at: datetime | None = None
    ended_at: datetime | None = None
    state: str | None = None
    tier: str | None = None


class RightKeyRow(SQLModel, table=True):
    """A key under which a right is looked up."""

    __tablename__ = "customer_right_key"
    key: str = Field(primary_key=True, sa_column_kwargs=personal())
    ref: str = Field(primary_key=True, index=True)


class LoadCheckRow(SQLModel, table=True):
    """A partner's open leads in a CRM as the last reconciliation counted them, here and there."""

    __tablename__ = "load_check"
    crm: str = Field(primary_key=True)
    partner: str = Field(primary_key=True)
    ours: int
    theirs: int
    at: datetime

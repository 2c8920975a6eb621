"""A deal registration: what a CRM says of it, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from dataclasses import fields as dataclass_fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from connector.model.decision import Reason
from connector.model.lead import Ref, Value

REGISTRATION_FIELDS: Mapping[str, str] = {
    "partner": "the partner that submits, by id or name",
    "company": "the customer's name",
    "domain": "the customer's website or domain",
    "country": "the customer's country",
    "email": "e-mail address of a person at the customer",
    "product": "the product, or several separated by semicolons",
    "amount": "the expected amount",
    "currency": "the currency of the amount, ISO 4217",
    "close_date": "when the deal is expected to close",
    "submitted_at": "when it was submitted; without it the moment the record was created",
    "stage": "how far the deal is, the CRM's own value",
    "lead": "the lead that it came from, as crm:id or the id in the same CRM",
    "extension": "Requested to ask for a longer protection; Granted or Refused is a person's answer",
    "note": "free text",
}
"""Every name that `[crm.NAME.registrations] read` may map, and what it holds."""


class State(StrEnum):
    """Where a registration stands; an extension is an event, not a state."""

    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    CONFLICT = "conflict"
    EXPIRED = "expired"
    CONVERTED = "converted"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({State.SUBMITTED, State.UNDER_REVIEW, State.RETURNED, State.APPROVED})
"""The states that count towards a partner's limit."""

ANSWERS = ("protected_until", "expires", "decide_by", "credited_partner")
"""What we answer in beside the status, where a person may have the last word."""

CLAIMING = frozenset({State.SUBMITTED, State.UNDER_REVIEW, State.APPROVED})
"""The states in which a registration stands in the way of another one."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What one CRM says of one registration, under neutral names.

    `status` is our word for the CRM's own, None where that means "not submitted", and `status_by` who set it,
    as far as the CRM says and we asked. `answers` is what the fields of ANSWERS hold, as far as they are
    mapped. `submitted_at` is the time that the CRM recorded; `won` is None while the deal is open. Times are
    aware UTC.
    """

    ref: Ref
    submitted_at: datetime
    changed_at: datetime
    status: State | None = State.SUBMITTED
    owner: str | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    won: bool | None = None
    deleted: bool = False
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()
    answers: Mapping[str, Value] = field(default_factory=dict)
    status_by: str | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal of the vendor's own sales: whose customer, and whether it is still open."""

    ref: Ref
    changed_at: datetime
    fields: Mapping[str, Value] = field(default_factory=dict)
    open: bool = True
    won: bool = False
    closed_at: datetime | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Life:
    """Where a registration stands, and everything that its next step depends on.

    `valid_at` is what "first" goes by: the submission, or the resubmission of one that was returned.
    `said` is the status that the CRM is known to hold, so that any other is a person's word. `waits_for` is
    the record that stands in the way of one in conflict; `customer` is whom the approval was for;
    `extension_heard` is what the extension field last said, `extension_said` our answer. `reminded` names the
    reminders already sent. `held` is what the CRM is known to hold in the fields of ANSWERS, so that anything
    else is a person's word; `credited` is whom a person credits, "" for nobody.
    """

    state: State
    since: datetime
    valid_at: datetime
    by: str = "connector"
    said: State | None = None
    partner: str | None = None
    decide_by: datetime | None = None
    reviewer: str | None = None
    approved_at: datetime | None = None
    protected_until: datetime | None = None
    ended_at: datetime | None = None
    extensions: int = 0
    extension_pending: bool = False
    extension_said: str | None = None
    extension_heard: str = ""
    customer: str | None = None
    waits_for: str | None = None
    lead: str | None = None
    reward: float | None = None
    reminded: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    held: Mapping[str, Value] = field(default_factory=dict)
    credited: str | None = None

    def but(self, **changes: Any) -> "Life":
        """The same life with some changes."""
        return replace(self, **changes)

    def as_data(self) -> dict[str, Any]:
        """The life as JSON values."""
        told = {each.name: _plain(getattr(self, each.name)) for each in dataclass_fields(self)}
        return {**told, "reasons": [{"code": r.code, **r.facts} for r in self.reasons]}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Life":
        """Read back what `as_data` wrote."""
        told = dict(data)
        for name in _TIMES:
            told[name] = datetime.fromisoformat(told[name]) if told[name] else None
        told["state"], told["said"] = State(told["state"]), State(told["said"]) if told["said"] else None
        told["reasons"] = tuple(
            Reason(r["code"], {k: v for k, v in r.items() if k != "code"}) for r in told["reasons"]
        )
        told["reminded"] = tuple(told["reminded"])
        return cls(**told)


_TIMES = ("since", "valid_at", "decide_by", "approved_at", "protected_until", "ended_at")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, State):
        return value.value
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a registration: a move from one state to another, or an event within one.

    `by` is connector or person.
    """

    ref: Ref
    at: datetime
    name: str
    before: State | None
    after: State
    by: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Right:
    """Somebody's existing claim to a customer that a registration may collide with.

    `kind` is registration, lead, vendor_deal_open, vendor_deal_closed or named_account; `at` is since when
    it counts, None for always.
    """

    kind: str
    ref: str
    partner: str | None
    company: str | None
    domain: str | None
    country: str | None
    email: str | None = None
    products: frozenset[str] = frozenset()
    at: datetime | None = None
    ended_at: datetime | None = None
    state: State | None = None
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration that a lead's company surely belongs to, and by what that is told."""

    ref: str
    partner: str
    state: State
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Collision:
    """A right that a registration collides with: strong decides, weak goes to a person."""

    right: Right
    strong: bool
    evidence: Mapping[str, Any]

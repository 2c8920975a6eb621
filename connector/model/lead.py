"""A lead: one record of one CRM, under neutral names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

Value = str | int | float | bool | None

LONGEST = 131_072
"""Characters that are looked at of a text: what the longest text field of Salesforce holds."""

LARGEST = 10**100
"""A number beyond this says nothing."""

STANDARD_FIELDS: Mapping[str, str] = {
    "first_name": "given name",
    "last_name": "family name",
    "title": "job title",
    "email": "e-mail address",
    "phone": "telephone number",
    "company": "company name",
    "website": "company website",
    "street": "street and number",
    "city": "city",
    "state": "state or province",
    "postal_code": "postal code",
    "country": "country, as an ISO 3166 code",
    "industry": "industry",
    "employees": "number of employees",
    "annual_revenue": "annual revenue",
    "language": "language, as an ISO 639 code",
    "lead_source": "where the lead came from",
    "description": "free text",
    "product": "product of interest",
    "budget": "budget, the CRM's own value",
    "need": "need, the CRM's own value",
    "timeline": "timeline, the CRM's own value",
    "authority": "true if the person decides",
    "deal_value": "expected amount",
    "sharing_consent": "true if the person agreed to be shared with partners",
    "status": "the CRM's own lead status",
    "partner": "the partner that the record names",
    "partner_answer": "what the partner answers, such as Accepted or Declined",
    "decline_reason": "why the partner declines",
    "claimed_by": "the partner that claims the lead",
    "first_touch": "when the partner was first in touch with the person",
}
"""Every field that a condition may name without mapping it first, and what it holds."""

DERIVED_FIELDS: Mapping[str, str] = {
    "crm": "name of the CRM connection that the lead came from",
    "record_type": "developer name of the record type",
    "owner": "who holds the record, such as queue:Web_Intake",
    "domain": "the company's domain: of a corporate e-mail address, else of the website",
    "email_domain": "what follows the @ in the e-mail address",
    "email_kind": "corporate, free, disposable or invalid",
    "company_key": "company name without its legal form, in lower case",
    "created_at": "when the record was created",
    "duplicate_of": "another open record of the same person in the same CRM",
    "score": "fit and engagement score together",
    "grade": "fit from A to D and engagement from 1 to 4, such as B2",
}
"""Fields that the connector itself works out."""


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """The address of a lead: the CRM connection's name and the CRM's id; `str()` gives `crm:id`."""

    crm: str
    id: str

    def __str__(self) -> str:
        return f"{self.crm}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `crm:id`; ValueError when there is no colon or a half is empty."""
        crm, colon, record_id = text.strip().partition(":")
        if not (colon and crm and record_id):
            raise ValueError(f"{text!r} is not a lead's address; write it as crm:id, such as salesforce:00Q…")
        return cls(crm, record_id)


@dataclass(frozen=True, slots=True)
class Lead:
    """What one CRM says of one lead.

    `owner` is a name such as `queue:Web_Intake` or `user:anna@acme.com`, never a record id; None means
    unowned. `fields` holds the CRM's own values under neutral names; an absent or blank one is missing.
    `merged_into` is the id of the record that absorbed a deleted one, `absorbed` the ids that this one did;
    `linked` is the id of the same lead in another CRM, where a native sync keeps one. Times are aware UTC.
    """

    ref: Ref
    owner: str | None
    created_at: datetime
    changed_at: datetime
    fields: Mapping[str, Value] = field(default_factory=dict)
    converted: bool = False
    deleted: bool = False
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()
    linked: str | None = None


def same_owner(one: str | None, other: str | None) -> bool:
    """Whether two owner names mean the same user or queue: CRMs ignore their case."""
    return (one or "").casefold() == (other or "").casefold()

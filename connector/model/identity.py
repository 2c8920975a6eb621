"""By what a person and a company are recognised again, and what other leads of theirs there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.model.lead import Ref


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a lead is, in normal form: personal data, kept apart from decisions so that it can be erased.

    `domain` is the company's own, never one of free mail; `brand` what the domain is without its ending.
    `company` is the name without its legal form, `country` alpha-2, and `opening` how the name begins.
    """

    email: str | None = None
    phone: str | None = None
    last_name: str | None = None
    domain: str | None = None
    brand: str | None = None
    company: str | None = None
    country: str | None = None
    opening: str | None = None

    @property
    def begins(self) -> str | None:
        """What names have in common that are compared: the country, and how they begin."""
        return f"{self.country}:{self.opening}" if self.country and self.opening else None

    @property
    def branded(self) -> str | None:
        """The same across countries: the brand of the domain, and how names begin."""
        return f"{self.brand}:{self.opening}" if self.brand and self.opening else None


@dataclass(frozen=True, slots=True)
class Holding:
    """A lead that a partner has, or had until it came to a proper end, given at `since`."""

    ref: Ref
    partner: str
    owner: str
    since: datetime
    open: bool
    identity: Identity

    @property
    def rank(self) -> tuple[bool, datetime, Ref]:
        """The greater, the more it counts: open before ended, later before earlier."""
        return self.open, self.since, self.ref


@dataclass(frozen=True, slots=True)
class Relative:
    """Another lead of the same person or company that a partner has or had, and what that was told by."""

    ref: Ref
    partner: str
    owner: str
    since: datetime
    open: bool
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Relatives:
    """What is known of a lead's person and company by other leads.

    `duplicate` is another open record of the same person in the same CRM.
    """

    person: Relative | None = None
    company: Relative | None = None
    duplicate: Ref | None = None

"""By what a person and a company are recognised again, and who holds or held their leads."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

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


Found = dict[Holding, None]
"""Holdings without repetition, in the order in which they were found."""


@dataclass(slots=True)
class Holdings:
    """Who holds or held the leads of the people and companies that are being decided on."""

    by_email: defaultdict[str, Found] = field(default_factory=lambda: defaultdict(dict))
    by_phone: defaultdict[str, Found] = field(default_factory=lambda: defaultdict(dict))
    by_domain: defaultdict[str, Found] = field(default_factory=lambda: defaultdict(dict))
    by_brand: defaultdict[str, Found] = field(default_factory=lambda: defaultdict(dict))
    by_opening: defaultdict[tuple[str, str], Found] = field(default_factory=lambda: defaultdict(dict))
    _open: dict[Ref, Holding] = field(default_factory=dict)

    def add(self, holding: Holding) -> None:
        """One more lead that a partner has or had; the same one twice counts once."""
        for found in self._under(holding.identity):
            found[holding] = None
        if holding.open:
            self._open[holding.ref] = holding

    def end(self, ref: Ref) -> None:
        """A lead is decided again: whoever has it open has it no more, and that was no proper end."""
        holding = self._open.pop(ref, None)
        if holding is not None:
            for found in self._under(holding.identity):
                found.pop(holding, None)

    def _under(self, identity: Identity) -> Iterator[Found]:
        for keys, key in (
            (self.by_email, identity.email),
            (self.by_phone, identity.phone),
            (self.by_domain, identity.domain),
            (self.by_brand, identity.brand),
        ):
            if key:
                yield keys[key]
        if identity.opening and identity.country:
            yield self.by_opening[identity.opening, identity.country]

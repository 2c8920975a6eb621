"""A channel partner: the company that leads are given to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Cap:
    """The most new leads in a period: an hour, day, week or month of the calendar, or the last `window`."""

    leads: int
    per: str
    window: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner as the admin described it.

    An empty `countries`, `industries`, `products`, `lead_sources` or `languages` means no restriction.
    `owners` gives, per CRM, who holds this partner's records there; one owner may hold the records of many
    partners. Several owners take turns, by `owner_weights`, one each where none is given. `skills` gives
    years of experience by skill, case-folded; `certifications` the last day of each, None where it does not
    end. `backup` is the partner that stands in for an absent one. `fields` holds whatever else the admin says
    of a partner, for conditions over them.
    """

    id: str
    name: str
    type: str | None = None
    tier: str | None = None
    active: bool = True
    countries: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    lead_sources: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    certifications: Mapping[str, date | None] = field(default_factory=dict)
    skills: Mapping[str, float] = field(default_factory=dict)
    max_open_leads: int | None = None
    max_new_leads: tuple[Cap, ...] = ()
    max_open_leads_per_owner: int | None = None
    max_new_leads_per_owner: tuple[Cap, ...] = ()
    queue_outside_hours: bool = True
    backup: str | None = None
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fields: Mapping[str, str | bool | int | float] = field(default_factory=dict)
    owner_weights: Mapping[str, int] = field(default_factory=dict)

    @property
    def limits_owners(self) -> bool:
        """Whether there is a most that each of its owners may have."""
        return self.max_open_leads_per_owner is not None or bool(self.max_new_leads_per_owner)

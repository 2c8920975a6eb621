"""A channel partner: the company that leads are given to."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cap:
    """The most new leads in one calendar period: hour, day, week or month."""

    leads: int
    per: str


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner as the admin described it.

    An empty `countries`, `industries`, `products` or `lead_sources` means no restriction. `owners` gives,
    per CRM, who holds this partner's records there; one owner may hold the records of many partners. Several
    owners take turns, by `owner_weights`, one each where none is given. `skills` gives years of experience by
    skill, case-folded. `fields` holds whatever else the admin says of a partner, for conditions over them.
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
    skills: Mapping[str, float] = field(default_factory=dict)
    max_open_leads: int | None = None
    max_new_leads: tuple[Cap, ...] = ()
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fields: Mapping[str, str | bool | int | float] = field(default_factory=dict)
    owner_weights: Mapping[str, int] = field(default_factory=dict)

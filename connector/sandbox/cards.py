"""What a pipeline page shows: columns of cards, and one record in full."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

Clock = Callable[[], datetime]
NeutralLead = Mapping[str, str | int | float | bool | None]

NEUTRAL_FIELDS = (
    "first_name",
    "last_name",
    "title",
    "email",
    "phone",
    "company",
    "website",
    "street",
    "city",
    "state",
    "postal_code",
    "country",
    "industry",
    "employees",
    "annual_revenue",
    "lead_source",
    "description",
    "created_at",
    "product",
    "budget",
    "need",
    "timeline",
    "authority",
    "expected_amount",
    "sharing_consent",
)


@dataclass(frozen=True)
class Card:
    """One record as a card on the board; what is unknown is an empty string."""

    id: str
    title: str
    company: str = ""
    owner: str = ""
    partner: str = ""
    score: str = ""
    route: str = ""
    status: str = ""
    country: str = ""
    amount: str = ""
    reason: str = ""
    until: str = ""


@dataclass(frozen=True)
class Column:
    """One status or stage: how many records it holds, and the first of them as cards."""

    name: str
    total: int
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True)
class Detail:
    """One record in full: its fields by label, why it was routed, and who changed what when."""

    card: Card
    fields: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    history: list[tuple[datetime, str, str]] = field(default_factory=list)

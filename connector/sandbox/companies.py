"""The companies that leads work for; the same index is always the same company, with the same domain."""

import random
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache

from connector.sandbox.places import countries, country, names_of
from connector.sandbox.programme import PARTNER_COMPANIES

# The more words an industry has, the more companies are in it.
INDUSTRIES = {
    "Manufacturing": "Industries Precision Metals Machines Components Plastics Tools Optics",
    "Professional Services": "Consulting Advisors Partners Legal Audit",
    "Software": "Software Systems Digital Labs Apps",
    "Financial Services": "Finance Capital Insurance Bank",
    "Healthcare": "Health Clinics Medical Pharma",
    "Retail": "Retail Stores Fashion Foods",
    "Logistics": "Logistics Transport Shipping Cargo",
    "Automotive": "Automotive Mobility Motors",
    "Energy": "Energy Solar Power",
    "Public Sector": "Council Utilities",
    "Construction": "Construction Engineering",
    "Education": "Academy Institute",
    "Telecommunications": "Telecom Networks",
}
_BRAND_HEADS = "Nova Alti Sol Veri Omni Quanta Helio Terra Luma Corda Axio Vela Brio Cento Fonta Inno"
_BRAND_TAILS = "tek vanta dyne lytica grid works sys bridge line mark core field"
_BRANDS = tuple(head + tail for tail in _BRAND_TAILS.split() for head in _BRAND_HEADS.split())
_WORDS = tuple((word, industry) for industry, words in INDUSTRIES.items() for word in words.split())
_SPECIAL = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "ł": "l", "ä": "ae", "ö": "oe", "ü": "ue", "đ": "d"}
)
COMPANIES_PER_WEIGHT = 400


@dataclass(frozen=True)
class Company:
    """A company as its own people would describe it; `domain` is unique among all companies."""

    name: str
    legal_form: str
    domain: str
    country: str
    seat: tuple[str, str, str]
    industry: str
    employees: int
    annual_revenue: int


@dataclass(frozen=True)
class Account:
    """A company that the vendor knows already; `partner` names the partner company that serves it."""

    company: Company
    owner: str
    partner: str | None = None


@dataclass(frozen=True)
class Opportunity:
    """A deal at an account; `partner` brought it, or it is the vendor's own."""

    name: str
    account: Account
    stage: str
    amount: int
    close_date: date
    product: str
    partner: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can still be won."""
        return self.stage in OPEN_STAGES


PRODUCTS = ("Cloud Backup", "Endpoint Security", "Data Platform", "SAP Integration", "Managed Network")
OPEN_STAGES = ("Prospecting", "Qualification", "Proposal", "Negotiation")
CLOSED_STAGES = ("Closed Won", "Closed Lost")
_ACCOUNT_OWNERS = ("dora.direct@acme.example", "sam.selling@acme.example", "channel.emea@acme.example")


@lru_cache(maxsize=20_000)
def slug(text: str) -> str:
    """Lower-case ASCII letters and digits with hyphens; empty for a script that has none."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_SPECIAL))
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in plain if c.isascii()).split())


def companies_in(code: str) -> int:
    """How many companies a country has."""
    return int(COMPANIES_PER_WEIGHT * country(code).weight)


@lru_cache(maxsize=20_000)
def company(code: str, index: int) -> Company:
    """The company with this index (from 0) in a country."""
    there = country(code)
    dice = random.Random(int.from_bytes(code.encode()) << 32 | index)  # noqa: S311
    head, (word, industry) = _name(code, index)
    employees = min(180_000, max(2, int(dice.lognormvariate(4.9, 1.6))))
    return Company(
        name=f"{head} {word}",
        legal_form=dice.choice(there.legal_forms),
        domain=f"{slug(head)}-{slug(word)}{_suffix(code)}.example",
        country=code,
        seat=dice.choice(there.cities),
        industry=industry,
        employees=employees,
        annual_revenue=round(int(employees * dice.uniform(70_000, 260_000)), -4),
    )


def some_company(dice: random.Random, code: str) -> Company:
    """Any company of a country; some are met much more often than others."""
    return company(code, int(dice.random() ** 2.6 * companies_in(code)))


def accounts(seed: int, count: int, sending: Iterable[Company] = ()) -> Iterator[Account]:
    """Different companies that the vendor has in its CRM, half of them from those `sending` leads now.

    A partner from the same country may serve them.
    """
    known: set[Company] = set()
    senders = iter(sending)
    dice = random.Random(f"accounts{seed}")  # noqa: S311
    weights = [each.weight for each in countries()]
    while len(known) < count:
        sender = next(senders, None) if dice.random() < 0.5 else None
        found = sender or some_company(dice, dice.choices(countries(), weights)[0].code)
        if found in known:
            continue
        known.add(found)
        theirs = [partner.name for partner in PARTNER_COMPANIES if partner.country == found.country]
        served = dice.random() < 0.5 and bool(theirs)
        yield Account(found, dice.choice(_ACCOUNT_OWNERS), dice.choice(theirs) if served else None)


def opportunities(seed: int, known: list[Account], count: int, today: date) -> Iterator[Opportunity]:
    """Deals at known accounts, two of three still open."""
    dice = random.Random(f"opportunities{seed}")  # noqa: S311
    for _ in range(count):
        account = dice.choice(known)
        product = dice.choice(PRODUCTS)
        is_open = dice.random() < 0.67
        yield Opportunity(
            name=f"{account.company.name} - {product}",
            account=account,
            stage=dice.choice(OPEN_STAGES if is_open else CLOSED_STAGES),
            amount=round(int(dice.lognormvariate(10.2, 0.9)), -2),
            close_date=today + timedelta(days=dice.randint(5, 120) if is_open else -dice.randint(5, 200)),
            product=product,
            partner=account.partner,
        )


def _name(code: str, index: int) -> tuple[str, tuple[str, str]]:
    """Two words for a company, different for each index below `companies_in(code)`."""
    heads = _family_names(code)
    if index % 3 == 0 or not heads:
        heads, index = _BRANDS, index // 3 if heads else index
    turn, head = divmod(index, len(heads))
    return heads[head], _WORDS[(turn + 7 * head) % len(_WORDS)]


@cache
def _family_names(code: str) -> tuple[str, ...]:
    """The last names of a country, one for each spelling in ASCII; none for another script."""
    by_slug = {slug(name): name for name in names_of(country(code).locale).last}
    return tuple(name for ascii_name, name in by_slug.items() if ascii_name)


def _suffix(code: str) -> str:
    return "" if code == "US" else f"-{code.lower()}"

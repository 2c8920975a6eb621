"""What a registration claims, understood, and what is wrong with how it is filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from connector.model.decision import Reason
from connector.model.lead import Lead, Ref, Value
from connector.model.partner import Partner
from connector.model.registration import Deal, Registration, Right
from connector.routing.facts import understand
from connector.routing.normal.companies import company_key
from connector.routing.normal.domains import SHARED_SITES, registrable
from connector.routing.normal.emails import kind
from connector.routing.registration.terms import Terms


@dataclass(frozen=True, slots=True)
class Customer:
    """Who the customer is: `domain` only where it is a company's own, `country` as alpha-2."""

    company: str | None = None
    domain: str | None = None
    country: str | None = None
    email: str | None = None
    free_mail: bool = False
    products: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Claim:
    """A registration understood; `partner` is None where it names nobody we know."""

    ref: Ref
    customer: Customer
    partner: str | None
    amount: float | None
    lead: str | None
    faults: tuple[Reason, ...]


def understood(terms: Terms, registration: Registration, now: datetime) -> Claim:
    """The claim of a registration, with everything that its submitter must put right."""
    given = {name: value for name, value in registration.fields.items() if value not in (None, "")}
    named = str(given.get("partner", "")).strip().casefold()
    partner = terms.partner(terms.partner_ids.get(named))
    customer = customer_of(terms, given, registration.ref, now)
    lead = _address(registration.ref, given.get("lead"))
    amount = _amount(terms, given, registration.ref, now)
    faults = tuple(_faults(terms, registration, given, customer, partner, lead, amount, now))
    return Claim(registration.ref, customer, partner.id if partner else None, amount, lead, faults)


def customer_of(terms: Terms, given: Mapping[str, Value], ref: Ref, now: datetime) -> Customer:
    """The customer that some fields describe."""
    fields = {name: given.get(name) for name in ("company", "country", "email")}
    shown = understand(Lead(ref, None, now, now, fields), now, terms.missing_words, terms.normal).shown
    email = str(shown["email"]) if "email" in shown else None
    site = _own_site(terms, str(given.get("domain") or ""))
    by_mail = registrable(str(shown["email_domain"])) if shown.get("email_kind") == "corporate" else None
    return Customer(
        company=str(shown["company"]) if "company" in shown else None,
        domain=site or by_mail,
        country=str(shown["country"]) if "country" in shown else None,
        email=email,
        free_mail=shown.get("email_kind") in ("free", "disposable"),
        products=products_of(given.get("product")),
    )


def lead_fields(fields: Mapping[str, Value]) -> dict[str, Value]:
    """A lead's fields as those of a registration are called."""
    return {**fields, "domain": fields.get("website")}


def products_of(value: Value) -> frozenset[str]:
    """The products that a text lists, case-folded."""
    return frozenset(part.strip().casefold() for part in str(value or "").split(";") if part.strip())


def right_of_deal(terms: Terms, deal: Deal, now: datetime) -> Right:
    """What a vendor's deal stands for."""
    customer = customer_of(terms, deal.fields, deal.ref, now)
    partner = terms.partner_ids.get(str(deal.fields.get("partner") or "").casefold())
    return Right(
        kind="vendor_deal_open" if deal.open else "vendor_deal_closed",
        ref=str(deal.ref),
        partner=partner,
        company=customer.company,
        domain=customer.domain,
        country=customer.country,
        email=customer.email,
        products=customer.products,
        at=None if deal.open else deal.closed_at,
    )


def _own_site(terms: Terms, written: str) -> str | None:
    site = registrable(written)
    if site is None or site in SHARED_SITES:
        return None
    sort = kind(f"somebody@{site}", terms.normal.treat_as_company, terms.normal.treat_as_free_mail)
    return site if sort == "corporate" else None


def _amount(terms: Terms, given: Mapping[str, Value], ref: Ref, now: datetime) -> float | None:
    """The amount in the base currency; None where it cannot be understood."""
    fields = {"deal_value": given.get("amount"), "currency": given.get("currency")}
    shown = understand(Lead(ref, None, now, now, fields), now, terms.missing_words, terms.normal).shown
    amount = shown.get("deal_value")
    return float(amount) if isinstance(amount, int | float) else None


def _address(ref: Ref, written: Value) -> str | None:
    """The lead's address; a bare id means one of the same CRM."""
    text = str(written or "").strip()
    if not text:
        return None
    return text if ":" in text else f"{ref.crm}:{text}"


def _faults(
    terms: Terms,
    registration: Registration,
    given: Mapping[str, Value],
    customer: Customer,
    partner: Partner | None,
    lead: str | None,
    amount: float | None,
    now: datetime,
) -> Iterator[Reason]:
    missing = [name for name in _required(terms, given) if not _is_there(name, given, customer)]
    if missing:
        yield Reason("fields_missing", {"fields": missing})
    if "company" in given and company_key(str(given["company"])) is None:
        yield Reason("company_unreadable", {"given": str(given["company"])[:80]})
    if "partner" in given and partner is None:
        yield Reason("partner_unknown", {"given": str(given["partner"])[:80]})
    if "country" in given and customer.country is None:
        yield Reason("country_unreadable", {"given": str(given["country"])[:80]})
    if lead == str(registration.ref):
        yield Reason("points_to_itself")
    if "amount" in given and (amount is None or amount < 0):
        code = "amount_unreadable" if amount is None else "amount_negative"
        yield Reason(code, {"given": str(given["amount"])[:40]})
    yield from _date_faults(given, registration, terms, now)
    if partner and customer.domain in terms.own_domains.get(partner.id, ()):
        yield Reason("customer_is_the_partner", {"domain": customer.domain})


def _required(terms: Terms, given: Mapping[str, Value]) -> tuple[str, ...]:
    settings = terms.settings
    stage = str(given.get("stage", "")).casefold()
    at_stage = {name.casefold(): names for name, names in settings.required_at_stage.items()}
    return tuple(dict.fromkeys((*settings.required, *at_stage.get(stage, ()))))


def _is_there(name: str, given: Mapping[str, Value], customer: Customer) -> bool:
    """A domain may come from an e-mail address of the company's own."""
    return name in given or (name == "domain" and customer.domain is not None)


def _date_faults(
    given: Mapping[str, Value], registration: Registration, terms: Terms, now: datetime
) -> Iterator[Reason]:
    written = given.get("close_date")
    if written is not None:
        day = _day(str(written), terms)
        if day is None:
            yield Reason("date_unreadable", {"given": str(written)[:40]})
        elif day < now.astimezone(terms.zone).date() and registration.won is None:
            yield Reason("date_in_the_past", {"given": day.isoformat()})


def _day(text: str, terms: Terms) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else moment(text).astimezone(terms.zone).date()
    except ValueError:
        return None


def moment(text: str) -> datetime:
    """A moment as a CRM writes it, in UTC where it names no zone; ValueError if it is none."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)

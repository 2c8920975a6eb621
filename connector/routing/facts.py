"""What conditions see of a lead: understood values, and nothing where a value cannot be understood."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from connector.model.lead import LARGEST, LONGEST, Lead, Value
from connector.routing.normal import Normal
from connector.routing.normal.companies import company_key
from connector.routing.normal.countries import country_code
from connector.routing.normal.domains import SHARED_SITES, registrable
from connector.routing.normal.emails import address, kind
from connector.routing.normal.industries import industry
from connector.routing.normal.languages import language
from connector.routing.normal.money import converted, money
from connector.routing.normal.numerals import MOST, count
from connector.routing.normal.phones import e164
from connector.routing.normal.postcodes import postcode
from connector.routing.normal.states import state_code

Fact = str | int | float | bool | datetime

NUMBERS = frozenset({"employees", "annual_revenue", "deal_value", "score"})
TRUTHS = frozenset({"authority", "sharing_consent"})
TIMES = frozenset({"created_at"})

_TRUE = frozenset({"true", "yes", "y", "1", "on"})
_FALSE = frozenset({"false", "no", "n", "0", "off"})


@dataclass(frozen=True, slots=True)
class Facts:
    """A lead's understood values at one moment: `shown` as they read, `folded` as they compare.

    A name that is absent from both is missing. Text in `folded` is case-folded.
    """

    now: datetime
    shown: Mapping[str, Fact]
    folded: Mapping[str, Fact]

    def plus(self, name: str, value: Fact) -> "Facts":
        """The same facts and one more."""
        return Facts(self.now, {**self.shown, name: value}, {**self.folded, name: fold(value)})


def understand(
    lead: Lead, now: datetime, missing_words: Collection[str] = (), rules: Normal | None = None
) -> Facts:
    """The facts of a lead; `missing_words` are case-folded texts that forms use for "no answer"."""
    rules = rules or _PLAIN
    given = said(lead.fields, missing_words)
    shown: dict[str, Fact] = {}
    beside = _Beside(given, country_code(str(given["country"])) if "country" in given else None, rules)
    for name, value in given.items():
        reader = _READERS.get(name)
        fact = reader(value, beside) if reader else value
        if fact is not None:
            shown[name] = fact
    _identify(given, shown, rules)
    shown["crm"] = lead.ref.crm
    shown["created_at"] = lead.created_at
    if lead.owner is not None:
        shown["owner"] = lead.owner
    folded = {name: fact.casefold() if isinstance(fact, str) else fact for name, fact in shown.items()}
    return Facts(now, shown, folded)


def fold(value: Fact) -> Fact:
    """A value as conditions compare it."""
    return value.casefold() if isinstance(value, str) else value


_PLAIN = Normal()


@dataclass(slots=True)
class _Beside:
    """What else is known where one value is read."""

    given: Mapping[str, str | int | float | bool]
    country: str | None
    rules: Normal


def said(fields: Mapping[str, Value], missing_words: Collection[str]) -> dict[str, str | int | float | bool]:
    """The values that say something: no blanks, no words for "no answer", no number that is none."""
    found: dict[str, str | int | float | bool] = {}
    for name, value in fields.items():
        if isinstance(value, str):
            value = value[:LONGEST].strip()
            if not value or (missing_words and value.casefold() in missing_words):
                continue
        elif value is None or not abs(value) <= LARGEST:  # so put, not-a-number is turned away too
            continue
        found[name] = value
    return found


def _identify(given: Mapping[str, str | int | float | bool], shown: dict[str, Fact], rules: Normal) -> None:
    """Add who the lead is: the kind and domain of its e-mail, its company's domain and name."""
    email = shown.get("email")
    if "email" in given:
        sort = kind(str(email), rules.treat_as_company, rules.treat_as_free_mail) if email else "invalid"
        shown["email_kind"] = sort
    if email:
        shown["email_domain"] = str(email).rpartition("@")[2]
    domain = _company_domain(shown, rules)
    if domain:
        shown["domain"] = domain
    key = company_key(str(given.get("company", "")))
    if key:
        shown["company_key"] = key


def _company_domain(shown: Mapping[str, Fact], rules: Normal) -> str | None:
    """The registrable domain of a corporate address, else of a website that is the company's own."""
    if shown.get("email_kind") == "corporate":
        return registrable(str(shown["email_domain"]))
    site = registrable(str(shown.get("website", "")))
    if site is None or site in SHARED_SITES:
        return None
    sort = kind(f"somebody@{site}", rules.treat_as_company, rules.treat_as_free_mail)
    return site if sort == "corporate" else None


def _count(value: Value, beside: _Beside) -> int | float | None:
    """A count such as of employees; none is negative."""
    if isinstance(value, str):
        return count(value)
    return value if value is not None and not isinstance(value, bool) and 0 <= value <= MOST else None


def _amount(value: Value, beside: _Beside) -> int | float | None:
    """An amount of money in the base currency; the lead's `currency` counts where the text names none."""
    own = str(beside.given.get("currency", "")).upper() or None
    base, rates = beside.rules.base_currency, beside.rules.rates
    if isinstance(value, str):
        read = money(value, beside.country)
        return converted(read[0], read[1] or own, base, rates) if read else None
    if value is None or isinstance(value, bool) or abs(value) > MOST:
        return None
    return value if own in (None, base) else converted(Decimal(str(value)), own, base, rates)


def _truth(value: Value, beside: _Beside) -> bool | None:
    text = str(value).strip().casefold()
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def _phone(value: Value, beside: _Beside) -> str | None:
    return e164(str(value), beside.country) if beside.rules.phones else str(value)


_READERS: Mapping[str, Callable[[Value, _Beside], Fact | None]] = {
    "country": lambda value, beside: beside.country,
    "state": lambda value, beside: state_code(str(value), beside.country),
    "postal_code": lambda value, beside: postcode(str(value), beside.country),
    "email": lambda value, beside: address(str(value)),
    "phone": _phone,
    "language": lambda value, beside: language(str(value)),
    "industry": lambda value, beside: industry(str(value), beside.rules.industries),
    "employees": _count,
    "annual_revenue": _amount,
    "deal_value": _amount,
    "authority": _truth,
    "sharing_consent": _truth,
}

"""Amounts of money with their currency, and what they are worth in another."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, lru_cache

import pycountry

from connector.routing.normal.numerals import LONGEST, MOST, first

Rates = Mapping[str, float | Decimal]
"""What one unit of a currency (ISO 4217) is worth in the base currency: {"USD": 0.92} where that is EUR."""

_SIGNS: Mapping[str, str] = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₺": "TRY", "₽": "RUB", "₪": "ILS", "₩": "KRW", "₫": "VND",
    "₱": "PHP", "₦": "NGN", "₴": "UAH", "฿": "THB", "₸": "KZT", "₡": "CRC", "₲": "PYG", "₵": "GHS",
    "us$": "USD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "nz$": "NZD", "hk$": "HKD",
    "s$": "SGD", "r$": "BRL", "nt$": "TWD", "mx$": "MXN", "euro": "EUR", "euros": "EUR", "zł": "PLN",
    "kč": "CZK", "rmb": "CNY", "sfr": "CHF", "ft": "HUF", "tl": "TRY",
}  # fmt: skip
_SHARED: Mapping[str, Mapping[str, str]] = {
    "$": {
        "AU": "AUD", "CA": "CAD", "NZ": "NZD", "SG": "SGD", "HK": "HKD", "TW": "TWD", "MX": "MXN",
        "CL": "CLP", "CO": "COP", "AR": "ARS", "UY": "UYU", "DO": "DOP", "JM": "JMD", "TT": "TTD",
        "BB": "BBD", "BS": "BSD", "BZ": "BZD", "BN": "BND", "FJ": "FJD", "GY": "GYD", "SR": "SRD",
        "NA": "NAD", "LR": "LRD",
    },
    "¥": {"JP": "JPY", "CN": "CNY"},
    "kr": {"SE": "SEK", "NO": "NOK", "DK": "DKK", "IS": "ISK"},
    "rs": {"IN": "INR", "PK": "PKR", "LK": "LKR", "NP": "NPR", "MU": "MUR"},
    "r": {"ZA": "ZAR"}, "rm": {"MY": "MYR"}, "rp": {"ID": "IDR"}, "fr": {"CH": "CHF", "LI": "CHF"},
    "lei": {"RO": "RON", "MD": "MDL"}, "din": {"RS": "RSD"},
}  # fmt: skip
"""Signs of several currencies, by the country of who wrote them; elsewhere `$` is the American dollar."""

_SMALL_LETTERS = frozenset(
    {"eur", "usd", "gbp", "chf", "jpy", "aud", "cad", "sek", "nok", "dkk", "pln", "inr"}
)
"""Codes that are understood in small letters too; others are everyday words: all, try, top, cup."""

_WORD = re.compile(r"\b(?:US|AU|A|CA|C|NZ|HK|S|R|NT|MX)\$|[^\W\d_]+|[$€£¥₹₺₽₪₩₫₱₦₴฿₸₡₲₵]", re.IGNORECASE)
_THOUSANDS = re.compile(r"\bT(?:€|EUR\b)", re.IGNORECASE)
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def money(text: str, country: str | None = None) -> tuple[Decimal, str | None] | None:
    """The amount and its currency (ISO 4217; None where none is named) in a text such as `1.234,50 €`.

    None when there is no amount or more than one way to read it: two currencies; a sign of several, such as
    `kr`, without the country of one; `1.234` without a currency. Beside one, `1.234` is 1234.
    """
    return _money(text, country) if len(text) <= LONGEST else None


def converted(amount: Decimal, currency: str | None, base: str | None, rates: Rates) -> int | float | None:
    """An amount in the base currency, to the cent; None without a rate. One not named is the base."""
    if currency is not None and base is not None and currency != base:
        rate = rates.get(currency)
        if rate is None:
            return None
        amount *= Decimal(str(rate))
    if abs(amount) > MOST:
        return None
    cents = round(amount, 2)
    return int(cents) if cents == cents.to_integral_value() else float(cents)


@lru_cache(maxsize=4096)
def _money(text: str, country: str | None) -> tuple[Decimal, str | None] | None:
    text, thousands = _THOUSANDS.subn("€", text)  # TEUR and T€ are German bookkeeping
    named = {currency for word in _WORD.findall(text) for currency in _currencies(word, country)}
    if len(named) > 1 or "" in named:
        return None
    currency = next(iter(named), None)
    amount = first(_spaced(text), None if currency is None or currency in _THREE_DECIMALS else False)
    return None if amount is None else (amount * 1000 if thousands else amount, currency)


def _currencies(word: str, country: str | None) -> tuple[str, ...]:
    """The currency that a word names, if it does; `""` stands for several."""
    small = word.casefold()
    if small in _SIGNS:
        return (_SIGNS[small],)
    if small in _SHARED:
        return (_SHARED[small].get(country or "", "USD" if small == "$" and country else ""),)
    return (word.upper(),) if small in _SMALL_LETTERS or word in currency_codes() else ()


@cache
def currency_codes() -> frozenset[str]:
    """Every currency of ISO 4217."""
    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


def _spaced(text: str) -> str:
    """`USD12k` with a blank between currency and number, as the number's reader needs it."""
    return re.sub(r"\b([^\W\d_]{1,5})(?=\d)", r"\1 ", text)

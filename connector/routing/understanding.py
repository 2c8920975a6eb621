"""The admin's word on how values are understood: money, industries, and whose a mail domain is."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from connector.routing.choosing import Where
from connector.routing.normal import Normal
from connector.routing.normal.domains import host
from connector.routing.normal.folding import plain
from connector.routing.normal.money import currency_codes
from connector.routing.settings import RoutingSettings


class Find(Protocol):
    """Where mistakes go: the place, what is wrong, the words that would have been right, the wrong one."""

    def __call__(self, where: Where, message: str, choices: Sequence[str] = (), wrong: str = "") -> None: ...


def understand_normal(settings: RoutingSettings, phones: bool, find: Find) -> Normal:
    """How values are understood; every mistake goes to `find`, and what is mistaken is left out."""
    return Normal.written(
        base_currency=_base(settings, find),
        rates=_rates(settings, find),
        industry_synonyms=_synonyms(settings.industry_synonyms, find),
        treat_as_company=_domains("treat_as_company", settings.treat_as_company, (), find),
        treat_as_free_mail=_domains(
            "treat_as_free_mail", settings.treat_as_free_mail, settings.treat_as_company, find
        ),
        phones=phones,
    )


def _base(settings: RoutingSettings, find: Find) -> str | None:
    base = settings.base_currency
    if base is not None:
        _check_currency(("base_currency",), base, find)
    elif settings.rates:
        find(("rates",), 'rates need to know into what: write base_currency = "EUR" at the top of the file')
    return base


def _rates(settings: RoutingSettings, find: Find) -> dict[str, float]:
    for currency, rate in settings.rates.items():
        _check_currency(("rates", currency), currency, find)
        if currency.upper() == (settings.base_currency or "").upper() and rate != 1:
            find(("rates", currency), f"{currency} is the base currency, so its rate can only be 1")
    return dict(settings.rates)


def _check_currency(where: Where, written: str, find: Find) -> None:
    if written.upper() not in currency_codes():
        find(where, f"{written!r} is not an ISO 4217 currency; write EUR, USD, …")


def _synonyms(written: Mapping[str, Sequence[str]], find: Find) -> dict[str, list[str]]:
    """The table without the spellings that stand for a second industry."""
    meant = {plain(industry): industry for industry in written}
    kept: dict[str, list[str]] = {}
    for industry, spellings in written.items():
        if meant[plain(industry)] != industry:
            find(("industry_synonyms", industry), f"{industry!r} and {meant[plain(industry)]!r} are one name")
            continue
        kept[industry] = []
        for place, spelling in enumerate(spellings):
            other = meant.setdefault(plain(spelling), industry)
            if other == industry:
                kept[industry].append(spelling)
            else:
                message = f"{spelling!r} is given to both {other!r} and {industry!r}; leave it with one"
                find(("industry_synonyms", industry, place), message)
    return kept


def _domains(name: str, written: Sequence[str], others: Sequence[str], find: Find) -> Sequence[str]:
    taken = {host(domain) for domain in others}
    for place, domain in enumerate(written):
        found = host(domain)
        if found is None or "." not in found:
            find((name, place), f"{domain!r} is not a domain; write one such as acme.com")
        elif found in taken:
            find((name, place), f"{domain!r} is on the treat_as_company list as well; leave it on one")
    return written

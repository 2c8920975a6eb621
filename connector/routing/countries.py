"""ISO 3166 country codes from the spellings that people type."""

import gettext
import unicodedata
from collections.abc import Iterator
from functools import cache

import pycountry

# pycountry's own fuzzy search is unsafe here: it makes America into AS, Korea into KP and "" into GB.
_LANGUAGES = ("de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "ja")
_ALIASES = {
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "usa": "US",
    "us of a": "US",
    "united states of america": "US",
    "america": "US",
    "holland": "NL",
    "the netherlands": "NL",
    "turkey": "TR",
    "ivory coast": "CI",
    "czech republic": "CZ",
    "russia": "RU",
    "south korea": "KR",
    "korea": "KR",
    "north korea": "KP",
    "vietnam": "VN",
    "uae": "AE",
    "hong kong": "HK",
    "taiwan": "TW",
    "macau": "MO",
    "brasil": "BR",
    "bolivia": "BO",
    "venezuela": "VE",
    "iran": "IR",
    "syria": "SY",
    "tanzania": "TZ",
    "moldova": "MD",
    "laos": "LA",
    "swaziland": "SZ",
    "cape verde": "CV",
    "burma": "MM",
    "republic of ireland": "IE",
    "eire": "IE",
}


def country_code(text: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country's name or code in any of a dozen languages, else None."""
    return _spellings().get(_plain(text))


def all_codes() -> frozenset[str]:
    """Every alpha-2 code."""
    return frozenset(country.alpha_2 for country in pycountry.countries)


@cache
def _spellings() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, code in _named():
        found.setdefault(_plain(name), code)
    return found | _ALIASES


def _named() -> Iterator[tuple[str, str]]:
    countries = list(pycountry.countries)
    for country in countries:
        yield country.alpha_2, country.alpha_2
        yield country.alpha_3, country.alpha_2
    for country in countries:
        for name in ("name", "official_name", "common_name"):
            if hasattr(country, name):
                yield getattr(country, name), country.alpha_2
    for language in _LANGUAGES:
        translate = gettext.translation(
            "iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True
        ).gettext
        for country in countries:
            yield translate(country.name), country.alpha_2


def _plain(text: str) -> str:
    """Lower case, without accents, dots and doubled spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().replace(".", "").split())

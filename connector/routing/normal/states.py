"""ISO 3166-2 codes of states and provinces from the spellings that people type."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

import pycountry

from connector.routing.normal.folding import plain
from connector.routing.normal.tables import names_by_code

LONGEST = 80
"""Characters beyond which a text is no state's name."""

HOMES = ("US", "CA", "AU", "DE", "AT", "CH", "IN", "BR", "GB")
"""Countries whose states are known by other names too, and whose state's name may stand for the country."""

_BETTER_KNOWN = ("florida", "maryland", "montana")
"""Namesakes of a Uruguayan department, a Liberian county and a Bulgarian region."""

_PREFIXES = ("state of ", "province of ", "province de ", "land ", "kanton ", "canton ", "canton of ",
             "canton de ", "estado de ", "estado do ", "county of ", "co ", "county ")  # fmt: skip
_SUFFIXES = (" state", " province", " territory", " canton", " county")


def state_code(text: str, country: str | None) -> str | None:
    """The ISO 3166-2 code of a state's name or code within a country (alpha-2), else None.

    `CA` with the country US is US-CA, with DE nothing. Without a country only a whole code such as US-CA is
    understood.
    """
    return _state_code(text, country) if len(text) <= LONGEST else None


@lru_cache(maxsize=4096)
def _state_code(text: str, country: str | None) -> str | None:
    whole = text.strip().upper()
    if whole[2:3] == "-" and whole in _parents(whole[:2]) and country in (None, whole[:2]):
        return whole
    if country is None:
        return None
    spellings = _spellings(country)
    return next((spellings[name] for name in _wordings(plain(text)) if name in spellings), None)


def home_of(name: str) -> str | None:
    """The country, among HOMES, that alone has a state of this folded name; codes do not count."""
    return _homes().get(name)


def _wordings(name: str) -> Iterator[str]:
    yield name
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            yield name.removeprefix(prefix)
    for suffix in _SUFFIXES:
        if name.endswith(suffix):
            yield name.removesuffix(suffix)


@cache
def _spellings(country: str) -> Mapping[str, str]:
    """Folded spelling to code; a name of several is left out, unless one of them holds the others."""
    by_name: defaultdict[str, set[str]] = defaultdict(set)
    for name, code in _named(country):
        by_name[name].add(code)
    codes = {plain(code.partition("-")[2]): code for code in _parents(country)}
    named = {name: widest for name, found in by_name.items() if (widest := _widest(country, found))}
    return {**named, **_aliases().get(country, {}), **codes}


def _named(country: str) -> Iterator[tuple[str, str]]:
    for each in _divisions(country):
        # pycountry writes second names in brackets, `Wrexham [Wrecsam GB-WRC]`, and `Durham, County`.
        name, _, second = each.name.partition(" [")
        yield plain(name), each.code
        yield plain(" ".join(reversed(name.split(", ")))), each.code
        if second:
            yield plain(second.split(f" {country}-")[0]), each.code


@cache
def _parents(country: str) -> Mapping[str, str | None]:
    return {each.code: each.parent_code for each in _divisions(country)}


@cache
def _divisions(country: str) -> tuple[Any, ...]:
    return tuple(pycountry.subdivisions.get(country_code=country) or ())  # type: ignore[no-untyped-call]


def _widest(country: str, codes: set[str]) -> str | None:
    parents = _parents(country)
    tops = [code for code in codes if parents[code] not in codes]
    return tops[0] if len(tops) == 1 else None


@cache
def _aliases() -> Mapping[str, Mapping[str, str]]:
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for code, names in names_by_code("state_aliases.tsv"):
        found[code.partition("-")[0]].update(dict.fromkeys(names, code))
    return found


@cache
def _homes() -> Mapping[str, str]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for each in pycountry.subdivisions:
        found[plain(each.name.partition(" [")[0])].add(each.country_code)
    for country, names in _aliases().items():
        for name in names:
            found[name].add(country)
    alone = {name: next(iter(homes)) for name, homes in found.items() if len(homes) == 1 and len(name) > 3}
    return {name: home for name, home in alone.items() if home in HOMES} | dict.fromkeys(_BETTER_KNOWN, "US")

"""ISO 3166 country codes from the spellings that people type."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

import pycountry

from connector.routing.normal.folding import plain
from connector.routing.normal.states import home_of
from connector.routing.normal.tables import names_by_code

LONGEST = 120
"""Characters beyond which a text is no country's name."""

KOSOVO = "XK"
"""Not in ISO 3166, but the code that the EU, Unicode and both CRMs use."""

_PARTS = re.compile(r"[,;/|()\[\]]| - ")
_TITLES = re.compile(
    r"(?:the )?(?:(?:republic|kingdom|principality|commonwealth|federation|sultanate|islands?) of (?:the )?)?"
)
_HALF_A_NAME = frozenset(
    {"georgia", "congo", "korea", "guinea", "ireland", "samoa", "sudan", "cyprus", "virgin islands",
     "macedonia", "china", "timor"}
)  # fmt: skip
"""Names that mean something else beside a second word, as in `Congo (Kinshasa)` or `Atlanta, Georgia`."""

_SHORT = frozenset({"usa", "uk", "uae", "prc", "ksa", "drc"})
_TERRITORIES: Mapping[str, str] = {
    "AU": "CC CX NF HM", "CN": "HK MO TW", "DK": "FO GL", "FI": "AX",
    "GB": "AI BM FK GG GI IM IO JE KY MS PN SH TC VG",
    "FR": "BL GF GP MF MQ NC PF PM RE TF WF YT", "NL": "AW BQ CW SX", "NO": "BV SJ", "NZ": "CK NU TK",
    "US": "AS GU MP PR UM VI",
}  # fmt: skip
"""What lies within another country for ISO 3166: `Hong Kong, China` is Hong Kong."""


def country_code(text: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country's name or code in the languages of Unicode CLDR, else None.

    Nothing is guessed: no likeness of spelling counts. `Illinois, USA` is US, and so is `California`;
    `Georgia` is GE.
    """
    return _country_code(text) if len(text) <= LONGEST else None


def all_codes() -> frozenset[str]:
    """Every alpha-2 code."""
    return frozenset({*(country.alpha_2 for country in pycountry.countries), KOSOVO})


@lru_cache(maxsize=8192)
def _country_code(text: str) -> str | None:
    name = plain(text)
    return _named(name) or _in_parts(text) or (None if name in _HALF_A_NAME else home_of(name))


def _named(name: str) -> str | None:
    spellings = _spellings()
    found = spellings.get(name)
    if found is None:
        bare = _TITLES.sub("", name, count=1)
        found = None if bare in _HALF_A_NAME else spellings.get(bare)
    return found


def _in_parts(text: str) -> str | None:
    """`Korea (North)` is read backwards; of other parts those that name a country must agree."""
    parts = [part for part in map(plain, _PARTS.split(text)) if part]
    if not 2 <= len(parts) <= 4:
        return None
    turned = _spellings().get(" ".join(reversed(parts)))
    codes = {code for part in parts if (code := _part(part))}
    for whole in codes & _TERRITORIES.keys():
        if codes & set(_TERRITORIES[whole].split()):
            codes = codes - {whole}
    return turned or (codes.pop() if len(codes) == 1 else None)


def _part(part: str) -> str | None:
    if part in _HALF_A_NAME:
        return "CN" if part == "china" else None
    return (_named(part) if len(part) > 3 or part in _SHORT else None) or home_of(part)


@cache
def _spellings() -> Mapping[str, str]:
    found = dict(_iso_names())
    for table in ("country_names.tsv", "country_aliases.tsv"):
        for code, names in names_by_code(table):
            found.update(dict.fromkeys(names, code))
    return found | dict(_iso_codes())


def _iso_names() -> Iterator[tuple[str, str]]:
    for country in pycountry.countries:
        for kind in ("name", "official_name"):
            if hasattr(country, kind):
                yield plain(getattr(country, kind)), country.alpha_2


def _iso_codes() -> Iterator[tuple[str, str]]:
    for country in pycountry.countries:
        yield country.alpha_2.casefold(), country.alpha_2
        yield country.alpha_3.casefold(), country.alpha_2
    yield from (("xk", KOSOVO), ("xkx", KOSOVO))

"""Postal codes with what spreadsheets take from them: leading zeros, and the blank where one belongs."""

import re
from collections.abc import Mapping
from functools import lru_cache

LONGEST = 16
"""Characters beyond which a text is no postal code."""

_DIGITS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("AT", "BE", "BG", "CH", "CY", "GE", "HU", "LI", "LU", "LV", "SI", "TN"), (4, 0)),
    **dict.fromkeys(("AU", "DK", "NZ"), (4, 1)), "NO": (4, 2), "PH": (4, 1), "ZA": (4, 3), "BD": (4, 0),
    **dict.fromkeys(("CZ", "EE", "GR", "HR", "ID", "LT", "PK", "RS", "SA", "SE", "TH", "EG", "JO"), (5, 0)),
    **dict.fromkeys(("DE", "ES", "FR", "KR", "MX", "MY", "SK", "TR", "UA", "DZ", "CU", "KW"), (5, 1)),
    **dict.fromkeys(("FI", "IT", "MA", "US", "PR", "VA"), (5, 2)), "LK": (5, 3), "PE": (5, 1), "MC": (5, 0),
    **dict.fromkeys(("CN", "CO", "KZ", "RO", "SG", "VN"), (6, 1)), "EC": (6, 1),
    **dict.fromkeys(("BY", "IN", "KG", "MN", "RU", "TJ", "TM", "UZ"), (6, 0)),
    "CL": (7, 0), "IL": (7, 0), "JP": (7, 2), "PT": (7, 0), "BR": (8, 1), "PL": (5, 2),
}  # fmt: skip
"""Digits of a whole code, and with how many zeros it may begin (formats of the Universal Postal Union)."""

_SPLIT: Mapping[str, tuple[int, str]] = {
    **dict.fromkeys(("CZ", "GR", "SE", "SK"), (3, " ")),
    "BR": (5, "-"), "JP": (3, "-"), "PL": (2, "-"), "PT": (4, "-"),
}  # fmt: skip
"""After how many digits the code is written in two, and with what between."""

_LETTERED: Mapping[str, tuple[re.Pattern[str], int]] = {
    "CA": (re.compile(r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]\d[ABCEGHJ-NPRSTV-Z]\d"), 3),
    "GB": (re.compile(r"(?:GIR0AA|[A-Z]{1,2}\d[A-Z\d]?\d[ABD-HJLNP-UW-Z]{2})"), 3),
    "IE": (re.compile(r"[AC-FHKNPRTV-Y](?:\d\d|6W)[0-9AC-FHKNPRTV-Y]{4}"), 4),
    "NL": (re.compile(r"[1-9]\d{3}(?!SA|SD|SS)[A-Z]{2}"), 2),
    "MT": (re.compile(r"[A-Z]{3}\d{2,4}"), 0),
}
"""Codes with letters, without their blank, and how many characters stand after it."""

_ALSO_LETTERED: Mapping[str, str] = dict.fromkeys(("GG", "IM", "JE"), "GB")
_OWN_SIGNS: Mapping[str, str] = {"LI": "FL", "FI": "FIN"}
"""Signs of countries that neither their code nor its first letter is."""

_MARKS = re.compile(r"[\s./_\u2010-\u2015-]+")
_FLOAT = re.compile(r"(\d+)\.0+")
_ZIP_PLUS_4 = re.compile(r"(\d{3,5})-?(\d{4})")


def postcode(text: str, country: str | None) -> str | None:
    """The postal code as the country writes it: 1067 in DE is 01067, `sw1a1aa` in GB is SW1A 1AA, else None.

    In a country whose codes are not known here, and without a country, it is upper case with single blanks.
    """
    return _postcode(text, country) if len(text) <= LONGEST else None


def lacks_a_zero(text: str, country: str) -> bool:
    """Whether a text could be a whole code of the country but for the zero with which it begins."""
    if country not in _DIGITS:
        return False
    length, zeros = _DIGITS[country]
    return text.isascii() and text.isdigit() and zeros > 0 and len(text) == length - 1


@lru_cache(maxsize=8192)
def _postcode(text: str, country: str | None) -> str | None:
    whole = _FLOAT.fullmatch(text.strip())
    written = whole.group(1) if whole else " ".join(text.upper().split())
    where = _ALSO_LETTERED.get(country or "", country or "")
    bare = _MARKS.sub("", written)
    if where in _LETTERED:
        return _lettered(bare, *_LETTERED[where])
    if where in _DIGITS:
        return _digits(_without_prefix(written, where), where)
    return written if bare.isalnum() and any(map(str.isdigit, bare)) else None


def _lettered(bare: str, form: re.Pattern[str], after: int) -> str | None:
    if not form.fullmatch(bare):
        return None
    return f"{bare[:-after]} {bare[-after:]}" if after else bare


def _without_prefix(written: str, country: str) -> str:
    """`D-01067`, `DE 01067` and `CH8001` without the sign of the country."""
    found = re.fullmatch(r"([A-Z]{1,3})[\s-]*(\d.*)", written)
    signs = (country, country[0], _OWN_SIGNS.get(country))
    return found.group(2) if found and found.group(1) in signs else written


def _digits(written: str, country: str) -> str | None:
    length, zeros = _DIGITS[country]
    plus_4 = _ZIP_PLUS_4.fullmatch(written) if country == "US" else None
    if plus_4:
        return f"{plus_4.group(1).zfill(5)}-{plus_4.group(2)}"
    digits = _MARKS.sub("", written)
    if not (digits.isascii() and digits.isdigit() and length - zeros <= len(digits) <= length):
        return None
    after, mark = _SPLIT.get(country, (length, ""))
    whole = digits.zfill(length)
    return f"{whole[:after]}{mark}{whole[after:]}" if whole.strip("0") else None

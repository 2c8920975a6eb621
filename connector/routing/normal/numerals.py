"""Numbers from the way people write them, where there is one way to read them."""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

LONGEST = 60
"""Characters beyond which a text is no number."""

MOST = Decimal(10) ** 15
"""Numbers beyond this, on either side of zero, are taken for mistakes."""

_NUMBER = re.compile(
    r"(?<![\w.,])(?P<sign>[-+\u2212]?)\s?"
    r"(?P<digits>\d(?:[\d.,'\u2019\u00a0\u202f ]*\d)?)\s?(?P<times>[A-Za-z]*+)(?!\w)"
)
_BLANKS = re.compile(r"(?<=\d)[ '\u2019\u00a0\u202f](?=\d{3}(?!\d))")
_GROUPED = {
    ",": re.compile(r"[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d\d)+,\d{3}"),
    ".": re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+"),
}
_TIMES = {
    **dict.fromkeys(("k", "t", "tsd", "thousand", "mille", "mil"), 10**3),
    **dict.fromkeys(("m", "mm", "mn", "mio", "mill", "million", "millions", "millionen"), 10**6),
    **dict.fromkeys(("b", "bn", "bio", "billion", "billions", "mrd", "milliarden", "milliard"), 10**9),
    **dict.fromkeys(("lakh", "lakhs", "lac"), 10**5),
    **dict.fromkeys(("crore", "crores", "cr"), 10**7),
}
"""What a word after a number multiplies it with; English billions, as in business."""


def count(text: str) -> int | float | None:
    """A count such as of employees: `1,200`, `1.200` and `1 200` are 1200; of `51-200` the lower end."""
    number = plain_number(first(text, decimal_dot=False))
    return number if number is not None and number >= 0 else None


@lru_cache(maxsize=4096)
def first(text: str, decimal_dot: bool | None) -> Decimal | None:
    """The first number in a text, None when there is none or it can be read in two ways.

    A dot before three last digits, as in `1.234`, is a decimal one in a machine's export and groups thousands
    in German: `decimal_dot` says which, None that nobody knows. A comma there always groups thousands.
    """
    found = list(_NUMBER.finditer(_BLANKS.sub("", text))) if len(text) <= LONGEST else []
    if not 1 <= len(found) <= 2 or " " in found[0]["digits"]:
        return None
    value = _value(found[0]["digits"], decimal_dot)
    times = _times(found)
    if value is None or times is None or value * times > MOST:
        return None
    return -value * times if found[0]["sign"] in ("-", "\u2212") else value * times


def plain_number(value: Decimal | None) -> int | float | None:
    """A decimal as conditions compare it: whole numbers as int, others as float."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _value(digits: str, decimal_dot: bool | None) -> Decimal | None:
    """The number in digits, dots and commas; a last mark that differs from the others is the decimal one."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return _decimal(digits)
    mark = digits[last]
    whole, other = digits[:last], "." if mark == "," else ","
    if other in whole:
        grouped = _GROUPED[other].fullmatch(whole)
        return _decimal(f"{whole.replace(other, '')}.{digits[last + 1 :]}") if grouped else None
    if not _GROUPED[mark].fullmatch(digits):
        return _decimal(digits.replace(",", "."))
    if mark == "." and digits.count(".") == 1 and decimal_dot is not False:
        return None if decimal_dot is None else _decimal(digits)
    return _decimal(digits.replace(mark, ""))


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _times(found: list[re.Match[str]]) -> int | None:
    """What the first number is multiplied with; `10-20k` are thousands at both ends."""
    word = found[0]["times"].casefold()
    if not word and len(found) > 1:
        word = found[1]["times"].casefold()
    return _TIMES.get(word, 1)

"""Salesforce record ids: a prefix for the object, a number in base 62, a checksum of the letters' case."""

import string
from functools import lru_cache

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
CHECKSUM = string.ascii_uppercase + "012345"
INSTANCE = "Sb0"
NUMBER_LENGTH = 9


def with_checksum(id15: str) -> str:
    """The 18-character form of a 15-character id."""
    return id15 + _checksum(id15[0:5]) + _checksum(id15[5:10]) + _checksum(id15[10:15])


def normal(text: str) -> str | None:
    """The 18-character form of a 15- or 18-character id; None when it is not one."""
    if len(text) not in (15, 18) or not (text.isascii() and text.isalnum()):
        return None
    full = with_checksum(text[:15])
    return full if len(text) == 15 or text == full else None


def new_id(prefix: str, number: int) -> str:
    """The id of the n-th record of an object; later ids sort after earlier ones."""
    return with_checksum(f"{prefix}{INSTANCE}{_base62(number)}")


@lru_cache(maxsize=100_000)
def _checksum(chunk: str) -> str:
    return CHECKSUM[sum(1 << place for place, letter in enumerate(chunk) if "A" <= letter <= "Z")]


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = DIGITS[rest] + digits
    return digits.rjust(NUMBER_LENGTH, "0")

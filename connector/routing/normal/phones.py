"""Telephone numbers as every network dials them."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

LONGEST = 60
"""Characters beyond which a text is no telephone number; ITU-T E.164 allows 15 digits."""

_EXCEL = re.compile(r"\.0+\Z")


def e164(text: str, country: str | None) -> str | None:
    """A valid telephone number in E.164, such as +493012345678, else None.

    A number without its country's code is read as one of `country` (alpha-2); without either it is None.
    An extension is dropped. Valid is what the numbering plans in libphonenumber's metadata allow.
    """
    return _e164(text, country) if len(text) <= LONGEST else None


@lru_cache(maxsize=8192)
def _e164(text: str, country: str | None) -> str | None:
    try:
        number = phonenumbers.parse(_EXCEL.sub("", text.strip()), country)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))

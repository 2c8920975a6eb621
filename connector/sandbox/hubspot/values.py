"""What a property takes: the checks that HubSpot makes before it writes, and how it stores what passed."""

import re
from collections.abc import Callable, Container

from connector.sandbox.hubspot import stamps
from connector.sandbox.hubspot.definitions import Property
from connector.sandbox.hubspot.errors import Problem

MAX_TEXT = 65_536
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class BadValueError(Exception):
    """A value that the property does not take."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def checked(definition: Property, text: str, owners: Container[str]) -> str:
    """The text as stored; raises BadValueError."""
    if definition.read_only:
        raise BadValueError(
            "READ_ONLY_VALUE", f'"{definition.name}" is a calculated property; its value cannot be set.'
        )
    if not text:
        return ""
    if definition.owner:
        return _owner(text, owners)
    if definition.name == "email":
        return _email(text)
    return CHECKS[definition.type](definition, text)


def problem(definition: Property, error: BadValueError) -> Problem:
    """The error as an item of HubSpot's list."""
    return Problem(definition.name, error.code, str(error))


def unknown(name: str) -> Problem:
    """The error for a property that the object type does not have."""
    return Problem(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')


def _owner(text: str, owners: Container[str]) -> str:
    if text not in owners:
        raise BadValueError("INVALID_OWNER_ID", f"{text} was not a valid owner ID")
    return text


def _email(text: str) -> str:
    if not EMAIL.fullmatch(text.strip()):
        raise BadValueError("INVALID_EMAIL", f"Email address {text} is invalid")
    return text.strip().lower()


def _text(definition: Property, text: str) -> str:
    if len(text) > MAX_TEXT:
        raise BadValueError("PROPERTY_VALUE_TOO_LONG", f"{definition.name} is over {MAX_TEXT} characters")
    return text


def _number(definition: Property, text: str) -> str:
    try:
        float(text)
    except ValueError:
        raise BadValueError("INVALID_DOUBLE", f"{text} was not a valid number.") from None
    return text.strip()


def _datetime(definition: Property, text: str) -> str:
    ms = stamps.parse(text)
    if ms is None:
        raise BadValueError("INVALID_LONG", f"{text} was not a valid long.")
    return stamps.stamp(ms)


def _date(definition: Property, text: str) -> str:
    day = stamps.day(text)
    if day is None:
        raise BadValueError("INVALID_DATE", f"{text} is not a valid date; it must be at midnight UTC.")
    return day


def _options(definition: Property, text: str) -> str:
    many = definition.field_type == "checkbox"
    for value in text.strip(";").split(";") if many else [text]:
        if value not in definition.values:
            raise BadValueError(
                "INVALID_OPTION",
                f"{value} was not one of the allowed options: [{', '.join(definition.values)}]",
            )
    return text


CHECKS: dict[str, Callable[[Property, str], str]] = {
    "string": _text,
    "number": _number,
    "datetime": _datetime,
    "date": _date,
    "enumeration": _options,
    "bool": _options,
}

"""One value of a field: from a request's JSON to what is stored, with the errors of each type."""

import math
import re
from collections.abc import Callable

from connector.sandbox.salesforce import ids
from connector.sandbox.salesforce.errors import SalesforceError, bad_json, malformed_id
from connector.sandbox.salesforce.schema import Field
from connector.sandbox.salesforce.store import Value
from connector.sandbox.salesforce.times import parse_day, parse_moment

EMAIL = re.compile(r"[^@\s,;<>()\"]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)+", re.ASCII)
LARGEST_INT = 2_147_483_647


def stored(field: Field, given: object) -> Value:
    """What the store keeps for a value given as JSON; raises SalesforceError."""
    if isinstance(given, dict | list):
        kind = "START_OBJECT" if isinstance(given, dict) else "START_ARRAY"
        raise bad_json(f"Cannot deserialize instance of {_wire_type(field)} from {kind} value")
    if given is None or (isinstance(given, str) and not given.strip()):
        _refuse_nothing(field)
        return None
    return _READERS.get(field.type, _text)(field, given)


def _refuse_nothing(field: Field) -> None:
    if field.type == "boolean":
        raise SalesforceError(
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            f"{field.label}: value not of required type: null",
            [field.name],
        )


def _text(field: Field, given: object) -> Value:
    text = str(given).lower() if isinstance(given, bool) else str(given).strip()
    if field.length and len(text) > field.length:
        raise SalesforceError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {text} (max length={field.length})",
            [field.name],
        )
    return text


def _email(field: Field, given: object) -> Value:
    text = _text(field, given)
    if not EMAIL.fullmatch(str(text)):
        raise SalesforceError(
            "INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", [field.name]
        )
    return text


def _picklist(field: Field, given: object) -> Value:
    text = _text(field, given)
    if field.has("R") and field.values and text not in field.values:
        raise SalesforceError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {text}",
            [field.name],
        )
    return text


def _boolean(field: Field, given: object) -> Value:
    words = {"true": 1, "false": 0, "1": 1, "0": 0}
    word = str(given).strip().lower()
    if word not in words:
        raise _unreadable(field, given)
    return words[word]


def _whole(field: Field, given: object) -> Value:
    number = _number(field, given)
    if number != int(number):
        raise _unreadable(field, given)
    if abs(number) > LARGEST_INT or (field.length and abs(number) >= 10**field.length):
        raise _out_of_range(field, given)
    return int(number)


def _decimal(field: Field, given: object) -> Value:
    number = _number(field, given)
    if abs(number) >= 10 ** max(1, field.length - (field.scale if field.name.endswith("itude") else 0)):
        raise _out_of_range(field, given)
    return round(number, field.scale)


def _number(field: Field, given: object) -> float:
    if isinstance(given, bool):
        raise _unreadable(field, given)
    try:
        number = float(str(given))
    except ValueError:
        raise _unreadable(field, given) from None
    if not math.isfinite(number):
        raise _unreadable(field, given)
    return number


def _moment(field: Field, given: object) -> Value:
    return _parsed(parse_moment, field, given)


def _day(field: Field, given: object) -> Value:
    return _parsed(parse_day, field, given)


def _parsed(parse: Callable[[str], Value], field: Field, given: object) -> Value:
    try:
        return parse(str(given).strip())
    except (ValueError, OverflowError):
        raise _unreadable(field, given) from None


def _id(field: Field, given: object) -> Value:
    full = ids.normal(str(given).strip())
    if full is None:
        raise malformed_id(field.label, given, field.name)
    return full


def _unreadable(field: Field, given: object) -> SalesforceError:
    kind = {str: "STRING", bool: "BOOLEAN", int: "NUMBER_INT", float: "NUMBER_FLOAT"}[type(given)]
    return bad_json(
        f"Cannot deserialize instance of {_wire_type(field)} from VALUE_{kind} value {given} "
        "or request may be missing a required field at [line:1, column:1]"
    )


def _out_of_range(field: Field, given: object) -> SalesforceError:
    message = f"{field.label}: value outside of valid range on numeric field: {given}"
    return SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", message, [field.name])


def _wire_type(field: Field) -> str:
    return (
        field.type
        if field.type in ("boolean", "int", "double", "currency", "percent", "date", "datetime")
        else "string"
    )


_READERS: dict[str, Callable[[Field, object], Value]] = {
    "email": _email,
    "picklist": _picklist,
    "boolean": _boolean,
    "int": _whole,
    "double": _decimal,
    "currency": _decimal,
    "percent": _decimal,
    "datetime": _moment,
    "date": _day,
    "id": _id,
    "reference": _id,
}

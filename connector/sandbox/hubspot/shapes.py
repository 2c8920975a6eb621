"""Reading JSON of the shape that an endpoint takes; anything else is HubSpot's 400."""

from typing import Any

from connector.sandbox.hubspot.errors import misshapen

Object = dict[str, Any]


def is_whole(text: str) -> bool:
    """Whether a text is a whole number in plain digits."""
    return text.isascii() and text.isdigit()


def thing(value: Any) -> Object:
    """A JSON object."""
    if not isinstance(value, dict):
        raise misshapen("java.util.LinkedHashMap<java.lang.String,java.lang.String>", told(value))
    return value


def items(value: Any) -> list[Any]:
    """A JSON list; nothing at all is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise misshapen("java.util.ArrayList", told(value))
    return value


def things(value: Any) -> list[Object]:
    """A JSON list of objects."""
    return [thing(each) for each in items(value)]


def text(value: Any, default: str = "") -> str:
    """A JSON value as the text that HubSpot keeps of it; lists and objects are refused."""
    if isinstance(value, str):
        return value
    if value is None:
        return default
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, int):
        return str(value)
    raise misshapen("java.lang.String", told(value))


def texts(value: Any) -> list[str]:
    """A JSON list of texts."""
    return [text(each) for each in items(value)]


def number(value: Any, default: int = 0) -> int:
    """A whole number, also as text."""
    given = text(value, str(default))
    if not is_whole(given.removeprefix("-")):
        raise misshapen("int", told(value))
    return int(given)


def told(value: Any) -> str:
    """How HubSpot's JSON parser speaks of a value."""
    if isinstance(value, list):
        return "Array value (token `JsonToken.START_ARRAY`)"
    if isinstance(value, dict):
        return "Object value (token `JsonToken.START_OBJECT`)"
    if isinstance(value, bool):
        return f"Boolean value (token `JsonToken.VALUE_{str(value).upper()}`)"
    if isinstance(value, int | float):
        return "Number value (token `JsonToken.VALUE_NUMBER_INT`)"
    return "String value (token `JsonToken.VALUE_STRING`)"

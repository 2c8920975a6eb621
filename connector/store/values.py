"""A CRM's values as both databases can hold them."""

from collections.abc import Mapping
from math import isfinite

from connector.model.lead import LARGEST, LONGEST, Value

_REPLACED = "\N{REPLACEMENT CHARACTER}"


def storable(fields: Mapping[str, Value]) -> dict[str, Value]:
    """The same values, but for what no database takes or no decision looks at.

    PostgreSQL keeps no NUL, UTF-8 no lone surrogate, JSON no number without bounds; and of a text only the
    first LONGEST characters are ever read.
    """
    return {name: _storable(value) for name, value in fields.items()}


def _storable(value: Value) -> Value:
    if isinstance(value, str):
        return _text(value[:LONGEST])
    if isinstance(value, float) and not isfinite(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
        return float(value) if abs(value) <= LARGEST else None
    return value


def _text(text: str) -> str:
    if text.isascii():
        return text.replace("\x00", _REPLACED)
    return text.replace("\x00", _REPLACED).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

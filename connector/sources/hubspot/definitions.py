"""What HubSpot's properties take, checked before anything is sent."""

from collections.abc import Mapping
from typing import Any

from connector.model.lead import Value
from connector.sources.base import SourceLocked, SourceRefused
from connector.sources.hubspot.batches import rows
from connector.sources.hubspot.connection import Connection
from connector.sources.mapping import moment

Definition = Mapping[str, Any]

LONGEST_TEXT = 65_536
_TRUTHS = ("true", "false")


class Definitions:
    """The properties of object types, asked for once and again when they may have changed."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._known: dict[str, Mapping[str, Definition]] = {}

    def of(self, object_type: str) -> Mapping[str, Definition]:
        """Definitions by name."""
        if object_type not in self._known:
            answer = self._connection.call("metadata", self._connection.properties.get_all, object_type)
            self._known[object_type] = {str(row["name"]): row for row in rows(answer)}
        return self._known[object_type]

    def forget(self) -> None:
        """Ask again: an option may have been added."""
        self._known.clear()


def is_read_only(definition: Definition) -> bool:
    """Whether no value can be written."""
    return bool((definition.get("modificationMetadata") or {}).get("readOnlyValue"))


def options(definition: Definition) -> frozenset[str] | None:
    """The values that an enumeration takes; None where that is no fixed list."""
    if definition["type"] != "enumeration" or definition.get("externalOptions"):
        return None
    return frozenset(str(option["value"]) for option in definition.get("options") or ())


def fitted(definition: Definition, name: str, value: Value) -> str:
    """A value as HubSpot takes it: always text, "" clears. SourceRefused when the property cannot hold it.

    Only a reason is cut to fit: every other value would mean something else.
    """
    text = plain(value)
    if not text:
        return ""
    because = _misfit(definition, text)
    if because and name == "reason" and len(text) > LONGEST_TEXT:
        return text[: LONGEST_TEXT - 1] + "…"
    if because:
        message = f"the property {definition['name']} (mapped as {name}) {because}"
        raise SourceRefused(message, "INVALID_VALUE")
    return moment(text).date().isoformat() if definition["type"] == "date" else text


def plain(value: Value) -> str:
    """A value as text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _misfit(definition: Definition, text: str) -> str | None:
    allowed = options(definition)
    if allowed is not None:
        return _not_among(definition, text, allowed)
    kind = definition["type"]
    if kind == "bool" and text not in _TRUTHS:
        return f'holds true or false, not "{text}"'
    if kind == "number" and not _is_number(text):
        return f'holds numbers, not "{text}"'
    if kind in ("date", "datetime") and not _is_time(text):
        return f'holds times, not "{text}"'
    return f"holds {LONGEST_TEXT} characters, not {len(text)}" if len(text) > LONGEST_TEXT else None


def _not_among(definition: Definition, text: str, allowed: frozenset[str]) -> str | None:
    chosen = text.strip(";").split(";") if definition.get("fieldType") == "checkbox" else [text]
    unknown = [each for each in chosen if each not in allowed]
    return f'has no option "{unknown[0]}"' if unknown else None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    try:
        moment(text)
    except ValueError:
        return False
    return True


def missing(object_type: str, own: str, name: str) -> SourceLocked:
    """A mapped property that is not there."""
    return SourceLocked(f"{object_type} have no property {own} (mapped as {name})", "PROPERTY_DOESNT_EXIST")

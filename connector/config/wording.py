"""What pydantic found, in an admin's words."""

from collections.abc import Mapping, Sequence
from typing import Any

from connector.config.problems import nearest
from connector.sources.registry import kinds


def told(details: Mapping[str, Any], where: Sequence[str | int]) -> str:
    """One finding as a sentence that says what is wrong and what would be right."""
    kind, name, context = details["type"], _name(where), details.get("ctx", {})
    if kind == "missing":
        return f"{name} is missing; add it here"
    if kind == "literal_error":
        expected = str(context.get("expected", ""))
        choices = [choice.strip("'\" ") for part in expected.split(" or ") for choice in part.split(",")]
        return f"{name} cannot be {details['input']!r}{nearest(str(details['input']), choices)}"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return f"kind must be one of {', '.join(kinds())}"
    if kind == "string_pattern_mismatch":
        return _pattern(name, details["input"], str(context.get("pattern", "")))
    if kind in _SHAPES:
        return f"{name}: write {_SHAPES[kind]}"
    if kind == "value_error":
        return f"{name}: {context.get('error', details['msg'])}"
    return f"{name}: {str(details['msg'])[:1].lower()}{str(details['msg'])[1:]}"


_LIST, _TABLE = "a list in [ ]", "a table in { }"
_SHAPES = {
    **dict.fromkeys(("tuple_type", "list_type", "set_type", "frozen_set_type"), _LIST),
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type", "mapping_type"), _TABLE),
    "string_type": "a text in quotes",
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
}

_PATTERNS = {
    "env:|file:": "write env:NAME or file:PATH, never the secret itself",
    "env|file": "write env:NAME or file:PATH, never the secret itself",
    "ref": "write an address with {ref} in it, such as https://ops.acme.com/leads/{ref}",
    "https?": "write an address such as https://host or http://127.0.0.1:8801",
    "nobody": "write nobody, user:NAME or queue:NAME",
    "(user|queue)": "write user: and a username or e-mail address, or queue: and a developer name",
    r"\d{2,3}": "write a version such as 66.0",
}


def _pattern(name: str, value: Any, pattern: str) -> str:
    advice = next((advice for part, advice in _PATTERNS.items() if part in pattern), None)
    shown = "this value" if advice and "secret" in advice else repr(value)
    return f"{name}: {shown} does not fit; " + (
        advice or "use lower-case letters, digits, - and _, starting with a letter"
    )


def _name(where: Sequence[str | int]) -> str:
    return next((str(step) for step in reversed(where) if isinstance(step, str)), "the file")

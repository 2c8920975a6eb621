"""ISO 639 language codes from the spellings and locales that people and CRMs use."""

import re
from collections.abc import Mapping
from functools import lru_cache

import pycountry

from connector.routing.normal.folding import plain

LONGEST = 60
"""Characters beyond which a text is no language."""

_LOCALE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]+)*")
_OWN_NAMES: Mapping[str, str] = {
    "deutsch": "de", "francais": "fr", "espanol": "es", "castellano": "es", "italiano": "it",
    "portugues": "pt", "nederlands": "nl", "polski": "pl", "svenska": "sv", "norsk": "no", "bokmal": "no",
    "dansk": "da", "suomi": "fi", "cestina": "cs", "magyar": "hu", "romana": "ro", "turkce": "tr",
    "hrvatski": "hr", "slovencina": "sk", "slovenscina": "sl", "greek": "el", "mandarin": "zh",
    "flemish": "nl", "castilian": "es", "brazilian portuguese": "pt", "chinese simplified": "zh",
    "chinese traditional": "zh", "norwegian bokmal": "no",
}  # fmt: skip


@lru_cache(maxsize=4096)
def language(text: str) -> str | None:
    """The code, of two letters if there is one: `German`, `Deutsch` and `de_AT` are all de, else None."""
    if len(text) > LONGEST:
        return None
    written = text.strip().casefold()
    locale = _LOCALE.fullmatch(written)
    code = _by_code(locale[1]) if locale else None
    return code or _OWN_NAMES.get(plain(text)) or _by_name(written)


def _by_code(code: str) -> str | None:
    key = "alpha_2" if len(code) == 2 else "alpha_3"
    found = pycountry.languages.get(**{key: code})
    if found is None:
        return None
    # Both written forms of Norwegian are asked for as Norwegian.
    known = str(getattr(found, "alpha_2", found.alpha_3))
    return "no" if known in ("nb", "nn") else known


def _by_name(name: str) -> str | None:
    try:
        found = pycountry.languages.lookup(name)
    except LookupError:
        return None
    return _by_code(str(found.alpha_3))

"""A mistake in the config file: where, what, and what now."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from connector.config.places import Place, Places
from connector.routing.policy import Where

WHOLE_LINE = 0
"""The column of a problem that is about a line of a file that config.toml names."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake; `str()` gives `config.toml:25:8: what is wrong; what to do`, or `table.csv:12: …`."""

    file: str
    place: Place
    message: str

    def __str__(self) -> str:
        column = "" if self.place.column == WHOLE_LINE else f":{self.place.column}"
        return f"{self.file}:{self.place.line}{column}: {self.message}"


class Finder:
    """Turns ways into the config into problems with places."""

    def __init__(self, path: Path, places: Places):
        self._file = path.name
        self._places = places

    def problem(self, where: Where, message: str, *, key: bool = False) -> Problem:
        """A problem at the value that `where` leads to, or, with `key`, at its key."""
        return Problem(self._file, self._places.of(where, key=key), message)


def nearest(wrong: str, choices: Iterable[str]) -> str:
    """`; did you mean "…"?`, or the choices when none is near; empty without choices."""
    known = list(dict.fromkeys(str(choice) for choice in choices))
    if not known:
        return ""
    close = difflib.get_close_matches(wrong, known, n=1, cutoff=0.6) or [
        choice for choice in known if wrong and choice.casefold().startswith(wrong.casefold())
    ]
    if close:
        return f'; did you mean "{close[0]}"?'
    shown = ", ".join(known[:8])
    return f"; known are {shown}" + (", …" if len(known) > 8 else "")

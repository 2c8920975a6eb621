"""The line and column of everything in a TOML file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import toml_rs

_HEADER = re.compile(r"^\s*\[{1,2}\s*(?P<name>[^\]]+?)\s*\]{1,2}")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line and a column, both from 1."""

    line: int
    column: int


START = Place(1, 1)


class Places:
    """Finds keys and values of a parsed file by the way to them, such as `("route", 0, "name")`."""

    def __init__(self, text: str):
        document = toml_rs.load_with_metadata(text)
        self.value: dict[str, Any] = document.value
        self._nodes: Any = document.meta["nodes"]
        self._lines = text.splitlines()
        self._headers = _headers(self._lines)

    def of(self, where: Sequence[str | int], *, key: bool = False) -> Place:
        """The place of a value, or of its key; of the nearest table that exists when it is absent."""
        node, found = self._nodes, START
        for depth, step in enumerate(where):
            node = _step(node, step)
            if node is None:
                return found
            last = key and depth == len(where) - 1
            found = self._place(node, last) or self._header(where[: depth + 1]) or found
        return found

    def _place(self, node: Any, key: bool) -> Place | None:
        if not isinstance(node, Mapping):
            return None
        name = "key" if key and "key_line" in node else "value"
        line, columns = node.get(f"{name}_line"), node.get(f"{name}_col")
        if not isinstance(line, int) or columns is None:
            return None
        byte = columns[0] if isinstance(columns, list | tuple) else columns
        return Place(line, self._character(line, byte))

    def _character(self, line: int, byte: int) -> int:
        """The parser counts bytes; people count characters."""
        before = self._lines[line - 1].encode()[: byte - 1]
        return len(before.decode(errors="ignore")) + 1

    def _header(self, where: Sequence[str | int]) -> Place | None:
        line = self._headers.get(tuple(str(step) for step in where if isinstance(step, str)))
        return Place(line, 1) if line else None


def _step(node: Any, step: str | int) -> Any:
    inside = node["value"] if isinstance(node, Mapping) and _is_node(node) else node
    if isinstance(step, int):
        # Where one table may stand for a list of them, the first place is the table itself.
        alone = node if isinstance(inside, Mapping) and step == 0 else None
        return inside[step] if isinstance(inside, list) and step < len(inside) else alone
    return inside.get(step) if isinstance(inside, Mapping) else None


def _is_node(node: Mapping[str, Any]) -> bool:
    return "value" in node and ("value_raw" in node or "key_raw" in node)


def _headers(lines: Sequence[str]) -> dict[tuple[str, ...], int]:
    """The lines of plain `[table]` headers, which the parser's metadata leaves out."""
    found: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(lines, 1):
        header = _HEADER.match(line)
        if header:
            parts = tuple(part.strip().strip("\"'") for part in header["name"].split("."))
            found.setdefault(parts, number)
    return found

"""The rows of a CSV file that config.toml names, each with the line that it stands on."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol


class FindInFile(Protocol):
    """Where mistakes in a file go: its name, the line, what is wrong, the right words, the wrong one."""

    def __call__(
        self, file: str, line: int, message: str, choices: Sequence[str] = (), wrong: str = ""
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row that say something, stripped, by column; `line` counts from 1."""

    file: str
    line: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str | None:
        """A cell, or None where it is empty."""
        return self.cells.get(column)

    def day(self, column: str, find: FindInFile) -> date | None:
        """A cell that holds a date; what is none goes to `find`."""
        written = self.cells.get(column)
        try:
            return date.fromisoformat(written) if written else None
        except ValueError:
            find(self.file, self.line, f"{column}: {written!r} is no date; write one such as 2026-10-01")
            return None


def rows(
    file: str, text: str, needed: Sequence[str], optional: Sequence[str], find: FindInFile
) -> Iterator[Row]:
    """The rows below the heading, without blank ones; commas, semicolons or tabs stand between cells.

    Headings are read in any case. A heading that is unknown or missing, and a row of more cells than
    headings, go to `find`; without the `needed` headings there are no rows.
    """
    lines = csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(text), strict=True)
    try:
        headings = [cell.strip().casefold() for cell in next(lines, [])]
        if not _fit(file, headings, needed, optional, find):
            return
        for cells in lines:
            if len(cells) > len(headings):
                message = f"this row has {len(cells)} cells and the heading {len(headings)}; quote commas"
                find(file, lines.line_num, message)
                continue
            told = {name: cell.strip() for name, cell in zip(headings, cells, strict=False) if cell.strip()}
            if told:
                yield Row(file, lines.line_num, told)
    except csv.Error as error:
        find(file, lines.line_num, f"this is not CSV: {error}")


def _delimiter(text: str) -> str:
    heading = text.partition("\n")[0]
    return max(",;\t", key=heading.count)


def _fit(
    file: str, headings: Sequence[str], needed: Sequence[str], optional: Sequence[str], find: FindInFile
) -> bool:
    known = (*needed, *optional)
    for heading in headings:
        if heading not in known:
            find(file, 1, f"there is no column {heading!r} here", known, heading)
    missing = [name for name in needed if name not in headings]
    if missing:
        find(file, 1, f"the heading lacks {', '.join(missing)}; the columns are {', '.join(known)}")
    return not missing

"""How a table is read from a CSV file: its delimiter, its headings, and rows that do not fit."""

from collections.abc import Sequence

import pytest

from connector.routing.csv_tables import rows

Read = tuple[list[tuple[int, dict[str, str]]], list[tuple[int, str]]]


def read(text: str) -> Read:
    """Rows by line, and mistakes by line."""
    mistakes: list[tuple[int, str]] = []

    def find(file: str, line: int, message: str, choices: Sequence[str] = (), wrong: str = "") -> None:
        mistakes.append((line, message))

    found = [(row.line, dict(row.cells)) for row in rows("t.csv", text, ("a", "b"), ("c",), find)]
    return found, mistakes


COLUMNS = "the columns are a, b, c"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;b\n1;2,3,4\n", ([(2, {"a": "1", "b": "2,3,4"})], [])),
        ("a\tb\n1;2\t3,4,5\n", ([(2, {"a": "1;2", "b": "3,4,5"})], [])),
        ('a,b\n"1\n2",3\n', ([(3, {"a": "1\n2", "b": "3"})], [])),
        ("a,b\n1\n", ([(2, {"a": "1"})], [])),
        (
            "a,b\n1,2,3\n4,5\n",
            ([(3, {"a": "4", "b": "5"})], [(2, "this row has 3 cells and the heading 2; quote commas")]),
        ),
        ("", ([], [(1, f"the heading lacks a, b; {COLUMNS}")])),
        ("a,b,XXXX\n1,2\n", ([(2, {"a": "1", "b": "2"})], [(1, "there is no column 'xxxx' here")])),
    ],
    ids=["semicolons", "tabs", "a line break in quotes", "a short row", "a long row", "nothing", "a column"],
)
def test_rows_are_read_as_their_heading_says(text: str, expected: Read) -> None:
    assert read(text) == expected

"""Tables of names by code, as they lie in this folder: a code, a tab, names joined by "|"."""

from collections.abc import Iterator
from importlib.resources import files


def names_by_code(table: str) -> Iterator[tuple[str, list[str]]]:
    """Each code of a table, such as `country_names.tsv`, and its folded names."""
    text = files(__name__).joinpath(table).read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            code, _, names = line.partition("\t")
            yield code, names.split("|")

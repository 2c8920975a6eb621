"""Public data that is judged against but not shipped: CONNECTOR_DATA names the folder that holds it."""

import csv
import os
from pathlib import Path

import pytest


def rows(table: str) -> list[dict[str, str]]:
    """The rows of a table such as `spellings/country_spellings.csv`; skips the test where there is none."""
    folder = os.environ.get("CONNECTOR_DATA")
    if not folder or not (Path(folder) / table).exists():
        pytest.skip(f"CONNECTOR_DATA names no folder with {table}")
    with (Path(folder) / table).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))

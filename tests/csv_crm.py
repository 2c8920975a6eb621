"""The example source of docs/adding-a-crm.md, as a small CRM for tests that need no HTTP."""

import csv
import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.builders import ROOT

_spec = importlib.util.spec_from_file_location("csv_source", ROOT / "examples/csv_source/csv_source.py")
assert _spec is not None
assert _spec.loader is not None
csv_source: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(csv_source)

WRITTEN = (
    *("partner", "status", "reason", "score", "route", "due", "offered_to"),
    *("partner_answer", "decline_reason", "claimed_by", "breaches"),
)
COLUMNS = (*csv_source.SYSTEM, "email", "company", "country", *WRITTEN)
OWNERS = (
    "queue:Intake",
    "queue:Triage",
    "queue:Offers",
    "user:anna@x.example",
    "user:bert@x.example",
    "user:ann2@x.example",
    "user:rep@x.example",
)


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = COLUMNS) -> None:
    """A file of leads; what a row leaves out is blank."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def read_rows(path: Path) -> dict[str, dict[str, str]]:
    """The file's rows by id."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def a_row(number: int, now: datetime, **values: Any) -> dict[str, Any]:
    """A lead in the intake."""
    stamp = now.isoformat()
    return {
        "id": f"{number:06d}",
        "owner": "queue:Intake",
        "created_at": stamp,
        "changed_at": stamp,
        **values,
    }


def a_source(
    folder: Path, now: Callable[[], datetime], rows: Iterable[Mapping[str, Any]] = (), **keys: Any
) -> Any:
    """A connection to leads.csv in a folder, made when it is not there."""
    path = folder / "leads.csv"
    if not path.exists():
        write_rows(path, rows)
    settings = csv_source.CsvSettings.model_validate(
        {
            "kind": "csv",
            "file": path.name,
            "owners": OWNERS,
            "take_from": ["queue:Intake"],
            "fallback_owner": "queue:Triage",
            "write": {column: column for column in WRITTEN},
            **keys,
        }
    )
    return csv_source.CsvSource("file", settings, path, now)

"""The example of docs/adding-a-crm.md under the contract suite: leads in a CSV file."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connector.model.lead import Value
from connector.sources.base import Admit, Source
from tests import csv_crm
from tests.conftest import Clock
from tests.sources.contract import ANKE, INACTIVE, JONAS, SAM, Bench

WRITE = ("partner", "status", "score", "grade", "route", "reason", "link", "due")
OTHERS = ("first_name", "last_name", "email", "company", "country", "deal_value", "linked")


class CsvBench(Bench):
    """A file without leads."""

    crm = "csv"
    wrong = (
        ({"write": {"reason": "nowhere"}}, "no column nowhere (mapped as reason)"),
        ({"read": {"deal_value": "amuont"}}, "no column amuont (mapped as deal_value)"),
    )

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "leads.csv"
        self._clock = Clock()
        self._write_all({})

    def close(self) -> None:
        self._folder.cleanup()

    def source(self, *, page: int | None = None, admit: Admit | None = None, **keys: Any) -> Source:
        module = csv_crm.csv_source
        settings = module.CsvSettings.model_validate({**self.table(), **keys})
        source: Source = module.CsvSource(self.crm, settings, self._path, self._clock)
        if page is not None:
            setattr(source, "read_size", page)  # noqa: B010
        if admit is not None:
            source.limited_by(admit)
        return source

    def now(self) -> Any:
        return self._clock()

    def wait(self, seconds: float = 60) -> Any:
        self._clock.advance(seconds=seconds)
        return self._clock()

    def table(self) -> dict[str, Any]:
        return {
            "kind": "csv",
            "file": "leads.csv",
            "owners": ["queue:Intake", ANKE, JONAS, SAM],
            "inactive": [INACTIVE],
            "take_from": ["queue:Intake"],
            "read": {name: name for name in OTHERS},
            "write": {name: name for name in WRITE},
        }

    def add(self, *leads: Mapping[str, Any]) -> list[str]:
        rows = self._rows()
        added = []
        for lead in leads:
            number = len(rows) + 1
            row = csv_crm.a_row(number, self._clock())
            rows[row["id"]] = {**row, **{name: _text(value) for name, value in lead.items()}}
            added.append(row["id"])
        self._write_all(rows)
        return added

    def edit(self, record_id: str, **values: str) -> None:
        rows = self._rows()
        rows[record_id] |= {**values, "changed_at": self._clock().isoformat()}
        self._write_all(rows)

    def delete(self, record_id: str) -> None:
        self.edit(record_id, deleted="yes")

    def merge(self, winner: str, loser: str) -> str:
        self.edit(loser, deleted="yes", merged_into=winner)
        self.edit(winner)
        return winner

    def look(self, record_id: str) -> Mapping[str, Value]:
        row = self._rows()[record_id]
        return {name: row[name] or None for name in (*WRITE, "owner")}

    def notes(self, record_id: str) -> list[str]:
        return str(self._rows()[record_id]["notes"]).splitlines()

    def intake(self) -> str | None:
        return "queue:Intake"

    def linked(self) -> dict[str, Any]:
        return {"field": "linked", "crm": "other"}

    def _rows(self) -> dict[str, dict[str, Any]]:
        return dict(csv_crm.read_rows(self._path))

    def _write_all(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        csv_crm.write_rows(self._path, rows.values(), (*csv_crm.csv_source.SYSTEM, *OTHERS, *WRITE))


def _text(value: Any) -> str:
    return "" if value is None else str(value)


BENCH = CsvBench

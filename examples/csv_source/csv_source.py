"""A CSV file as a CRM: one row a lead, rewritten whole under a lock at every write."""

import csv
import fcntl
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from connector.model.lead import Lead, Ref, Value
from connector.model.progress import Progress
from connector.sources.base import (
    Admit,
    Held,
    Note,
    Owner,
    Page,
    Source,
    SourceBusy,
    SourceError,
    SourceLocked,
    SourceRefused,
    Update,
    Usage,
    always,
)
from connector.sources.mapping import answered
from connector.sources.owners import OwnerDirectory
from connector.sources.registry import Kind
from connector.sources.settings import CrmBase

Row = dict[str, str]
SYSTEM = ("id", "owner", "created_at", "changed_at", "deleted", "merged_into", "notes", "won", "amount")
"""The columns that every file has; `read` and `write` of the settings name the others."""


class CsvSettings(CrmBase):
    """`[crm.NAME] kind = "csv"`: the file, the names of those who may own its rows, and of those who did."""

    kind: Literal["csv"]
    file: str
    owners: tuple[str, ...]
    inactive: tuple[str, ...] = ()


class CsvSource(Source):
    """Leads in a CSV file."""

    read_size = 500
    write_size = 100

    def __init__(self, crm: str, settings: CsvSettings, path: Path, now: Callable[[], datetime]):
        super().__init__(crm, Counter(), Usage())
        self._settings = settings
        self._path = path
        self._now = now
        self._admit: Admit = always
        self._columns: tuple[str, ...] = ()
        self._earliest = settings.created_after.isoformat() if settings.created_after else ""
        self._written: dict[str, str] = {str(name): own for name, own in settings.write.items()}
        self._fields = {**{"email": "email", "company": "company", "country": "country"}, **settings.read}
        self._fields = {**answered(self._written), **self._fields}
        self._owners = OwnerDirectory(self._load_owners, "the file")

    def limited_by(self, admit: Admit) -> None:
        self._admit = admit

    def read_changed(self, since: datetime, until: datetime | None, after: str | None) -> Page:
        upper = until or self._now()
        with self._rows("pull") as rows:
            found = sorted(
                (row for row in rows.values() if since <= _moment(row["changed_at"]) <= upper), key=_by_id
            )
        found = [row for row in found if row["created_at"] >= self._earliest]
        later = [row for row in found if after is None or row["id"] > after]
        page = later[: self.read_size]
        last_id = page[-1]["id"] if page else after
        return Page(tuple(map(self._lead, page)), upper, last_id, len(later) == len(page))

    def read(self, ids: Sequence[str]) -> Mapping[str, Lead]:
        with self._rows("reconcile") as rows:
            found = {asked: _survivor(rows, asked) for asked in ids}
        return {asked: self._lead(row) for asked, row in found.items() if row}

    def changed_ids(self, since: datetime, until: datetime) -> Iterator[str]:
        with self._rows("reconcile") as rows:
            found = [row["id"] for row in rows.values() if since <= _moment(row["changed_at"]) <= until]
        yield from found

    def read_back(self, ids: Sequence[str]) -> Mapping[str, Held]:
        with self._rows("compare") as rows:
            found = {asked: _survivor(rows, asked) for asked in ids}
        return {asked: self._held(row) for asked, row in found.items() if row}

    def write(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        return self._owners.write_known(updates, self._write)

    def _write(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        with self._rows("write", change=True) as rows:
            return [self._set(rows, update) for update in updates]

    def _set(self, rows: Mapping[str, Row], update: Update) -> SourceError | None:
        row = rows.get(update.id)
        if row is None or row["deleted"]:
            return SourceRefused(f"there is no row {update.id}", "GONE", gone=True)
        if update.unchanged_since and _moment(row["changed_at"]) > update.unchanged_since:
            return SourceBusy(f"row {update.id} was changed meanwhile", "CHANGED")
        for name, value in update.values.items():
            own = "owner" if name == "owner" else self._written.get(name)
            if own:
                row[own] = "" if value is None else str(value)
        row["changed_at"] = self._now().isoformat()
        return None

    def leave_notes(self, notes: Sequence[Note], *, again: bool) -> Sequence[SourceError | None]:
        with self._rows("note", change=True) as rows:
            return [_leave(rows.get(note.id), note, again=again) for note in notes]

    def read_progress(self, ids: Sequence[str]) -> Mapping[str, Progress]:
        with self._rows("outcomes") as rows:
            return {i: _progress(rows[i]) for i in ids if i in rows and not rows[i]["deleted"]}

    def read_partners(self) -> Sequence[Mapping[str, Value]]:
        return []

    def problems(self, owners: Sequence[str]) -> list[str]:
        found = [self._owners.problem(name) for name in owners]
        with self._rows("metadata"):
            columns = self._columns
        mapped = {**self._settings.read, **self._written}
        found += [
            f"the file has no column {own} (mapped as {name})"
            for name, own in mapped.items()
            if own not in columns
        ]
        return [problem for problem in found if problem]

    def close(self) -> None:
        """There is nothing to give back."""

    @contextmanager
    def _rows(self, purpose: str, *, change: bool = False) -> Iterator[dict[str, Row]]:
        """The rows by id, alone; written back at the end of a change."""
        self._admit(purpose, "call")
        self.calls[purpose] += 1
        try:
            with self._path.open("r+", encoding="utf-8", newline="") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                reader = csv.DictReader(file)
                rows = {row["id"]: row for row in reader}
                self._columns = tuple(reader.fieldnames or ())
                yield rows
                if change:
                    file.seek(0)
                    writer = csv.DictWriter(file, self._columns)
                    writer.writeheader()
                    writer.writerows(rows.values())
                    file.truncate()
        except OSError as error:
            raise SourceBusy(f"the file cannot be opened ({error.strerror})") from error
        except KeyError as error:
            raise SourceLocked(f"the file has no column {error}") from error

    def _lead(self, row: Row) -> Lead:
        return Lead(
            ref=Ref(self.crm, row["id"]),
            owner=row["owner"] or None,
            created_at=_moment(row["created_at"]),
            changed_at=_moment(row["changed_at"]),
            fields={name: row[own] for name, own in self._fields.items() if row.get(own)},
            deleted=bool(row["deleted"]),
            merged_into=row["merged_into"] or None,
            linked=row.get(self._settings.linked_record.field) or None
            if self._settings.linked_record
            else None,
        )

    def _held(self, row: Row) -> Held:
        values: dict[str, Value] = {name: row.get(own) or None for name, own in self._written.items()}
        return Held(row["id"], {**values, "owner": row["owner"] or None}, _moment(row["changed_at"]))

    def _load_owners(self) -> Iterator[Owner]:
        yield from (Owner(name, name) for name in self._settings.owners)
        yield from (Owner(name, name, active=False) for name in self._settings.inactive)


def _leave(row: Row | None, note: Note, *, again: bool) -> SourceError | None:
    if row is None or row["deleted"]:
        return SourceRefused(f"there is no row {note.id}", "GONE", gone=True)
    if not (again and f"({note.key})" in row["notes"]):
        row["notes"] += f"{note.title}: {note.text} ({note.key})\n"
    return None


def _survivor(rows: Mapping[str, Row], record_id: str) -> Row | None:
    row = rows.get(record_id)
    while row is not None and row["merged_into"]:
        row = rows.get(row["merged_into"])
    return row if row is not None and not row["deleted"] else None


def _progress(row: Row) -> Progress:
    won = {"yes": True, "no": False}.get(row["won"])
    return Progress(open=won is None, won=won, amount=float(row["amount"]) if row["amount"] else None)


def _by_id(row: Row) -> str:
    return row["id"]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def open_csv(crm: str, settings: CsvSettings, folder: Path) -> CsvSource:
    """A connection to the file that the settings name."""
    return CsvSource(crm, settings, folder / settings.file, lambda: datetime.now(UTC))


KIND = Kind(CsvSettings, open_csv)

"""Leads from a CSV file, to try the rules on."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from connector.model.lead import STANDARD_FIELDS, Lead, Ref

SYSTEM = ("id", "owner", "created_at")
"""Columns that say what a CRM says of every record; each may be absent."""


class BadLeadFile(ValueError):
    """The file cannot be tried; the message says where and what to do."""


def read_leads(
    path: Path,
    crm: str,
    owner: str | None,
    now: datetime,
    maps: Iterable[str] = (),
    extra: Iterable[str] = (),
) -> list[Lead]:
    """The leads of a file, in order of arrival; BadLeadFile when it cannot be read.

    Columns carry neutral names or are mapped by `FIELD=COLUMN`; others are passed over. A row without an
    `owner` column is held by `owner`, one without `created_at` is new `now`; `extra` are the config's own
    fields.
    """
    names = (*SYSTEM, *STANDARD_FIELDS, *extra)
    header, rows = _read(path)
    columns = _columns(path, header, names, [_mapped(pair, names) for pair in maps])
    found = [
        _lead(path, line, crm, owner, now, {name: row[place].strip() for name, place in columns.items()})
        for line, row in rows
    ]
    _all_different(path, found)
    return sorted(found, key=lambda lead: (lead.created_at, lead.ref))


def _read(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and each row with its line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            rows = [_padded(path, reader.line_num, row, len(header)) for row in reader if any(row)]
    except FileNotFoundError:
        raise BadLeadFile(f"there is no lead file at {path}") from None
    except OSError as error:
        raise BadLeadFile(f"{path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise BadLeadFile(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except csv.Error as error:
        raise BadLeadFile(f"{path} is not a CSV file: {error}") from None
    if not rows:
        raise BadLeadFile(f"{path} holds no leads; it needs a line of column names and a line for each lead")
    return header, rows


def _padded(path: Path, line: int, row: list[str], wide: int) -> tuple[int, list[str]]:
    if len(row) > wide:
        raise BadLeadFile(
            f"{path}:{line}: {len(row)} values under {wide} column names; quote those with commas"
        )
    return line, row + [""] * (wide - len(row))


def _mapped(pair: str, names: Sequence[str]) -> tuple[str, str]:
    name, equals, column = (part.strip() for part in pair.partition("="))
    if not (name and equals and column):
        raise BadLeadFile(f"{pair!r} maps nothing; write FIELD=COLUMN, such as country=Land")
    if name not in names:
        near = get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
        raise BadLeadFile(f"there is no field {name!r} to map; {hint}")
    return name, column


def _columns(
    path: Path, header: Sequence[str], names: Iterable[str], maps: Iterable[tuple[str, str]]
) -> Mapping[str, int]:
    """The place of each field's column; a mapped field goes before a column of its name."""
    columns = {name: header.index(name) for name in names if name in header}
    for name, column in maps:
        if column not in header:
            raise BadLeadFile(f"{path} has no column {column!r}; it has {', '.join(header)}")
        columns[name] = header.index(column)
    if not columns.keys() - set(SYSTEM):
        raise BadLeadFile(
            f"no column of {path} carries the name of a field; map some, such as --map country={header[0]}"
        )
    return columns


def _lead(
    path: Path, line: int, crm: str, owner: str | None, now: datetime, values: Mapping[str, str]
) -> Lead:
    created = _moment(path, line, values["created_at"]) if values.get("created_at") else now
    fields = {name: value for name, value in values.items() if value and name not in SYSTEM}
    held_by = values["owner"] or None if "owner" in values else owner
    return Lead(Ref(crm, values.get("id") or f"{line:08d}"), held_by, created, created, fields)


def _moment(path: Path, line: int, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadLeadFile(
            f"{path}:{line}: created_at {text!r} is no time; write 2026-11-02T09:00:00Z"
        ) from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _all_different(path: Path, found: Iterable[Lead]) -> None:
    for ref in _repeated(lead.ref for lead in found):
        raise BadLeadFile(f"{path} holds two leads with the id {ref.id!r}")


def _repeated(refs: Iterable[Ref]) -> Iterator[Ref]:
    seen: set[Ref] = set()
    for ref in refs:
        if ref in seen:
            yield ref
        seen.add(ref)

"""Reads leads from a CSV file: mapped columns under the neutral names, all others as custom fields."""

import csv
import difflib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TextIO

from connector.sandbox.cards import NEUTRAL_FIELDS

Value = str | int | float | bool | None
Lead = dict[str, Value]
Leads = Iterator[Lead]

NUMBERS = ("employees", "annual_revenue", "expected_amount")
YES_OR_NO = ("authority", "sharing_consent")
_ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8"}
_YES = ("yes", "y", "true", "1", "ja", "oui", "si")
_NO = ("no", "n", "false", "0", "nein", "non")


class LeadFileError(ValueError):
    """A lead file or a mapping that cannot be used; the message is one sentence with the way out."""


def parse_mapping(pairs: Iterable[str]) -> dict[str, str]:
    """`FIELD=COLUMN` pairs as {field: column}; raises LeadFileError."""
    mapping: dict[str, str] = {}
    for pair in pairs:
        name, equals, column = pair.partition("=")
        name, column = name.strip(), column.strip()
        if not equals or not column:
            raise LeadFileError(f'"{pair}" is not FIELD=COLUMN; write for example email=E-Mail.')
        _check_field(name)
        if name in mapping:
            raise LeadFileError(f'{name} is mapped twice, to "{mapping[name]}" and "{column}"; choose one.')
        mapping[name] = column
    return mapping


def read(path: str | Path, mapping: Mapping[str, str], encoding: str = "utf-8-sig") -> Iterator[Lead]:
    """The leads of a CSV file, one a row; the file and the mapping {field: column} are checked at once.

    Columns named exactly like a neutral field need no mapping. Raises LeadFileError, for a broken row
    when it is reached.
    """
    source = Path(path)
    for name in mapping:
        _check_field(name)
    header, delimiter = _header(source, encoding)
    for name, column in mapping.items():
        if column not in header:
            raise LeadFileError(
                f'{source}: there is no column "{column}" for {name}; {_nearest(column, header)}'
            )
    names = {column: name for name, column in mapping.items()}
    return _rows(source, encoding, delimiter, [names.get(column, column) for column in header])


def split(
    path: str | Path, mapping: Mapping[str, str], into: str = "both", encoding: str = "utf-8-sig"
) -> tuple[Iterator[Lead], Iterator[Lead]]:
    """The leads for Salesforce and for HubSpot; `both` gives the rows in turn, each to one of them."""
    if into == "both":
        first, second = read(path, mapping, encoding), read(path, mapping, encoding)
        return islice(first, 0, None, 2), islice(second, 1, None, 2)
    leads, nobody = read(path, mapping, encoding), iter(())
    return (leads, nobody) if into == "salesforce" else (nobody, leads)


def _check_field(name: str) -> None:
    if name not in NEUTRAL_FIELDS:
        raise LeadFileError(f'There is no field "{name}"; {_nearest(name, NEUTRAL_FIELDS)}')


def _nearest(word: str, allowed: Iterable[str]) -> str:
    known = {each.lower(): each for each in allowed}
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    if near:
        return f'did you mean "{known[near[0]]}"?'
    return f"there are {', '.join(known.values())}."


def _open(source: Path, encoding: str) -> TextIO:
    try:
        return source.open(encoding=encoding, newline="")
    except FileNotFoundError:
        raise LeadFileError(f"There is no file {source}.") from None
    except OSError as error:
        raise LeadFileError(f"{source} cannot be read: {error.strerror}.") from None


def _header(source: Path, encoding: str) -> tuple[list[str], str]:
    with _open(source, encoding) as file:
        try:
            line = file.readline()
            has_rows = any(row.strip() for row in file)
        except UnicodeDecodeError as error:
            raise _undecodable(source, error) from None
    if not line.strip():
        raise LeadFileError(f"{source} is empty; its first line must name the columns.")
    delimiter = max(",;\t|", key=line.count)
    header = [column.strip() for column in next(csv.reader([line], delimiter=delimiter))]
    if not has_rows:
        raise LeadFileError(f"{source} has a header but no rows.")
    twice = next((column for column in header if header.count(column) > 1), None)
    if twice is not None:
        raise LeadFileError(f'{source} has the column "{twice}" twice; rename one of them.')
    return header, delimiter


def _undecodable(source: Path, error: UnicodeDecodeError) -> LeadFileError:
    byte, name = error.object[error.start], _ENCODINGS.get(error.encoding, error.encoding)
    return LeadFileError(f"{source} is not {name} (byte 0x{byte:02x}); save it as UTF-8.")


def _rows(source: Path, encoding: str, delimiter: str, names: list[str]) -> Iterator[Lead]:
    with _open(source, encoding) as file:
        rows = csv.reader(file, delimiter=delimiter)
        try:
            next(rows)
            for cells in rows:
                if any(cells):
                    yield _lead(f"{source}, line {rows.line_num}", names, cells)
        except UnicodeDecodeError as error:
            raise _undecodable(source, error) from None
        except csv.Error as error:
            raise LeadFileError(f"{source}, line {rows.line_num}: {error}.") from None


def _lead(where: str, names: list[str], cells: list[str]) -> Lead:
    if len(cells) > len(names):
        raise LeadFileError(f"{where} has {len(cells)} cells, but the header names {len(names)} columns.")
    padded = [*cells, *[""] * (len(names) - len(cells))]
    return {name: _value(where, name, cell.strip()) for name, cell in zip(names, padded, strict=True)}


def _value(where: str, name: str, cell: str) -> Value:
    if not cell:
        return None
    if name in NUMBERS:
        return _number(where, name, cell)
    if name in YES_OR_NO:
        return _yes_or_no(where, name, cell)
    return _instant(where, cell) if name == "created_at" else cell


def _number(where: str, name: str, cell: str) -> int | float:
    try:
        number = float(cell)
    except ValueError:
        raise _unreadable(where, name, "a number", cell) from None
    return int(number) if number.is_integer() else number


def _yes_or_no(where: str, name: str, cell: str) -> bool:
    if cell.lower() not in (*_YES, *_NO):
        raise _unreadable(where, name, "yes or no", cell)
    return cell.lower() in _YES


def _instant(where: str, cell: str) -> str:
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise _unreadable(where, "created_at", "an ISO date and time", cell) from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{aware.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _unreadable(where: str, name: str, wanted: str, cell: str) -> LeadFileError:
    return LeadFileError(
        f'{where}: {name} must be {wanted}, not "{cell}"; leave the column unmapped to keep it as text.'
    )

"""Whose a postal code is: a table of prefixes and ranges by country, the longest first."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from connector.routing.csv_tables import FindInFile, Row, rows
from connector.routing.normal.countries import all_codes, country_code
from connector.routing.normal.postcodes import lacks_a_zero, postcode

_MARKS = re.compile(r"[\s.\u2010-\u2015-]+")
_RANGE = re.compile(r"([0-9A-Za-z -]+?)\s*\.\.\s*([0-9A-Za-z -]+)")
_DASHED = re.compile(r"([0-9A-Za-z]+)\s*[-\u2013]\s*([0-9A-Za-z]+)")
_DIGITS, _SIGNS = "0123456789", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LONGEST = 10
"""Signs that a postal code has at most, in any country."""


class Territory(NamedTuple):
    """One row of the table: a partner's, between two days, both included."""

    file: str
    line: int
    partner: str
    since: date
    until: date

    @property
    def place(self) -> str:
        """Where the row stands."""
        return f"{self.file}:{self.line}"


class Found(NamedTuple):
    """The rows that a lead falls under: all of the longest prefix that counts on the day."""

    prefix: str
    rows: tuple[Territory, ...]

    @property
    def partners(self) -> frozenset[str]:
        """Whose it is; more than one where rows overlap."""
        return frozenset(row.partner for row in self.rows)


class Doubt(NamedTuple):
    """Something in the table that works but is hardly meant."""

    file: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Territories:
    """The table understood: by country, rows by prefix; the empty prefix is the whole country."""

    prefixes: Mapping[str, Mapping[str, tuple[Territory, ...]]] = field(default_factory=dict)
    longest: Mapping[str, int] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()

    def find(self, country: str | None, postal_code: str | None, day: date) -> Found | None:
        """The rows of the longest prefix that counts on a day; None where there is none."""
        if country is None or country not in self.prefixes:
            return None
        known = self.prefixes[country]
        code = bare(postal_code or "")
        for length in range(min(len(code), self.longest[country]), -1, -1):
            found = known.get(code[:length])
            if found is None:
                continue
            valid = tuple(row for row in found if row.since <= day <= row.until)
            if valid:
                return Found(code[:length], valid)
        return None

    @property
    def partners(self) -> frozenset[str]:
        """Everybody who has a row."""
        rows = (row for known in self.prefixes.values() for found in known.values() for row in found)
        return frozenset(row.partner for row in rows)

    def of(self, partner: str) -> dict[str, list[str]]:
        """A partner's prefixes by country, in order; the empty one is the whole country."""
        found: dict[str, list[str]] = {}
        for country, known in sorted(self.prefixes.items()):
            own = sorted(prefix for prefix, rows in known.items() if any(r.partner == partner for r in rows))
            if own:
                found[country] = own
        return found


NO_TERRITORIES = Territories()


def bare(code: str) -> str:
    """A postal code as prefixes compare: upper case, without blanks and dashes."""
    return _MARKS.sub("", code).upper()


def read_territories(file: str, text: str, partners: Mapping[str, str], find: FindInFile) -> Territories:
    """The table of a CSV file; `partners` gives ids by case-folded id or name.

    Columns are country, partner and, where wanted, postal, from and until. Every mistake goes to `find`, and
    what is mistaken is left out.
    """
    table: defaultdict[str, defaultdict[str, list[Territory]]] = defaultdict(lambda: defaultdict(list))
    known, doubts = all_codes(), list[Doubt]()
    for row in rows(file, text, ("country", "partner"), ("postal", "from", "until"), find):
        country = _country(row, known, find)
        territory = _territory(row, partners, find)
        prefixes = _prefixes(row, find)
        if country and territory:
            doubts += _lost_zero(row, country)
            for prefix in prefixes:
                table[country][prefix].append(territory)
    by_country = {country: {p: tuple(found) for p, found in own.items()} for country, own in table.items()}
    longest = {country: max(map(len, own)) for country, own in table.items()}
    return Territories(by_country, longest, tuple(sorted([*doubts, *_overlaps(table)])))


def _country(row: Row, known: frozenset[str], find: FindInFile) -> str | None:
    written = row.get("country") or ""
    code = written.upper() if written.upper() in known else country_code(written)
    if code is None:
        told = (
            f"{written!r} is no country; write its code, such as DE"
            if written
            else "this row names no country"
        )
        find(row.file, row.line, told)
    return code


def _territory(row: Row, partners: Mapping[str, str], find: FindInFile) -> Territory | None:
    written = row.get("partner") or ""
    partner = partners.get(written.casefold())
    since, until = row.day("from", find) or date.min, row.day("until", find) or date.max
    if since > until:
        find(row.file, row.line, f"until {until} is before from {since}")
    if partner is None:
        wrong = f"there is no partner {written!r}" if written else "this row names no partner"
        find(row.file, row.line, wrong, tuple(sorted(set(partners.values()))), written)
        return None
    return Territory(row.file, row.line, partner, since, until)


def _prefixes(row: Row, find: FindInFile) -> Sequence[str]:
    """The prefixes that a row stands for: one, or the fewest that make up its range."""
    written = row.get("postal")
    if written is None or written == "*":
        return ("",)
    ends = _ends(written.rstrip("*"))
    if ends is None:
        code = bare(written.rstrip("*"))
        if not code.isalnum() or not code.isascii() or len(code) > LONGEST:
            find(
                row.file, row.line, f"{written!r} is no postal code; write 01, 01067 or a range 01000..01999"
            )
            return ()
        return (code,)
    first, last = ends
    if len(first) != len(last) or len(first) > LONGEST or first > last:
        find(
            row.file, row.line, f"{written!r} is no range; both ends need as many signs, such as 01000..01999"
        )
        return ()
    return tuple(_covering(first, last))


def _ends(written: str) -> tuple[str, str] | None:
    """Both ends of a range; a dash makes one only between codes of one length, as 1234-567 is a code."""
    dotted = _RANGE.fullmatch(written)
    if dotted:
        return bare(dotted[1]), bare(dotted[2])
    dashed = _DASHED.fullmatch(written)
    if dashed and len(dashed[1]) == len(dashed[2]):
        return dashed[1].upper(), dashed[2].upper()
    return None


def _covering(first: str, last: str) -> Iterator[str]:
    """The fewest prefixes under which exactly the codes from first to last fall, in order."""
    signs = _DIGITS if first.isdigit() and last.isdigit() else _SIGNS
    if first == last:
        yield first
    elif first.strip(signs[0]) == "" and last.strip(signs[-1]) == "":
        yield ""
    else:
        for sign in signs[signs.index(first[0]) : signs.index(last[0]) + 1]:
            low = first[1:] if sign == first[0] else signs[0] * (len(first) - 1)
            high = last[1:] if sign == last[0] else signs[-1] * (len(last) - 1)
            yield from (sign + rest for rest in _covering(low, high))


def _lost_zero(row: Row, country: str) -> list[Doubt]:
    """A row that may be a whole code whose leading zero a spreadsheet took."""
    written = row.get("postal") or ""
    if not lacks_a_zero(written, country):
        return []
    whole = postcode(written, country)
    message = (
        f"{written} is a prefix here, and could be {whole} without its zero; "
        f"write {whole} if that is meant, else {written}*"
    )
    return [Doubt(row.file, row.line, message)]


def _overlaps(table: Mapping[str, Mapping[str, Sequence[Territory]]]) -> Iterator[Doubt]:
    """Rows of one prefix that count on the same days, each with one that it meets."""
    for country, by_prefix in table.items():
        for prefix, found in by_prefix.items():
            if len(found) > 1:
                yield from _meetings(f"{prefix} in {country}" if prefix else country, found)


def _meetings(name: str, found: Sequence[Territory]) -> Iterator[Doubt]:
    in_order = sorted(found, key=lambda row: (row.since, row.line))
    longest = in_order[0]
    for row in in_order[1:]:
        if row.since <= longest.until:
            first, second = sorted((longest, row), key=lambda one: one.line)
            whose = f"both {first.partner}'s" if first.partner == second.partner else "two partners' at once"
            message = f"this row and line {first.line} make {name} {whose}; end or remove one of them"
            yield Doubt(second.file, second.line, message)
        longest = max(longest, row, key=lambda one: one.until)

"""Companies whose leads belong to one partner, or stay with the vendor, as a table says."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from connector.routing.csv_tables import FindInFile, Row, rows
from connector.routing.normal.companies import company_key
from connector.routing.normal.countries import country_code
from connector.routing.normal.domains import registrable

KEPT = ("-", "vendor")
"""What stands for the partner of an account that the vendor keeps for itself."""


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """A company and whose its leads are, between two days, both included; `partner` None is the vendor.

    It is told by `domain` (registrable), by name, or both; `country` (alpha-2) tells companies of one
    domain or name apart.
    """

    file: str
    line: int
    domain: str | None
    company: str | None
    country: str | None
    partner: str | None
    since: date = date.min
    until: date = date.max

    def holds_on(self, day: date) -> bool:
        """Whether the row counts on a day."""
        return self.since <= day <= self.until


def read_named_accounts(
    file: str, text: str, partners: Sequence[str], find: FindInFile
) -> tuple[NamedAccount, ...]:
    """The rows of the table; every mistake goes to `find`, and what is mistaken is left out."""
    optional = ("domain", "company", "country", "from", "until")
    found = [_account(row, partners, find) for row in rows(file, text, ("partner",), optional, find)]
    accounts = tuple(account for account in found if account)
    for earlier, later in _overlaps(accounts):
        message = (
            f"this row and line {earlier.line} give {_told(later)} to two partners at once; end one of them"
        )
        find(file, later.line, message)
    return accounts


def _account(row: Row, partners: Sequence[str], find: FindInFile) -> NamedAccount | None:
    domain = registrable(row.get("domain") or "")
    if row.get("domain") and domain is None:
        find(row.file, row.line, f"{row.get('domain')!r} is no domain; write one such as acme.com")
        return None
    if domain is None and company_key(row.get("company") or "") is None:
        find(row.file, row.line, "this row needs a domain or a company")
        return None
    country = country_code(row.get("country") or "")
    if row.get("country") and country is None:
        find(row.file, row.line, f"{row.get('country')!r} is no country; write its code, such as DE")
    since, until = row.day("from", find) or date.min, row.day("until", find) or date.max
    if since > until:
        find(row.file, row.line, f"until {until} is before from {since}")
    partner = row.get("partner") or ""
    if partner.casefold() not in (*KEPT, *partners):
        wrong = f"there is no partner {partner!r}" if partner else "this row names no partner"
        find(row.file, row.line, wrong, (*partners, *KEPT), partner)
        return None
    known = partner.casefold()
    whose = known if known in partners else None
    return NamedAccount(row.file, row.line, domain, row.get("company"), country, whose, since, until)


def _overlaps(accounts: Sequence[NamedAccount]) -> Iterator[tuple[NamedAccount, NamedAccount]]:
    """Rows that give one company to two at a time, each with the first row that it disagrees with."""
    same: defaultdict[tuple[str | None, ...], list[NamedAccount]] = defaultdict(list)
    for account in accounts:
        name = None if account.domain else company_key(account.company or "")
        rivals = same[account.domain, name, account.country]
        for other in rivals:
            if other.partner != account.partner and _meet(other, account):
                yield other, account
                break
        rivals.append(account)


def _meet(one: NamedAccount, other: NamedAccount) -> bool:
    return one.since <= other.until and other.since <= one.until


def _told(account: NamedAccount) -> str:
    return f"{account.domain or account.company}" + (f" in {account.country}" if account.country else "")

"""Companies whose leads belong to one partner, or stay with the vendor, as a table says."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connector.routing.accounts import Account, Index, best_match, index
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


@dataclass(frozen=True, slots=True)
class NamedAccounts:
    """The table, ready to be searched; see `named_accounts`."""

    rows: tuple[NamedAccount, ...] = ()
    by_domain: Mapping[str, Sequence[NamedAccount]] = field(default_factory=dict)
    by_company: Mapping[str, Sequence[NamedAccount]] = field(default_factory=dict)
    companies: Index = field(default_factory=lambda: index(()))

    def of(
        self, company: str | None, country: str | None, domain: str | None, day: date, at_least: float
    ) -> tuple[NamedAccount, Mapping[str, Any]] | None:
        """The row of a lead's company on a day, and what it was told by: its domain, else name and country.

        Among rows of one domain the country chooses; where all belong to one partner, any country will do.
        """
        if not self.rows:
            return None
        listed = self.by_domain.get(domain or "")
        if listed:
            chosen = _of_country(_on(listed, day), country)
            return (chosen[0], {"by": "domain"}) if chosen else None
        match = best_match(self.companies, company, country, domain, at_least)
        chosen = _on(self.by_company[match.account.id], day) if match else []
        if not (match and chosen):
            return None
        return chosen[0], {"by": "name", "score": match.score, "signs": dict(match.evidence)}


def named_accounts(rows: Sequence[NamedAccount]) -> NamedAccounts:
    """Rows of the table ready to be searched by domain, and by name with country."""
    by_domain: defaultdict[str, list[NamedAccount]] = defaultdict(list)
    by_company: defaultdict[str, list[NamedAccount]] = defaultdict(list)
    accounts: dict[str, Account] = {}
    for row in rows:
        if row.domain:
            by_domain[row.domain].append(row)
        if row.company:
            key = f"{company_key(row.company)}|{row.country}|{row.domain}"
            accounts.setdefault(key, Account(key, row.company, row.country, row.domain))
            by_company[key].append(row)
    return NamedAccounts(tuple(rows), dict(by_domain), dict(by_company), index(accounts.values()))


def _on(rows: Iterable[NamedAccount], day: date) -> list[NamedAccount]:
    return [row for row in rows if row.holds_on(day)]


def _of_country(rows: Sequence[NamedAccount], country: str | None) -> Sequence[NamedAccount]:
    here = [row for row in rows if row.country == country] or [row for row in rows if row.country is None]
    return here or (rows if len({row.partner for row in rows}) == 1 else ())


def read_named_accounts(
    file: str, text: str, partners: Mapping[str, str], find: FindInFile
) -> tuple[NamedAccount, ...]:
    """The rows of the table; every mistake goes to `find`, and what is mistaken is left out.

    `partners` gives a partner's id by its case-folded id or name.
    """
    optional = ("domain", "company", "country", "from", "until")
    found = [_account(row, partners, find) for row in rows(file, text, ("partner",), optional, find)]
    accounts = tuple(account for account in found if account)
    for earlier, later in _overlaps(accounts):
        message = (
            f"this row and line {earlier.line} give {_told(later)} to two partners at once; end one of them"
        )
        find(file, later.line, message)
    return accounts


def _account(row: Row, partners: Mapping[str, str], find: FindInFile) -> NamedAccount | None:
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
    whose = partners.get(partner.casefold())
    if whose is None and partner.casefold() not in KEPT:
        wrong = f"there is no partner {partner!r}" if partner else "this row names no partner"
        find(row.file, row.line, wrong, (*sorted({*partners.values()}), *KEPT), partner)
        return None
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

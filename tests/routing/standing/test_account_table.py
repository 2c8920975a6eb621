"""The table of named accounts: which rows are read, what is wrong with the others, and which row counts."""

from datetime import date
from typing import Any

import pytest

from connector.routing.accounts import WEAK
from connector.routing.named_accounts import NamedAccount, named_accounts, read_named_accounts

PARTNERS = {"anna": "anna", "anna ltd": "anna", "bert": "bert"}
HEAD = "domain,company,country,partner,from,until\n"
DAY = date(2026, 11, 2)
Found = tuple[int, str, tuple[str, ...], str]


def read(table: str) -> tuple[list[NamedAccount], list[Found]]:
    found: list[Found] = []

    def find(file: str, line: int, message: str, choices: Any = (), wrong: str = "") -> None:
        assert file == "a.csv"
        found.append((line, message, tuple(choices), wrong))

    return list(read_named_accounts("a.csv", HEAD + table, PARTNERS, find)), found


def a_row(
    domain: str | None, company: str | None, country: str | None, who: str | None, **more: Any
) -> NamedAccount:
    return NamedAccount("a.csv", more.pop("line", 2), domain, company, country, who, **more)


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("https://www.Globex.com/de,,,anna,,", a_row("globex.com", None, None, "anna")),
        (",Globex GmbH,Germany,ANNA LTD,,", a_row(None, "Globex GmbH", "DE", "anna")),
        (
            "globex.com,Globex,AT,bert,2026-01-02,2026-03-04",
            a_row("globex.com", "Globex", "AT", "bert", since=date(2026, 1, 2), until=date(2026, 3, 4)),
        ),
        (
            "globex.com,,,bert,2026-01-02,2026-01-02",
            a_row("globex.com", None, None, "bert", since=date(2026, 1, 2), until=date(2026, 1, 2)),
        ),
        ("globex.com,,,Vendor,,", a_row("globex.com", None, None, None)),
        ("globex.com,,,-,,", a_row("globex.com", None, None, None)),
    ],
)
def test_a_row_is_read_as_it_is_written(line: str, row: NamedAccount) -> None:
    assert read(line + "\n") == ([row], [])


@pytest.mark.parametrize(
    ("line", "told", "kept"),
    [
        ("nonsense,,,anna,,", "'nonsense' is no domain; write one such as acme.com", False),
        (",,DE,anna,,", "this row needs a domain or a company", False),
        (",???,DE,anna,,", "this row needs a domain or a company", False),
        ("globex.com,,Atlantis,anna,,", "'Atlantis' is no country; write its code, such as DE", True),
        ("globex.com,,,anna,2026-02-01,2026-01-31", "until 2026-01-31 is before from 2026-02-01", True),
    ],
)
def test_what_is_wrong_with_a_row_is_told_with_its_line(line: str, told: str, kept: bool) -> None:
    rows, found = read("other.com,,,anna,,\n" + line + "\n")
    assert found == [(3, told, (), "")]
    assert len(rows) == 1 + kept


@pytest.mark.parametrize(
    ("who", "told"), [("zoe", "there is no partner 'zoe'"), ("", "this row names no partner")]
)
def test_a_row_without_a_partner_of_ours_is_left_out_and_the_nearest_is_known(who: str, told: str) -> None:
    rows, found = read(f"globex.com,,,{who},,\n")
    assert rows == []
    assert found == [(2, told, ("anna", "bert", "-", "vendor"), who)]


def overlap(line: int, what: str) -> Found:
    return (3, f"this row and line {line} give {what} to two partners at once; end one of them", (), "")


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        ("globex.com,,,anna,,", "globex.com,,,bert,,", "globex.com"),
        ("globex.com,A,DE,anna,,", "globex.com,B,DE,bert,,", "globex.com in DE"),
        (",Globex GmbH,DE,anna,,", ",GLOBEX AG,DE,bert,,", "GLOBEX AG in DE"),
        (",Globex,,anna,,", ",Globex,,vendor,,", "Globex"),
        ("globex.com,,,anna,,2026-01-31", "globex.com,,,bert,2026-01-31,", "globex.com"),
        ("globex.com,,,anna,2026-01-31,", "globex.com,,,bert,,2026-01-31", "globex.com"),
        ("globex.com,,,anna,,2026-01-31", "globex.com,,,bert,2026-02-01,", None),
        ("globex.com,,,anna,2026-02-01,", "globex.com,,,bert,,2026-01-31", None),
        ("globex.com,,,anna,,", "globex.com,,,anna,,", None),
        ("globex.com,,DE,anna,,", "globex.com,,AT,bert,,", None),
        ("globex.com,,DE,anna,,", "globex.com,,,bert,,", None),
        (",Globex,DE,anna,,", ",Initech,DE,bert,,", None),
        ("globex.com,Globex,,anna,,", ",Globex,,bert,,", None),
    ],
)
def test_a_company_that_two_have_at_a_time_is_found(first: str, second: str, what: str | None) -> None:
    rows, found = read(f"{first}\n{second}\n")
    assert len(rows) == 2
    assert found == ([overlap(2, what)] if what else [])


def test_each_row_is_told_once_with_the_first_that_it_disagrees_with() -> None:
    table = "x.com,,,anna,,\nx.com,,,bert,,\nx.com,,,anna,,\ny.com,,,anna,,\ny.com,,,bert,,\n"
    _, found = read(table)
    assert [(line, message.split(" give ")[0]) for line, message, _, _ in found] == [
        (3, "this row and line 2"),
        (4, "this row and line 3"),
        (6, "this row and line 5"),
    ]


ROWS = [
    a_row("globex.com", None, "DE", "anna", line=2),
    a_row("globex.com", None, "AT", "bert", line=3),
    a_row("hooli.com", None, "DE", "anna", line=4),
    a_row("hooli.com", None, "AT", "anna", line=5),
    a_row("initech.com", None, "DE", "anna", line=6),
    a_row("initech.com", None, None, None, line=7),
    a_row("umbrella.com", "Umbrella AG", "DE", "bert", line=8),
    a_row(None, "Stark Industries", "US", "anna", line=9, until=date(2026, 10, 31)),
    a_row(None, "Stark Industries", "US", "bert", line=10, since=date(2026, 11, 1)),
    a_row("wayne.com", None, None, "anna", line=11, until=date(2026, 10, 31)),
    a_row("acme.de", "Acme Logistik Europa GmbH", "DE", "anna", line=12),
]


@pytest.mark.parametrize(
    ("company", "country", "domain", "line", "by"),
    [
        (None, "DE", "globex.com", 2, "domain"),
        (None, "AT", "globex.com", 3, "domain"),
        (None, "FR", "globex.com", None, ""),
        (None, None, "globex.com", None, ""),
        (None, "FR", "hooli.com", 4, "domain"),
        (None, "DE", "initech.com", 6, "domain"),
        (None, "FR", "initech.com", 7, "domain"),
        (None, "DE", "wayne.com", None, ""),
        ("Umbrella", "DE", "wayne.com", None, ""),
        ("Umbrella", "DE", None, 8, "name"),
        ("Stark Industries", "US", None, 10, "name"),
        ("Acme", "DE", "acme.com", 12, "name"),
        ("Nobody", "DE", None, None, ""),
        (None, None, None, None, ""),
    ],
)
def test_which_row_counts(
    company: str | None, country: str | None, domain: str | None, line: int | None, by: str
) -> None:
    found = named_accounts(ROWS).of(company, country, domain, DAY, 0.9)
    assert (found and (found[0].line, found[1]["by"])) == ((line, by) if line else None)


def test_a_row_by_name_is_told_with_its_score_and_signs() -> None:
    found = named_accounts(ROWS).of("Umbrella", "US", None, DAY, WEAK)
    assert found
    assert dict(found[1]) == {
        "by": "name",
        "score": 0.89,
        "signs": {"same": "umbrella", "country": "different", "brand": "unknown"},
    }
    assert named_accounts(ROWS).of("Umbrella", "US", None, DAY, 0.9) is None


def test_another_brand_in_the_domain_makes_a_name_doubtful() -> None:
    accounts = named_accounts(ROWS)
    assert accounts.of("Umbrella", "DE", "umbrella.de", DAY, 0.9)
    assert accounts.of("Umbrella", "DE", "rainwear.de", DAY, 0.9) is None


def test_an_empty_table_names_nobody() -> None:
    assert named_accounts([]).of("Globex", "DE", "globex.com", DAY, 0.0) is None

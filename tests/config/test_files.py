"""Files that config.toml names are part of it: read with it, checked to the line, in its hash."""

from pathlib import Path

import pytest

from connector.config import BadConfig, load
from connector.config.load import Config
from tests.config.test_load import GOOD

NAMED = '[standing]\nnamed_accounts = "named_accounts.csv"\n'
TABLE = "named_accounts.csv"
HEADING = "domain,company,country,partner,from,until\n"


def written(folder: Path, table: str | bytes | None, config: str = NAMED) -> Path:
    path = folder / "config.toml"
    path.write_text(GOOD + config)
    if table is not None:
        (folder / TABLE).write_bytes(table.encode() if isinstance(table, str) else table)
    return path


def problems(folder: Path, table: str | bytes | None, config: str = NAMED) -> list[str]:
    try:
        load(written(folder, table, config))
    except BadConfig as error:
        return [str(problem) for problem in error.problems]
    return []


def loaded(folder: Path, table: str) -> Config:
    return load(written(folder, HEADING + table))


def test_a_file_is_found_beside_the_config_and_handed_to_the_rules(tmp_path: Path) -> None:
    config = loaded(tmp_path, "globex.com,Globex GmbH,DE,anna,2026-01-01,2026-12-31\n")
    assert config.files.keys() == {TABLE}
    (account,) = config.policy.standing.named_accounts.rows
    assert (account.domain, account.partner, account.line) == ("globex.com", "anna", 2)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (None, "config.toml:19:18: there is no file 'named_accounts.csv'; its path starts at the config's"),
        (
            b"domain,partner\nm\xfcller.de,anna\n",
            "config.toml:19:18: the file 'named_accounts.csv' is not UTF-8",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_a_problem_at_its_key(
    tmp_path: Path, table: bytes | None, expected: str
) -> None:
    (problem,) = problems(tmp_path, table)
    assert problem.startswith(expected)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / TABLE).mkdir()
    (problem,) = problems(tmp_path, None)
    assert problem.startswith("config.toml:19:18: the file 'named_accounts.csv' cannot be read (")


def test_mistakes_in_a_file_are_reported_at_their_lines_beside_those_of_the_config(tmp_path: Path) -> None:
    table = HEADING + "\n".join(
        [
            "globex.com,,,ana,,",
            "globex,,,anna,,",
            ",,,anna,,",
            "hooli.com,,,anna,soon,",
            "initech.com,,,anna,2026-12-01,2026-01-01",
            "umbrella.com,,Atlantis,anna,,",
            "acme.com,Acme, Inc,US,anna,,",
            "stark.com,,,,,",
        ]
    )
    assert problems(tmp_path, table, NAMED + "ordre = []\n") == [
        "config.toml:20:1: there is no key 'ordre' here; did you mean \"order\"?",
        "named_accounts.csv:2: there is no partner 'ana'; did you mean \"anna\"?",
        "named_accounts.csv:3: 'globex' is no domain; write one such as acme.com",
        "named_accounts.csv:4: this row needs a domain or a company",
        "named_accounts.csv:5: from: 'soon' is no date; write one such as 2026-10-01",
        "named_accounts.csv:6: until 2026-01-01 is before from 2026-12-01",
        "named_accounts.csv:7: 'Atlantis' is no country; write its code, such as DE",
        "named_accounts.csv:8: this row has 7 cells and the heading 6; quote commas",
        "named_accounts.csv:9: this row names no partner; known are anna, -, vendor",
    ]


def test_a_heading_that_cannot_be_understood_is_told_once(tmp_path: Path) -> None:
    assert problems(tmp_path, "domain,partnr\nglobex.com,anna\n") == [
        "named_accounts.csv:1: the heading lacks partner; "
        "the columns are partner, domain, company, country, from, until",
        "named_accounts.csv:1: there is no column 'partnr' here; did you mean \"partner\"?",
    ]


def test_a_table_as_a_spreadsheet_saves_it_is_read(tmp_path: Path) -> None:
    config = load(
        written(tmp_path, "\ufeffDomain;Partner;Company\r\nglobex.com;anna;Müller, Maier\r\n;;\r\n")
    )
    (account,) = config.policy.standing.named_accounts.rows
    assert (account.domain, account.company) == ("globex.com", "Müller, Maier")


def test_two_partners_for_one_company_at_once_are_a_mistake(tmp_path: Path) -> None:
    rows = "globex.com,,,anna,,2026-06-30\nglobex.com,,,vendor,2026-06-30,\nglobex.com,,AT,-,,\n"
    assert problems(tmp_path, HEADING + rows) == [
        "named_accounts.csv:3: this row and line 2 give globex.com to two partners at once; end one of them"
    ]
    assert problems(tmp_path, HEADING + rows.replace("vendor,2026-06-30", "vendor,2026-07-01")) == []


def test_a_changed_table_is_another_config(tmp_path: Path) -> None:
    before = loaded(tmp_path, "globex.com,,,anna,,\n").hash
    assert loaded(tmp_path, "globex.com,,,anna,,\n").hash == before
    assert loaded(tmp_path, "globex.com,,,vendor,,\n").hash != before

"""What docs/standing.md shows is a config that works."""

import re
from pathlib import Path

import pytest

from connector.config import load
from tests.builders import ROOT
from tests.config.test_load import GOOD

PAGE = (ROOT / "docs/standing.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_rules_and_the_table_of_the_page_can_be_used(tmp_path: Path, delimiter: str) -> None:
    second = '[[partner]]\nid = "rheintal"\nname = "Rheintal"\nowners.sf = ["user:r@x.example"]\n'
    config = GOOD.replace("anna", "nordwind") + second + block("toml")
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    (tmp_path / "named_accounts.csv").write_text(block("csv").replace(",", delimiter), encoding="utf-8")
    rows = load(tmp_path / "config.toml").policy.standing.named_accounts.rows
    assert [row.partner for row in rows] == ["nordwind", "rheintal", "rheintal", None]

"""Every behaviour of other lead routers that was collected is a test of ours, or says why we differ."""

import re
from pathlib import Path

import pytest

from tests.public_data import rows

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/behaviours.md"
ROW = re.compile(r"^\| ([A-Z]{2}-\d{2}) \| (?:`(\w+)`|-) \| (.*) \|$", re.MULTILINE)


def told() -> dict[str, tuple[str, str]]:
    found = {name: (test, note) for name, test, note in ROW.findall(PAGE.read_text(encoding="utf-8"))}
    assert len(found) == 51
    return found


@pytest.fixture(scope="module")
def promises() -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return {name for text in texts for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}


def test_every_behaviour_is_a_test_or_has_a_reason(promises: set[str]) -> None:
    for name, (test, note) in told().items():
        assert test in promises or (not test and note), name
        for mentioned in re.findall(r"`(test_\w+)`", note):
            assert mentioned in promises, mentioned


def test_no_collected_behaviour_is_left_out() -> None:
    assert {row["id"] for row in rows("behaviours/behaviours.csv")} == set(told())

"""Pausing, resuming, and how things stand, at the command line."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.commands.times import until
from tests.builders import ROOT
from tests.commands.test_commands import connector, refused

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copy(ROOT / "config.toml", tmp_path))


def told(*args: str | Path) -> Any:
    return json.loads(connector(*args, "--json").stdout)


def test_what_is_paused_is_told_with_who_and_why_until_it_is_resumed(config: Path) -> None:
    at = ("--config", config)
    said = connector("pause", "partner", "Nordwind IT GmbH", "--because", "on strike", *at)
    assert said.stdout == "partner nordwind is paused until connector resume\n"
    connector("pause", "crm", "HubSpot", "--until", "2h", "--because", "moving data", *at)
    status = told("status", *at)
    assert [(one["kind"], one["name"], one["because"]) for one in status["pauses"]] == [
        ("partner", "nordwind", "on strike"),
        ("crm", "hubspot", "moving data"),
    ]
    assert "paused: partner nordwind until connector resume, by " in connector("status", *at).stdout
    assert told("resume", "partner", "nordwind", *at) == {"resumed": 1}
    assert told("resume", "all", *at) == {"resumed": 1}
    assert told("status", *at)["pauses"] == []
    assert "that is not paused" in refused("resume", "crm", "hubspot", *at, code=1)


def test_pausing_what_there_is_not_says_what_was_meant(config: Path) -> None:
    why = ("--because", "x", "--config", config)
    assert 'did you mean "nordwind"?' in refused("pause", "partner", "nordwnd", *why, code=2)
    assert "known are salesforce, hubspot" in refused("pause", "crm", "zoho", *why, code=2)
    assert "which route?" in refused("pause", "route", *why, code=2)
    assert "all stands alone" in refused("pause", "all", "nordwind", *why, code=2)
    assert "write 2h, 18:00" in refused("pause", "all", "--until", "soon", *why, code=2)


def test_status_says_mode_limits_and_that_nothing_is_wrong(config: Path) -> None:
    done = connector("status", "--config", config)
    assert done.returncode == 0
    assert "mode: salesforce shadow, hubspot shadow" in done.stdout
    assert "max_owner_changes_per_hour: 0 of 50 in the last hour" in done.stdout
    assert "last cycle on this host: never" in done.stdout


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2h", datetime(2026, 11, 2, 11, 0, tzinfo=UTC)),
        ("18:00", datetime(2026, 11, 2, 17, 0, tzinfo=UTC)),
        ("09:00", datetime(2026, 11, 3, 8, 0, tzinfo=UTC)),
        ("2026-11-03", datetime(2026, 11, 2, 23, 0, tzinfo=UTC)),
        ("2026-11-03 18:00", datetime(2026, 11, 3, 17, 0, tzinfo=UTC)),
        ("2026-11-03T18:00Z", datetime(2026, 11, 3, 18, 0, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_it_is_meant_where_the_admin_is(text: str, moment: datetime) -> None:
    assert until(text, NOW, BERLIN) == moment


@pytest.mark.parametrize("text", ["2026-11-01", "2026-11-02 09:59", "yesterday", "", "25:00"])
def test_a_time_that_is_none_or_past_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is past|is no time"):
        until(text, NOW, BERLIN)


def test_a_partner_that_leaves_is_shown_with_what_it_has_and_may_be_kept_after_all(config: Path) -> None:
    at = ("--config", config)
    assert {row["standing"] for row in told("partners", "list", *at)["partners"]} == {"active"}
    left = told("partners", "retire", "Nordwind IT GmbH", "--because", "sold", *at)
    assert left == {"partner": "nordwind", "open_leads": [], "open_registrations": {}, "released": 0}
    rows = {row["partner"]: row["standing"] for row in told("partners", "list", *at)["partners"]}
    assert rows["nordwind"] == "retiring"
    assert "nordwind gets nothing new" in connector("partners", "retire", "nordwind", *at).stdout
    assert "did you mean 'nordwind'" in refused("partners", "retire", "nordwnd", *at, code=2)
    assert connector("partners", "keep", "nordwind", *at).stdout == "nordwind gets leads again\n"
    assert "is not retiring" in refused("partners", "keep", "nordwind", *at, code=1)

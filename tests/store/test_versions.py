"""Who changed the rules, what and when, is kept for good; secrets are not."""

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.__main__ import cli
from connector.app import App
from connector.config import load
from connector.config.files import without_passwords
from connector.config.load import load_kept
from connector.config.roster import with_roster
from connector.store import Store
from connector.store.versions import Rules, Use, note_use, rules_of, uses
from tests.builders import ROOT, leads
from tests.conftest import NOW, Clock
from tests.store.test_store import assign, recorded, took_in


def use(config_hash: str, hours: int = 0) -> Use:
    return Use(config_hash, NOW + timedelta(hours=hours), "anna@host", "1.0")


def test_each_change_of_the_rules_is_noted_once_and_a_return_to_old_ones_too(store: Store) -> None:
    old, new = Rules("old", "a = 1", {"x.csv": "1"}), Rules("new", "a = 2", roster={"hubspot": [{"id": "b"}]})
    noted = [store.note_use(rules, use(rules.hash, n)) for n, rules in enumerate([old, old, new, new, old])]
    assert noted == [True, False, True, False, True]
    with store.transaction() as session:
        assert uses(session) == [use("old"), use("new", 2), use("old", 4)]
        assert rules_of(session, "old") == old
        assert rules_of(session, "n") == new
        assert rules_of(session, "") is None
        assert rules_of(session, "%") is None


def test_uses_say_how_many_decisions_were_made(store: Store) -> None:
    took_in(store, *leads(3))
    recorded(store, *map(assign, leads(3)))
    with store.transaction() as session:
        note_use(session, Rules("hash", ""), use("hash"))
        assert [found.decisions for found in uses(session)] == [3]


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("file:examples/", f"file:{ROOT}/examples/"), encoding="utf-8")
    return path


def test_history_tells_who_changed_what_and_when(config_path: Path, clock: Clock) -> None:
    App(load(config_path), now=clock).__exit__(None, None, None)
    text = config_path.read_text(encoding="utf-8")
    config_path.write_text(text.replace('name = "DACH mid-market"', 'name = "Middle"'), encoding="utf-8")
    clock.advance(hours=1)
    with App(load(config_path), now=clock):
        pass
    config_hash = load(config_path).hash
    listed = CliRunner().invoke(cli, ["history", "--config", str(config_path)]).output.splitlines()
    assert len(listed) == 2
    assert listed[1].startswith(f"2026-11-02 10:00:00 UTC  {config_hash}  by ")
    shown = CliRunner().invoke(cli, ["history", config_hash[:6], "--config", str(config_path)])
    changes = [line for line in shown.output.splitlines() if line[0] in "+-" and line[1] not in "+-"]
    assert changes == ['-name = "DACH mid-market"', '+name = "Middle"']
    unknown = CliRunner().invoke(cli, ["history", "ffff", "--config", str(config_path)])
    assert unknown.exit_code == 1


def test_kept_rules_are_understood_as_they_were(config_path: Path) -> None:
    config = load(config_path)
    again = load_kept(config.text, config.files)
    assert again.hash == config.hash
    assert again.policy.partners == config.policy.partners
    assert [route.name for route in again.policy.routes] == [route.name for route in config.policy.routes]


def test_the_crms_partners_are_part_of_what_identifies_the_rules(config_path: Path) -> None:
    config = load(config_path)
    one, other = {"id": "new", "name": "New", "owner": "user:n@x.example"}, {"id": "two", "name": "Two"}
    first = with_roster(config, {"hubspot": [one, other]})
    assert first.hash != config.hash
    assert with_roster(config, {"hubspot": [other, one]}).hash == first.hash
    assert with_roster(config, {"hubspot": [other]}).hash != first.hash


def test_no_password_is_kept() -> None:
    text = 'url = "postgresql+psycopg://me:hunter2@db.example/x"\nother = "https://x.example:8080/a@b"'
    kept = without_passwords(text)
    assert "hunter2" not in kept
    assert "postgresql+psycopg://me:***@db.example/x" in kept
    assert "https://x.example:8080/a@b" in kept

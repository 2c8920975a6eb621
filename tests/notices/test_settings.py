"""Mistakes in `[notices]`, in contacts and in templates, each at its place."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.app import App, addresses
from connector.commands.notices import notices
from connector.commands.report import report
from connector.config import BadConfig, load
from connector.notices.post import Address
from connector.notices.settings import KINDS
from connector.notices.templates import EXAMPLE, render, shipped, understand_template
from connector.sources.secrets import MissingSecret
from connector.store import Store
from connector.store.notice_tables import NoticeRow
from tests.config.test_load import GOOD
from tests.conftest import NOW

MAIL = 'contacts = { sales = "mailto:sales@anna.example" }'
CONTACT = GOOD.replace("[[partner]]\n", f"[[partner]]\n{MAIL}\n", 1)


def problems(folder: Path, notices: str, template: str = "") -> list[str]:
    (folder / "own.txt").write_text(template)
    (folder / "config.toml").write_text(f"{CONTACT}\n[notices]\n{notices}\n")
    try:
        load(folder / "config.toml")
    except BadConfig as error:
        return [str(problem) for problem in error.problems]
    return []


SMTP = 'smtp = "env:SMTP"\n'


@pytest.mark.parametrize(
    ("notices", "expected"),
    [
        ("", "mail needs a server"),
        (SMTP + 'channel_manager = "anna@x"', "this is no contact; write mailto:"),
        (SMTP + 'smtp_server = "x"', "there is no key 'smtp_server' here"),
        (SMTP + 'tell = { new_lead = "saels" }', "nobody has the role 'saels'; did you mean \"sales\"?"),
        (SMTP + 'templates = { new_leed = "own.txt" }', 'did you mean "new_lead"?'),
        (SMTP + 'templates = { new_lead = "other.txt" }', "there is no file 'other.txt'"),
        (SMTP + 'quiet_hours = { from = "20:00", to = "20:00" }', "these hours never occur"),
        (SMTP + 'links = { salesfroce = "https://x.example/{id}" }', "there is no crm 'salesfroce'"),
        (SMTP + 'timeout = "5m"', "timeout"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, notices: str, expected: str) -> None:
    (problem,) = problems(tmp_path, notices)
    assert problem.startswith("config.toml:")
    assert expected in problem


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Subject: x\n\n{% if due %}\n", "own.txt:3: this is no template: "),
        (
            "Subject: x\n\n{{ email }}\n",
            "own.txt:3: there is no 'email' to tell; known are lead, reg",
        ),
        ("Dear partner,\nhello\n", 'own.txt:1: a template begins with "Subject: …"'),
        ("Subject: x\n\n{{ 1 // 0 }}\n", "own.txt:1: this template fails: ZeroDivisionError"),
        (
            "Subject: x\n\n{{ lead.__class__.x }}\n",
            "own.txt:1: this template fails: access to",
        ),
        ("", "own.txt:1: a template begins"),
    ],
)
def test_a_broken_template_is_told_with_its_line(tmp_path: Path, template: str, expected: str) -> None:
    (problem,) = problems(tmp_path, SMTP + 'templates = { new_lead = "own.txt" }', template)
    assert problem.startswith(expected)


def test_a_config_that_tells_people_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = 'templates = { new_lead = "own.txt" }\nchannel_manager = "file:hook"\n'
    assert problems(tmp_path, SMTP + own, "Subject: {{ lead }}\n\n{{ fields.company }}\n") == []
    config = load(tmp_path / "config.toml")
    assert config.files.keys() >= {"own.txt"}
    with pytest.raises(MissingSecret, match="SMTP is not set"):
        addresses(config)
    monkeypatch.setenv("SMTP", "mailtos://u:p@smtp.example")
    (tmp_path / "hook").write_text("slack://a/b/c\n")
    found = addresses(config)
    assert found["", "channel_manager"] == Address("slack://a/b/c")
    assert Address("mailtos://u:p@smtp.example", "sales@anna.example") in found.values()


def test_a_secret_in_the_config_is_refused_and_not_shown(tmp_path: Path) -> None:
    found = problems(tmp_path, 'smtp = "mailtos://user:pass7word@smtp.example"')
    assert any(problem.startswith("config.toml:21:8: smtp: ") for problem in found)
    assert "pass7word" not in "".join(found)


def test_in_shadow_not_even_the_secrets_are_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("K", "S"):
        monkeypatch.setenv(name, "x")
    assert problems(tmp_path, SMTP) == []
    path = tmp_path / "config.toml"
    App(load(path)).__exit__(None, None, None)
    path.write_text(f'mode = "live"\n{path.read_text()}')
    with pytest.raises(MissingSecret, match="SMTP is not set"):
        App(load(path))
    monkeypatch.setenv("SMTP", "mailtos://u:p@smtp.example")
    App(load(path)).__exit__(None, None, None)


def a_notice(event: int, state: str, error: str | None) -> NoticeRow:
    return NoticeRow(
        event_id=event,
        assignment_id=1,
        kind="breach",
        receiver="sales",
        partner="anna",
        crm="sf",
        lead_id="7",
        next_at=NOW,
        created_at=NOW,
        state=state,
        error=error,
    )


def test_the_command_line_shows_notices_and_the_report_counts_them(tmp_path: Path, store: Store) -> None:
    with store.transaction() as session:
        for number, (state, error) in enumerate((("sent", None), ("given_up", "refused"))):
            session.add(a_notice(number, state, error))
    path = tmp_path / "config.toml"
    path.write_text(f'{GOOD}\n[store]\nurl = "{store.engine.url.render_as_string(hide_password=False)}"\n')
    run = CliRunner().invoke
    said = run(notices, ["list", "--config", str(path), "--json"])
    assert said.exit_code == 1
    found = json.loads(said.stdout)
    assert found["counts"] == {"given_up": 1, "sent": 1}
    assert [(one["state"], one["lead"], one["because"]) for one in found["notices"]] == [
        ("given_up", "sf:7", "refused"),
        ("sent", "sf:7", None),
    ]
    assert "refused" in run(notices, ["list", "--config", str(path)], env={"COLUMNS": "160"}).stdout
    assert "notices given up" in run(report, ["--config", str(path)]).stdout


@pytest.mark.parametrize("kind", KINDS)
def test_every_shipped_template_is_whole(kind: str) -> None:
    message = render(understand_template(shipped()[kind]), EXAMPLE)
    assert message.subject
    assert message.body


def test_a_line_break_in_a_field_makes_no_header() -> None:
    template = understand_template("Subject: {{ fields.company }} x\n\ntext\n")
    assert render(template, {"fields": {"company": "A\nBcc: evil@x.example"}}).subject == "A"

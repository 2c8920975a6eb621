"""`connector sandbox` as a person and as a program starts it."""

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from connector.commands.sandbox import sandbox as command
from connector.sandbox.child import SandboxProcess

ANY_PORTS = ("--salesforce-port", "0", "--hubspot-port", "0")
FEW = ("--leads-count", "5")
LAST_LINE = "Faults, calls, clock: /__sandbox__ on either port. Ctrl-C stops it.\n"


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_person_is_told_where_and_how_until_a_signal_ends_it(number: signal.Signals) -> None:
    line = [sys.executable, "-m", "connector.commands.sandbox", *ANY_PORTS, *FEW]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        text = "".join(iter(process.stdout.readline, LAST_LINE))
        process.send_signal(number)
        _, complaints = process.communicate(timeout=10)
    assert text.count("http://127.0.0.1:") == 4
    assert {"sandbox-key", "sandbox-secret", "pat-na1-sandbox"} <= set(text.replace(",", " ").split())
    assert (process.returncode, complaints) == (0, "")


def test_a_child_does_not_outlive_a_parent_that_was_killed() -> None:
    parent = textwrap.dedent("""
        from connector.sandbox.child import SandboxProcess
        child = SandboxProcess("--leads-count", "5")
        child.start()
        print("up", flush=True)
        input()
    """)
    with subprocess.Popen(
        [sys.executable, "-c", parent],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.kill()
        # The child shares its parent's standard error, which ends only when both have.
        assert process.communicate(timeout=10) == ("", "")


def test_a_child_serves_a_lead_file_with_faults_and_settings_until_it_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Name,Mail,Lead Number\nMeier,m@a.example,1\nRossi,r@b.example,2\nDupont,d@c.example,3\n")
    leads = ("--leads", str(path), "--map", "last_name=Name", "--map", "email=Mail")
    fault = ("--fault", "kind=503,crm=hubspot,nth=1")
    settings = ("--index-lag", "30", "--set", "salesforce.page_size=7", "--start-at", "2026-11-02T09:00Z")
    with SandboxProcess(*leads, *fault, *settings) as child:
        pid = child.pid
        pages = [_get(url, "/pipeline").text for url in (child.salesforce_url, child.hubspot_url)]
        assert [name in pages[0] for name in ("Meier", "Rossi", "Dupont")] == [True, False, True]
        assert [name in pages[1] for name in ("Meier", "Rossi", "Dupont")] == [False, True, False]
        assert _get(child.salesforce_url, "/__sandbox__/settings").json()["page_size"] == 7
        assert _get(child.hubspot_url, "/__sandbox__/settings").json()["index_delay"] == 30
        assert _get(child.hubspot_url, "/__sandbox__/clock").json()["time"] == "2026-11-02T09:00:00+00:00"
        assert _get(child.hubspot_url, "/crm/v3/owners").status_code == 503
    assert _gone(pid)


def test_a_child_that_cannot_start_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match=r"did not start .exit code 2."):
        SandboxProcess("--leads", "nothing.csv").start()
    assert "There is no file nothing.csv." in capfd.readouterr().err


def _get(url: str, path: str) -> requests.Response:
    return requests.get(url + path, timeout=5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--leads", "nothing.csv"], "There is no file nothing.csv."),
        (["--map", "email=E-Mail"], "name the file with --leads"),
        (["--map", "emial=E-Mail"], 'There is no field "emial"; did you mean "email"?'),
        (["--fault", "kind=420"], 'There is no kind "420"; did you mean "429"?'),
        (["--set", "hubspot.index_dealy=3"], 'There is no setting "index_dealy"'),
        (["--set", "index_delay=3"], '"index_delay=3" is not CRM.NAME=VALUE'),
        (["--start-at", "noon"], '--start-at needs a time like 2026-11-02T09:00Z, not "noon".'),
        (["--leads-count", "-1"], "-1 is not in the range"),
        (["--duplicates", "101"], "101.0 is not in the range"),
    ],
)
def test_a_wrong_option_is_explained_and_exits_with_2(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(command, [*ANY_PORTS, *FEW, *arguments])
    assert message in result.output
    assert result.exit_code == 2


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(command, [*ANY_PORTS, *FEW, "--hubspot-port", str(port)])
    assert f"Port {port} cannot be used: Address already in use." in result.output
    assert result.exit_code == 1


def test_json_is_one_line_with_what_a_client_needs() -> None:
    line = [sys.executable, "-m", "connector.commands.sandbox", *ANY_PORTS, *FEW, "--json"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        process.terminate()
    assert ready["pid"] == process.pid
    assert ready["hubspot"].keys() == {"url", "token"}
    assert ready["salesforce"].keys() == {"url", "key", "secret"}

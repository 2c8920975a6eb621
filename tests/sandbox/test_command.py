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


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_child_serves_both_crms_until_it_is_stopped() -> None:
    with SandboxProcess(*FEW) as child:
        pid = child.pid
        assert requests.get(child.salesforce_url + "/pipeline", timeout=5).ok
        assert requests.get(child.hubspot_url + "/pipeline", timeout=5).ok
    assert _gone(pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(number: signal.Signals) -> None:
    line = [sys.executable, "-m", "connector.commands.sandbox", *ANY_PORTS, *FEW]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "The sandbox is up" in process.stdout.readline()
        process.send_signal(number)
        _, complaints = process.communicate(timeout=10)
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


def test_the_text_names_addresses_and_credentials() -> None:
    line = [sys.executable, "-m", "connector.commands.sandbox", *ANY_PORTS, *FEW]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        text = "".join(
            iter(
                process.stdout.readline,
                "Faults, calls, clock: /__sandbox__ on either port. Ctrl-C stops it.\n",
            )
        )
        process.terminate()
    assert text.count("http://127.0.0.1:") == 4
    assert {"sandbox-key", "sandbox-secret", "pat-na1-sandbox"} <= set(text.replace(",", " ").split())


def test_a_lead_file_takes_the_place_of_the_seed(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Name,Mail,Lead Number\nMeier,m@a.example,1\nRossi,r@b.example,2\nDupont,d@c.example,3\n")
    arguments = ["--leads", str(path), "--map", "last_name=Name", "--map", "email=Mail"]
    with SandboxProcess(*arguments) as child:
        pages = [
            requests.get(url + "/pipeline", timeout=5).text
            for url in (child.salesforce_url, child.hubspot_url)
        ]
    assert [[name in page for name in ("Meier", "Rossi", "Dupont")] for page in pages] == [
        [True, False, True],
        [False, True, False],
    ]


def test_faults_and_settings_are_given_on_the_command_line() -> None:
    arguments = [
        "--fault",
        "kind=503,crm=hubspot,nth=1",
        "--index-lag",
        "30",
        "--start-at",
        "2026-11-02T09:00Z",
    ]
    with SandboxProcess(*FEW, *arguments) as child:
        desk = child.hubspot_url + "/__sandbox__"
        assert requests.get(desk + "/settings", timeout=5).json()["index_delay"] == 30
        assert requests.get(desk + "/clock", timeout=5).json()["time"] == "2026-11-02T09:00:00+00:00"
        assert requests.get(child.hubspot_url + "/crm/v3/owners", timeout=5).status_code == 503


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

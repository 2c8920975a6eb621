"""What people and machines are told of deal registrations on the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connector.commands.registrations import registrations
from connector.commands.report import report
from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import Sandbox
from tests.conftest import NOW
from tests.stories.registrations import JONAS, Programme
from tests.stories.world import World, write_config


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A config whose store holds an approved registration and one in conflict with it: both addresses."""
    folder = tmp_path_factory.mktemp("registrations")
    with Sandbox((), (), clock=SandboxClock(NOW)) as sandbox:
        world = World(sandbox, folder)
        programme = Programme(world)
        first = programme.register("hubspot", "Nordwind IT GmbH", domain="zentrix-pumpen.de", amount=1000)
        sandbox.clock.advance(5)
        second = programme.register("salesforce", "Rheintal Cloud AG", by=JONAS, domain="zentrix-pumpen.de")
        sandbox.clock.advance(60)
        world.run(5)
        config = write_config(sandbox, folder)
    return config, str(first), str(second)


def run(told: tuple[Path, str, str], *args: str) -> Result:
    return CliRunner().invoke(registrations, [*args, "--config", str(told[0])])


def test_the_list_shows_where_each_stands(told: tuple[Path, str, str]) -> None:
    rows = json.loads(run(told, "list", "--json").output)
    assert {(row["registration"], row["state"]) for row in rows} == {
        (told[1], "Approved"),
        (told[2], "Conflict"),
    }
    mine = json.loads(run(told, "list", "--json", "--partner", "nordwind", "--state", "approved").output)
    assert [row["registration"] for row in mine] == [told[1]]


def test_the_vendor_sees_with_whom_and_since_when(told: tuple[Path, str, str]) -> None:
    output = run(told, "show", told[2]).output
    assert f"({told[1]} of Nordwind IT GmbH, score 1.00)" in output
    assert "2026-11-02T09:" in output
    assert "submitted" in output


def test_both_sides_of_a_conflict_are_told_without_the_others_name(told: tuple[Path, str, str]) -> None:
    own = run(told, "explain", told[2], "--for-partner", "rheintal").output
    assert "another registration claims the same customer since 2026-11-02, by the same domain" in own
    assert "Nordwind" not in own
    other = run(told, "explain", told[2], "--for-partner", "nordwind").output
    assert other == (
        "Another partner's registration of 2026-11-02 met your registration. "
        "It was turned down, because yours came first.\n"
    )
    assert "Rheintal" not in other


def test_the_same_is_told_to_machines(told: tuple[Path, str, str]) -> None:
    data = json.loads(run(told, "show", told[2], "--json").output)
    assert (data["registration"], data["state"]) == (told[2], "Conflict")
    assert f"({told[1]} of Nordwind IT GmbH, score 1.00)" in data["because"][0]
    assert [event["event"] for event in data["history"]] == ["submitted", "conflict"]
    own = json.loads(run(told, "explain", told[2], "--json").output)
    assert (own["state"], own["protected_until"]) == ("conflict", None)
    assert own["history"][1]["because"] == own["because"]
    assert "Nordwind" not in json.dumps(own)
    assert told[1] not in json.dumps(own)
    other = json.loads(run(told, "explain", told[2], "--for-partner", "nordwind", "--json").output)
    assert other == {"told": run(told, "explain", told[2], "--for-partner", "nordwind").output.strip()}


def test_the_report_of_everything_has_them_too(told: tuple[Path, str, str]) -> None:
    def reported(*args: str) -> str:
        return CliRunner().invoke(report, [*args, "--config", str(told[0])]).output

    assert json.loads(reported("--json"))["registrations"] == json.loads(run(told, "report", "--json").output)
    assert run(told, "report").output in reported()


def test_a_third_partner_is_told_nothing(told: tuple[Path, str, str]) -> None:
    done = run(told, "explain", told[2], "--for-partner", "thames")
    assert done.exit_code == 1
    assert "Zentrix" not in done.output


def test_the_report_counts_by_partner_and_tier(told: tuple[Path, str, str]) -> None:
    data = json.loads(run(told, "report", "--json").output)
    assert (data["all"]["submitted"], data["all"]["approved"], data["all"]["approval_rate"]) == (2, 1, 0.5)
    assert data["by_partner"]["Nordwind IT GmbH"]["value_open"] == 1000
    assert data["by_tier"]["gold"]["approved"] == 1
    assert data["conflicts"] == {"another registration": 1}
    shown = run(told, "report").output
    assert "another registration  1" in shown
    assert "Ending within" not in shown, "there is none"


@pytest.mark.parametrize("ref", ["nonsense", "salesforce:nowhere"])
def test_an_unknown_registration_is_one_sentence(told: tuple[Path, str, str], ref: str) -> None:
    done = run(told, "show", ref)
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert ref in done.output

"""The command line, as its users meet it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox.faults import Fault
from connector.sandbox.server import Sandbox
from tests.builders import ROOT
from tests.stories.world import write_config


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """One for each test: what one cycle gave away is nobody's to distribute in the next test."""
    with Sandbox(seed=3, leads=40) as running:
        yield running


@pytest.fixture
def config(sandbox: Sandbox, tmp_path: Path) -> Path:
    return write_config(sandbox, tmp_path)


def connector(*args: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "connector", *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **env},
        cwd=ROOT,
    )


def refused(*args: str | Path, code: int, **env: str) -> str:
    """What a command that ends with an exit code says on standard error: sentences, no traceback."""
    done = connector(*args, **env)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


def test_help_names_every_command_and_the_exit_codes() -> None:
    told = connector("--help").stdout
    for name in (
        "check",
        "sync",
        "run",
        "explain",
        "assign",
        "report",
        "outbox",
        "release",
        "pause",
        "resume",
        "status",
        "simulate",
        "policy",
        "quality",
        "sandbox",
        "demo",
    ):
        assert f"  {name} " in told
        assert connector(name, "--help").returncode == 0
    assert "Exit codes: 0 done, 1 something needs a person, 2" in told


def test_check_asks_the_crms(config: Path) -> None:
    done = connector("check", "--config", config)
    assert done.returncode == 0
    assert "12 partners, 4 routes" in done.stdout
    assert "salesforce: ready" in done.stdout
    assert "hubspot: ready" in done.stdout


def test_check_warns_of_what_is_hardly_meant_and_still_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    shipped = (ROOT / "config.toml").read_text()
    path.write_text(shipped + '[[route]]\nname = "late"\nwhen = { country = { present = true } }\n')
    done = connector("check", "--offline", "--config", path)
    assert done.returncode == 0
    assert "warning: config.toml:" in done.stdout
    assert "route 'late' can never match" in done.stdout
    told = json.loads(connector("check", "--offline", "--config", path, "--json").stdout)
    assert len(told["warnings"]) == 1


def test_check_finds_owners_and_fields_that_the_crm_does_not_have(config: Path) -> None:
    text = config.read_text()
    text = text.replace('["user:priya.rao@deccan-tech.example"]', '["user:nobody@nowhere.example"]')
    text = text.replace("queue:Channel_Triage", "queue:Support_Cases").replace("Budget__c", "Budgit__c")
    config.write_text(text.replace('budget = "budget"', 'budget = "budgit"'))
    done = connector("check", "--config", config, "--json")
    assert done.returncode == 1
    problems = json.loads(done.stdout)["problems"]
    assert "there is no user:nobody@nowhere.example in Salesforce" in problems["salesforce"]
    assert "queue:Support_Cases may not own leads in Salesforce" in problems["salesforce"]
    assert any("Budgit__c (mapped as budget)" in problem for problem in problems["salesforce"])
    assert any("budgit (mapped as budget)" in problem for problem in problems["hubspot"])


def test_sync_explain_and_report_tell_the_same_story(config: Path) -> None:
    synced = connector("sync", "--config", config, "--json")
    assert synced.returncode == 0
    assert synced.stderr == ""
    report = json.loads(connector("report", "--config", config, "--json").stdout)
    assert report["waiting"] == 0
    assert sum(report["outcomes"].values()) == report["leads"]
    assert sum(line["assigned"] for line in report["by_partner"].values()) == report["outcomes"]["assigned"]
    assert sum(report["by_route"].values()) == report["outcomes"]["assigned"]
    assert max(abs(line["deviation"]) for line in report["by_partner"].values()) < 2
    assert "partner" in connector("report", "--config", config).stdout
    performance = json.loads(connector("report", "--performance", "--config", config, "--json").stdout)
    assert performance["currency"] == "EUR"
    assert sum(line["given"] for line in performance["lines"]) == report["outcomes"]["assigned"]
    assert "go with --performance" in refused("report", "--by", "month", "--config", config, code=2)
    ref = _some_ref(config)
    explained = json.loads(connector("explain", ref, "--config", config, "--json").stdout)
    assert explained[0]["ref"] == ref
    assert explained[0]["candidates"]
    again = json.loads(connector("simulate", "--history", "--config", config, "--json").stdout)
    assert (again["leads"], again["elsewhere"]) == (report["leads"], 0)
    later = ("simulate", "--history", "--since", "2999-01-01", "--state", "current", "--config", config)
    assert json.loads(connector(*later, "--json").stdout)["leads"] == 0
    told = connector("explain", ref.partition(":")[2], "--config", config).stdout
    assert told.startswith(ref)
    assert "partners of route" in told


def test_assign_gives_a_lead_by_hand_or_says_what_stands_against_it(tmp_path: Path) -> None:
    with Sandbox(seed=4, leads=10) as running:
        _assigns(write_config(running, tmp_path))


def _assigns(config: Path) -> None:
    assert connector("sync", "--config", config).returncode == 0
    ref = _some_ref(config)
    partner = json.loads(connector("explain", ref, "--config", config, "--json").stdout)[-1]["partner"]
    again = ("assign", ref, partner, "--because", "a wish", "--config", config)
    assert refused(*again, code=1) == f"it is with {partner} already"
    assert "did you mean 'nordwind'" in refused("assign", ref, "nordwing", *again[3:], code=2)
    assert "see 'connector partners list'" in refused("assign", ref, "somebody else", *again[3:], code=2)
    assert "is not known here" in refused("assign", "hubspot:0", partner, *again[3:], code=2)
    other = "harbour" if partner != "harbour" else "deccan"
    told = connector("assign", ref, other, *again[3:], "--json")
    assert told.returncode == 1
    assert json.loads(told.stdout)["objections"][0]["waivable"]
    done = connector("assign", ref, other, *again[3:], "--anyway")
    assert done.returncode == 0
    assert f"gave it to {other}: a wish" in done.stdout
    assert connector("sync", "--config", config).returncode == 0
    last = json.loads(connector("explain", ref, "--config", config, "--json").stdout)[-1]
    assert (last["partner"], last["reasons"][0]["code"]) == (other, "by_hand")


def _some_ref(config: Path) -> str:
    from connector.config import load
    from connector.store import Store, reading

    loaded = load(config)
    store = Store.open(loaded.settings.store, loaded.folder)
    with store.transaction() as session:
        ref = reading.sample_refs(session, "assigned", 1)[0]
    store.close()
    return str(ref)


def test_explain_of_a_lead_that_nobody_knows_says_so(config: Path) -> None:
    assert "salesforce:00Q0 is not known here" in refused(
        "explain", "salesforce:00Q0", "--config", config, code=1
    )


def test_simulate_says_who_would_get_what_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    rows = "".join(f"M{n} GmbH,{land},yes,m@{land}{n}.com\n" for n in range(6) for land in ("DE", "FR"))
    path.write_text("Firma,Land,sharing_consent,email\n" + rows + "Ohne AG,DE,,o@ohne.de\n")
    shutil.copy(ROOT / "config.toml", tmp_path)
    maps = ("--map", "company=Firma", "--map", "country=Land")
    args = ("simulate", "--config", tmp_path / "config.toml", "--leads", path, *maps)
    told = json.loads(connector(*args, "--json").stdout)
    assert (told["leads"], told["outcomes"]) == (13, {"assigned": 12, "held": 1})
    assert (told["by_route"], told["by_partner"]["hexagone"]) == ({"DACH": 6, "rest of the world": 6}, 6)
    assert told["without_partner"] == {"screen 'no consent to share'": 1}
    assert told["refused"] == {"outside_country": 66 + 12}
    assert all(abs(line["deviation"]) < 1 for line in told["rotations"]["dach"].values())
    shown = connector(*args).stdout
    assert "Hexagone Conseil SAS" in shown
    assert "outside region" in shown
    assert sorted(place.name for place in tmp_path.iterdir()) == ["config.toml", "leads.csv"]


def test_simulate_keeps_people_of_one_company_together(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    rows = [f"DE,yes,{who}@{host},Doe\n" for host in ("globex.com", "initech.com") for who in "abca"]
    path.write_text("country,sharing_consent,email,last_name\n" + "".join(rows))
    args = ("simulate", "--config", ROOT / "config.toml", "--leads", path, "--json")
    told = json.loads(connector(*args).stdout)
    assert told["outcomes"] == {"assigned": 6, "follows": 2}
    assert told["by_route"] == {"(standing)": 4, "DACH": 2}
    assert sorted(told["by_partner"].values())[-2:] == [3, 3]


@pytest.mark.parametrize(
    ("text", "args", "said"),
    [
        ("country\nDE\n", ("--map", "contry=country"), "did you mean 'country'?"),
        ("country\nDE\n", ("--map", "state=Land"), "has no column 'Land'; it has country"),
        ("country\nDE\n", ("--map", "country"), "write FIELD=COLUMN"),
        ("country\nDE\n", ("--crm", "pipedrive"), "there is no crm 'pipedrive'"),
        ("Land\nDE\n", (), "--map country=Land"),
        ("country,created_at\nDE,gestern\n", (), ":2: created_at 'gestern' is no time"),
        ("country\nDE,AT\n", (), ":2: 2 values under 1 column names"),
        ("id,country\n1,DE\n1,AT\n", (), "two leads with the id '1'"),
        ("", (), "holds no leads"),
    ],
)
def test_a_lead_file_that_cannot_be_tried_is_one_sentence(
    tmp_path: Path, text: str, args: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(text)
    told = refused("simulate", "--config", ROOT / "config.toml", "--leads", path, *args, code=2)
    assert said in told
    assert told.count("\n") == 0


def test_no_config_file_is_one_sentence(tmp_path: Path) -> None:
    told = refused("sync", "--config", tmp_path / "none.toml", code=2)
    assert told.count("\n") == 0
    assert "there is no config file" in told


def test_a_missing_secret_is_named_and_never_shown(config: Path) -> None:
    config.write_text(
        config.read_text().replace(f"file:{ROOT}/examples/sandbox/hubspot_token", "env:NO_SUCH")
    )
    told = refused("sync", "--config", config, code=2)
    assert told == "the environment variable NO_SUCH is not set; set it or point 'env:NO_SUCH' elsewhere"


def test_a_wrong_option_is_a_usage_error() -> None:
    assert "No such option" in refused("sync", "--colour", code=2)


def test_a_crm_that_is_down_needs_a_person_and_the_other_is_served(config: Path, sandbox: Sandbox) -> None:
    config.write_text(config.read_text().replace(sandbox.hubspot_url, "http://127.0.0.1:9"))
    done = connector("sync", "--config", config)
    assert done.returncode == 1
    assert "hubspot: HubSpot cannot be reached (ConnectionRefusedError); look at the network" in done.stderr
    assert "Traceback" not in done.stderr
    assert " new" in done.stdout


def test_a_wrong_password_says_which_login(config: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("hunter2")
    config.write_text(
        config.read_text().replace(f"file:{ROOT}/examples/sandbox/salesforce_secret", "file:wrong")
    )
    done = connector("sync", "--config", config)
    assert done.returncode == 1
    assert "Salesforce refuses the login" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_the_daemon_works_and_stops_on_sigterm(config: Path) -> None:
    command = [sys.executable, "-m", "connector", "run", "--config", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stderr is not None
        pulled = 0
        for line in process.stderr:
            pulled += json.loads(line)["event"] == "leads.pulled"
            if pulled == 2:
                break
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        assert process.wait(timeout=10) == 0
    assert "daemon.stopped" in rest
    again = connector("sync", "--config", config)
    assert again.returncode == 0
    assert connector("check", "--running", "--config", config).returncode == 0
    report = json.loads(connector("report", "--config", config, "--json").stdout)
    assert report["waiting"] == 0
    assert set(report["outbox"]) == {"settled"}


def test_sigterm_ends_the_daemon_even_while_a_crm_does_not_answer(config: Path, sandbox: Sandbox) -> None:
    sandbox.run(sandbox.board.add, Fault(kind="slow", crm="hubspot", params={"seconds": "45"}))
    command = [sys.executable, "-m", "connector", "run", "--config", str(config)]
    try:
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stderr is not None
            while json.loads(process.stderr.readline())["event"] != "leads.pulled":
                pass
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
    finally:
        sandbox.run(sandbox.board.clear)


def test_the_health_check_fails_where_no_daemon_runs(config: Path) -> None:
    assert "is the daemon at work?" in refused("check", "--running", "--config", config, code=1)


def test_the_demo_accounts_for_every_lead() -> None:
    done = connector("demo", "--exit", "--json", "--leads-count", "40")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["unaccounted"] == 0
    assert told["verified"] == told["written"] > 0
    ends = ("assigned", "offered", "rejected", "nurture", "held", "fallback", "left_alone", "gone", "follows")
    assert sum(told[end] for end in ends) == told["decided"] == told["leads"]
    assert {"by_partner", "by_route", "api_calls"} <= told.keys()
    assert told["registrations"] == {"approved": 4, "conflict": 4, "returned": 2, "under_review": 2}


def test_the_demo_tells_a_person_what_happened() -> None:
    done = connector("demo", "--exit", "--leads-count", "40")
    assert done.returncode == 0, done.stderr
    for part in ("going live", "Partners", "API calls", "read back equal", "Three explanations", "/pipeline"):
        assert part in done.stdout
    assert "Deal registrations: 4 approved, 4 conflict, 2 returned, 2 under review." in done.stdout
    assert "/pipeline?object=Opportunity" in done.stdout


def test_the_demo_takes_a_real_lead_file() -> None:
    data = os.environ.get("CONNECTOR_DATA")
    if not data:
        pytest.skip("CONNECTOR_DATA names no folder with public lead files")
    told = json.loads(_real_demo(Path(data)).stdout)
    assert told["unaccounted"] == 0
    assert told["verified"] == told["written"]
    assert told["assigned"] >= 0.6 * told["leads"]
    assert sum(line["assigned"] > 0 for line in told["by_partner"].values()) >= 5
    assert len([route for route, count in told["by_route"].items() if count]) >= 3
    assert max(abs(line["deviation"]) for line in told["by_partner"].values()) <= 2


def _real_demo(data: Path) -> subprocess.CompletedProcess[str]:
    maps = {
        "lead_source": "Lead Source",
        "country": "Country",
        "city": "City",
        "title": "What is your current occupation",
        "product": "Specialization",
    }
    args = [part for field, column in maps.items() for part in ("--map", f"{field}={column}")]
    return connector(
        "demo", "--exit", "--json", "--config", ROOT / "examples/course_provider.toml",
        "--leads", data / "x_education/leads.csv", *args,
    )  # fmt: skip


def test_quality_counts_what_the_store_holds_and_what_a_file_says(config: Path, tmp_path: Path) -> None:
    connector("sync", "--config", config)
    of_store = json.loads(connector("quality", "--config", config, "--json").stdout)
    assert of_store["hubspot"]["leads"] == 40
    country = of_store["salesforce"]["fields"]["country"]
    assert country["given"] == country["understood"] + country["not_understood"] > 0
    leads = tmp_path / "leads.csv"
    leads.write_text("Land,employees\nAtlantis,many\nDeutschland,12\n", encoding="utf-8")
    told = connector("quality", "--config", config, "--leads", leads, "--map", "country=Land").stdout
    assert "2 leads of salesforce" in told
    assert "Atlantis (1)" in told


def test_report_tells_how_long_leads_wait(config: Path) -> None:
    assert connector("sync", "--config", config).returncode == 0
    data = json.loads(connector("report", "--speed", "--json", "--config", config).stdout)
    in_all = data["in_all"]["in all"]["created_to_routed"]
    assert (
        in_all["count"]
        == sum(steps["created_to_routed"]["count"] for steps in data["by_partner"].values())
        > 0
    )
    assert in_all["median"] <= in_all["p90"]
    assert "Speed to lead of 90 days" in connector("report", "--speed", "--config", config).stdout
    assert "is not a duration" in refused("report", "--speed", "--over", "ever", "--config", config, code=2)


def test_partners_answer_on_the_command_line(config: Path) -> None:
    assert connector("sync", "--config", config).returncode == 0
    ref = _some_ref(config)
    args = ("--config", config)
    assert "no partner has salesforce:00Q0" in refused("accept", "salesforce:00Q0", *args, code=2)
    partner = json.loads(connector("explain", ref, *args, "--json").stdout)[-1]["partner"]
    other = "deccan" if partner != "deccan" else "thames"
    assert "cannot answer for it" in refused("decline", ref, "--partner", other, *args, code=2)
    assert connector("accept", ref, *args).stdout == f"{ref} is accepted by {partner}\n"
    assert connector("decline", ref, "--because", "no capacity", *args).returncode == 0
    assert connector("sync", *args).returncode == 0
    told = connector("explain", ref, *args).stdout
    assert "declined" in told
    assert "on the command line" in told
    assert "no capacity" in told

"""A week in the life of a programme: every lead is accounted for, and each number can be recomputed."""

import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner

from connector.__main__ import cli
from connector.app import App
from connector.config import load
from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import Sandbox
from connector.sync.stopping import Stop
from tests.builders import ROOT
from tests.conftest import NOW
from tests.stories.week.oracle import HubSpotEye, Oracle, SalesforceEye
from tests.stories.week.people import People
from tests.stories.week.programme import companies, settle_in, write_config

KEY, SECRET, TOKEN = (
    (ROOT / "examples/sandbox" / name).read_text().strip()
    for name in ("salesforce_key", "salesforce_secret", "hubspot_token")
)


class Unhurried(Stop):
    """Waits for no turn at a CRM, so that the clock stands still within a cycle."""

    def pause(self, seconds: float) -> None:
        self.check()


def a_week(sandbox: Sandbox, config: Path, people: People, leads: int, hours: int) -> list[Any]:
    """Leads come in on five days, people act between the cycles; the moments at which the CRMs were read."""
    readings, clock = [], sandbox.clock
    ticks = 7 * 24 // hours
    busy = 5 * 24 // hours
    stop = Unhurried()
    with App(load(config), now=clock, random=Random(1), stop=stop) as app:
        app.cycle.begin()

        def cycle() -> bool:
            readings.append(clock())
            report = app.cycle.run()
            assert not report.troubles, report.troubles
            assert readings[-1] == clock(), "the clock stands still within a cycle"
            return bool(report.decided or report.delivered or report.caught["breached"])

        for tick in range(ticks):
            if tick < busy:
                people.arrive(max(1, leads // 2 // busy))
            clock.advance(300)
            cycle()
            clock.advance(hours * 1200)
            people.act()
            clock.advance(hours * 2400 - 300)
        for _ in range(12):
            if not cycle():
                break
            clock.advance(60)
    return readings


def report(config: Path, *options: str) -> Any:
    told = CliRunner().invoke(cli, ["report", "--config", str(config), "--json", *options])
    assert told.exit_code == 0, told.output
    return json.loads(told.output)


@pytest.mark.parametrize(
    ("partners", "leads", "hours"), [(10, 200, 8), pytest.param(30, 3000, 2, marks=pytest.mark.chaos)]
)
def test_a_week_in_the_life_of_a_programme(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    partners: int,
    leads: int,
    hours: int,
) -> None:
    programme = companies(partners)
    with Sandbox([], [], clock=SandboxClock(NOW)) as sandbox:
        settle_in(sandbox, programme)
        config = write_config(sandbox, tmp_path, programme)
        people = People(sandbox, programme, Random(7))
        readings = a_week(sandbox, config, people, leads, hours)
        monkeypatch.setattr("connector.app.system_clock", sandbox.clock)
        calls = calls_of(sandbox)
        salesforce = SalesforceEye(sandbox.salesforce_url, KEY, SECRET)
        hubspot = HubSpotEye(sandbox.hubspot_url, TOKEN)
        oracle = Oracle(config, [*salesforce.records(), *hubspot.records()], readings)
        assert salesforce.ripening() == oracle.ripening("salesforce")
        assert hubspot.ripening() == oracle.ripening("hubspot")
        every_lead_is_accounted_for(oracle, people)
        the_main_report_is_true(report(config), oracle, people)
        the_performance_report_is_true(report(config, "--performance"), oracle)
        the_speed_report_is_true(report(config, "--speed"), oracle)
        told = report(config)["api_calls"]
        assert {crm: sum(by_purpose.values()) for crm, by_purpose in told.items()} == calls
    with capsys.disabled():
        told = ", ".join(f"{n} {what}" for what, n in sorted(people.did.items()))
        print(f"\n{people.made} leads, {len(oracle.stays)} times with a partner: {told}")  # noqa: T201


def calls_of(sandbox: Sandbox) -> Counter[str]:
    """API calls as the CRMs have counted them; logging in is none."""
    counts: Counter[str] = Counter()
    for (crm, route), count in sandbox.board.calls.items():
        counts[crm] += 0 if "/oauth" in route else count
    return counts


def every_lead_is_accounted_for(oracle: Oracle, people: People) -> None:
    """Each has one outcome, and whoever should hold it does."""
    assert len(oracle.records) == people.made
    assert oracle.misplaced() == []
    assert sum(oracle.outcomes().values()) == people.made
    assert len(people.did) > 12


def the_main_report_is_true(told: dict[str, Any], oracle: Oracle, people: People) -> None:
    assert told["leads"] == people.made
    assert told["waiting"] == told["in_other_ledger"] == 0
    assert told["parked"] == told["unexplained"] == told["load_differs"] == []
    assert _some(told["outcomes"]) == oracle.outcomes()
    assert told["fallback_after_partners"] == oracle.given_up()
    lines = told["by_partner"]
    assert _some({who: line["late"] for who, line in lines.items()}) == oracle.late()
    assert _some({who: line["assigned"] for who, line in lines.items()}) == oracle.assigned()
    assert _some({who: line["by_turn"] for who, line in lines.items()}) == oracle.turns()
    assert sum(line["target"] for line in lines.values()) == pytest.approx(oracle.turns().total(), abs=0.01)
    assert _some(told["by_route"]) == oracle.open_by_route()
    by_rotation = oracle.turns_by_rotation()
    assert {each["name"]: each["turns"] for each in told["rotations"]} == by_rotation
    assert all(each["farthest"] <= each["bound"] for each in told["rotations"])


def the_performance_report_is_true(told: dict[str, Any], oracle: Oracle) -> None:
    expected = oracle.performance()
    rates = {"acceptance_rate": "acceptance", "contact_rate": "contact", "win_rate": "win"}
    wholes = {
        name: [sum(line[name][n] for line in expected.values()) for n in (0, 1)] for name in rates.values()
    }
    for line in told["lines"]:
        mine = expected.pop(line["partner"])
        for name, rate in rates.items():
            (part, whole), (parts, all_of_them) = mine[rate], wholes[rate]
            shown = line[name]
            assert (shown["part"], shown["whole"]) == (part, whole), (line["partner"], name)
            assert shown["rate"] == (round(part / whole, 4) if whole else None)
            average = parts / all_of_them
            assert shown["shrunk"] == pytest.approx((part + 20 * average) / (whole + 20), abs=1e-4)
        for name in ("given", "claimed", "declined", "lapsed", "responses", "value_won"):
            assert line[name] == mine[name], (line["partner"], name)
        assert line["response_minutes"] == pytest.approx(mine["response_minutes"])
        assert line["won_without_value"] == 0
    assert expected == {}


def the_speed_report_is_true(told: dict[str, Any], oracle: Oracle) -> None:
    expected = oracle.speed()
    assert told.keys() == expected.keys()
    for way, lines in told.items():
        assert lines.keys() == expected[way].keys()
        for key, steps in lines.items():
            for step, took in steps.items():
                mine = expected[way][key][step]
                assert took["count"] == mine["count"], (way, key, step)
                assert took["median"] == pytest.approx(mine["median"]), (way, key, step)
                assert took["p90"] == pytest.approx(mine["p90"]), (way, key, step)


def _some(counts: dict[str, int]) -> Counter[str]:
    return Counter({name: count for name, count in counts.items() if count})

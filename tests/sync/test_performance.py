"""What partners make of their leads: counted from what happened, and used to choose."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import toml_rs
from sqlalchemy import text

from connector.model.lead import Ref
from connector.model.performance import Handled, Performance
from connector.model.progress import Progress
from connector.reports.performance import evidence, performance
from connector.reports.replay import replay
from connector.routing.normal import Normal
from connector.routing.performance import tallies
from connector.routing.policy import Policy, understand_policy
from connector.routing.settings import RoutingSettings
from connector.store import Store
from connector.store.endings import keep_progress
from connector.store.handled import handled
from connector.store.inputs import batches
from connector.sync.decide import records_of
from tests.builders import a_policy, partner
from tests.conftest import NOW, Clock
from tests.sync.world import TOML, CsvWorld

JUDGED = 'accept_within = "4h"\npick = { method = "top_performer", others = 0.2, explore = 0 }\n' + (
    'if_not_accepted = { try_partners = 2 }\n[performance]\nwithin = "30d"\n'
)
NORMAL = Normal(base_currency="EUR", rates={"USD": 0.5})


@pytest.fixture
def world(tmp_path: Path, store: Store, clock: Clock) -> CsvWorld:
    """Forty leads: each of the partners accepts, works, declines, lets lapse, wins and loses some of them."""
    world = CsvWorld(tmp_path, store, clock, toml=f"{TOML}\n{JUDGED}")
    for wave in range(0, 40, 10):
        numbers = range(wave + 1, wave + 11)
        for number in numbers:
            world.lead(number)
        world.run(minutes=3)
        for some in (numbers[:3], numbers[3:]):
            world.run(minutes=11 + wave)
            for number in some:
                says(world, number)
        world.run(minutes=5)
        for number in numbers:
            ends(world, number)
        world.run(minutes=20)
    for _ in range(3):
        world.run(minutes=60)
    won = {"000002": Progress(open=False, won=True, amount=300, currency="usd")}
    with store.transaction() as session:
        keep_progress(session, "file", won | {"000006": Progress(open=False, won=True)}, clock())
    return world


def does(number: int) -> str:
    return ("accept", "work", "win", "lose", "decline", "nothing", "win", "accept", "nothing")[number % 9]


def says(world: CsvWorld, number: int) -> None:
    said = {"accept": "Accepted", "work": "Working", "win": "Working", "decline": "Declined"}
    row = {"id": f"{number:06d}", "changed_at": world.clock().isoformat()}
    world.put(row | {"partner_answer": said.get(does(number), "")})


def ends(world: CsvWorld, number: int) -> None:
    if does(number) in ("win", "lose"):
        amount = str(100 * number) if does(number) == "win" else ""
        won = "yes" if does(number) == "win" else "no"
        world.put({"id": f"{number:06d}", "won": won, "amount": amount})


def told(store: Store, **terms: Any) -> dict[str, dict[str, Any]]:
    with store.looking() as session:
        lines = performance(handled(session, NOW), NORMAL, ZoneInfo("Europe/Berlin"), **terms)
    return {line.partner: line.as_data() for line in lines}


def from_events(store: Store) -> dict[str, dict[str, Any]]:
    """The same numbers from the recorded steps of each assignment and the CRM's money, in another way."""
    with store.looking() as session:
        steps = session.execute(
            text("SELECT assignment_id, lead_id, partner, at, state FROM assignment_event ORDER BY id")
        ).all()
        money = session.execute(text("SELECT id, amount, currency FROM progress WHERE won")).all()
    worth = {i: a and a * {"usd": 0.5}.get(c or "", 1) for i, a, c in money}
    lives: defaultdict[int, list[Any]] = defaultdict(list)
    for step in steps:
        lives[step.assignment_id].append(step)
    found: defaultdict[str, defaultdict[str, Any]] = defaultdict(lambda: defaultdict(list))
    for life in lives.values():
        states = [step.state for step in life]
        of = found[life[0].partner]
        took_up = [s for s in life if s.state in ("accepted", "working", "converted", "won", "declined")]
        if took_up:
            of["minutes"].append((when(took_up[0].at) - when(life[0].at)).total_seconds() / 60)
        accepted = bool({"accepted", "working", "converted", "won"} & set(states))
        refused = not accepted and bool({"declined", "expired"} & set(states))
        of["given"].append(1)
        of["accepted"] += [1] * accepted
        of["answerable"] += [1] * (accepted or refused)
        of["declined"] += [1] * ("declined" in states)
        of["lapsed"] += [1] * ("expired" in states)
        of["contacted"] += [1] * bool({"working", "converted", "won"} & set(states))
        of["won"] += [1] * ("won" in states)
        of["closed"] += [1] * bool({"won", "lost"} & set(states))
        of["worth"] += [worth[life[0].lead_id]] if "won" in states else []
    return {who: dict(of) for who, of in found.items()}


def when(at: Any) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def test_each_number_is_what_the_recorded_steps_come_to(world: CsvWorld) -> None:
    reported, events = told(world.store), from_events(world.store)
    assert set(reported) == set(events) == {"anna", "bert"}
    sums = {n: sum(len(of.get(n, ())) for of in events.values()) for n in ("accepted", "answerable")}
    average = sums["accepted"] / sums["answerable"]
    for who, line in reported.items():
        count = {name: len(values) for name, values in events[who].items()}
        assert line["given"] == count["given"]
        acceptance = line["acceptance_rate"]
        assert (acceptance["part"], acceptance["whole"]) == (count["accepted"], count["answerable"])
        assert acceptance["rate"] == round(count["accepted"] / count["answerable"], 4)
        drawn = (count["accepted"] + 20 * average) / (count["answerable"] + 20)
        assert acceptance["shrunk"] == pytest.approx(drawn, abs=1e-4)
        assert (line["contact_rate"]["part"], line["contact_rate"]["whole"]) == (
            count["contacted"],
            count["accepted"],
        )
        assert (line["win_rate"]["part"], line["win_rate"]["whole"]) == (count["won"], count["closed"])
        assert (line["declined"], line["lapsed"]) == (count["declined"], count["lapsed"])
        assert line["responses"] == count["minutes"]
        assert line["response_minutes"] == pytest.approx(median(events[who]["minutes"]))
        assert line["value_won"] == sum(filter(None, events[who]["worth"]))
        assert line["won_without_value"] == events[who]["worth"].count(None)
    every = [line[name] for line in reported.values() for name in ("declined", "lapsed")]
    assert all(every), "the story must hold some of each"
    assert sum(line["won_without_value"] for line in reported.values()) == 1

    check_evidence(world)
    check_records(world)


def check_evidence(world: CsvWorld) -> None:
    with world.store.looking() as session:
        leads = [lead for lead in handled(session, NOW) if lead.partner == "anna"]
    rows, line = evidence(leads, NORMAL), told(world.store)["anna"]
    assert len(rows) == line["given"]
    assert sum(row["answer"] == "accepted" for row in rows) == line["acceptance_rate"]["part"]
    assert sum(row["value"] or 0 for row in rows) == line["value_won"]
    times = [row["minutes"] for row in rows if row["minutes"] is not None]
    assert median(times) == line["response_minutes"]


def check_records(world: CsvWorld) -> None:
    """What decisions read is what is reported, of the time that is asked for and where a rule asks."""
    policy, line = world.cycle.policy, told(world.store)["anna"]
    silent = understand_policy(RoutingSettings.model_validate(toml_rs.loads(TOML)), policy.crms)
    with world.store.looking() as session:
        records = records_of(policy, session, world.clock())
        assert records_of(policy, session, world.clock() + timedelta(days=31)) == {}
        assert records_of(silent, session, world.clock()) == {}
    assert (records["anna"].leads, records["anna"].won) == (
        line["win_rate"]["whole"],
        line["win_rate"]["part"],
    )
    assert records["anna"].responses == line["responses"]


def test_a_lead_counts_in_the_period_in_which_it_was_given() -> None:
    late = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    leads = [
        Handled(Ref("x", "1"), "anna", late, late + timedelta(days=40), accepted=True),
        Handled(Ref("x", "2"), "anna", late - timedelta(hours=1)),
    ]
    lines = performance(leads, NORMAL, ZoneInfo("Europe/Berlin"), "month")
    assert [(line.period, line.tally.given, line.tally.accepted) for line in lines] == [
        ("2026-10", 1, 0),
        ("2026-11", 1, 1),
    ]
    quarters = performance(leads, NORMAL, ZoneInfo("Europe/Berlin"), "quarter")
    assert [(line.period, line.tally.given) for line in quarters] == [("2026-Q4", 2)]


def test_who_wins_more_is_favoured_and_every_decision_comes_out_again(world: CsvWorld) -> None:
    ours = [world.decisions(n)[-1] for n in range(1, 41)]
    favoured = {tuple(r.facts["favoured"]) for d in ours for r in d.reasons if r.code == "picked"}
    assert len(favoured) == 2, "records that change change who is favoured"
    records = {who: line["win_rate"]["shrunk"] for who, line in told(world.store).items()}
    world.lead(60)
    world.run()
    last = next(r for r in world.decisions(60)[-1].reasons if r.code == "picked")
    assert last.facts["favoured"] == [max(records, key=lambda who: records[who])]
    with world.store.looking() as session:
        again = replay(batches(session), lambda config_hash: world.cycle.policy)
    assert again.different == []
    assert again.same >= 40


@pytest.mark.parametrize(
    ("rules", "judged"),
    [
        ("", False),
        ('pick = "best_fit"', False),
        ('prefer = ["skills"]', False),
        ('pick = "fastest"', True),
        ('prefer = ["speed"]', True),
        ('pick = "cherry_pick"\nif_not_claimed = { after = "4h", then = "fastest" }', True),
        ('pick = { method = "best_fit", parts = { revenue = 1 } }', True),
        ('pick = { method = "by_value", bands = [{ at_least = 1, best_by = "performance" }] }', True),
    ],
)
def test_records_are_read_only_where_a_rule_asks_for_them(rules: str, judged: bool) -> None:
    policy: Policy = a_policy(f'{partner("anna")}\n[[route]]\nname = "all"\n{rules}')
    assert policy.recall.judged == (timedelta(days=365) if judged else None)


def test_a_claim_is_no_answer_but_may_be_won() -> None:
    claimed = Handled(Ref("x", "1"), "anna", NOW, None, NOW, won=True, claimed=True, amount=10)
    found = tallies([claimed, Handled(Ref("x", "2"), "anna", NOW, NOW, accepted=True)], NORMAL)["anna"]
    assert found.counts == {"acceptance": (1, 1), "contact": (1, 2), "win": (1, 1)}
    assert found.performance() == Performance(leads=1, won=1, revenue=10.0, responses=1)

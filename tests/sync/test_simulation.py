"""A simulation ends where the live path ends."""

import csv
from collections import Counter
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from random import Random

from connector.model.decision import Decision
from connector.model.lead import Lead
from connector.model.recall import Recall
from connector.model.snapshot import Snapshot
from connector.reports.lead_file import read_leads
from connector.reports.simulation import simulate_history, summed
from connector.routing.pipeline import fold
from connector.routing.policy import Policy
from connector.routing.rotation import LEAD
from connector.store import Store, reading
from connector.store.decisions import ledger_balance
from connector.store.history import history
from connector.store.intake import take_in
from connector.store.snapshot import snapshot
from connector.sync.decide import BATCH, decide_waiting
from tests.builders import INTAKE, a_policy, a_snapshot, partner
from tests.conftest import NOW, Clock
from tests.sync.test_reading import tie
from tests.sync.world import CsvWorld

RULES = (
    """
    [[screen]]
    name = "tiny"
    when = { employees = { below = 5 } }
    [score.fit]
    points = [{ when = { industry = "Manufacturing" }, points = 20 }]
    """
    + partner(
        "anna",
        tier="gold",
        max_open_leads=40,
        owners={"salesforce": ["user:a1@x.example", "user:a2@x.example"]},
        owner_weights={"user:a2@x.example": 2},
    )
    + partner("bert", countries=["DE", "AT"])
    + 'max_new_leads = [{ leads = 60, per = "day" }]\n'
    + partner("cora", tier="gold", max_open_leads=25, countries=["DE"])
    + partner("dora", active=False)
    + partner("emil", backup="cora")
    + 'max_new_leads_per_owner = { leads = 50, per = "24h" }\naway = [{ until = 2026-11-09 }]\n'
    + partner("fritz", queue_outside_hours=False)
    + 'max_new_leads_per_owner = { leads = 50, per = "24h" }\n'
    + 'working_hours = { from = "08:00", to = "12:00" }\n'
    + """
    [[route]]
    name = "good"
    when = { score = { at_least = 20 }, country = ["DE", "AT"] }
    must_cover = ["country"]
    rotation = { name = "dach", weight_by_tier = { gold = 3 } }
    [[route]]
    name = "up for grabs"
    when = { country = ["DE", "AT"], employees = { at_least = 300 } }
    must_cover = ["country"]
    pick = "cherry_pick"
    if_nobody_fits = { then = "next_route" }
    [[route]]
    name = "DACH"
    when = { country = ["DE", "AT"] }
    must_cover = ["country"]
    pick = "least_loaded"
    rotation = { name = "dach", weight_by_tier = { gold = 3 } }
    [[route]]
    name = "world"
    when = { country = { present = true } }
    must_cover = ["country"]
    rotation = { name = "world" }
    max_new_leads = { leads = 40, per = "24h" }
    if_nobody_fits = { hold = "24h" }
    """
)


def made_up(count: int) -> list[dict[str, object]]:
    """Leads that meet every rule somewhere."""
    random = Random(4)
    return [
        {
            "id": f"{number:05d}",
            "owner": random.choices([INTAKE, "user:rep@x.example"], [9, 1])[0],
            "created_at": f"2026-11-01T{number // 60:02d}:{number % 60:02d}:00Z",
            "Land": random.choice(["DE", "Austria", "FR", ""]),
            "employees": random.choice([2, 10, 300]),
            "industry": random.choice(["Manufacturing", "Retail"]),
            "partner": random.choices(["", "Bert", "Dora", "Nobody"], [20, 1, 1, 1])[0],
        }
        for number in range(count)
    ]


def a_file(folder: Path) -> list[Lead]:
    rows = made_up(3 * BATCH - 50)
    path = folder / "leads.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(reversed(rows))
    return read_leads(path, "salesforce", INTAKE, NOW, ["country=Land"])


def lived(policy: Policy, store: Store, leads: list[Lead]) -> list[Decision]:
    """What the daemon decides, batch by batch, each from a fresh reading of the store."""
    with store.transaction() as session:
        take_in(session, "salesforce", leads, NOW)
    decide_waiting(policy, store, ["salesforce"], "live", "hash", lambda: NOW, lambda count: None)
    with store.transaction() as session:
        return [reading.decisions_of(session, lead.ref)[-1] for lead in leads]


def everything(policy: Policy) -> Recall:
    """To read back what was given to whom, whether or not a cap asks for it."""
    routes = frozenset(route.name for route in policy.routes)
    return Recall(frozenset(policy.partners), routes, owners=True, back=timedelta(days=1))


def books(state: Snapshot) -> tuple[object, ...]:
    """What a state holds of everybody, whatever leads are at hand."""
    turns = state.credits, state.turns, state.farthest
    return *turns, state.load, state.load_of_owner, state.given, state.given_by_route, state.given_to_owner


def test_a_simulation_ends_in_the_same_state_as_the_live_path(store: Store, tmp_path: Path) -> None:
    policy, leads, after = a_policy(RULES), a_file(tmp_path), a_snapshot()
    simulated = list(fold(policy, after, leads))
    assert [d.as_data() for d in simulated] == [d.as_data() for d in lived(policy, store, leads)]
    with store.transaction() as session:
        live = snapshot(session, "live", NOW, [], everything(policy))
        assert set(ledger_balance(session).values()) == {0}
    assert books(live) == books(after)
    assert after.turns["owners:anna@salesforce"].keys() == {"user:a1@x.example", "user:a2@x.example"}
    assert 0 < after.farthest["owners:anna@salesforce"] < LEAD
    told = summed(policy, after, simulated)
    assert told == summed(policy, live, simulated)
    assert set(told.outcomes) == {"assigned", "offered", "held", "rejected", "fallback", "left_alone"}
    limits = {"at_capacity", "cap_per_day", "away", "owners_at_cap", "route_cap_rolling"}
    assert limits <= told.refused.keys()


def test_a_simulation_accounts_for_every_lead(tmp_path: Path) -> None:
    policy, leads, after = a_policy(RULES), a_file(tmp_path), a_snapshot()
    decisions = list(fold(policy, after, leads))
    told = summed(policy, after, decisions)
    assert told.leads == sum(told.outcomes.values()) == len(leads)
    assert sum(told.by_partner.values()) == sum(told.by_route.values()) == told.outcomes["assigned"]
    given = told.outcomes["assigned"] + told.outcomes["offered"]
    assert sum(told.without_partner.values()) + given == told.leads
    assert max(told.offered.values()) <= told.outcomes["offered"] <= sum(told.offered.values())
    turns = Counter({name: sum(t for t, _ in of.values()) for name, of in told.rotations.items()})
    assert turns == Counter(turn.rotation for decision in decisions for turn in decision.turns)
    assert asdict(told)["by_partner"]["dora"] == 0


def test_history_decided_again_by_the_same_rules_ends_in_the_same_state(store: Store, tmp_path: Path) -> None:
    policy, leads, after = a_policy(RULES), a_file(tmp_path), a_snapshot()
    live = lived(policy, store, leads)
    with store.transaction() as session:
        past = list(history(session, "live"))
        recent = list(history(session, "live", leads[100].created_at))
        assert {one.partner for one in history(session, "shadow")} == {None}
    told = simulate_history(policy, after, past, at_arrival=False)
    assert [one.lead for one in past] == leads
    assert [one.lead for one in recent] == leads[100:]
    assert told.elsewhere == 0
    with store.transaction() as session:
        assert books(after) == books(snapshot(session, "live", NOW, [], everything(policy)))
    assert told.by_partner["cora"] == sum(decision.partner == "cora" for decision in live)
    other = a_policy(RULES.replace("max_open_leads = 25", "max_open_leads = 5"))
    changed = simulate_history(other, a_snapshot(), past, at_arrival=False)
    assert changed.by_partner["cora"] == 5
    assert changed.elsewhere


def test_from_an_empty_state_each_lead_is_decided_when_it_came(store: Store, tmp_path: Path) -> None:
    """Bert may have 60 leads a day: at one moment he gets 60 of them, over their two days more."""
    policy, leads = a_policy(RULES), a_file(tmp_path)
    spread = [
        replace(lead, created_at=lead.created_at + timedelta(hours=24 * (n % 2)))
        for n, lead in enumerate(leads)
    ]
    with store.transaction() as session:
        take_in(session, "salesforce", spread, NOW)
        past = list(history(session, "live"))
    at_once = simulate_history(policy, a_snapshot(), past, at_arrival=False)
    as_they_came = simulate_history(policy, a_snapshot(), past, at_arrival=True)
    by_standing = sum(one.lead.fields.get("partner") == "Bert" for one in past)
    assert 60 < at_once.by_partner["bert"] <= 60 + by_standing < as_they_came.by_partner["bert"]


def test_what_was_written_to_the_crm_does_not_count_as_how_leads_came(
    tmp_path: Path, store: Store, clock: Clock
) -> None:
    world = CsvWorld(tmp_path, store, clock, linked=True)
    for number in range(1, 6):
        world.lead(number)
    world.lead(1, crm="other")
    tie(world, "other")
    world.run()
    world.run()
    assert {row["owner"] for row in world.rows().values()} == {"user:anna@x.example", "user:bert@x.example"}
    world.put({"id": "000002", "company": "New name", "changed_at": clock().isoformat()})
    world.run()
    with store.transaction() as session:
        past = list(history(session, "live"))
        live = snapshot(session, "live", clock(), [])
    after = a_snapshot()
    told = simulate_history(world.cycle.policy, after, past, at_arrival=False)
    assert (told.elsewhere, dict(told.outcomes)) == (0, {"assigned": 5, "follows": 1})
    assert (after.credits, after.turns, after.load) == (live.credits, live.turns, live.load)

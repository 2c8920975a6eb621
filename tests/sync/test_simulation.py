"""A simulation ends where the live path ends."""

import csv
from collections import Counter
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from random import Random

from connector.model.decision import Decision
from connector.model.lead import Lead
from connector.model.recall import Recall
from connector.reports.lead_file import read_leads
from connector.reports.simulation import summed
from connector.routing.pipeline import fold
from connector.routing.policy import Policy
from connector.routing.rotation import LEAD
from connector.store import Store, reading
from connector.store.decisions import ledger_balance, snapshot
from connector.store.intake import take_in
from connector.sync.decide import BATCH, decide_waiting
from tests.builders import INTAKE, a_policy, a_snapshot, partner
from tests.conftest import NOW

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


def test_a_simulation_ends_in_the_same_state_as_the_live_path(store: Store, tmp_path: Path) -> None:
    policy, leads, after = a_policy(RULES), a_file(tmp_path), a_snapshot()
    simulated = list(fold(policy, after, leads))
    assert [d.as_data() for d in simulated] == [d.as_data() for d in lived(policy, store, leads)]
    routes = frozenset(route.name for route in policy.routes)
    recall = Recall(frozenset(policy.partners), routes, owners=True, back=timedelta(days=1))
    with store.transaction() as session:
        live = snapshot(session, "live", NOW, [], recall)
        assert set(ledger_balance(session).values()) == {0}
    assert live == after
    assert after.turns["owners:anna@salesforce"].keys() == {"user:a1@x.example", "user:a2@x.example"}
    assert 0 < after.farthest["owners:anna@salesforce"] < LEAD
    told = summed(policy, after, simulated)
    assert told == summed(policy, live, simulated)
    assert set(told.outcomes) == {"assigned", "offered", "held", "rejected", "fallback", "left_alone"}
    assert min(told.refused["at_capacity"], told.refused["cap_per_day"]) > 0


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

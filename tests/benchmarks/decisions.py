"""How many leads a second the pure pipeline decides, with every explanation, on one core."""

import random
from bisect import bisect_left
from datetime import timedelta
from time import process_time

from connector.model.lead import Lead, Ref, Value
from connector.model.snapshot import Snapshot
from connector.routing.pipeline import fold
from connector.routing.policy import Policy
from tests.builders import a_policy
from tests.conftest import NOW

PEER = 36
"""Leads a second of an open CRM's own daily run, for 10,000 leads and 50 members, 13 SQL statements each."""

A_DAY = 5_000
"""Leads a day: ten for each partner, whose daily caps begin at twenty."""

COUNTRIES = ("DE", "AT", "CH", "FR", "GB", "ES", "IT", "NL", "PL", "SE", "NO", "DK", "US", "CA", "BR")
INDUSTRIES = ("Manufacturing", "Automotive", "Logistics", "Retail", "Finance", "Health", "Energy", "Media")
PRODUCTS = ("erp", "crm", "cloud", "security", "backup")
SOURCES = ("Web", "Trade Show", "Partner Referral", "Webinar")


def programme(routes: int = 200, partners: int = 500, seed: int = 7) -> str:
    """A config of so many routes and partners: pools of median 25, one of everybody."""
    dice = random.Random(seed)
    parts = [_partner(number, dice) for number in range(partners)]
    parts += [_route(number, partners, dice) for number in range(routes - 1)]
    parts.append('[[route]]\nname = "the rest"\nif_nobody_fits = { then = "fallback_owner" }\n')
    return _RULES + "\n".join(parts)


_RULES = """
[[screen]]
name = "consent"
use = "consent_to_share"
then = "hold"
[[screen]]
name = "reachable"
use = "known_email"
[[screen]]
name = "test"
use = "no_test_record"
[score]
grades = { fit = [45, 30, 15], engagement = [30, 20, 10] }
[[score.fit.points]]
when = { employees = { at_least = 200 } }
points = 30
[[score.fit.points]]
when = { industry = ["Manufacturing", "Automotive"] }
points = 20
[[score.engagement.points]]
when = { lead_source = ["Web", "Webinar"] }
points = 20
halve_every = "30d"
"""


def _partner(number: int, dice: random.Random) -> str:
    countries = dice.sample(COUNTRIES, dice.randint(1, 6))
    industries = dice.sample(INDUSTRIES, dice.randint(0, 5))
    owner = f'["user:p{number}@x.example"]'
    return (
        f'[[partner]]\nid = "p{number}"\nname = "Partner {number}"\n'
        f'tier = "{dice.choice(("platinum", "gold", "silver"))}"\n'
        f"countries = {_list(countries)}\nindustries = {_list(industries)}\n"
        f"skills = {{ {dice.choice(PRODUCTS)} = {dice.randint(1, 9)} }}\n"
        f"max_open_leads = {dice.randint(50, 5000)}\n"
        f'max_new_leads = [{{ leads = {dice.randint(20, 400)}, per = "day" }}]\n'
        f"owners = {{ salesforce = {owner}, hubspot = {owner} }}\n"
    )


def _route(number: int, partners: int, dice: random.Random) -> str:
    size = max(3, min(60, round(dice.gauss(25, 10))))
    pool = [f"p{who}" for who in dice.sample(range(partners), min(size, partners))]
    country = COUNTRIES[number % len(COUNTRIES)]
    product = PRODUCTS[number // len(COUNTRIES) % len(PRODUCTS)]
    least = 100 * (number % 5)
    pick = dice.choice(("round_robin", "round_robin", "least_loaded", "most_skilled"))
    return (
        f'[[route]]\nname = "route {number}"\n'
        f'when = {{ country = "{country}", product = "{product}", employees = {{ at_least = {least} }} }}\n'
        f'pool = {{ partners = {_list(pool)} }}\nmust_cover = ["country"]\npick = "{pick}"\n'
        'if_nobody_fits = { then = "next_route" }\n'
    )


def _list(words: list[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def a_crowd(count: int, seed: int = 11) -> list[Lead]:
    """Leads as forms bring them, most of them complete."""
    dice = random.Random(seed)
    return [_lead(number, dice) for number in range(count)]


def _lead(number: int, dice: random.Random) -> Lead:
    fields: dict[str, Value] = {
        "first_name": "Ann",
        "last_name": f"Lead {number}",
        "email": f"ann{number}@company{dice.randint(0, 10**6)}.example",
        "company": f"Company {dice.randint(0, 10**6)} GmbH",
        "country": dice.choice(COUNTRIES),
        "industry": dice.choice(INDUSTRIES),
        "product": dice.choice(PRODUCTS),
        "employees": dice.randint(1, 1000),
        "lead_source": dice.choice(SOURCES),
        "sharing_consent": dice.random() < 0.95,
        "deal_value": dice.randint(500, 90_000),
    }
    return Lead(Ref("salesforce", f"{number:08d}"), "queue:Intake", NOW, NOW, fields)


def measure(policy: Policy, leads: list[Lead]) -> tuple[float, int]:
    """Decided leads a second of processor time, and how many found a partner; a day brings `A_DAY` leads."""
    snapshot, start, assigned = Snapshot(NOW), process_time(), 0
    for begin in range(0, len(leads), A_DAY):
        snapshot.now = NOW + timedelta(days=begin // A_DAY)
        _forget(snapshot, policy.recall.back)
        day = fold(policy, snapshot, leads[begin : begin + A_DAY])
        assigned += sum(decision.partner is not None for decision in day)
    return len(leads) / (process_time() - start), assigned


def _forget(snapshot: Snapshot, back: timedelta) -> None:
    """What no cap looks back to is not read from the store either."""
    for times in snapshot.given.values():
        del times[: bisect_left(times, snapshot.now - back)]


def main(*, short: bool = False) -> None:
    """Print leads a second for growing numbers of leads, beside a peer's figure."""
    policy = a_policy(programme())
    pools = sorted(len(route.pool) for route in policy.routes)
    median = pools[len(pools) // 2]
    print(f"{len(policy.routes)} routes, {len(policy.partners)} partners, pools of {median} to {pools[-1]}")
    measure(policy, a_crowd(200))  # tables and caches are read once
    for count in (500, 1000) if short else (5_000, 20_000, 80_000):
        speed, assigned = measure(policy, a_crowd(count))
        print(f"{count:7d} leads: {speed:8.0f} decided a second, {assigned} with a partner; a peer: {PEER}")

"""How far rotations stray from everybody's share, beside common ways to distribute, and picks a second.

`python -m tests.benchmarks.fairness --million` follows fixed pools of up to 500 partners for a million leads;
that takes some twenty minutes.
"""

import argparse
import random
import time
from collections.abc import Callable, Mapping
from itertools import cycle
from typing import Any

from connector.model.lead import Value
from connector.routing.fairness import same_for_every_lead, varying
from connector.routing.rotation import LEAD, next_turn
from tests.routing.candidates import EXAMPLES, a_case, a_method, a_partner, book
from tests.routing.workloads import VARYING, WEIGHTS, OurRotation, Rule, Weights, Workload, farthest, pool


class LargestCredit:
    """Everyone eligible gains its share, the largest credit pays a lead: the rotation without deadlines."""

    def __init__(self) -> None:
        self.credit: dict[str, float] = {}

    def __call__(self, weights: Weights) -> str:
        whole = sum(weights.values())
        for who, weight in weights.items():
            self.credit[who] = self.credit.get(who, 0) + weight / whole
        picked = max(weights, key=lambda who: self.credit[who])
        self.credit[picked] -= 1
        return picked


class SmoothWeightedRoundRobin:
    """As in nginx: everyone eligible gains its weight, the largest pays them all."""

    def __init__(self) -> None:
        self.current: dict[str, int] = {}

    def __call__(self, weights: Weights) -> str:
        for who, weight in weights.items():
            self.current[who] = self.current.get(who, 0) + weight
        picked = max(weights, key=lambda who: self.current[who])
        self.current[picked] -= sum(weights.values())
        return picked


class WeightedRandom:
    """A weighted die for every lead."""

    def __init__(self) -> None:
        self.dice = random.Random(7)

    def __call__(self, weights: Weights) -> str:
        return self.dice.choices(list(weights), list(weights.values()))[0]


class PlainRotation:
    """A pointer goes round and stops at the next who is eligible; a weight is so many places in a row."""

    def __init__(self, everyone: Weights):
        least = min(everyone.values())
        self.places = cycle(who for who, weight in everyone.items() for _ in range(round(weight / least)))

    def __call__(self, weights: Weights) -> str:
        return next(who for who in self.places if who in weights)


PEERS: Mapping[str, Callable[[Weights], Rule]] = {
    "ours": lambda everyone: OurRotation(),
    "largest credit": lambda everyone: LargestCredit(),
    "smooth": lambda everyone: SmoothWeightedRoundRobin(),
    "random": lambda everyone: WeightedRandom(),
    "plain": PlainRotation,
}


def main(*, short: bool) -> None:
    """Print the largest deviations that were seen, in leads, and the speed of picks."""
    _print_deviations("the same partners for every lead", _fixed(), 2_000 if short else 20_000)
    _print_deviations("eligibility varies", VARYING[:9] if short else VARYING, 1_000 if short else 20_000)
    for partners in (10, 25, 500):
        fixed = picks_a_second(Workload(partners, 1, "tiered"), short=short)
        mixed = picks_a_second(Workload(partners, 0.9, "tiered"), short=short)
        print(f"rotation of {partners}: {fixed:,.0f} picks a second, {mixed:,.0f} where eligibility varies")
    for name, seconds in _methods(200 if short else 2_000).items():
        print(f"{name}, 25 candidates: {1 / seconds:,.0f} picks a second")


def _fixed() -> list[Workload]:
    return [Workload(partners, 1, weights) for partners in (2, 10, 50, 300) for weights in WEIGHTS]


def _print_deviations(title: str, workloads: list[Workload], leads: int) -> None:
    """One line a workload: who strayed how far; large pools see fewer leads."""
    print(f"farthest from a share, {title}, up to {leads:,} leads: {', '.join(PEERS)}; proven for ours")
    for workload in workloads:
        count = min(leads, 600_000 // workload.partners)
        everyone = pool(workload.partners, workload.weights)
        seen = [farthest(make(everyone), workload.leads(count)) for make in PEERS.values()]
        promise = (same_for_every_lead if workload.eligible == 1 else varying)(workload.partners)
        print(f"  {workload}: {'  '.join(f'{each:.2f}' for each in seen)}; {float(promise.bound):.3f}")


def picks_a_second(workload: Workload, *, short: bool) -> float:
    """Picks a second of processor time, best of five, from a rotation under way; booking comes on top."""
    work = list(workload.leads(200 if short else 2_000))
    rotation = OurRotation()
    for weights in work:
        rotation(weights)
    credits, best = dict(rotation.credits), float("inf")
    for _ in range(5):
        began = time.process_time()
        for weights in work:
            next_turn(weights, credits)
        best = min(best, time.process_time() - began)
    return len(work) / best


def _methods(count: int) -> dict[str, float]:
    """Seconds a pick by method, among 25 candidates of whom something is known, with booking."""
    facts: dict[str, Any] = {"skills": {"sap": 3.0}, "countries": frozenset({"DE"}), "max_open_leads": 9_999}
    candidates = [a_partner(f"p{place}", tier=("gold", "silver")[place % 2], **facts) for place in range(25)]
    lead: dict[str, Value] = {"country": "DE", "product": "SAP; AWS", "deal_value": 70_000}
    seconds = {}
    for name in ("round_robin", "least_loaded", "most_skilled", "top_performer", "best_fit", *EXAMPLES):
        method, case = a_method(name), a_case(candidates, lead=lead)
        began = time.process_time()
        for _ in range(count):
            book(case, method.pick(case))
        seconds[name] = (time.process_time() - began) / count
    return seconds


def million() -> None:
    """Fixed pools for a million leads each."""
    for workload in [Workload(n, 1, weights) for n in (2, 5, 25, 100, 500) for weights in WEIGHTS]:
        seen, bound = (
            farthest(OurRotation(), workload.leads(1_000_000)),
            same_for_every_lead(workload.partners).bound,
        )
        print(f"{workload}: {seen:.6f}, proven {float(bound) + 1_000_000 / LEAD:.6f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--million", action="store_true")
    asked = parser.parse_args()
    million() if asked.million else main(short=asked.short)

"""Cases for methods and preferences, with just the candidates and facts that matter to a test."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from connector.model.lead import Lead, Ref, Value
from connector.model.partner import Partner
from connector.model.performance import Performance
from connector.model.snapshot import Snapshot
from connector.routing.case import Case, Pick, Rotation
from connector.routing.facts import understand
from connector.routing.methods import METHODS, Method
from tests.conftest import NOW

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "by_group": {"groups": [{"name": "strong", "tiers": ["gold"]}, {"name": "next", "types": ["msp"]}]},
    "by_value": {"bands": [{"at_least": 50_000, "tiers": ["gold"]}, {"at_least": 100, "tiers": ["silver"]}]},
}
"""Options for the methods that cannot do without."""


def a_method(name: str, **options: Any) -> Method[Any]:
    """A method with options, or those of its example."""
    kind = METHODS[name]
    return kind(kind.takes.model_validate(options or EXAMPLES.get(name, {})))


def a_partner(name: str, **facts: Any) -> Partner:
    """A partner called `Name` with id `name`."""
    return Partner(id=name, name=name.title(), **facts)


def partners(names: str, **facts: Any) -> list[Partner]:
    """Partners by letters, all alike."""
    return [a_partner(name, **facts) for name in names]


def a_case(
    eligible: Sequence[Partner],
    *,
    number: int = 1,
    lead: Mapping[str, Value] | None = None,
    load: Mapping[str, int] | None = None,
    credits: Mapping[str, int] | None = None,
    records: Mapping[str, Performance] | None = None,
    rotation: Rotation | None = None,
    seed: int = 0,
) -> Case:
    """A lead with these facts before these partners."""
    rotation = rotation or Rotation("r")
    snapshot = Snapshot(
        NOW,
        load=Counter(load or {}),
        credits=defaultdict(dict, {rotation.name: dict(credits or {})}),
        performance=records or {},
    )
    ref = Ref("salesforce", f"{number:06d}")
    facts = understand(Lead(ref, None, NOW, NOW, lead or {}), NOW)
    return Case(ref, facts, eligible, rotation, snapshot, (), ("platinum", "gold", "silver"), seed)


def book(case: Case, pick: Pick) -> str:
    """Move the case's snapshot on by a pick, as a decision would; who was picked."""
    assert pick.partner
    ledger = case.snapshot.credits[case.rotation.name]
    for who, units in pick.entry.items():
        ledger[who] = ledger.get(who, 0) + units
    case.snapshot.load[pick.partner] += 1
    case.snapshot.turns[case.rotation.name][pick.partner] += 1
    return pick.partner

"""Recorded decisions, computed again from what they rested on, and what differs."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from connector.model.data import typed
from connector.model.decision import Decision
from connector.model.lead import Lead, Ref
from connector.model.snapshot import Snapshot
from connector.routing.by_hand import Asked, by_hand
from connector.routing.pipeline import decide
from connector.routing.policy import Policy
from connector.store.inputs import Batch, Made

EVENTS: Mapping[str, str] = {
    "gone": "records deleted in the CRM",
    "merged": "records merged into another",
    "changed_by_person": "owners changed by a person before our write",
    "dropped": "writes given up by hand",
    "erased": "people erased before anyone had their lead",
}
"""What decisions only note, by the code of their reason: there is nothing to compute."""

PolicyOf = Callable[[str], Policy | None]
"""The policy of the rules with this hash, None where they are not kept or cannot be read any more."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A decision that comes out otherwise: the parts that differ, as recorded and as computed now."""

    ref: Ref
    at: str
    config_hash: str
    recorded: Mapping[str, Any]
    computed: Mapping[str, Any]


@dataclass(slots=True)
class Replay:
    """How many decisions came out the same, and why others were not compared; together, all there are.

    `erased` are those whose person was erased, or that followed one such in its batch and differ; `no_rules`
    those whose rules are not kept. `events` are, by the code of their reason, those that only note what has
    happened; `no_inputs` all others of which is not kept what they rested on. `registrations` counts the
    steps of deal registrations, which are not computed again.
    """

    same: int = 0
    erased: int = 0
    no_rules: int = 0
    no_inputs: int = 0
    events: Counter[str] = field(default_factory=Counter)
    registrations: int = 0
    different: list[Difference] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """The replay as JSON values."""
        return {
            "same": self.same,
            "erased": self.erased,
            "no_rules": self.no_rules,
            "no_inputs": self.no_inputs,
            "events": dict(sorted(self.events.items())),
            "registrations": self.registrations,
            "different": [
                {
                    "ref": str(found.ref),
                    "at": found.at,
                    "config_hash": found.config_hash,
                    "recorded": found.recorded,
                    "computed": found.computed,
                }
                for found in self.different
            ],
        }


def replay(batches: Iterable[Batch], policy_of: PolicyOf, only: Ref | None = None) -> Replay:
    """Compute decisions again, each from what those before it, as recorded, had left."""
    found = Replay()
    for batch in batches:
        erased = False
        for made, computed in _again(batch, policy_of):
            erased = erased or made.lead is None
            if only is None or made.decision.ref == only:
                _compare(found, made, computed, erased)
    return found


def count_others(found: Replay, others: Iterable[tuple[Decision, bool]]) -> None:
    """Say of every decision without inputs, and whether it is erased, why it is not computed again."""
    for decision, erased in others:
        code = decision.reasons[0].code if decision.reasons else ""
        if code in EVENTS:
            found.events[code] += 1
        elif erased:
            found.erased += 1
        else:
            found.no_inputs += 1


def _again(batch: Batch, policy_of: PolicyOf) -> Iterator[tuple[Made, Mapping[str, Any] | None]]:
    snapshot = batch.snapshot
    for made in batch.made:
        policy = policy_of(made.config_hash)
        yield made, _computed(policy, snapshot, made, made.lead) if policy and made.lead else None
        snapshot.apply(made.decision)


def _computed(policy: Policy, snapshot: Snapshot, made: Made, lead: Lead) -> Mapping[str, Any]:
    if made.order is None:
        return _json(decide(policy, snapshot, lead))
    asked = typed(Asked, made.order)
    found = by_hand(policy, snapshot, lead, asked.partner, asked.order, asked.place)
    if isinstance(found, Decision):
        return _json(found)
    return {"outcome": None, "objections": [objection.reason.code for objection in found]}


def _compare(found: Replay, made: Made, now: Mapping[str, Any] | None, erased: bool) -> None:
    if made.lead is None:
        found.erased += 1
    elif now is None:
        found.no_rules += 1
    else:
        recorded = _json(made.decision)
        parts = [name for name in now if recorded.get(name) != now[name]]
        if not parts:
            found.same += 1
        elif erased:
            found.erased += 1
        else:
            found.different.append(
                Difference(
                    made.decision.ref,
                    made.decision.at.isoformat(),
                    made.config_hash,
                    {name: recorded.get(name) for name in parts},
                    {name: now[name] for name in parts},
                )
            )


def _json(decision: Decision) -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads(orjson.dumps(decision.as_data()))
    return data

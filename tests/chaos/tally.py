"""What happened in a proof: kills, faults, leads, and what the oracle found; and in all proofs together."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Tally:
    """What happened: kills by what they hit, faults by kind, and what the oracle found.

    `furthest` is the most that a partner ever was from its share of the leads, in leads. `found` are the runs
    after which the oracle was asked.
    """

    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    found: int = 0
    leads: int = 0
    violations: list[str] = field(default_factory=list)
    furthest: float = 0.0

    def told(self) -> str:
        """The totals in one line."""
        share = f"furthest from its share {self.furthest:.3f}, " if self.furthest else ""
        return (
            f"{self.leads:,} leads, {_counted(self.kills, 'kills')}, {_counted(self.faults, 'faults')}, "
            f"{share}{len(self.violations)} violations"
        )

    def as_data(self) -> dict[str, Any]:
        """The totals as JSON values."""
        return {
            "kills": dict(self.kills),
            "faults": dict(self.faults),
            "found": self.found,
            "leads": self.leads,
            "violations": self.violations,
            "furthest": self.furthest,
        }


def together(tallies: Iterable[Mapping[str, Any]]) -> Tally:
    """What happened in several proofs, given as JSON values."""
    whole = Tally()
    for tally in tallies:
        whole.kills.update(tally["kills"])
        whole.faults.update(tally["faults"])
        whole.found += tally["found"]
        whole.leads += tally["leads"]
        whole.violations += tally["violations"]
        whole.furthest = max(whole.furthest, tally["furthest"])
    return whole


def _counted(counts: Counter[str], what: str) -> str:
    each = ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))
    return f"{counts.total():,} {what}" + (f" ({each})" if each else "")

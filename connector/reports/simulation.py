"""What the rules would do with leads that nobody has decided yet: the live decisions, without a store."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from connector.model.decision import Decision, Outcome
from connector.model.lead import Lead, Ref
from connector.model.snapshot import Leader, Snapshot
from connector.routing.order import in_order
from connector.routing.pipeline import fold
from connector.routing.policy import Policy
from connector.routing.reasons import REFUSALS, say
from connector.routing.rotation import LEAD
from connector.store.history import Past


@dataclass(frozen=True, slots=True)
class Simulation:
    """Who would get what, and why not.

    `refused` counts, by code, how often a partner of a pool was turned away; `without_partner` the leads that
    no partner would get, by what decided that; `offered` how often each partner could claim one. `rotations`
    gives each partner's turns and how far they are from its share, in leads, `farthest` how far anybody ever
    was. `elsewhere` counts past leads that would go to another partner than they did.
    """

    leads: int
    outcomes: Mapping[str, int]
    by_partner: Mapping[str, int]
    by_route: Mapping[str, int]
    refused: Mapping[str, int]
    without_partner: Mapping[str, int]
    offered: Mapping[str, int]
    rotations: Mapping[str, Mapping[str, tuple[int, float]]]
    farthest: Mapping[str, float]
    elsewhere: int | None = None

    def as_data(self) -> dict[str, Any]:
        """The simulation as JSON values."""
        data = asdict(self)
        data["rotations"] = {
            name: {who: {"turns": turns, "deviation": round(off, 3)} for who, (turns, off) in of.items()}
            for name, of in self.rotations.items()
        }
        return data


def simulate(policy: Policy, snapshot: Snapshot, leads: Iterable[Lead]) -> Simulation:
    """Decide leads one after another as the daemon would; the snapshot moves on, nothing is written."""
    return summed(policy, snapshot, list(fold(policy, snapshot, in_order(policy, leads, snapshot.now))))


def simulate_history(
    policy: Policy, snapshot: Snapshot, past: Sequence[Past], *, at_arrival: bool
) -> Simulation:
    """Decide leads again that were decided before; `at_arrival` each at the moment at which it came.

    Leads that follow another come last, as they do for the daemon.
    """
    leads = [one.lead for one in past]
    arrived = _as_they_came(snapshot, past) if at_arrival else in_order(policy, leads, snapshot.now)
    decisions: list[Decision] = []
    for decision in fold(policy, snapshot, _with_leaders(snapshot, arrived, decisions)):
        decisions.append(decision)
    went = {one.lead.ref: one.partner for one in past}
    elsewhere = sum(decision.partner != went[decision.ref] for decision in decisions)
    return replace(summed(policy, snapshot, decisions), elsewhere=elsewhere)


def _as_they_came(snapshot: Snapshot, past: Iterable[Past]) -> Iterator[Lead]:
    for one in past:
        if one.lead.linked is None:
            snapshot.now = one.lead.created_at
        yield one.lead


def _with_leaders(snapshot: Snapshot, leads: Iterable[Lead], decisions: list[Decision]) -> Iterator[Lead]:
    """The leads, and before the first that follows another what was decided for those."""
    decided: dict[Ref, Decision] | None = None
    for lead in leads:
        if lead.linked is not None:
            decided = decided or {decision.ref: decision for decision in decisions}
            leader = Ref.parse(lead.linked)
            then = decided.get(leader)
            found = Leader(leader, then.outcome, then.partner) if then else Leader(leader)
            snapshot.leaders = {lead.ref: found}
        yield lead


def summed(policy: Policy, after: Snapshot, decisions: list[Decision]) -> Simulation:
    """Decisions, and the snapshot after them, as counts."""
    refused: Counter[str] = Counter()
    for choice in (choice for decision in decisions for choice in decision.choices):
        refused.update({code: len(who) for code, who in choice.refused.items()})
    given = [decision for decision in decisions if decision.outcome is Outcome.ASSIGNED]
    got = Counter(decision.partner for decision in given)
    return Simulation(
        leads=len(decisions),
        outcomes=dict(Counter(decision.outcome.value for decision in decisions).most_common()),
        by_partner={who: got[who] for who in policy.partners},
        by_route=dict(Counter(decision.route or "(standing)" for decision in given).most_common()),
        refused=dict(refused.most_common()),
        without_partner=dict(Counter(map(_last, filter(_nobodys, decisions))).most_common()),
        offered=dict(Counter(who for decision in decisions for who in decision.offered_to).most_common()),
        rotations=_rotations(after),
        farthest={name: units / LEAD for name, units in sorted(after.farthest.items())},
    )


def _nobodys(decision: Decision) -> bool:
    return decision.partner is None and decision.outcome is not Outcome.OFFERED


def _last(decision: Decision) -> str:
    """What ended the path of a lead that nobody gets."""
    return say(decision.reasons[-1]) if decision.reasons else decision.outcome.value


def _rotations(after: Snapshot) -> dict[str, dict[str, tuple[int, float]]]:
    return {
        # A credit is the share that a partner was owed less what it got.
        name: {who: (after.turns[name][who], -units / LEAD) for who, units in sorted(ledger.items())}
        for name, ledger in sorted(after.credits.items())
    }


def simulation_tables(found: Simulation, names: Mapping[str, str]) -> RenderableType:
    """A simulation for a person; `names` are partner names by id."""
    parts: list[RenderableType] = [
        _counts("Leads", {name.replace("_", " "): n for name, n in found.outcomes.items()}),
        _counts("Partners", {names.get(who, who): n for who, n in found.by_partner.items()}),
        _counts("Offered to", {names.get(who, who): n for who, n in found.offered.items()}),
        _counts("Routes", found.by_route),
        _counts("Why no partner would get them", found.without_partner),
        _counts("Why partners were passed over", {REFUSALS[code]: n for code, n in found.refused.items()}),
    ]
    parts += [_turns(name, ledger, names, found.farthest) for name, ledger in found.rotations.items()]
    if found.elsewhere is not None:
        parts.append(f"{found.elsewhere} of {found.leads} would go to another partner than they did")
    return Group(*(line for part in parts if part for line in (part, Text())))


def _counts(title: str, counts: Mapping[str, int]) -> Table | str:
    table = Table("", "leads", title=title, title_justify="left", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for name, count in counts.items():
        table.add_row(Text(name), str(count))
    return table if counts else ""


def _turns(
    rotation: str,
    ledger: Mapping[str, tuple[int, float]],
    names: Mapping[str, str],
    farthest: Mapping[str, float],
) -> Table:
    title = Text(f"Rotation {rotation}: nobody was ever further than {farthest.get(rotation, 0):.2f} from it")
    table = Table("", "turns", "off its share", title=title, title_justify="left", box=None, pad_edge=False)
    for who, (turns, off) in ledger.items():
        table.add_row(Text(names.get(who, who)), str(turns), f"{off:+.2f}")
    for column in table.columns[1:]:
        column.justify = "right"
    return table

"""Who got what, and what is still under way, as data and as tables."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from connector.model.decision import Outcome
from connector.model.lead import Ref
from connector.reports.rotations import RotationLine, rotation_lines
from connector.routing.case import Rotation
from connector.routing.progress import NO_MEANING, Meaning
from connector.routing.rotation import LEAD
from connector.store import notices, reading
from connector.store.given import breached
from connector.store.leases import DaemonLine, daemons
from connector.store.life import unexplained
from connector.store.load_checks import LoadCheck, differing
from connector.store.releases import kept
from connector.store.stuck import Backlog, backlogs


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """One partner's leads: all open ones, and those by turn beside the target that its shares came to.

    `late` counts those whose time to accept it let pass.
    """

    name: str
    assigned: int
    by_turn: int
    target: float
    late: int = 0

    @property
    def deviation(self) -> float:
        """Turns taken beyond the target, in leads."""
        return self.by_turn - self.target


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of everything in one ledger ("live" or "shadow"); of the other only how many leads it has."""

    ledger: str
    leads: int
    waiting: int
    outcomes: Mapping[str, int]
    by_partner: Mapping[str, PartnerLine]
    by_route: Mapping[str, int]
    outbox: Mapping[str, int]
    api_calls: Mapping[str, Mapping[str, int]]
    first_seen_by: Mapping[str, int] = field(default_factory=dict)
    parked: tuple[Mapping[str, Any], ...] = field(default=())
    rotations: tuple[RotationLine, ...] = ()
    daemons: tuple[DaemonLine, ...] = field(default=())
    unexplained: tuple[Mapping[str, str], ...] = ()
    backlog: Mapping[str, Backlog] = field(default_factory=dict)
    kept_back: Mapping[str, int] = field(default_factory=dict)
    in_other_ledger: int = 0
    load_differs: tuple[LoadCheck, ...] = ()
    notices: Mapping[str, int] = field(default_factory=dict)
    fallback_after_partners: int = 0

    def as_data(self) -> dict[str, Any]:
        """The summary as JSON values."""
        data = asdict(self)
        for partner, line in self.by_partner.items():
            data["by_partner"][partner]["target"] = round(line.target, 3)
            data["by_partner"][partner]["deviation"] = round(line.deviation, 3)
        data["rotations"] = [line.as_data() for line in self.rotations]
        for check in data["load_differs"]:
            check["at"] = check["at"].isoformat()
        for crm, backlog in self.backlog.items():
            data["backlog"][crm]["oldest"] = backlog.oldest.isoformat() if backlog.oldest else None
        return data


def summarize(
    session: Session,
    names: Mapping[str, str],
    ledger: str,
    terms: Mapping[str, Rotation] | None = None,
    meanings: Mapping[str, Meaning] | None = None,
) -> Summary:
    """The state of the store.

    `names` are partner names by id, `terms` what routes say of their rotations, `meanings` what values mean.
    """
    counts = reading.leads_by_state(session)
    outcomes: Counter[str] = Counter({outcome.value: 0 for outcome in Outcome})
    for (_, state, outcome, of_ledger), count in counts.items():
        if state == "decided" and outcome and of_ledger == ledger:
            outcomes[outcome] += count
    waiting = sum(count for (_, state, _, _), count in counts.items() if state == "waiting")
    given = reading.assigned_by(session, ledger)
    return Summary(
        ledger=ledger,
        leads=sum(counts.values()),
        waiting=waiting,
        outcomes=dict(outcomes),
        by_partner=_partners(session, names, ledger, given),
        by_route=_routes(given),
        outbox=_outbox(session),
        api_calls=reading.calls(session),
        first_seen_by=reading.first_seen_by(session),
        parked=tuple(
            {"id": row.id, "ref": str(row.ref), "error": row.error, "fix": row.fix}
            for row in reading.parked(session)
        ),
        backlog=backlogs(session),
        in_other_ledger=sum(counts.values()) - waiting - sum(outcomes.values()),
        kept_back=kept(session, show=0).by_limit,
        rotations=rotation_lines(reading.credits(session, ledger), terms or {}, names),
        daemons=tuple(daemons(session)),
        unexplained=_unexplained(session, meanings or {}),
        load_differs=tuple(differing(session)),
        notices=notices.counts(session),
        fallback_after_partners=reading.given_up(session, ledger),
    )


def _unexplained(session: Session, meanings: Mapping[str, Meaning]) -> tuple[Mapping[str, str], ...]:
    """Values that nobody has explained up to now."""
    return tuple(
        {"crm": crm, "value": value, "first_lead": str(Ref(crm, lead_id))}
        for crm, value, lead_id in unexplained(session)
        if not meanings.get(crm, NO_MEANING).knows(value)
    )


def _partners(
    session: Session,
    names: Mapping[str, str],
    ledger: str,
    given: Mapping[tuple[str, str | None], int],
) -> dict[str, PartnerLine]:
    assigned: Counter[str] = Counter()
    for (partner, _), count in given.items():
        assigned[partner] += count
    turns: Counter[str] = Counter()
    units: Counter[str] = Counter()
    for line in reading.credits(session, ledger):
        turns[line.partner] += line.turns
        units[line.partner] += line.turns * LEAD + line.units
    late = breached(session, ledger)
    # Who was taken out of the config may have leads still.
    gone = {who: f"{who} (not in the config)" for who in sorted(+assigned) if who not in names}
    return {
        partner: PartnerLine(
            name, assigned[partner], turns[partner], units[partner] / LEAD, late.get(partner, 0)
        )
        for partner, name in {**names, **gone}.items()
    }


def _routes(given: Mapping[tuple[str, str | None], int]) -> dict[str, int]:
    routes: Counter[str] = Counter()
    for (_, route), count in given.items():
        routes[route or "(standing)"] += count
    return dict(routes.most_common())


def _outbox(session: Session) -> dict[str, int]:
    states: Counter[str] = Counter()
    for (_, state), count in reading.outbox_by_state(session).items():
        states[state] += count
    return dict(states)

"""What a kind of standing looks at, what it finds, and how it is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta, tzinfo
from typing import Any

from connector.model.identity import Identity, Relative, Relatives
from connector.model.lead import Ref
from connector.model.snapshot import Snapshot
from connector.routing.accounts import STRONG
from connector.routing.facts import Facts
from connector.routing.named_accounts import NamedAccounts

Told = Callable[[Mapping[str, Any]], str]
"""A standing's evidence in words."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A partner's right that was found, and what it rests on, as JSON values.

    `partner` is None where the evidence names nobody that we know, or, with `kept`, the vendor itself. A
    `firm` right is somebody's word or work under way, and disagrees with another firm one; the others
    follow from the past and give way. One that is `pending` is not decided yet. `leader` is another record of
    the same person, which the partner has.
    """

    kind: str
    partner: str | None
    evidence: Mapping[str, Any]
    firm: bool = True
    kept: bool = False
    pending: bool = False
    leader: Ref | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class StandingRules:
    """What the admin says of standing, understood; `partner_ids` by case-folded id or name."""

    order: tuple[str, ...] = ()
    partner_ids: Mapping[str, str] = field(default_factory=dict)
    named_accounts: NamedAccounts = field(default_factory=NamedAccounts)
    kept_accounts_to: str = "fallback_owner"
    person_within: timedelta = timedelta(days=180)
    company_within: timedelta = timedelta(days=180)
    company_from: float = STRONG
    if_they_disagree: str = "hold"
    takes_turn: bool = False
    zone: tzinfo = UTC

    def knows(self, partner: str) -> bool:
        """Whether an id is one of a partner of today."""
        return self.partner_ids.get(partner) == partner


@dataclass(frozen=True, slots=True)
class Seen:
    """One lead, and everything that may give a partner a right to it."""

    ref: Ref
    facts: Facts
    identity: Identity
    relatives: Relatives
    snapshot: Snapshot
    rules: StandingRules

    @property
    def today(self) -> date:
        """The day, where the admin is."""
        return self.facts.now.astimezone(self.rules.zone).date()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of standing: how it is found, its evidence in a sentence, and the rule for partners to read.

    `recognises` says that it needs to know who the lead is, across time and CRMs.
    """

    find: Callable[[Seen], Standing | None]
    said: Told
    rule: Callable[[StandingRules], str]
    recognises: bool = False


def told_of(other: Relative) -> dict[str, Any]:
    """What a right by another lead rests on, without a word of who that is."""
    return {**other.evidence, "record": str(other.ref), "since": other.since.isoformat(), "open": other.open}

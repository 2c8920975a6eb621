"""A partner's existing right to a lead, which goes before any route."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connector.routing.facts import Facts
from connector.routing.policy import Policy


@dataclass(frozen=True, slots=True)
class Standing:
    """A right that was found: its kind, and the partner, or None where the record names nobody we know."""

    kind: str
    partner: str | None
    evidence: Mapping[str, str]


def first_standing(policy: Policy, facts: Facts) -> Standing | None:
    """The first standing in the policy's order."""
    found = (_KINDS[kind](policy, facts) for kind in policy.standing)
    return next((standing for standing in found if standing), None)


def _partner_on_lead(policy: Policy, facts: Facts) -> Standing | None:
    named = facts.shown.get("partner")
    if named is None:
        return None
    partner = policy.partner_ids.get(str(named).casefold())
    return Standing("partner_on_lead", partner, {"named": str(named)})


_KINDS: Mapping[str, Callable[[Policy, Facts], Standing | None]] = {"partner_on_lead": _partner_on_lead}

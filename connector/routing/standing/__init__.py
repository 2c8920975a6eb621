"""A partner's existing right to a lead, which goes before any route: one kind a file."""

from collections.abc import Iterator, Mapping, Sequence

from connector.routing.standing.base import Kind, Seen, Standing, StandingRules
from connector.routing.standing.named_account import NAMED_ACCOUNT
from connector.routing.standing.partner_on_lead import PARTNER_ON_LEAD
from connector.routing.standing.registration import REGISTRATION
from connector.routing.standing.same_company import SAME_COMPANY
from connector.routing.standing.same_person import SAME_PERSON

__all__ = ["KINDS", "Kind", "Seen", "Standing", "StandingRules", "disagreement", "standings"]

KINDS: Mapping[str, Kind] = {
    "registration": REGISTRATION,
    "named_account": NAMED_ACCOUNT,
    "partner_on_lead": PARTNER_ON_LEAD,
    "same_person": SAME_PERSON,
    "same_company": SAME_COMPANY,
}
"""The kinds by the name that `[standing] order` uses."""


def standings(seen: Seen) -> Iterator[Standing]:
    """Every standing that a lead has, in the admin's order."""
    found = (KINDS[kind].find(seen) for kind in seen.rules.order)
    return (standing for standing in found if standing)


def disagreement(found: Sequence[Standing]) -> Standing | None:
    """The firm standing that names another than the first one does, if that one is firm itself.

    Rights that only follow from the past, such as that of a company's former partner, are settled by the
    order: they do not disagree, they come later.
    """
    first, *others = found
    if not first.firm:
        return None
    return next((other for other in others if other.firm and _whose(other) != _whose(first)), None)


def _whose(standing: Standing) -> tuple[str | None, bool]:
    return standing.partner, standing.kept

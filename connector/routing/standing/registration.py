"""A partner has registered the customer, in whichever CRM."""

from collections.abc import Mapping
from typing import Any

from connector.model.registration import State
from connector.routing.standing.base import Kind, Seen, Standing


def _find(seen: Seen) -> Standing | None:
    """The approved registration of the lead's company, else one that is not decided yet."""
    found = seen.snapshot.registered.get(seen.ref, ())
    for each in sorted(found, key=lambda each: (each.state is not State.APPROVED, each.ref)):
        told = {"registration": each.ref, **each.evidence}
        if each.state is not State.APPROVED:
            return Standing("registration", each.partner, told, pending=True)
        if seen.rules.knows(each.partner):
            return Standing("registration", each.partner, told)
    return None


def _said(evidence: Mapping[str, Any]) -> str:
    return f"the customer is registered ({evidence['registration']}, by {_BY[evidence['by']]})"


_BY = {"domain": "domain", "email": "e-mail address", "name": "name"}

REGISTRATION = Kind(
    find=_find,
    said=_said,
    rule=lambda rules: (
        "the partner whose registration of the lead's company is approved; "
        "while one is not decided yet, the lead is held for the channel manager"
    ),
)

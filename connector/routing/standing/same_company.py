"""A lead of the same company is or was with a partner, in whichever CRM."""

from collections.abc import Mapping
from typing import Any

from connector.model.durations import in_words
from connector.routing.standing.base import Kind, Seen, Standing, told_of


def _find(seen: Seen) -> Standing | None:
    other = seen.relatives.company
    return Standing("same_company", other.partner, told_of(other), firm=False) if other else None


def _said(evidence: Mapping[str, Any]) -> str:
    known = evidence["domain"] if evidence["by"] == "domain" else evidence["company"]
    return f"the same company as {evidence['record']}, by {evidence['by']} ({known})"


SAME_COMPANY = Kind(
    find=_find,
    said=_said,
    rule=lambda rules: (
        f"the partner that was given a lead of the same company in the last {in_words(rules.company_within)}"
    ),
    recognises=True,
)

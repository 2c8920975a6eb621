"""The company is on the table of named accounts."""

from collections.abc import Mapping
from typing import Any

from connector.routing.standing.base import Kind, Seen, Standing


def _find(seen: Seen) -> Standing | None:
    who = seen.identity
    company = str(seen.facts.shown.get("company", "")) or None
    found = seen.rules.named_accounts.of(
        company, who.country, who.domain, seen.today, seen.rules.company_from
    )
    if found is None:
        return None
    account, evidence = found
    named = account.domain or account.company
    row = {"account": named, "file": account.file, "line": account.line}
    return Standing("named_account", account.partner, {**row, **evidence}, kept=account.partner is None)


def _said(evidence: Mapping[str, Any]) -> str:
    return f"a named account ({evidence['account']})"


PLACES = {"fallback_owner": "goes to the fallback owner", "leave_alone": "stays with whoever holds it"}

NAMED_ACCOUNT = Kind(
    find=_find,
    said=_said,
    rule=lambda rules: (
        "the partner of the lead's company on the list of named accounts; the lead of a company that the "
        f"vendor keeps for itself {PLACES[rules.kept_accounts_to]}"
    ),
)

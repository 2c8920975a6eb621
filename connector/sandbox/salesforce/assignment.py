"""Salesforce's own lead router, and an automation of the customer that wants the owner back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.store import Row

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org


def on_create(org: Org, auto_assign: str) -> Row:
    """The owner whom the assignment rule gives a new lead; a rule may be named by id."""
    word = auto_assign.upper()
    if word not in ("TRUE", "FALSE") and auto_assign[:15] != org.assignment_rule_id[:15]:
        raise SalesforceError("INVALID_ID_FIELD", f"Invalid assignment rule id: {auto_assign}")
    return _assigned(org) if word != "FALSE" else {}


def on_update(org: Org, auto_assign: str) -> Row:
    """The owner whom the assignment rule gives a changed lead: it runs again unless told not to."""
    return _assigned(org) if auto_assign.upper() != "FALSE" else {}


def _assigned(org: Org) -> Row:
    if not org.settings.assignment_rule_active:
        return {}
    return {"OwnerId": org.owner_id(org.settings.assignment_queue)}


def after_save(org: Org, lead_id: str) -> None:
    """Let the customer's automation take the lead, at once or a little later."""
    settings = org.settings
    if not settings.owner_automation:
        return
    org.later(settings.owner_automation_after, lambda: take_back(org, lead_id))


def take_back(org: Org, lead_id: str) -> None:
    """Give a lead the owner that the automation wants."""
    row = org.store.row("Lead", lead_id)
    owner = org.owner_id(org.settings.owner_automation) if org.settings.owner_automation else None
    if row is not None and owner is not None and not row["IsDeleted"] and row["OwnerId"] != owner:
        org.change_as_automation("Lead", row, {"OwnerId": owner})

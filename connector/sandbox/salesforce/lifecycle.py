"""What happens to records on the screen: edits, deletion, merging, conversion, and slow transactions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from connector.sandbox.salesforce import history, writes
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.store import Row

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

DAYS_TO_CLOSE = 60


class LongTransaction:
    """Changes that carry the time at which they were made but show only when they are committed."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._writes: list[Callable[[], object]] = []
        self.began = org.stamp()
        org.transactions.add(self)

    def add(self, write: Callable[[], object]) -> None:
        """Keep a change back."""
        self._writes.append(write)

    def edit(self, record_id: str, values: Mapping[str, object], by: str, object: str = "Lead") -> None:
        """A person's change of a record, within the transaction."""
        stamp = self._org.stamp()
        self.add(lambda: edit(self._org, record_id, values, by, object, stamp))

    def create(self, object_name: str, values: Mapping[str, object], by: str) -> None:
        """A person's new record, within the transaction."""
        stamp = self._org.stamp()
        self.add(lambda: create(self._org, object_name, values, by, stamp))

    def commit(self) -> None:
        """Let everybody see the changes."""
        self._org.transactions.discard(self)
        for write in self._writes:
            write()


def edit(
    org: Org, record_id: str, values: Mapping[str, object], by: str, object_name: str, stamp: int
) -> None:
    """A person's change, stamped with the given time."""
    writes.update(org, object_name, record_id, _typed(org, values), _person(org, by, stamp))


def create(org: Org, object_name: str, values: Mapping[str, object], by: str, stamp: int) -> str:
    """A person's new record, stamped with the given time; returns its id."""
    return writes.create(org, object_name, _typed(org, values), _person(org, by, stamp))


def delete(org: Org, record_id: str, object_name: str) -> None:
    """A person's deletion."""
    writes.delete(org, object_name, record_id, _person(org, "sam.selling@acme.example"))


def merge(org: Org, winner_id: str, loser_id: str, object_name: str) -> str:
    """The loser goes to the bin and names the winner; tasks and history follow the winner."""
    sobject = org.sobject(object_name)
    if not sobject.has("M"):
        raise SalesforceError("INVALID_OPERATION", f"{sobject.plural} cannot be merged")
    winner, loser = (writes.existing(org, sobject, each) for each in (winner_id, loser_id))
    by = _person(org, "sam.selling@acme.example")
    filled = {one.name: loser[one.name] for one in sobject if _fills(one.name, one.has("U"), winner, loser)}
    with org.store.all_or_none():
        writes.bin_it(org, sobject, loser, by, MasterRecordId=winner["Id"])
        if sobject.name == "Lead":
            history.noted(org, str(winner["Id"]), "leadMerged", by.user_id, org.stamp())
            org.store.move("Task", "WhoId", str(loser["Id"]), str(winner["Id"]))
            org.store.move("LeadHistory", "LeadId", str(loser["Id"]), str(winner["Id"]))
        writes.change(org, sobject, winner, filled, by)
    return str(winner["Id"])


def _fills(name: str, updateable: bool, winner: Row, loser: Row) -> bool:
    return updateable and winner.get(name) is None and loser.get(name) is not None


def convert(org: Org, lead_id: str, by: str, amount: float | None) -> Row:
    """The lead becomes read-only, and account, contact and opportunity come from it."""
    sobject, actor = org.sobject("Lead"), _person(org, by)
    lead = writes.existing(org, sobject, lead_id)
    if lead["IsConverted"]:
        raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    owner = lead["OwnerId"] if str(lead["OwnerId"]).startswith("005") else actor.user_id
    with org.store.all_or_none():
        account = _account_of(org, lead, owner, actor)
        changes: Row = {
            "IsConverted": 1,
            "ConvertedDate": org.now().date().isoformat(),
            "ConvertedAccountId": account,
            "ConvertedContactId": _contact_of(org, lead, account, owner, actor),
            "ConvertedOpportunityId": _opportunity_of(org, lead, account, owner, amount, actor),
            "Status": "Closed - Converted",
            "OwnerId": owner,
        }
        writes.change(org, sobject, lead, changes, actor)
        history.noted(org, str(lead["Id"]), "leadConverted", actor.user_id, org.stamp())
    return writes.existing(org, sobject, lead_id)


def _account_of(org: Org, lead: Row, owner: object, by: writes.Actor) -> str:
    """The account with the lead's company name, or a new one."""
    known = next(
        (row for row in org.store.find("Account", Name=lead["Company"]) if not row["IsDeleted"]), None
    )
    if known is not None:
        return str(known["Id"])
    address = {f"Billing{part}": lead[part] for part in ("Street", "City", "State", "PostalCode", "Country")}
    same = {
        name: lead[name] for name in ("Phone", "Website", "Industry", "AnnualRevenue", "NumberOfEmployees")
    }
    return writes.create(org, "Account", {"Name": lead["Company"], "OwnerId": owner, **address, **same}, by)


def _contact_of(org: Org, lead: Row, account: str, owner: object, by: writes.Actor) -> str:
    same = {name: lead[name] for name in ("FirstName", "LastName", "Email", "Phone", "Title", "LeadSource")}
    return writes.create(org, "Contact", {**same, "AccountId": account, "OwnerId": owner}, by)


def _opportunity_of(
    org: Org, lead: Row, account: str, owner: object, amount: float | None, by: writes.Actor
) -> str:
    deal = {
        "Name": f"{lead['Company']}-",
        "AccountId": account,
        "StageName": "Prospecting",
        "CloseDate": (org.now() + timedelta(days=DAYS_TO_CLOSE)).date().isoformat(),
        "Amount": lead.get("Expected_Amount__c") if amount is None else amount,
        "LeadSource": lead["LeadSource"],
        "OwnerId": owner,
    }
    return writes.create(org, "Opportunity", deal, by)


def _person(org: Org, username: str, stamp: int | None = None) -> writes.Actor:
    return writes.Actor(org.owner_id(username), org.schema, stamp=stamp)


def _typed(org: Org, values: Mapping[str, object]) -> dict[str, object]:
    """Values as typed on the screen: an owner by name becomes its id."""
    return {
        name: org.owner_id(str(value)) if name.lower() == "ownerid" and value else value
        for name, value in values.items()
    }

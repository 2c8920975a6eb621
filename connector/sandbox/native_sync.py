"""The vendors' own HubSpot-Salesforce sync, which copies owner and fields between the two sides."""

from collections.abc import Iterator
from dataclasses import dataclass

from connector.sandbox.faults import FaultBoard
from connector.sandbox.hubspot import Portal
from connector.sandbox.hubspot.records import SALESFORCE, Record
from connector.sandbox.hubspot.writes import update
from connector.sandbox.programme import Person
from connector.sandbox.salesforce import Org
from connector.sandbox.salesforce.lifecycle import edit
from connector.sandbox.salesforce.seed import add_user
from connector.sandbox.salesforce.store import Row

SYNC_USER = Person("HubSpot", "Integration", "hubspot.integration@acme.example")
# Salesforce's field and HubSpot's property; the owner is copied besides.
FIELDS = (
    ("Partner__c", "partner"),
    ("Routing_Status__c", "routing_status"),
    ("Routing_Reason__c", "routing_reason"),
    ("Routing_Route__c", "routing_route"),
    ("Phone", "phone"),
    ("Title", "jobtitle"),
    ("City", "city"),
)


@dataclass(frozen=True)
class Pair:
    """One human with a lead in Salesforce and a contact in HubSpot, by e-mail address."""

    lead: Row
    contact: Record


class NativeSync:
    """Looks every so many seconds for what changed on one side, and writes it on the other.

    A record that changed on both sides goes the way of the later change, as with the real one.
    """

    def __init__(self, org: Org, portal: Portal, board: FaultBoard, every: float) -> None:
        self._org = org
        self._portal = portal
        self._board = board
        self._every = every
        self._looked = (org.stamp(), portal.now_ms())
        if next(org.store.find("User", Username=SYNC_USER.email), None) is None:
            add_user(org, SYNC_USER, "Standard User")

    def tick(self) -> None:
        """Do a round if it is time."""
        since_lead, since_contact = self._looked
        if self._portal.now_ms() - since_contact < self._every * 1000:
            return
        self._looked = (self._org.stamp(), self._portal.now_ms())
        for pair in list(self._pairs()):
            lead_at, contact_at = int(pair.lead["SystemModstamp"] or 0), pair.contact.modified
            if lead_at < since_lead and contact_at < since_contact:
                continue
            if lead_at * 1000 >= contact_at:
                self._to_hubspot(pair)
            else:
                self._to_salesforce(pair)

    def _pairs(self) -> Iterator[Pair]:
        rows = self._org.store.find("Lead", IsDeleted=0, IsConverted=0)
        leads = {str(row["Email"]).lower(): row for row in rows if row["Email"]}
        for contact in self._portal.table("contacts").records.values():
            lead = leads.get(contact.values.get("email", ""))
            if lead is not None and contact.archived_at is None:
                yield Pair(lead, contact)

    def _to_hubspot(self, pair: Pair) -> None:
        values = {theirs: str(pair.lead.get(ours) or "") for ours, theirs in FIELDS}
        user = self._org.user(str(pair.lead["OwnerId"]))
        owner = self._portal.owners.by_email(str(user["Username"])) if user else None
        if owner is not None:
            values["hubspot_owner_id"] = owner.id
        changed = {
            name: value for name, value in values.items() if pair.contact.values.get(name, "") != value
        }
        if changed and self._board.hit("native_sync", crm="hubspot", record=str(pair.contact.id)):
            update(self._portal, self._portal.table("contacts"), pair.contact, changed, SALESFORCE)

    def _to_salesforce(self, pair: Pair) -> None:
        values: dict[str, str | None] = {
            ours: pair.contact.values.get(theirs) or None for ours, theirs in FIELDS
        }
        owner = self._portal.owners.by_id(pair.contact.values.get("hubspot_owner_id", ""))
        if owner is not None:
            values["OwnerId"] = self._org.owner_id(owner.email)
        changed = {name: value for name, value in values.items() if pair.lead.get(name) != value}
        lead = str(pair.lead["Id"])
        if changed and self._board.hit("native_sync", crm="salesforce", record=lead):
            edit(self._org, lead, changed, SYNC_USER.email, "Lead", self._org.stamp())

"""The vendors' own HubSpot-Salesforce sync: what changes on one side stands on the other a while later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.sandbox.cards import Clock
from connector.sandbox.hubspot import writes
from connector.sandbox.hubspot.kinds import CONTACTS
from connector.sandbox.hubspot.records import SALESFORCE, Record
from connector.sandbox.hubspot.stamps import millis
from connector.sandbox.programme import Person

if TYPE_CHECKING:
    from connector.sandbox.hubspot.portal import Portal
    from connector.sandbox.salesforce import Org
    from connector.sandbox.salesforce.store import Row

SYNC_USER = Person("HubSpot", "Integration", "hubspot.integration@acme.example")
LINK = "salesforceleadid"
# A field of the Salesforce lead and the property of the HubSpot contact; the owner is copied besides.
FIELDS = (
    ("Partner__c", "partner"),
    ("Routing_Status__c", "routing_status"),
    ("Routing_Reason__c", "routing_reason"),
    ("Routing_Route__c", "routing_route"),
    ("Phone", "phone"),
    ("Title", "jobtitle"),
    ("City", "city"),
)

MayCopy = Callable[[str, str], bool]


@dataclass(frozen=True)
class Pair:
    """One human's lead and contact."""

    lead: Row
    contact: Record

    @property
    def lead_id(self) -> str:
        """The id in Salesforce."""
        return str(self.lead["Id"])

    @property
    def lead_is_newer(self) -> bool:
        """Whose last change wins; Salesforce's in the same second."""
        return int(self.lead["SystemModstamp"] or 0) >= self.contact.modified // 1000


class NativeSync:
    """Copies owner and fields both ways, `delay` seconds after they changed; the later change wins.

    Pairs are found by e-mail address and kept by the Salesforce id in the contact. Only what changes after
    the sync was switched on is copied. `may_copy` is asked before each copy, with the CRM and the record id
    that it goes to.
    """

    def __init__(
        self, org: Org, portal: Portal, delay: float, clock: Clock, may_copy: MayCopy | None = None
    ) -> None:
        self._org = org
        self._portal = portal
        self._delay = delay
        self._clock = clock
        self._may_copy = may_copy
        self._table = portal.table(CONTACTS)
        self._done_until = millis(clock()) // 1000
        _add_sync_user(org)

    def tick(self) -> None:
        """Copy every change that is old enough by now."""
        since, until = self._done_until, int(millis(self._clock()) / 1000 - self._delay)
        if until <= since:
            return
        self._done_until = until
        for pair in list(self._changed(since, until)):
            copy = self._to_hubspot if pair.lead_is_newer else self._to_salesforce
            self._link(pair)
            copy(pair)

    def _changed(self, since: int, until: int) -> Iterator[Pair]:
        """The pairs of which either side changed in the second `since` or later, before `until`."""
        seen = set()
        for lead in self._leads('"SystemModstamp" >= ? AND "SystemModstamp" < ?', since, until):
            contact = self._contact_of(lead)
            if contact is not None:
                seen.add(contact.id)
                yield Pair(lead, contact)
        for contact in self._table.records.values():
            if since * 1000 <= contact.modified < until * 1000 and contact.id not in seen:
                found = self._lead_of(contact)
                if found is not None and contact.archived_at is None:
                    yield Pair(found, contact)

    def _leads(self, where: str, *values: str | int) -> Iterator[Row]:
        alive = '"IsDeleted" = 0 AND "IsConverted" = 0'
        cursor = self._org.store.run(f'SELECT * FROM "Lead" WHERE {alive} AND {where}', values)  # noqa: S608
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor.fetchall())

    def _contact_of(self, lead: Row) -> Record | None:
        holder = self._table.holder("email", str(lead["Email"] or ""))
        contact = self._table.records.get(holder) if holder is not None else None
        linked = contact.values.get(LINK, lead["Id"]) if contact else None
        return contact if linked == lead["Id"] else None

    def _lead_of(self, contact: Record) -> Row | None:
        if LINK in contact.values:
            return next(self._leads('"Id" = ?', contact.values[LINK]), None)
        email = contact.values.get("email")
        return next(self._leads('"Email" = ?', email), None) if email else None

    def _link(self, pair: Pair) -> None:
        if LINK not in pair.contact.values:
            writes.update(self._portal, self._table, pair.contact, {LINK: pair.lead_id}, SALESFORCE)

    def _to_hubspot(self, pair: Pair) -> None:
        values = {ours: str(pair.lead.get(theirs) or "") for theirs, ours in FIELDS}
        user = self._org.user(str(pair.lead["OwnerId"]))
        owner = self._portal.owners.by_email(str(user["Username"])) if user else None
        if owner is not None and owner.id in self._portal.owners:
            values["hubspot_owner_id"] = owner.id
        held = pair.contact.values
        changed = {name: value for name, value in values.items() if held.get(name, "") != value}
        if changed and self._allowed("hubspot", str(pair.contact.id)):
            writes.update(self._portal, self._table, pair.contact, changed, SALESFORCE)

    def _to_salesforce(self, pair: Pair) -> None:
        values: dict[str, str | None] = {
            theirs: pair.contact.values.get(ours) or None for theirs, ours in FIELDS
        }
        owner = self._portal.owners.by_id(pair.contact.values.get("hubspot_owner_id", ""))
        if owner is not None and not owner.archived:
            values["OwnerId"] = self._org.owner_id(owner.email)
        changed = {name: value for name, value in values.items() if pair.lead.get(name) != value}
        if changed and self._allowed("salesforce", pair.lead_id):
            self._org.edit(pair.lead_id, changed, by=SYNC_USER.email)

    def _allowed(self, crm: str, record_id: str) -> bool:
        return self._may_copy is None or self._may_copy(crm, record_id)


def _add_sync_user(org: Org) -> None:
    from connector.sandbox.salesforce.seed import add_user

    if next(org.store.find("User", Username=SYNC_USER.email), None) is None:
        add_user(org, SYNC_USER, "Standard User")

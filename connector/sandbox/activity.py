"""What people do in the CRMs while a client works: other owners, edits, a mass update."""

import random
from collections.abc import Sequence

from connector.sandbox.faults import Fault
from connector.sandbox.hubspot import Portal
from connector.sandbox.salesforce import Org
from connector.sandbox.salesforce.lifecycle import edit

SALESPEOPLE = ("dora.direct@acme.example", "sam.selling@acme.example")
OWNER = {"salesforce": "OwnerId", "hubspot": "hubspot_owner_id"}
CITY = {"salesforce": "City", "hubspot": "city"}
CITIES = ("Aachen", "Bergen", "Cork", "Delft", "Évora", "Faro", "Graz", "Hobart")


class Activity:
    """People at work in both CRMs; who does what to which record follows from each fault's seed."""

    def __init__(self, org: Org, portal: Portal) -> None:
        self._org = org
        self._portal = portal
        self._dice: dict[str, random.Random] = {}

    def happen(self, crm: str, fault: Fault) -> None:
        """One action of a person: `owner_change` or `human_edit`, on any record or on that in `target`."""
        dice = self._dice.setdefault(fault.id, random.Random(fault.seed))  # noqa: S311
        ids = _ids(self._org, self._portal, crm)
        if not ids:
            return
        record = fault.params.get("target") or str(dice.choice(ids))
        values = _change(crm, fault, dice)
        by = fault.params.get("by") or dice.choice(SALESPEOPLE)
        if crm == "salesforce":
            self._org.edit(record, values, by=by)
        else:
            self._portal.edit(record, values, by=by)

    def mass_update(self, crm: str, count: int) -> int:
        """Someone changes the first `count` records in one go: they share one stamp. Returns how many."""
        if crm == "hubspot":
            return self._portal.bulk_edit({CITY[crm]: CITIES[0]}, by=SALESPEOPLE[0], count=count)
        stamp = self._org.stamp()
        ids = _ids(self._org, self._portal, crm)[:count]
        for record in ids:
            edit(self._org, str(record), {CITY[crm]: CITIES[0]}, SALESPEOPLE[0], "Lead", stamp)
        return len(ids)


def _change(crm: str, fault: Fault, dice: random.Random) -> dict[str, str]:
    if fault.kind == "owner_change":
        return {OWNER[crm]: fault.params.get("to") or dice.choice(SALESPEOPLE)}
    name = fault.params.get("field", CITY[crm])
    return {name: fault.params.get("value") or dice.choice(CITIES)}


def _ids(org: Org, portal: Portal, crm: str) -> Sequence[str | int]:
    if crm == "hubspot":
        records = portal.table("contacts").records.values()
        return [record.id for record in records if record.archived_at is None]
    found = org.store.run('SELECT "Id" FROM "Lead" WHERE "IsDeleted" = 0 AND "IsConverted" = 0')
    return [str(row[0]) for row in found]

"""What the CRMs themselves remember of our writes; it asks their histories, not our store."""

from collections import Counter

from connector.sandbox.server import Sandbox


def owner_writes(sandbox: Sandbox, crm: str) -> Counter[str]:
    """How often the integration changed the owner of each record."""
    return sandbox.run(_salesforce if crm == "salesforce" else _hubspot, sandbox)


def _salesforce(sandbox: Sandbox) -> Counter[str]:
    org = sandbox.org
    ours = org.owner_id("integration@acme.example")
    rows = org.store.find("LeadHistory", Field="Owner", DataType="EntityId", CreatedById=ours)
    return Counter(str(row["LeadId"]) for row in rows)


def _hubspot(sandbox: Sandbox) -> Counter[str]:
    records, _ = sandbox.portal.table("contacts").page(0, 1_000_000, archived=False)
    counts: Counter[str] = Counter()
    for record in records:
        for change in record.changes or ():
            if change.name == "hubspot_owner_id" and change.source.type == "INTEGRATION":
                counts[str(record.id)] += 1
    return counts


def owners_by_rule(sandbox: Sandbox) -> int:
    """How often Salesforce's own assignment rule changed an owner."""

    def count() -> int:
        org = sandbox.org
        queue = org.owner_id("Web_Intake")
        ours = org.owner_id("integration@acme.example")
        rows = org.store.find("LeadHistory", Field="Owner", DataType="EntityId", CreatedById=ours)
        return sum(row["NewValue"] == queue for row in rows)

    return sandbox.run(count)

"""The registrations that the sandbox begins with."""

from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import Sandbox
from tests.conftest import NOW


def a_sandbox(count: int) -> Sandbox:
    return Sandbox(seed=3, leads=60, registrations=count, clock=SandboxClock(NOW))


def filed(sandbox: Sandbox) -> list[tuple[str, str, str]]:
    """Partner, customer and country of each, Salesforce's first."""
    kind = sandbox.org.record_types("Opportunity")["Deal_Registration"]
    rows = sandbox.org.store.find("Opportunity", RecordTypeId=kind)
    names = ("Partner__c", "Customer_Name__c", "Customer_Country__c")
    here = [tuple(str(row[name] or "") for name in names) for row in rows]
    deals = [record.values for record in sandbox.portal.table("deals").records.values()]
    named = ("partner", "end_customer_name", "end_customer_country")
    there = [
        tuple(each.get(name, "") for name in named)
        for each in deals
        if each["pipeline"] == "deal-registration"
    ]
    return [*here, *there]  # type: ignore[list-item]


def test_both_crms_begin_with_registrations_that_meet_and_the_same_seed_has_the_same() -> None:
    found = filed(a_sandbox(12))
    assert len(found) == 12
    assert filed(a_sandbox(12)) == found
    salesforce, hubspot = found[:6], found[6:]
    assert salesforce[0][1:] == hubspot[0][1:], "one customer, two partners, two CRMs"
    assert salesforce[0][0] != hubspot[0][0]
    assert salesforce[2][2] == "", "badly filled in"


def test_none_are_there_unless_asked_for() -> None:
    assert filed(a_sandbox(0)) == []

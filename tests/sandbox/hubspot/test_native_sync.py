"""The vendors' own sync: what one side does stands on the other a while later."""

import pytest

from connector.sandbox.hubspot import Portal
from connector.sandbox.hubspot.native_sync import SYNC_USER, NativeSync
from connector.sandbox.hubspot.records import Record
from connector.sandbox.salesforce import Org
from connector.sandbox.salesforce.store import Row
from tests.sandbox.hubspot.conftest import Hands

DORA, SAM = "dora.direct@acme.example", "sam.selling@acme.example"
ADA = {"first_name": "Ada", "last_name": "Lo", "company": "Acme", "email": "ada@example.com", "city": "Bonn"}


@pytest.fixture
def org(clock: Hands) -> Org:
    """An org that knows Ada."""
    org = Org(clock)
    org.seed_programme()
    org.add_leads([ADA], owners="intake")
    return org


@pytest.fixture
def both(org: Org, portal: Portal, clock: Hands) -> NativeSync:
    """A sync between that org and a portal that knows Ada too."""
    portal.add_leads([ADA], owners="intake")
    clock.forward(60)
    return NativeSync(org, portal, 60, clock)


def lead(org: Org) -> Row:
    """Ada's lead."""
    return next(org.store.find("Lead", Email="ada@example.com"))


def contact(portal: Portal) -> Record:
    """Ada's contact."""
    found = portal.table("contacts").find("ada@example.com", "email")
    assert found
    return found


def pass_time(both: NativeSync, clock: Hands, seconds: float) -> None:
    """Let time pass, and the sync work."""
    clock.forward(seconds)
    both.tick()


def test_an_owner_change_in_hubspot_reaches_salesforce_after_the_delay(
    both: NativeSync, org: Org, portal: Portal, clock: Hands
) -> None:
    portal.edit(contact(portal).id, {"hubspot_owner_id": DORA, "partner": "Globex"}, by=DORA)
    pass_time(both, clock, 59)
    assert lead(org)["Partner__c"] is None
    pass_time(both, clock, 2)
    assert lead(org)["Partner__c"] == "Globex"
    assert lead(org)["OwnerId"] == org.owner_id(DORA)
    assert lead(org)["LastModifiedById"] == org.owner_id(SYNC_USER.email)


def test_an_owner_change_in_salesforce_reaches_hubspot(
    both: NativeSync, org: Org, portal: Portal, clock: Hands
) -> None:
    org.edit(str(lead(org)["Id"]), {"OwnerId": SAM, "City": "Ulm"}, by=SAM)
    pass_time(both, clock, 61)
    sam = portal.owners.by_email(SAM)
    assert sam
    held = contact(portal)
    assert (held.values["hubspot_owner_id"], held.values["city"]) == (sam.id, "Ulm")
    assert held.history("city")[0].source.type == "SALESFORCE"


def test_the_contact_remembers_its_salesforce_lead(
    both: NativeSync, org: Org, portal: Portal, clock: Hands
) -> None:
    portal.edit(contact(portal).id, {"city": "Ulm"}, by=SAM)
    pass_time(both, clock, 61)
    assert contact(portal).values["salesforceleadid"] == lead(org)["Id"]
    org.edit(str(lead(org)["Id"]), {"Email": "ada@new.example"}, by=SAM)
    clock.forward(5)
    portal.edit(contact(portal).id, {"city": "Kiel"}, by=SAM)
    pass_time(both, clock, 61)
    assert next(org.store.find("Lead", Email="ada@new.example"))["City"] == "Kiel"


def test_copies_do_not_go_back_and_forth(both: NativeSync, org: Org, portal: Portal, clock: Hands) -> None:
    portal.edit(contact(portal).id, {"city": "Ulm"}, by=SAM)
    pass_time(both, clock, 61)
    pass_time(both, clock, 61)
    stamps = lead(org)["SystemModstamp"], contact(portal).modified
    for _ in range(5):
        pass_time(both, clock, 61)
    assert (lead(org)["SystemModstamp"], contact(portal).modified) == stamps


def test_the_later_of_two_changes_wins(both: NativeSync, org: Org, portal: Portal, clock: Hands) -> None:
    org.edit(str(lead(org)["Id"]), {"City": "Ulm"}, by=SAM)
    clock.forward(10)
    portal.edit(contact(portal).id, {"city": "Kiel"}, by=DORA)
    pass_time(both, clock, 100)
    assert (lead(org)["City"], contact(portal).values["city"]) == ("Kiel", "Kiel")


def test_what_was_different_before_stays_so(both: NativeSync, org: Org, portal: Portal, clock: Hands) -> None:
    before = lead(org)["SystemModstamp"]
    pass_time(both, clock, 600)
    assert lead(org)["SystemModstamp"] == before
    assert "salesforceleadid" not in contact(portal).values


def test_a_copy_can_be_forbidden_and_counted(org: Org, portal: Portal, clock: Hands) -> None:
    asked = []

    def never(crm: str, record_id: str) -> bool:
        asked.append((crm, record_id))
        return False

    portal.add_leads([ADA], owners="intake")
    clock.forward(60)
    both = NativeSync(org, portal, 60, clock, never)
    portal.edit(contact(portal).id, {"city": "Ulm"}, by=SAM)
    pass_time(both, clock, 61)
    assert lead(org)["City"] == "Bonn"
    assert asked == [("salesforce", lead(org)["Id"])]

"""Five leads that differ in everything that a query may ask for."""

from connector.sandbox.salesforce import Org
from tests.sandbox.salesforce.serving import Client, Clock

DORA, ANKE = "dora.direct@acme.example", "anke.petersen@nordwind-it.example"
ROWS = (
    ("Abel", "abel@oreilly.com", "O'Reilly Media", 10, "Web_Intake", "Approved"),
    ("Bea", "bea@example.com", "Zebra AG", None, "Web_Intake", None),
    ("Cleo", None, "zebra ag", 250, DORA, "Planned"),
    ("Dan", "dan@example.com", "Ant_Hill 100%", 3, ANKE, "No budget"),
    ("Eve", "EVE@EXAMPLE.COM", "Café Ümlaut", 40, ANKE, "Approved"),
)


def add_five_leads(client: Client, org: Org) -> list[str]:
    """Make them, a minute after each other; returns their ids."""
    assert isinstance(org.now, Clock)
    ids = []
    for last_name, email, company, employees, owner, budget in ROWS:
        org.now.advance(60)
        values = {"Email": email, "Company": company, "NumberOfEmployees": employees, "Budget__c": budget}
        ids.append(client.lead(LastName=last_name, OwnerId=org.owner_id(owner), **values))
    return ids

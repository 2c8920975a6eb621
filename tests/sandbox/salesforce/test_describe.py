"""What the org tells about its objects, and the fields that an admin adds."""

from connector.sandbox.salesforce import Org
from tests.sandbox.salesforce.serving import Client, Served

OBJECTS = {
    "Lead", "Account", "Contact", "Opportunity", "User", "Group", "QueueSobject", "GroupMember", "Task",
    "RecordType", "LeadStatus", "OpportunityStage", "OpportunityHistory", "LeadHistory",
}  # fmt: skip


def fields(client: Client, object_name: str) -> dict[str, dict[str, object]]:
    described = client.call("GET", f"/sobjects/{object_name}/describe").json()
    return {each["name"]: each for each in described["fields"]}


def test_all_objects_of_the_programme_are_there(client: Client) -> None:
    listed = client.call("GET", "/sobjects").json()["sobjects"]
    assert {each["name"] for each in listed} >= OBJECTS
    assert next(each["keyPrefix"] for each in listed if each["name"] == "Lead") == "00Q"


def test_every_object_can_be_described_and_read_in_full(client: Client) -> None:
    for name in OBJECTS:
        readable = [each for each, facts in fields(client, name).items() if facts["type"]]
        found = client.query(f"SELECT {', '.join(readable)} FROM {name} LIMIT 1")  # noqa: S608
        assert found["done"] is True, name


def test_a_field_is_described_as_salesforce_describes_it(client: Client) -> None:
    lead = fields(client, "Lead")
    assert lead["Email"]["type"] == "email"
    assert (lead["Email"]["length"], lead["Email"]["idLookup"]) == (80, True)
    assert lead["OwnerId"]["referenceTo"] == ["Group", "User"]
    assert lead["OwnerId"]["polymorphicForeignKey"] is True
    assert (lead["LastName"]["nillable"], lead["LastName"]["createable"]) == (False, True)
    partner = lead["PartnerAccountId"]
    assert (partner["createable"], partner["updateable"], partner["filterable"]) == (False, False, True)
    assert (lead["Status"]["restrictedPicklist"], lead["CleanStatus"]["restrictedPicklist"]) == (False, True)
    statuses = [each["value"] for each in lead["Status"]["picklistValues"]]  # type: ignore[attr-defined]
    assert statuses[0] == "Open - Not Contacted"
    assert (lead["AnnualRevenue"]["precision"], lead["AnnualRevenue"]["soapType"]) == (18, "xsd:double")
    assert lead["Description"]["filterable"] is False


def test_record_types_are_described_with_their_default(client: Client) -> None:
    infos = client.call("GET", "/sobjects/Lead/describe").json()["recordTypeInfos"]
    told = {each["developerName"]: each["defaultRecordTypeMapping"] for each in infos}
    assert told == {
        "Direct_Lead": True,
        "Partner_Lead": False,
        "Deal_Registration": False,
        "Master": False,
    }
    soql = "SELECT DeveloperName FROM RecordType WHERE SobjectType = 'Lead' AND IsActive = true ORDER BY Name"
    found = [row["DeveloperName"] for row in client.query(soql)["records"]]
    assert found == ["Deal_Registration", "Direct_Lead", "Partner_Lead"]


def test_a_field_can_be_added_while_the_org_runs(served: Served, client: Client, org: Org) -> None:
    served.run(org.declare_field, "Lead", "Partner_Account__c", "reference", refers_to="Account")
    assert fields(client, "Lead")["Partner_Account__c"]["relationshipName"] == "Partner_Account__r"
    account = org.by_key("Account", "External_Id__c", "fjord.example")[0]["Id"]
    client.lead(Partner_Account__c=account)
    found = client.query("SELECT Partner_Account__r.Name FROM Lead")["records"][0]
    assert found["Partner_Account__r"]["Name"] == "Fjord Solutions AS"


def test_records_are_counted_by_object(client: Client) -> None:
    client.lead()
    counts = client.call("GET", "/limits/recordCount", params={"sObjects": "Lead,Account"}).json()
    assert counts == {"sObjects": [{"count": 12, "name": "Account"}, {"count": 1, "name": "Lead"}]}

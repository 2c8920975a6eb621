"""What an integration user with fewer permissions sees and may do: enough to prove which ones suffice."""

import pytest

from connector.sandbox.salesforce import Org
from tests.sandbox.salesforce.serving import Client, Served, error

DORA = "dora.direct@acme.example"


def test_a_hidden_field_looks_as_if_it_did_not_exist(client: Client, org: Org) -> None:
    lead = client.lead(Budget__c="Approved")
    org.integration_permissions.hidden.add("Lead.Budget__c")
    refused = client.call("GET", "/query", params={"q": "SELECT Budget__c FROM Lead"})
    assert "No such column 'Budget__c' on entity 'Lead'" in refused.json()[0]["message"]
    assert error(client.change(lead, Budget__c="Planned")) == (400, "INVALID_FIELD")
    described = client.call("GET", "/sobjects/Lead/describe").json()["fields"]
    assert "Budget__c" not in {each["name"] for each in described}
    assert "Budget__c" not in client.call("GET", f"/sobjects/Lead/{lead}").json()


def test_a_read_only_field_can_be_read_but_not_set(client: Client, org: Org) -> None:
    lead = client.lead(Partner__c="Nordwind")
    org.integration_permissions.read_only.add("Lead.Partner__c")
    assert client.read("Lead", lead, "Partner__c") == "Nordwind"
    assert error(client.change(lead, Partner__c="X")) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    described = client.call("GET", "/sobjects/Lead/describe").json()["fields"]
    assert [each["updateable"] for each in described if each["name"] == "Partner__c"] == [False]


def test_an_unreadable_object_looks_as_if_it_did_not_exist(client: Client, org: Org) -> None:
    org.integration_permissions.unreadable.add("Opportunity")
    refused = client.call("GET", "/query", params={"q": "SELECT Id FROM Opportunity"})
    assert error(refused) == (400, "INVALID_TYPE")
    assert error(client.call("GET", "/sobjects/Opportunity/describe")) == (404, "NOT_FOUND")
    parent = client.call("GET", "/query", params={"q": "SELECT ConvertedOpportunity.Name FROM Lead"})
    assert error(parent) == (400, "INVALID_FIELD")


def test_without_transfer_leads_the_owner_stays(client: Client, org: Org) -> None:
    lead = client.lead(OwnerId=org.owner_id("Web_Intake"))
    org.integration_permissions.transfer_leads = False
    assert error(client.change(lead, OwnerId=org.owner_id(DORA))) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert client.change(lead, City="Graz", OwnerId=org.owner_id("Web_Intake")).status_code == 204


@pytest.mark.parametrize(
    ("right", "method", "body"),
    [("edit", "PATCH", {"City": "Graz"}), ("delete", "DELETE", None)],
)
def test_what_is_not_allowed_on_an_object_is_refused(
    client: Client, org: Org, right: str, method: str, body: dict[str, str] | None
) -> None:
    lead = client.lead()
    setattr(org.integration_permissions, right, {"Task"})
    answer = client.call(method, f"/sobjects/Lead/{lead}", json=body)
    assert error(answer) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")


def test_creating_may_be_allowed_for_some_objects_only(client: Client, org: Org) -> None:
    org.integration_permissions.create = {"Task"}
    refused = client.call("POST", "/sobjects/Lead", json={"LastName": "A", "Company": "B"})
    assert error(refused) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert client.create("Task", {"Subject": "Call"}).startswith("00T")


def test_limits_need_a_look_into_setup(client: Client, org: Org) -> None:
    org.integration_permissions.view_setup = False
    assert client.call("GET", "/limits").status_code == 403


def test_a_user_without_the_api_cannot_log_in(served: Served, client: Client, org: Org) -> None:
    org.integration_permissions.api_enabled = False
    with pytest.raises(KeyError):
        client.login()


def test_converted_leads_can_be_edited_with_the_permission_for_it(
    served: Served, client: Client, org: Org
) -> None:
    lead = client.lead()
    served.run(org.convert, lead)
    org.integration_permissions.edit_converted_leads = True
    assert client.change(lead, City="Graz").status_code == 204


def test_people_on_the_screen_are_not_restricted(served: Served, client: Client, org: Org) -> None:
    lead = client.lead()
    org.integration_permissions.edit = set()
    served.run(org.edit, lead, {"City": "Graz"}, by=DORA)
    assert client.read("Lead", lead, "City") == "Graz"

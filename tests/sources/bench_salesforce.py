"""Salesforce under the contract suite."""

from collections.abc import Mapping
from typing import Any

from connector.model.lead import Value
from connector.sandbox.faults import Fault
from tests.sources.contract import SAM, SandboxBench

WRITE = {
    "partner": "Partner__c",
    "status": "Routing_Status__c",
    "score": "Routing_Score__c",
    "grade": "Routing_Grade__c",
    "route": "Routing_Route__c",
    "reason": "Routing_Reason__c",
    "link": "Decision_Link__c",
    "due": "Accept_By__c",
}
OWN = {**WRITE, "company": "Company", "last_name": "LastName", "email": "Email", "linked": "Linked_Id__c"}
PERSON = SAM.removeprefix("user:")
API = "/services/data"
"""Everything but the login, which words all refusals alike."""
SANDBOX = "file:examples/sandbox"
KEY, SECRET = f"{SANDBOX}/salesforce_key", f"{SANDBOX}/salesforce_secret"


class SalesforceBench(SandboxBench):
    """A pretend org without leads."""

    crm = "salesforce"
    pulls = "/queryAll"
    compares = "/queryAll"
    writes = "PATCH /services/data"
    busy = (
        Fault("403", route=API),
        Fault("403", route=API, params={"reason": "concurrent"}),
        Fault("423", route=API),
        Fault("429", route=API, params={"retry_after": "7"}),
        *(Fault(kind) for kind in ("500", "502", "503", "504", "524")),
        *(Fault(kind) for kind in ("reset_before", "reset_after", "truncated", "malformed_json")),
    )
    locked = (
        Fault("401"),
        Fault("401", route=API),
        Fault("403", route=API, params={"reason": "permission"}),
    )
    secrets = ("sandbox-key", "sandbox-secret", "AQ4AQ", "Bearer ")
    wrong = (
        ({"api_version": "99.0"}, "does not offer api_version 99.0; it offers 31.0 to 68.0"),
        ({"api_version": "32.0"}, "lacks 200 records changed by one call; use 42.0 or later"),
        ({"read": {"deal_value": "Expected_Amont__c"}}, "did you mean Expected_Amount__c"),
        ({"write": {"reason": "Nowhere__c"}}, "Lead has no field Nowhere__c (mapped as reason)"),
        ({"write": {"reason": "PartnerAccountId"}}, "may not write Lead.PartnerAccountId (mapped as reason)"),
        ({"write": {"reason": "Routing_Score__c"}}, "is of type double, which cannot hold it"),
        ({"write": {"partner": "OwnerId"}}, "say in partner_link what it points to"),
        (
            {"record_types": ["Partner_Leads"]},
            "no record type Partner_Leads; there is Deal_Registration, Direct_Lead",
        ),
        ({"where": "Status = "}, "where: Salesforce says MALFORMED_QUERY"),
        ({"where": "Colour__c = 'red'"}, "where: Salesforce says INVALID_FIELD"),
        ({"roster": {"object": "Partners__c", "read": {"id": "Id"}}}, "NOT_FOUND"),
        ({"roster": {"object": "Account", "read": {"tier": "Tier__c"}}}, "Account has no field Tier__c"),
        ({"roster": {"object": "Account", "read": {"id": "Id"}, "where": "A B"}}, "roster: Salesforce says"),
        (
            {"partner_link": {"object": "Account"}},
            "Lead.Partner__c (mapped as partner) is no lookup to Account",
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self.org = self.sandbox.org
        self.sandbox.run(lambda: self.org.declare_field("Lead", "Linked_Id__c"))
        self._declare_partner_lookup()

    def table(self) -> dict[str, Any]:
        return {
            "kind": "salesforce",
            "base_url": self.sandbox.salesforce_url,
            "login": {"flow": "client_credentials", "domain": "acme.my", "key": KEY, "secret": SECRET},
            "take_from": ["queue:Web_Intake"],
            "read": {"deal_value": "Expected_Amount__c"},
            "write": WRITE,
        }

    def add(self, *leads: Mapping[str, Any]) -> list[str]:
        return self.sandbox.run(self._add, [self._own(lead) for lead in leads])

    def _add(self, leads: list[dict[str, Any]]) -> list[str]:
        blank = {"LastName": "Doe", "Company": "Globex", "OwnerId": "Web_Intake"}
        return [self.org.create("Lead", blank | lead, by=PERSON) for lead in leads]

    def edit(self, record_id: str, **values: str) -> None:
        self.sandbox.run(lambda: self.org.edit(record_id, self._own(values), by=PERSON))

    def _own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        own = {OWN[name]: value for name, value in values.items() if name != "owner"}
        owner = {"OwnerId": str(values["owner"]).partition(":")[2]} if "owner" in values else {}
        return {**own, **owner}

    def delete(self, record_id: str) -> None:
        self.sandbox.run(self.org.delete, record_id)

    def merge(self, winner: str, loser: str) -> str:
        return self.sandbox.run(self.org.merge, winner, loser)

    def look(self, record_id: str) -> Mapping[str, Value]:
        row = self.row("Lead", record_id)
        values: dict[str, Value] = {name: row[own] for name, own in WRITE.items()}
        if row["Partner_Account__c"]:
            values["partner"] = self.row("Account", str(row["Partner_Account__c"]))["Name"]
        owner = str(row["OwnerId"])
        kind, name = ("queue", "DeveloperName") if owner.startswith("00G") else ("user", "Username")
        held = self.row("Group" if kind == "queue" else "User", owner)
        return {**values, "owner": f"{kind}:{held[name]}"}

    def row(self, sobject: str, record_id: str) -> dict[str, Any]:
        """A record as stored."""
        found = self.sandbox.run(lambda: self.org.store.row(sobject, record_id))
        assert found is not None
        return dict(found)

    def notes(self, record_id: str) -> list[str]:
        tasks = self.sandbox.run(lambda: list(self.org.store.find("Task", WhoId=record_id)))
        return [f"{task['Subject']}\n{task['Description']}" for task in tasks]

    def intake(self) -> str | None:
        return "queue:Web_Intake"

    def deal(self, record_id: str, amount: float) -> None:
        self.sandbox.run(lambda: self.org.convert(record_id, amount=amount))

    def end_deals(self, record_id: str, *, won: bool) -> None:
        deal = str(self.row("Lead", record_id)["ConvertedOpportunityId"])
        stage = {"StageName": "Closed Won" if won else "Closed Lost"}
        self.sandbox.run(lambda: self.org.edit(deal, stage, by=PERSON, object="Opportunity"))

    def give_up(self, record_id: str) -> None:
        status = {"Status": "Closed - Not Converted"}
        self.sandbox.run(lambda: self.org.edit(record_id, status, by=PERSON))

    def roster(self) -> dict[str, Any]:
        read = {"id": "External_Id__c", "name": "Name", "tier": "ChannelProgramLevelName", "owner": "OwnerId"}
        return {"object": "Account", "where": "IsPartner = true", "read": read}

    def partner_link(self) -> dict[str, Any]:
        write = {**WRITE, "partner": "Partner_Account__c"}
        return {"write": write, "partner_link": {"object": "Account"}}

    def _declare_partner_lookup(self) -> None:
        self.sandbox.run(
            lambda: self.org.declare_field("Lead", "Partner_Account__c", "reference", refers_to="Account")
        )

    def linked(self) -> dict[str, Any]:
        return {"field": "Linked_Id__c", "crm": "hubspot"}

    def only_company(self, company: str) -> str:
        return f"Company = '{company}'"

    def expire_tokens(self) -> None:
        self.sandbox.run(self.org.sessions.revoke_all)


BENCH = SalesforceBench

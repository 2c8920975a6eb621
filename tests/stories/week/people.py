"""What people do in a week: leads come in, partners accept, dawdle, decline, claim, work, win and lose."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from connector.sandbox.hubspot import writes
from connector.sandbox.programme import PartnerCompany
from connector.sandbox.server import Sandbox

SAM = "sam.selling@acme.example"
OWN = {
    "salesforce": {
        "owner": "OwnerId",
        "answer": "Partner_Answer__c",
        "stage": "Status",
        "claim": "Claimed_By__c",
        "budget": "Budget__c",
        "status": "Routing_Status__c",
        "partner": "Partner__c",
    },
    "hubspot": {
        "owner": "hubspot_owner_id",
        "answer": "partner_answer",
        "stage": "hs_lead_status",
        "claim": "claimed_by",
        "budget": "budget",
        "status": "routing_status",
        "partner": "partner",
    },
}
WORKING = {"salesforce": "Working - Contacted", "hubspot": "CONNECTED"}
LOST = {"salesforce": "Closed - Not Converted", "hubspot": "UNQUALIFIED"}

# How likely each kind of partner does something with a lead that waits: accept, decline, else nothing.
KINDS = {"eager": (0.6, 0.05), "slow": (0.12, 0.03), "picky": (0.2, 0.3), "asleep": (0.0, 0.0)}


@dataclass
class People:
    """Everybody who works in the two CRMs; who does what follows from the dice alone."""

    sandbox: Sandbox
    partners: list[PartnerCompany]
    dice: Random
    deals: dict[tuple[str, str], str] = field(default_factory=dict)
    closed: set[tuple[str, str]] = field(default_factory=set)
    did: Counter[str] = field(default_factory=Counter)
    made: int = 0

    def __post_init__(self) -> None:
        self.of_name = {company.name: company for company in self.partners}
        kinds = ("eager", "eager", "slow", "picky", "asleep")
        self.kind = {company.name: kinds[n % len(kinds)] for n, company in enumerate(self.partners)}

    def arrive(self, count: int) -> None:
        """New leads in the intake of both CRMs."""
        for crm in ("salesforce", "hubspot"):
            leads = [self._lead() for _ in range(count)]
            state = self._state(crm)
            self.sandbox.run(lambda state=state, leads=leads: state.add_leads(leads, owners="intake"))

    def _lead(self) -> dict[str, Any]:
        self.made += 1
        dice = self.dice
        return {
            "last_name": f"Lead {self.made}",
            "email": f"lead{self.made}@customer{self.made}.example",
            "company": f"Customer {self.made} GmbH",
            "country": "DE",
            "lead_source": dice.choice(["Web", "Web", "Web", "Phone Inquiry"]),
            "product": dice.choice(["Cloud", "Backup", "Backup", "Security"]),
            "budget": "No budget" if dice.random() < 0.1 else "Approved",
            "sharing_consent": dice.random() > 0.04,
            "expected_amount": dice.randrange(1000, 90_000),
        }

    def act(self) -> None:
        """Everybody does something, or nothing, with each lead that they see; at most one thing each."""
        for crm in ("salesforce", "hubspot"):
            for lead in list(self._leads(crm)):
                self._act_on(crm, lead)

    def _act_on(self, crm: str, lead: dict[str, Any]) -> None:
        if (crm, lead["id"]) in self.deals:
            if (crm, lead["id"]) not in self.closed:
                self._close_deal(crm, lead["id"])
        elif lead["status"] == "Assigned" and lead["owner"] in self._seats(lead["partner"]):
            if self.dice.random() < 0.01:
                self._edit(crm, lead, SAM, "taken over", owner=SAM)
            else:
                self._partner_acts(crm, lead, self.of_name[lead["partner"]])
        elif lead["status"] == "Offered":
            self._maybe_claim(crm, lead)
        elif lead["status"] == "Nurture" and self.dice.random() < 0.1:
            self._edit(crm, lead, SAM, "ripened", budget="Approved")
        elif lead["status"] == "Fallback" and self.dice.random() < 0.05:
            self._edit(crm, lead, SAM, "taken from the fallback owner", owner=SAM)

    def _partner_acts(self, crm: str, lead: dict[str, Any], company: PartnerCompany) -> None:
        accept, decline = KINDS[self.kind[company.name]]
        by, roll = lead["owner"], self.dice.random()
        if lead["stage"] == WORKING[crm]:
            if roll < 0.08:
                self._edit(crm, lead, by, "lost", stage=LOST[crm])
            elif roll < 0.2:
                self._convert(crm, lead)
        elif lead["answer"] == "Accepted" or lead["claim"]:
            if roll < 0.25:
                self._edit(crm, lead, by, "working", stage=WORKING[crm])
            elif roll < 0.28:
                self._edit(crm, lead, by, "declined late", answer="Declined")
        elif roll < 0.02 and len(company.people) > 1:
            colleague = company.people[1].email
            self._edit(crm, lead, colleague, "taken over by a colleague", owner=colleague)
        elif roll < accept:
            self._edit(crm, lead, by, "accepted", answer="Accepted")
        elif roll < accept + decline:
            self._edit(crm, lead, by, "declined", answer="Declined")
        elif roll > 0.995:
            self._edit(crm, lead, by, "worked without a word", stage=WORKING[crm])

    def _maybe_claim(self, crm: str, lead: dict[str, Any]) -> None:
        if self.dice.random() > 0.35:
            return
        one, other = self.dice.sample(self.partners, 2)
        way = self.dice.random()
        if way < 0.5:
            self._edit(crm, lead, one.people[0].email, "claimed by field", claim=one.name)
        elif way < 0.8:
            self._edit(crm, lead, one.people[0].email, "claimed by taking over", owner=one.people[0].email)
        elif way < 0.95:
            self._edit(crm, lead, one.people[0].email, "claimed by two", claim=one.name)
            self._edit(crm, lead, other.people[0].email, "claimed by two", owner=other.people[0].email)
        else:
            self._edit(crm, lead, SAM, "claimed by nobody known", claim="Nobody Ltd")

    def _convert(self, crm: str, lead: dict[str, Any]) -> None:
        self.did["converted"] += 1
        amount = float(self.dice.randrange(1000, 50_000))
        if crm == "salesforce":
            row = self.sandbox.run(lambda: self.sandbox.org.convert(lead["id"], by=SAM, amount=amount))
            self.deals[crm, lead["id"]] = str(row["ConvertedOpportunityId"])
            return

        def made() -> str:
            portal = self.sandbox.portal
            table = portal.table("deals")
            values = {"dealname": "A deal", "dealstage": "qualifiedtobuy", "amount": str(amount)}
            record = writes.create(portal, table, writes.check(portal, table, values), portal.person(SAM))
            link = portal.links.plain("0-1", "0-3")
            assert link is not None
            portal.links.put(int(lead["id"]), record.id, [link])
            return str(record.id)

        self.deals[crm, lead["id"]] = self.sandbox.run(made)

    def _close_deal(self, crm: str, lead_id: str) -> None:
        roll = self.dice.random()
        if roll > 0.3:
            return
        won, deal = roll < 0.2, self.deals[crm, lead_id]
        self.closed.add((crm, lead_id))
        self.did["won" if won else "deal lost"] += 1
        if crm == "salesforce":
            stage = {"StageName": "Closed Won" if won else "Closed Lost"}
            self.sandbox.run(lambda: self.sandbox.org.edit(deal, stage, SAM, "Opportunity"))
        else:
            stage = {"dealstage": "closedwon" if won else "closedlost"}
            self.sandbox.run(lambda: self.sandbox.portal.edit(deal, stage, SAM, "deals"))

    def _edit(self, crm: str, lead: dict[str, Any], by: str, what: str, **values: str) -> None:
        self.did[what] += 1
        own = {OWN[crm][name]: value for name, value in values.items()}
        if crm == "salesforce" and "owner" in values:
            own[OWN[crm]["owner"]] = self.sandbox.run(self.sandbox.org.owner_id, values["owner"])
        self.sandbox.run(lambda: self._state(crm).edit(lead["id"], own, by))

    def _seats(self, partner: str | None) -> list[str]:
        company = self.of_name.get(partner or "")
        return [person.email for person in company.people] if company else []

    def _state(self, crm: str) -> Any:
        return self.sandbox.org if crm == "salesforce" else self.sandbox.portal

    def _leads(self, crm: str) -> Iterator[dict[str, Any]]:
        rows = self.sandbox.run(self._of_salesforce if crm == "salesforce" else self._of_hubspot)
        for lead_id, owner, row in rows:
            yield {"id": lead_id, "owner": owner} | {
                name: row.get(own) or None for name, own in OWN[crm].items() if name != "owner"
            }

    def _of_salesforce(self) -> list[tuple[str, str, dict[str, Any]]]:
        org = self.sandbox.org
        users = {str(row["Id"]): str(row["Username"]) for row in org.store.find("User")}
        found = org.store.find("Lead", IsDeleted=0)
        return [(str(row["Id"]), users.get(str(row["OwnerId"]), ""), dict(row)) for row in found]

    def _of_hubspot(self) -> list[tuple[str, str, dict[str, Any]]]:
        portal = self.sandbox.portal
        mails = {owner.id: owner.email for owner in portal.owners}
        found = portal.table("contacts").records.values()
        return [
            (str(r.id), mails.get(r.values.get("hubspot_owner_id", ""), ""), dict(r.values)) for r in found
        ]

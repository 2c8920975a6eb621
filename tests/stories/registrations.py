"""Deal registrations in the pretend CRMs, as partners fill them in and find them answered."""

from datetime import date, timedelta
from typing import Any

from connector.model.lead import Ref
from tests.stories.world import World

CARLA = "channel.emea@acme.example"
ANKE, JONAS, EMILY = (
    "anke.petersen@nordwind-it.example",
    "jonas.weber@rheintal-cloud.example",
    "emily.ross@cascadia.example",
)
HUBSPOT = {
    "partner": "partner",
    "company": "end_customer_name",
    "domain": "end_customer_domain",
    "country": "end_customer_country",
    "email": "end_customer_email",
    "product": "product_interest",
    "amount": "amount",
    "lead": "origin_lead",
    "extension": "registration_extension",
    "status": "dealstage",
    "reason": "registration_reason",
    "expires": "registration_expires_at",
    "conflict_with": "registration_conflict_with",
    "credited_partner": "credited_partner",
    "reward": "partner_reward",
}
SALESFORCE = {
    "partner": "Partner__c",
    "company": "Customer_Name__c",
    "domain": "Customer_Website__c",
    "country": "Customer_Country__c",
    "email": "Customer_Email__c",
    "product": "Product__c",
    "amount": "Amount",
    "lead": "Origin_Lead__c",
    "extension": "Extension__c",
    "stage": "StageName",
    "status": "Registration_Status__c",
    "reason": "Registration_Reason__c",
    "expires": "Registration_Expires__c",
    "conflict_with": "Conflict_With__c",
    "credited_partner": "Credited_Partner__c",
    "reward": "Partner_Reward__c",
}
CUSTOMER = {"company": "Zentrix Pumpen GmbH", "country": "DE"}


class Programme:
    """What partners and channel managers do with registrations, in either CRM."""

    def __init__(self, world: World):
        self.world = world
        self.org, self.portal = world.sandbox.org, world.sandbox.portal

    def register(self, crm: str, partner: str, by: str = ANKE, **fields: Any) -> Ref:
        """A partner's registration of Zentrix Pumpen in Germany, unless told otherwise."""
        told = {"partner": partner, **CUSTOMER, **fields}
        return self.world.sandbox.run(lambda: self._register(crm, told, by))

    def _register(self, crm: str, told: dict[str, Any], by: str) -> Ref:
        if crm == "salesforce":
            own = {SALESFORCE[name]: value for name, value in told.items()}
            kind = self.org.record_types("Opportunity")["Deal_Registration"]
            closes = (self.org.now().date() + timedelta(days=200)).isoformat()
            fixed = {"Name": told["company"], "StageName": "Prospecting", "CloseDate": closes}
            return Ref(crm, self.org.create("Opportunity", {**fixed, "RecordTypeId": kind, **own}, by=by))
        own = {HUBSPOT[name]: str(value) for name, value in told.items()}
        fixed = {"dealname": told["company"], "pipeline": "deal-registration"}
        stage = {"dealstage": "registration-submitted"}
        return Ref(crm, str(self.portal.create("deals", {**fixed, **stage, **own}, by=by)))

    def vendor_deal(self, company: str, country: str, website: str) -> None:
        """A deal that the vendor's own sales is working on."""

        def work() -> None:
            account = self.org.create(
                "Account",
                {"Name": company, "Website": website, "BillingCountry": country},
                by="dora.direct@acme.example",
            )
            kind = self.org.record_types("Opportunity")["Direct_Deal"]
            deal = {"Name": company, "AccountId": account, "StageName": "Prospecting", "RecordTypeId": kind}
            closes = {"CloseDate": date(2027, 3, 1).isoformat()}
            self.org.create("Opportunity", {**deal, **closes}, by="dora.direct@acme.example")

        self.world.sandbox.run(work)

    def edit(self, ref: Ref, by: str = CARLA, **fields: Any) -> None:
        """Somebody changes fields on the screen; a status by its state."""

        def work() -> None:
            if ref.crm == "salesforce":
                own = {SALESFORCE[name]: value for name, value in fields.items()}
                self.org.edit(ref.id, own, by, object="Opportunity")
                return
            own = {HUBSPOT[name]: value for name, value in fields.items()}
            self.portal.edit(ref.id, own, by, object="deals")

        self.world.sandbox.run(work)

    def look(self, ref: Ref, name: str) -> str:
        """What a field holds now, as text."""
        if ref.crm == "salesforce":
            row = self.world.sandbox.run(lambda: self.org.store.row("Opportunity", ref.id))
            assert row is not None
            return str(row[SALESFORCE[name]] if row[SALESFORCE[name]] is not None else "")
        from connector.sandbox.hubspot.kinds import DEALS

        records = self.portal.table(DEALS).records
        return str(records[int(ref.id)].values.get(HUBSPOT[name], ""))

    def status(self, ref: Ref) -> str:
        """Its status, as the CRM calls it without what all have in common."""
        return self.look(ref, "status").removeprefix("registration-").capitalize()

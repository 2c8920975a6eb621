"""Deal registrations in the pretend CRMs, as partners fill them in and find them answered."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from connector.model.lead import Ref
from tests.stories.registration_homes import USUAL, Home
from tests.stories.world import World

CARLA = "channel.emea@acme.example"
ANKE, JONAS, EMILY = (
    "anke.petersen@nordwind-it.example",
    "jonas.weber@rheintal-cloud.example",
    "emily.ross@cascadia.example",
)
CUSTOMER = {"company": "Zentrix Pumpen GmbH", "country": "DE"}


class Programme:
    """What partners and channel managers do with registrations, in either CRM, in some home of each."""

    def __init__(self, world: World, *homes: Home):
        self.world = world
        self.homes: Mapping[str, Home] = USUAL | {home.crm: home for home in homes}
        self.org, self.portal = world.sandbox.org, world.sandbox.portal

    def register(self, crm: str, partner: str, by: str = ANKE, **fields: Any) -> Ref:
        """A partner's registration of Zentrix Pumpen in Germany, unless told otherwise."""
        told = {"partner": partner, **CUSTOMER, **fields}
        return self.world.sandbox.run(lambda: self._register(self.homes[crm], told, by))

    def _register(self, home: Home, told: dict[str, Any], by: str) -> Ref:
        own = {home.fields[name]: value for name, value in told.items() if value is not None}
        if home.crm == "salesforce":
            kind = self.org.record_types(home.object)[str(home.record_type)]
            named = {"Name": told["company"] or "A deal"} if home.object != "Lead" else {}
            values = {**named, **home.fixed, "RecordTypeId": kind, **own}
            return Ref(home.crm, self.org.create(home.object, values, by=by))
        values = {**home.fixed, home.fields["status"]: home.word("submitted"), **own}
        texts = {name: str(value) for name, value in values.items()}
        return Ref(home.crm, str(self.portal.create(home.object, texts, by=by)))

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
        home = self.homes[ref.crm]
        if "status" in fields:
            fields["status"] = home.word(fields["status"])
        self.change(ref, {home.fields[name]: value for name, value in fields.items()}, by)

    def win(self, ref: Ref) -> None:
        """The deal is won, as the home's people say it; a lead becomes an opportunity first."""
        won = self.homes[ref.crm].won
        if won:
            self.change(ref, won)
            return

        def work() -> None:
            deal = str(self.org.convert(ref.id)["ConvertedOpportunityId"])
            self.org.edit(deal, {"StageName": "Closed Won"}, by=CARLA, object="Opportunity")

        self.world.sandbox.run(work)

    def change(self, ref: Ref, values: Mapping[str, Any], by: str = CARLA) -> None:
        """Somebody changes the CRM's own fields on the screen."""
        crm = self.org if ref.crm == "salesforce" else self.portal
        object_name = self.homes[ref.crm].object
        self.world.sandbox.run(lambda: crm.edit(ref.id, values, by, object=object_name))

    def delete(self, ref: Ref) -> None:
        """Somebody deletes it."""
        crm = self.org if ref.crm == "salesforce" else self.portal
        self.world.sandbox.run(lambda: crm.delete(ref.id, object=self.homes[ref.crm].object))

    def look(self, ref: Ref, name: str) -> str:
        """What a field holds now, as text."""
        home = self.homes[ref.crm]
        if ref.crm == "salesforce":
            row = self.world.sandbox.run(lambda: self.org.store.row(home.object, ref.id))
            assert row is not None
            held = row[home.fields[name]]
            return "" if held is None else str(held)
        records = self.portal.table(home.object).records
        return str(records[int(ref.id)].values.get(home.fields[name], ""))

    def status(self, ref: Ref) -> str:
        """Its status in plain words."""
        return self.homes[ref.crm].state(self.look(ref, "status"))

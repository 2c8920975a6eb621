"""HubSpot's Lead object under the contract suite: records of its own, about contacts."""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.hubspot import writes
from tests.sources.bench_hubspot import LABEL, PERSON, WRITE, HubSpotBench

ON_LEAD = {*WRITE.values(), "hubspot_owner_id", "salesforceleadid"}


class HubSpotLeadsBench(HubSpotBench):
    """A pretend account whose leads are records of the Lead object."""

    type_id = "0-136"
    object_type = "leads"
    wrong = (
        ({"read": {"deal_value": "expected_amont"}}, "leads have no property expected_amont"),
        ({"read": {"hobby": "contact.hobby"}}, "contacts have no property hobby (mapped as hobby)"),
        ({"write": {"status": "hs_lead_label"}}, "(mapped as status) has no option Assigned, Offered"),
    )

    def _prepare(self) -> None:
        super()._prepare()
        self.portal.links.add_label("0-136", "0-2", LABEL)
        leads, contacts = self.portal.table("leads"), self.portal.table("contacts")
        leads.properties["salesforceleadid"] = contacts.properties["salesforceleadid"]

    def table(self) -> dict[str, Any]:
        return super().table() | {"object": "leads"}

    def _add(self, values: Mapping[str, str]) -> str:
        on_lead = {name: value for name, value in values.items() if name in ON_LEAD}
        contact = super()._add({name: value for name, value in values.items() if name not in ON_LEAD})
        table = self.portal.table("leads")
        # The name of a lead is what a search can find; its company stands on the contact.
        named = {"hs_lead_name": values.get("company", "Someone"), **on_lead}
        record = writes.create(self.portal, table, named, self.portal.person(PERSON))
        primary = self.portal.links.known("0-136", "0-1", "HUBSPOT_DEFINED", 578)
        assert primary is not None
        self.portal.links.put(record.id, int(contact), [primary])
        return str(record.id)

    def edit(self, record_id: str, **values: str) -> None:
        own = self._own(values)
        on_lead = {name: value for name, value in own.items() if name in ON_LEAD}
        on_contact = {name: value for name, value in own.items() if name not in ON_LEAD}
        (contact, _) = self.sandbox.run(lambda: self.portal.links.of("0-136", int(record_id), "0-1"))[0]
        named = {"hs_lead_name": values["company"]} if "company" in values else {}
        self.sandbox.run(lambda: self.portal.edit(contact, on_contact, by=PERSON))
        self.sandbox.run(lambda: self.portal.edit(record_id, on_lead | named, PERSON, "leads"))

    def delete(self, record_id: str) -> None:
        self.sandbox.run(self.portal.delete, record_id, "leads")

    def merge(self, winner: str, loser: str) -> str:
        return self.sandbox.run(self.portal.merge, winner, loser, "leads")

    def give_up(self, record_id: str) -> None:
        stage = {"hs_pipeline_stage": "unqualified-stage-id"}
        self.sandbox.run(lambda: self.portal.edit(record_id, stage, PERSON, "leads"))

    def only_company(self, company: str) -> str:
        return f"hs_lead_name EQ {company}"


BENCH = HubSpotLeadsBench

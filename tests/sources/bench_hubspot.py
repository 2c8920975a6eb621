"""HubSpot under the contract suite."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from connector.model.lead import Value
from connector.sandbox.faults import Fault
from connector.sandbox.hubspot import writes
from connector.sandbox.hubspot.records import Record
from connector.sandbox.programme import PARTNER_COMPANIES
from connector.sources.base import Source
from tests.sources.contract import SAM, SandboxBench

WRITE = {
    "partner": "partner",
    "status": "routing_status",
    "score": "routing_score",
    "grade": "routing_grade",
    "route": "routing_route",
    "reason": "routing_reason",
    "link": "decision_link",
    "due": "accept_by",
}
OWN = {**WRITE, "linked": "salesforceleadid", "last_name": "lastname"}
PERSON = SAM.removeprefix("user:")
LABEL = "Partner"
STAGES = {True: "closedwon", False: "closedlost"}


class HubSpotBench(SandboxBench):
    """A pretend account without contacts."""

    crm = "hubspot"
    object_type = "contacts"
    type_id = "0-1"
    pulls = "/search"
    compares = "/batch/read"
    writes = "/batch/update"
    busy = (
        Fault("423"),
        Fault("429"),
        Fault("429", params={"reason": "secondly"}),
        Fault("429", params={"reason": "daily"}),
        Fault("429", params={"retry_after": "7"}),
        *(Fault(kind) for kind in ("477", "500", "502", "503", "504", "524")),
        *(Fault(kind) for kind in ("reset_before", "reset_after", "truncated", "malformed_json")),
    )
    locked = (Fault("401"), Fault("403"))
    secrets = ("pat-na1-sandbox", "sandbox-secret", "refresh-sandbox", "access-1", "Bearer ")
    wrong: ClassVar[Sequence[tuple[Mapping[str, Any], str]]] = (
        ({"read": {"deal_value": "expected_amont"}}, "contacts have no property expected_amont"),
        ({"write": {"reason": "nowhere"}}, "contacts have no property nowhere (mapped as reason)"),
        (
            {"write": {"reason": "hs_email_domain"}},
            "property hs_email_domain is read-only (mapped as reason)",
        ),
        ({"write": {"reason": "routing_score"}}, "is a number, which cannot hold it"),
        ({"write": {"status": "hs_lead_status"}}, "(mapped as status) has no option Assigned, Offered"),
        ({"read": {"title": "contact.jobtitle"}}, 'is for object = "leads"'),
        ({"read_company": {"size": "headcount"}}, "companies have no property headcount"),
        ({"where": "company = Globex"}, 'is not "property OPERATOR value"'),
        ({"where": "company IS Globex"}, "where has no operator IS"),
        ({"where": "colour EQ red"}, "contacts have no property colour, which where asks for"),
        ({"where": "company IN Globex"}, "only when they are written in lower case"),
        ({"where": "; ".join(["company EQ a"] * 5)}, "where has 5 filters, but HubSpot leaves room for 4"),
        ({"linked_record": {"field": "sfid", "crm": "salesforce"}}, "no property sfid (mapped as linked"),
        ({"roster": {"object": "companies", "read": {"id": "ref"}}}, "companies have no property ref"),
        ({"roster": {"object": "partners", "read": {"id": "ref"}}}, "Unable to infer object type"),
        ({"partner_link": {"object": "companies"}}, "partner_link needs a label"),
        ({"partner_link": {"object": "companies", "label": "Ally"}}, 'have no label "Ally"'),
        ({"partner_link": {"object": "companies", "label": LABEL, "by": "nick"}}, "no property nick"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.portal = self.sandbox.portal
        self.sandbox.run(self._prepare)

    def _prepare(self) -> None:
        """A label for partners, and someone at the vendor who looks after each of them."""
        self.portal.links.add_label("0-1", "0-2", LABEL)
        for company in self.portal.table("companies").records:
            self.portal.edit(company, {"hubspot_owner_id": PERSON}, by=PERSON, object="companies")

    def closing(self, source: Source) -> Source:
        """A source that was opened by hand, to be closed with the bench."""
        self._opened.callback(source.close)
        return source

    def table(self) -> dict[str, Any]:
        return {
            "kind": "hubspot",
            "base_url": self.sandbox.hubspot_url,
            "login": {"token": "file:examples/sandbox/hubspot_token"},
            "take_from": ["nobody"],
            "read": {"deal_value": "expected_amount"},
            "write": WRITE,
        }

    def add(self, *leads: Mapping[str, Any]) -> list[str]:
        return self.sandbox.run(
            lambda: [self._add(self._own({"last_name": "Doe", **lead})) for lead in leads]
        )

    def _add(self, values: Mapping[str, str]) -> str:
        table = self.portal.table("contacts")
        checked = writes.check(self.portal, table, values)
        return str(writes.create(self.portal, table, checked, self.portal.person(PERSON)).id)

    def edit(self, record_id: str, **values: str) -> None:
        self.sandbox.run(lambda: self.portal.edit(record_id, self._own(values), by=PERSON))

    def _own(self, values: Mapping[str, Any]) -> dict[str, str]:
        own = {OWN.get(name, name): str(value) for name, value in values.items() if name != "owner"}
        owner = {"hubspot_owner_id": str(values["owner"]).partition(":")[2]} if "owner" in values else {}
        return {**own, **owner}

    def delete(self, record_id: str) -> None:
        self.sandbox.run(self.portal.delete, record_id)

    def merge(self, winner: str, loser: str) -> str:
        return self.sandbox.run(self.portal.merge, winner, loser)

    def look(self, record_id: str) -> Mapping[str, Value]:
        held = self.record(self.object_type, record_id).values
        values: dict[str, Value] = {name: held.get(own) for name, own in WRITE.items()}
        linked = [name for name, labels in self.companies(record_id).items() if LABEL in labels]
        if linked:
            values["partner"] = "; ".join(linked)
        owner = self.portal.owners.by_id(held.get("hubspot_owner_id", ""))
        return {**values, "owner": f"user:{owner.email}" if owner else None}

    def companies(self, record_id: str) -> dict[str, list[str | None]]:
        """The companies that a contact is linked with, each with its labels."""
        ends = self.sandbox.run(lambda: self.portal.links.of(self.type_id, int(record_id), "0-2"))
        return {
            self.record("companies", company).values["name"]: [each.label for each in types]
            for company, types in ends
        }

    def record(self, kind: str, record_id: str | int) -> Record:
        """A record as stored."""
        return self.sandbox.run(lambda: self.portal.table(kind).records[int(record_id)])

    def notes(self, record_id: str) -> list[str]:
        ends = self.sandbox.run(lambda: self.portal.links.of(self.type_id, int(record_id), "0-46"))
        return [self.record("notes", note).values["hs_note_body"] for note, _ in ends]

    def intake(self) -> str | None:
        return None

    def make(self, kind: str, link_to: str | None = None, **values: str) -> str:
        """A record of any type, and its link to a lead."""

        def made() -> str:
            table = self.portal.table(kind)
            checked = writes.check(self.portal, table, values)
            record = writes.create(self.portal, table, checked, self.portal.person(PERSON))
            if link_to:
                plain = self.portal.links.plain(self.type_id, table.kind.type_id)
                assert plain is not None
                self.portal.links.put(int(link_to), record.id, [plain])
            return str(record.id)

        return self.sandbox.run(made)

    def deal(self, record_id: str, amount: float) -> None:
        self.make("deals", record_id, dealname="A deal", dealstage="qualifiedtobuy", amount=str(amount))

    def end_deals(self, record_id: str, *, won: bool) -> None:
        for deal, _ in self.sandbox.run(lambda: self.portal.links.of(self.type_id, int(record_id), "0-3")):
            values = {"dealstage": STAGES[won]}
            self.sandbox.run(lambda deal=deal, values=values: self.portal.edit(deal, values, PERSON, "deals"))

    def give_up(self, record_id: str) -> None:
        self.sandbox.run(lambda: self.portal.edit(record_id, {"hs_lead_status": "UNQUALIFIED"}, by=PERSON))

    def roster(self) -> dict[str, Any]:
        read = {"id": "domain", "name": "name", "tier": "programme_level", "owner": "hubspot_owner_id"}
        return {"object": "companies", "where": "type EQ PARTNER", "read": read}

    def partner_link(self) -> dict[str, Any]:
        write = {name: own for name, own in WRITE.items() if name != "partner"}
        return {"write": write, "partner_link": {"object": "companies", "label": LABEL}}

    def linked(self) -> dict[str, Any]:
        return {"field": "salesforceleadid", "crm": "salesforce"}

    def only_company(self, company: str) -> str:
        return f"company EQ {company}"

    def company(self, name: str) -> str:
        """The id of a partner's company."""
        assert any(each.name == name for each in PARTNER_COMPANIES)
        return self.sandbox.run(
            lambda: str(
                next(
                    record.id
                    for record in self.portal.table("companies").records.values()
                    if record.values["name"] == name
                )
            )
        )


BENCH = HubSpotBench

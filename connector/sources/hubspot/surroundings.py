"""What stands around a record: its contact, its company, its partner's company."""

from collections.abc import Mapping, Sequence

from connector.model.lead import Value
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.fields import FieldMap, values_of
from connector.sources.hubspot.links import PRIMARY, Link, Links, primary
from connector.sources.hubspot.objects import COMPANIES, CONTACTS
from connector.sources.hubspot.partner_links import PartnerLinks
from connector.sources.hubspot.records import Records

Fields = dict[str, dict[str, Value]]


class Surroundings:
    """Reads, for a page of leads at once, the fields that are not on the records themselves."""

    def __init__(self, connection: Connection, fields: FieldMap, partners: PartnerLinks | None):
        self._records = Records(connection)
        self._links = Links(connection)
        self._fields = fields
        self._partners = partners

    def of(self, purpose: str, ids: Sequence[str]) -> Fields:
        """Further fields by record id."""
        found: Fields = {each: {} for each in ids}
        if not ids:
            return found
        contacts = self._contacts(purpose, ids, found)
        links = self._company_links(purpose, contacts)
        self._add_companies(contacts, links, found)
        self._add_partners(purpose, ids, links, found)
        return found

    def _contacts(self, purpose: str, ids: Sequence[str], found: Fields) -> Mapping[str, str]:
        """The contact of each record; a contact is its own."""
        fields = self._fields
        if fields.lead.type == CONTACTS:
            return {each: each for each in ids}
        if not fields.contact and not fields.company:
            return {}
        contacts = self._links.primary(purpose, fields.lead.type, CONTACTS, ids)
        if fields.contact:
            wanted = list(fields.contact.values())
            rows = self._records.by_id(purpose, CONTACTS, contacts.values(), wanted)
            for each, contact in contacts.items():
                if contact in rows:
                    found[each] |= values_of(rows[contact]["properties"], fields.contact)
        return contacts

    def _company_links(self, purpose: str, contacts: Mapping[str, str]) -> Mapping[str, Sequence[Link]]:
        """One reading serves both the company's fields and, on contacts, the partner."""
        partner_here = self._fields.partner_is_link and self._fields.lead.type == CONTACTS
        if not contacts or not (self._fields.company or partner_here):
            return {}
        counted = "company" if self._fields.company else purpose
        return self._links.of(counted, CONTACTS, COMPANIES, contacts.values())

    def _add_companies(
        self, contacts: Mapping[str, str], links: Mapping[str, Sequence[Link]], found: Fields
    ) -> None:
        fields = self._fields.company
        if not fields:
            return
        chosen = {each: self._company(links.get(contact, ())) for each, contact in contacts.items()}
        known = {each: company for each, company in chosen.items() if company}
        rows = self._records.by_id("company", COMPANIES, known.values(), list(fields.values()))
        for each, company in known.items():
            if company in rows:
                found[each] |= values_of(rows[company]["properties"], fields)

    def _company(self, links: Sequence[Link]) -> str | None:
        partners = self._partners
        own = [link for link in links if partners is None or not partners.is_partner(link)]
        return primary(own, PRIMARY[CONTACTS, COMPANIES])

    def _add_partners(
        self, purpose: str, ids: Sequence[str], links: Mapping[str, Sequence[Link]], found: Fields
    ) -> None:
        if self._partners is None or not self._fields.partner_is_link:
            return
        if self._fields.lead.type != CONTACTS:
            links = self._links.of(purpose, self._fields.lead.type, COMPANIES, ids)
        for each, name in self._partners.names(links).items():
            if name:
                found[each]["partner"] = name

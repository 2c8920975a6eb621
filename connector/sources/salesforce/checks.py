"""What stands in the way of working with an org, found before the first lead."""

from collections.abc import Iterable, Iterator

from connector.sources.base import SourceBusy, SourceError, SourceLocked
from connector.sources.owners import OwnerDirectory
from connector.sources.salesforce.catalog import Catalog, SObject
from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.progress import DEAL
from connector.sources.salesforce.roster import roster_query
from connector.sources.salesforce.shape import found_by
from connector.sources.salesforce.soql import select
from connector.sources.salesforce.values import HELD_BY
from connector.sources.salesforce.versions import version_problem
from connector.sources.settings import RosterSettings, SalesforceSettings


class Checks:
    """`Source.problems`, one kind after the other."""

    def __init__(
        self, connection: Connection, settings: SalesforceSettings, catalog: Catalog, owners: OwnerDirectory
    ):
        self._connection = connection
        self._settings = settings
        self._catalog = catalog
        self._owners = owners

    def problems(self, names: Iterable[str]) -> list[str]:
        """Everything that is wrong; with a wrong version nothing else can be asked."""
        version = version_problem(self._connection)
        if version:
            return [version]
        owners = [problem for name in names if (problem := self._owners.problem(name))]
        found = [*self._lead_problems(), *self._query_problems(), *self._told(self._other_objects())]
        return [*found, *owners]

    def _lead_problems(self) -> Iterator[str]:
        lead = self._catalog.of("Lead")
        settings = self._settings
        if not lead.updateable:
            yield "the user may not edit Leads"
        elif not lead.fields.get("OwnerId", {}).get("updateable"):
            yield "the user may not change Lead.OwnerId, the owner"
        linked = {"linked_record": settings.linked_record.field} if settings.linked_record else {}
        for name, own in {**settings.read, **linked}.items():
            if own not in lead.fields:
                yield lead.missing(own, name)
        for name, own in settings.write.items():
            yield from self._write_problems(lead, name, own)
        for record_type in settings.record_types:
            if record_type not in lead.record_types:
                known = ", ".join(sorted(lead.record_types - {"Master"})) or "none"
                yield f"Lead has no record type {record_type}; there is {known}"

    def _write_problems(self, lead: SObject, name: str, own: str) -> Iterator[str]:
        field = lead.fields.get(own)
        if field is None:
            yield lead.missing(own, name)
        elif not field["updateable"]:
            yield f"the user may not write Lead.{own} (mapped as {name})"
        elif name == "partner" and self._settings.partner_link:
            yield from self._told(self._link_problems(lead, own))
        elif field["type"] == "reference":
            yield f"Lead.{own} (mapped as {name}) is a lookup; say in partner_link what it points to"
        elif field["type"] not in HELD_BY[name]:
            yield f"Lead.{own} (mapped as {name}) is of type {field['type']}, which cannot hold it"

    def _link_problems(self, lead: SObject, own: str) -> Iterator[str]:
        link = self._settings.partner_link
        if link is None:
            return
        if link.object not in lead.fields[own]["referenceTo"]:
            yield f"Lead.{own} (mapped as partner) is no lookup to {link.object}"
            return
        target = self._catalog.of(link.object)
        if found_by(link.by) not in target.fields:
            yield target.missing(link.by, "partner_link.by")

    def _query_problems(self) -> Iterator[str]:
        if self._settings.where:
            soql = select(["Id"], "Lead", [f"({self._settings.where})"], "LIMIT 1")
            yield from self._refused("where", soql)
        yield from self._refused("what became of leads", select(["Id", *DEAL], "Lead", end="LIMIT 1"))

    def _other_objects(self) -> Iterator[str]:
        if self._settings.roster:
            yield from self._roster_problems(self._settings.roster)
        if self._settings.note and not self._catalog.of("Task").createable:
            yield "the user may not create Tasks, which notes are kept as"

    def _roster_problems(self, roster: RosterSettings) -> Iterator[str]:
        known = self._catalog.of(roster.object)
        missing = [
            known.missing(own, f"roster.{name}")
            for name, own in roster.read.items()
            if "." not in own and own not in known.fields
        ]
        yield from missing or self._refused("roster", roster_query(roster, "LIMIT 1"))

    def _told(self, problems: Iterator[str]) -> Iterator[str]:
        """The problems; an object that Salesforce does not describe is one more."""
        try:
            yield from problems
        except SourceLocked as error:
            yield str(error)

    def _refused(self, key: str, soql: str) -> Iterator[str]:
        """The problem of a query that Salesforce does not take, told in its own words on one line."""
        try:
            self._connection.query("metadata", soql)
        except SourceBusy:
            raise
        except SourceError as error:
            yield f"{key}: {error}"

"""Salesforce Leads behind the port."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from connector.model.lead import Lead, Value
from connector.model.progress import Progress
from connector.sources.base import Admit, Held, Note, Owner, Page, Source, SourceError, Update, fix_for
from connector.sources.nurture import unasked, write_both
from connector.sources.owners import OwnerDirectory
from connector.sources.salesforce.catalog import Catalog
from connector.sources.salesforce.checks import Checks
from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.desk import SalesforceDesk
from connector.sources.salesforce.fixes import FIXES
from connector.sources.salesforce.notes import Notes
from connector.sources.salesforce.nurture import NurtureCampaign
from connector.sources.salesforce.partners import PartnerRecords
from connector.sources.salesforce.progress import ProgressReader
from connector.sources.salesforce.reading import Reader
from connector.sources.salesforce.replication import Witness
from connector.sources.salesforce.roster import read_roster
from connector.sources.salesforce.shape import LeadShape
from connector.sources.salesforce.soql import select
from connector.sources.salesforce.writing import Writer
from connector.sources.settings import SalesforceSettings

_OWNING = ("Standard", "PowerPartner")


class SalesforceSource(Source):
    """One Salesforce org."""

    read_size = 2000
    write_size = 200

    def __init__(self, crm: str, settings: SalesforceSettings, connection: Connection):
        super().__init__(crm, connection.calls, connection.usage)
        self._connection = connection
        self._roster = settings.roster
        self._owners = OwnerDirectory(self._load_owners, "Salesforce")
        catalog = Catalog(connection)
        shape = LeadShape(crm, settings, catalog, self._owners)
        link = settings.partner_link
        partners = PartnerRecords(connection, link) if link else None
        self._reader = Reader(connection, settings, shape)
        self._witness = Witness(connection, catalog, self._reader)
        self._writer = Writer(
            connection,
            catalog,
            self._owners,
            shape.written,
            partners,
            conditional=settings.conditional_writes,
        )
        nurture = settings.nurture
        self._nurture = (
            NurtureCampaign(connection, catalog, nurture.campaign, nurture.member_status)
            if nurture and nurture.campaign
            else None
        )
        self._notes = Notes(connection)
        self._progress = ProgressReader(connection, catalog, self._reader)
        self._checks = Checks(connection, settings, catalog, self._owners)
        if settings.registrations:
            desk = SalesforceDesk(crm, settings.registrations, connection, catalog, self._owners)
            self.registrations = desk

    def limited_by(self, admit: Admit) -> None:
        self._connection.admit = admit

    def read_changed(self, since: datetime, until: datetime | None, after: str | None) -> Page:
        return self._reader.page(since, until, after, self.read_size)

    def read(self, ids: Sequence[str]) -> Mapping[str, Lead]:
        return self._reader.leads(ids)

    def changed_ids(self, since: datetime, until: datetime) -> Iterator[str]:
        return self._witness.changed_ids(since, until)

    def read_back(self, ids: Sequence[str]) -> Mapping[str, Held]:
        held = self._reader.held(ids)
        return {asked: unasked(one) for asked, one in held.items()} if self._nurture else held

    def write(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        if self._nurture is None:
            return self._writer.write(updates)
        return write_both(updates, self._writer.write, self._nurture.keep)

    def leave_notes(self, notes: Sequence[Note], *, again: bool) -> Sequence[SourceError | None]:
        return self._notes.leave(notes, again=again)

    def read_progress(self, ids: Sequence[str]) -> Mapping[str, Progress]:
        return self._progress.read(ids)

    def read_partners(self) -> Sequence[Mapping[str, Value]]:
        return read_roster(self._connection, self._roster, self._owners) if self._roster else ()

    def problems(self, owners: Sequence[str]) -> list[str]:
        found = self._checks.problems(owners)
        found += self._nurture.problems() if self._nurture else ()
        return [*found, *(self.registrations.problems() if self.registrations else ())]

    def fix(self, error: SourceError) -> str:
        return fix_for(error, FIXES)

    def _load_owners(self) -> list[Owner]:
        return [*self._queues(), *self._users()]

    def _users(self) -> list[Owner]:
        # Customers' portal users may be a million, and cannot own leads.
        tests = ["UserType NOT IN ('CspLitePortal', 'Guest')"]
        soql = select(["Id", "Username", "IsActive", "UserType"], "User", tests)
        return [
            Owner(f"user:{row['Username']}", row["Id"], bool(row["IsActive"]), row["UserType"] in _OWNING)
            for row in self._connection.query("directory", soql)
        ]

    def _queues(self) -> list[Owner]:
        queues = select(["Id", "DeveloperName"], "Group", ["Type = 'Queue'"])
        enabled = select(["QueueId"], "QueueSobject", ["SobjectType = 'Lead'"])
        rows = self._connection.query("directory", queues)
        allowed = {row["QueueId"] for row in self._connection.query("directory", enabled)}
        return [
            Owner(f"queue:{row['DeveloperName']}", row["Id"], may_own=row["Id"] in allowed) for row in rows
        ]

    def close(self) -> None:
        self._connection.close()

"""HubSpot contacts or leads behind the port."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connector.model.lead import Lead, Value
from connector.model.progress import Progress
from connector.sources.base import Admit, Held, Note, Owner, Page, Source, SourceError, Update
from connector.sources.hubspot.batches import next_page, rows
from connector.sources.hubspot.checks import Checks
from connector.sources.hubspot.comparing import Comparison
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.definitions import Definitions
from connector.sources.hubspot.desk import HubSpotDesk
from connector.sources.hubspot.fields import FieldMap
from connector.sources.hubspot.fixes import fix
from connector.sources.hubspot.notes import Notes
from connector.sources.hubspot.nurture import NurtureList
from connector.sources.hubspot.partner_links import PartnerLinks
from connector.sources.hubspot.progress import ProgressReader
from connector.sources.hubspot.pulling import Reader
from connector.sources.hubspot.rescan import Rescan
from connector.sources.hubspot.rights import told
from connector.sources.hubspot.roster import Roster
from connector.sources.hubspot.surroundings import Surroundings
from connector.sources.hubspot.writing import Writer
from connector.sources.nurture import unasked, write_both
from connector.sources.owners import OwnerDirectory
from connector.sources.settings import HubSpotSettings


class HubSpotSource(Source):
    """One HubSpot account. Its leads are contacts, or the records of the Lead object with their contacts.

    A change of the associated contact alone does not move a Lead record's stamp, so it is not read again.
    """

    read_size = 200
    write_size = 100

    def __init__(self, crm: str, settings: HubSpotSettings, connection: Connection):
        super().__init__(crm, connection.calls, connection.usage)
        self._connection = connection
        self._owners = OwnerDirectory(self._load_owners, "HubSpot")
        fields, definitions = FieldMap.of(settings), Definitions(connection)
        self._roster = Roster(connection, settings.roster, self._owners) if settings.roster else None
        partners = self._partner_links(settings, fields)
        around = Surroundings(connection, fields, partners)
        self._reader = Reader(crm, settings, connection, self._owners, around)
        self._rescan = Rescan(settings, connection)
        self._comparison = Comparison(connection, fields, self._owners, partners)
        self._writer = Writer(connection, fields, self._owners, definitions, partners)
        nurture = settings.nurture.list if settings.nurture else None
        self._nurture = NurtureList(connection, fields.lead.type, nurture) if nurture else None
        self._notes = Notes(connection, fields.lead, settings.note or "note")
        self._progress = ProgressReader(connection, fields)
        self._checks = Checks(connection, settings, fields, self._owners, definitions, partners)
        if settings.registrations:
            desk = HubSpotDesk(crm, settings.registrations, connection, self._owners, definitions)
            self.registrations = desk

    def _partner_links(self, settings: HubSpotSettings, fields: FieldMap) -> PartnerLinks | None:
        if settings.partner_link is None:
            return None
        roster = self._roster.ids if self._roster else list
        return PartnerLinks(self._connection, settings.partner_link, fields.lead.type, roster)

    def limited_by(self, admit: Admit) -> None:
        self._connection.admit = admit

    def read_changed(self, since: datetime, until: datetime | None, after: str | None) -> Page:
        return self._reader.page(since, until, after, self.read_size)

    def read(self, ids: Sequence[str]) -> Mapping[str, Lead]:
        return self._reader.read(ids)

    def changed_ids(self, since: datetime, until: datetime) -> Iterator[str]:
        return self._rescan.ids(since, until)

    def read_back(self, ids: Sequence[str]) -> Mapping[str, Held]:
        held = self._comparison.held(ids)
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
        return self._roster.partners() if self._roster else ()

    def problems(self, owners: Sequence[str]) -> list[str]:
        found = self._checks.problems(owners)
        found += told(self._nurture.problems) if self._nurture else ()
        return [*found, *(self.registrations.problems() if self.registrations else ())]

    def fix(self, error: SourceError) -> str:
        return fix(error)

    def _load_owners(self) -> Iterator[Owner]:
        """Those who left first, so that an address that came back counts as active."""
        for archived in ("true", "false"):
            yield from self._owners_listed(archived)

    def _owners_listed(self, archived: str) -> Iterator[Owner]:
        page: dict[str, Any] = {"archived": archived}
        while True:
            answer = self._connection.call("directory", self._connection.owners.get_page, limit=100, **page)
            for row in rows(answer):
                yield Owner(f"user:{row.get('email') or row['id']}", str(row["id"]), not row["archived"])
            after = next_page(answer)
            if after is None:
                return
            page = {**page, "after": after}

    def close(self) -> None:
        self._connection.close()

"""Reading leads: what changed, and what particular ones are now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connector.model.lead import Lead, Value
from connector.sources.base import Page, SourceLocked
from connector.sources.hubspot.asking import (
    Question,
    Search,
    between,
    check_order,
    condition,
    created_from,
    millis,
)
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.fields import FieldMap, values_of
from connector.sources.hubspot.objects import CREATED, OWNER, RECORD_ID
from connector.sources.hubspot.records import Records, Row, absorbed
from connector.sources.hubspot.surroundings import Surroundings
from connector.sources.hubspot.where import MOST_FILTERS, BadWhere, Filter, parsed
from connector.sources.mapping import address, moment
from connector.sources.owners import OwnerDirectory
from connector.sources.settings import HubSpotSettings


def standing_filters(settings: HubSpotSettings) -> list[Filter]:
    """What every lead must fulfil to be read at all; SourceLocked when `where` cannot be understood."""
    created = created_from(settings.created_after, CREATED)
    try:
        # One filter is for the window, one for the place in it.
        return [*created, *parsed(settings.where, MOST_FILTERS - 2 - len(created))]
    except BadWhere as error:
        raise SourceLocked(str(error)) from None


class Reader:
    """Reads leads of one account."""

    def __init__(
        self,
        crm: str,
        settings: HubSpotSettings,
        connection: Connection,
        owners: OwnerDirectory,
        around: Surroundings,
    ):
        self._crm = crm
        self._settings = settings
        self._fields = FieldMap.of(settings)
        self._search = Search(connection, self._fields.lead.type)
        self._records = Records(connection)
        self._owners = owners
        self._around = around

    def page(self, since: datetime, until: datetime | None, after: str | None, limit: int) -> Page:
        """One page of what changed, by id: edits during the reading move no row to another page."""
        question = Question(self._window(since, until, after), self._fields.to_read, limit=limit)
        # A body of more than 3,000 characters is refused: then search finds, and batches read.
        asked = question if question.fits else replace(question, properties=[self._fields.lead.modified])
        found = self._search.first("pull", asked)
        check_order(found.rows, after)
        rows = found.rows if question.fits else self._whole(found.rows)
        last_id = str(found.rows[-1]["id"]) if found.rows else after
        return Page(self.leads("pull", rows), until or found.at, last_id, not found.more)

    def _window(self, since: datetime, until: datetime | None, after: str | None) -> list[Filter]:
        modified = self._fields.lead.modified
        window = between(modified, since, until) if until else condition(modified, "GTE", millis(since))
        beyond = [condition(RECORD_ID, "GT", after)] if after else []
        return [window, *beyond, *standing_filters(self._settings)]

    def _whole(self, rows: Sequence[Row]) -> list[Row]:
        ids = [str(row["id"]) for row in rows]
        found = self._records.by_id("pull", self._fields.lead.type, ids, self._wanted)
        # What was merged away since lives on in a record that this window or the next one brings.
        return [found[each] for each in ids if each in found and str(found[each]["id"]) == each]

    @property
    def _wanted(self) -> list[str]:
        return [*self._fields.to_read, self._fields.lead.modified]

    def read(self, ids: Sequence[str]) -> Mapping[str, Lead]:
        """Leads as they are now, by the id asked for."""
        rows = self._records.by_id("reconcile", self._fields.lead.type, ids, self._wanted)
        distinct = {str(row["id"]): row for row in rows.values()}
        leads = {lead.ref.id: lead for lead in self.leads("reconcile", list(distinct.values()))}
        return {asked: leads[str(row["id"])] for asked, row in rows.items()}

    def leads(self, purpose: str, rows: Sequence[Row]) -> tuple[Lead, ...]:
        """Leads of records, together with what stands around these."""
        around = self._around.of(purpose, [str(row["id"]) for row in rows])
        return tuple(self._lead(row, around[str(row["id"])]) for row in rows)

    def _lead(self, row: Row, further: Mapping[str, Value]) -> Lead:
        held = row["properties"]
        return Lead(
            ref=address(self._crm, row["id"]),
            owner=self._owners.name_of(held.get(OWNER)),
            created_at=moment(row["createdAt"]),
            changed_at=moment(held.get(self._fields.lead.modified) or row["updatedAt"]),
            fields={**further, **values_of(held, self._fields.own)},
            absorbed=absorbed(row),
            linked=(held.get(self._fields.linked) or None) if self._fields.linked else None,
        )

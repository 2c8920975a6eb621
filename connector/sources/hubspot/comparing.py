"""What records hold of what we write."""

from collections.abc import Mapping, Sequence

from connector.model.lead import Value
from connector.sources.base import Held
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.fields import FieldMap
from connector.sources.hubspot.objects import OWNER
from connector.sources.hubspot.partner_links import PartnerLinks
from connector.sources.hubspot.records import Records, Row
from connector.sources.mapping import moment
from connector.sources.owners import OwnerDirectory

PURPOSE = "compare"


class Comparison:
    """Reads back, a hundred records a call."""

    def __init__(
        self,
        connection: Connection,
        fields: FieldMap,
        owners: OwnerDirectory,
        partners: PartnerLinks | None,
    ):
        self._records = Records(connection)
        self._fields = fields
        self._owners = owners
        self._partners = partners

    def held(self, ids: Sequence[str]) -> dict[str, Held]:
        """`Source.read_back`."""
        fields = self._fields
        rows = self._records.by_id(PURPOSE, fields.lead.type, ids, fields.to_compare)
        partners = self._linked({str(row["id"]) for row in rows.values()})
        return {asked: self._held(row, partners) for asked, row in rows.items()}

    def _linked(self, ids: set[str]) -> Mapping[str, str | None]:
        if self._partners is None or not ids:
            return {}
        return self._partners.names(self._partners.links_of(PURPOSE, sorted(ids, key=int)))

    def _held(self, row: Row, partners: Mapping[str, str | None]) -> Held:
        held, record_id = row["properties"], str(row["id"])
        values: dict[str, Value] = {name: held.get(own) or None for name, own in self._fields.written.items()}
        values["owner"] = self._owners.name_of(held.get(OWNER))
        if self._partners is not None:
            values["partner"] = self._partner(values.get("partner"), partners.get(record_id))
        changed = held.get(self._fields.lead.modified) or row["updatedAt"]
        return Held(record_id, values, moment(changed))

    def _partner(self, text: Value, linked: str | None) -> Value:
        """Both where there are two and they differ, so that it is neither and is written again."""
        if self._fields.partner_is_link or text == linked:
            return linked
        return f"{text or 'nobody'} and {linked or 'nobody'}"

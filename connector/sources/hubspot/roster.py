"""The partner roster, where partners are maintained as companies of the account."""

from collections.abc import Iterable, Mapping

from connector.model.lead import Value
from connector.sources.base import SourceLocked
from connector.sources.hubspot.asking import Search
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.objects import OWNER
from connector.sources.hubspot.records import Records, Row
from connector.sources.hubspot.where import MOST_FILTERS, BadWhere, parsed
from connector.sources.owners import OwnerDirectory
from connector.sources.settings import RosterSettings

PURPOSE = "partners"


class Roster:
    """Reads the records that stand for partners."""

    def __init__(self, connection: Connection, settings: RosterSettings, owners: OwnerDirectory):
        self._settings = settings
        self._owners = owners
        self._search = Search(connection, settings.object)
        self._records = Records(connection)

    def partners(self) -> list[Mapping[str, Value]]:
        """`Source.read_partners`; an owner's id comes as its name."""
        return [self._partner(row) for row in self._rows()]

    def ids(self) -> list[str]:
        """The ids of the records."""
        return [str(row["id"]) for row in self._rows()]

    def _rows(self) -> Iterable[Row]:
        own = list(dict.fromkeys(self._settings.read.values()))
        try:
            filters = parsed(self._settings.where, MOST_FILTERS - 1)
        except BadWhere as error:
            raise SourceLocked(f"roster: {error}") from None
        if filters:
            return self._search.by_id(PURPOSE, filters, own)
        return self._records.listed(PURPOSE, self._settings.object, own)

    def _partner(self, row: Row) -> dict[str, Value]:
        held = row["properties"]
        return {
            name: self._value(name, own, held.get(own) or None) for name, own in self._settings.read.items()
        }

    def _value(self, name: str, own: str, held: str | None) -> Value:
        if held is None or name != "owner":
            return held
        if own == OWNER:
            return self._owners.name_of(held)
        return held if held.startswith("user:") else f"user:{held}"

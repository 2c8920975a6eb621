"""The partner as a record of its own: found by name or external id, and written as a lookup."""

from collections.abc import Iterable

from connector.sources.base import SourceRefused
from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.shape import found_by
from connector.sources.salesforce.soql import among, chunks, select
from connector.sources.settings import PartnerLink

_MOST_NAMES = 40
"""Names that one query may list: each may have 255 characters, and an address 16,384 bytes."""


class PartnerRecords:
    """Ids of partner records by what they are found by, each asked for once."""

    def __init__(self, connection: Connection, link: PartnerLink):
        self._connection = connection
        self._object = link.object
        self._by = found_by(link.by)
        self._ids: dict[str, list[str]] = {}

    def find(self, keys: Iterable[str]) -> None:
        """Ask for those that are not known yet, in one query for every forty."""
        unknown = sorted({key for key in keys if key.casefold() not in self._ids})
        for some in chunks(unknown, _MOST_NAMES):
            soql = select(["Id", self._by], self._object, [among(self._by, some)])
            for row in self._connection.query("directory", soql):
                known = self._ids.setdefault(str(row[self._by]).casefold(), [])
                if row["Id"] not in known:
                    known.append(row["Id"])

    def id_of(self, key: str) -> str:
        """The id of a partner's record; SourceRefused unless there is exactly one."""
        ids = self._ids.get(key.casefold(), [])
        if len(ids) == 1:
            return ids[0]
        count = "no record" if not ids else f"{len(ids)} records"
        raise SourceRefused(f"{count} of {self._object} with {self._by} = {key!r}", "UNKNOWN_PARTNER")

    def forget(self) -> None:
        """Ask again: a record may have been deleted."""
        self._ids.clear()

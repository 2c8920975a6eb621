"""Records by id, wherever merges have taken them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connector.sources.base import SourceBusy, SourceError, SourceLocked, SourceRefused
from connector.sources.hubspot.batches import errors_by_key, next_page, pieces, rows
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.errors import for_a_person
from connector.sources.hubspot.objects import merged_properties

Row = Mapping[str, Any]


def absorbed(row: Row) -> tuple[str, ...]:
    """The ids of the records that were merged into this one."""
    held = row["properties"]
    listed = [held.get(name) or "" for name in ("hs_merged_object_ids", "hs_all_contact_vids")]
    ids = dict.fromkeys(each.strip() for text in listed for each in text.split(";") if each.strip())
    return tuple(each for each in ids if each != str(row["id"]))


class Records:
    """Reads records in batches of a hundred."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def by_id(
        self, purpose: str, object_type: str, ids: Iterable[str], properties: Sequence[str]
    ) -> dict[str, Row]:
        """Rows by the id asked for, which may be that of a record merged away; those gone are absent."""
        asked = [*dict.fromkeys((*properties, *merged_properties(object_type)))]
        found: dict[str, Row] = {}
        for piece in pieces(dict.fromkeys(ids)):
            found |= self._piece(purpose, object_type, piece, asked)
        return found

    def _piece(
        self, purpose: str, object_type: str, ids: Sequence[str], properties: Sequence[str]
    ) -> dict[str, Row]:
        body = {"inputs": [{"id": each} for each in ids], "properties": properties}
        answer = self._connection.call(purpose, self._connection.batch.read, object_type, body)
        known = rows(answer)
        by_id = {alias: row for row in known for alias in absorbed(row)}
        by_id |= {str(row["id"]): row for row in known}
        gone = errors_by_key(answer)
        _raise_if_unclear(gone.values())
        found = {each: by_id[each] for each in ids if each in by_id}
        for each in ids:
            if each not in found and each not in gone:
                found |= self._one(purpose, object_type, each, properties)
        return found

    def _one(
        self, purpose: str, object_type: str, record_id: str, properties: Sequence[str]
    ) -> dict[str, Row]:
        """A record that a batch left out without a word: a survivor does not list every merge before it."""
        try:
            row = self._connection.attempt(
                purpose, self._connection.single.get_by_id, object_type, record_id, properties=properties
            )
        except SourceRefused as error:
            if error.gone:
                return {}
            raise for_a_person(error) from None
        return {record_id: row}

    def listed(
        self, purpose: str, object_type: str, properties: Sequence[str], *, archived: bool = False
    ) -> Iterable[Row]:
        """All records in the order of their ids, without help of the search index."""
        page: dict[str, Any] = {"archived": "true"} if archived else {}
        while True:
            answer = self._connection.call(
                purpose,
                self._connection.single.get_page,
                object_type,
                limit=100,
                properties=list(properties),
                **page,
            )
            yield from rows(answer)
            after = next_page(answer)
            if after is None:
                return
            if after == page.get("after"):
                raise SourceLocked(f"HubSpot's list of {object_type} does not move on")
            page = {**page, "after": after}


def _raise_if_unclear(errors: Iterable[SourceError]) -> None:
    for error in errors:
        if not (isinstance(error, SourceRefused) and error.gone):
            raise SourceBusy(str(error), error.code)

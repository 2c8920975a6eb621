"""The static list in which contacts or leads ripen."""

from collections.abc import Iterator, Sequence

from connector.sources.base import SourceRefused
from connector.sources.hubspot.batches import Answers
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.objects import CONTACTS

_TYPE_IDS = {CONTACTS: "0-1", "leads": "0-136"}
_WRITABLE = ("MANUAL", "SNAPSHOT")
NO_LIST = "NO_LIST"


class NurtureList:
    """Puts records into a list, known by its name, and takes them out; both may be done twice."""

    def __init__(self, connection: Connection, object_type: str, name: str):
        self._connection = connection
        self._type = object_type
        self._name = name
        self._id: str | None = None

    def keep(self, into: Sequence[str], out: Sequence[str]) -> Answers:
        """An answer for each; a record that does not exist is gone, and so is in no list."""
        try:
            missing = self._changed(into, out)
        except SourceRefused as error:
            self._id = None  # it may have been replaced by another of its name
            return [SourceRefused(str(error), NO_LIST)] * (len(into) + len(out))
        gone = SourceRefused("the record does not exist", "OBJECT_NOT_FOUND", gone=True)
        answers: Answers = [gone if each in missing else None for each in into]
        return answers + [None] * len(out)

    def _changed(self, into: Sequence[str], out: Sequence[str]) -> frozenset[str]:
        """Those that do not exist; SourceRefused without the list."""
        body = {"recordIdsToAdd": list(into), "recordIdsToRemove": list(out)}
        change = self._connection.memberships.add_and_remove
        answer = self._connection.attempt("write", change, self._found(), body)
        return frozenset(map(str, answer.get("recordIdsMissing") or ()))

    def _found(self) -> str:
        if self._id is None:
            get, kind = self._connection.lists.get_by_name, _TYPE_IDS[self._type]
            found = self._connection.attempt("metadata", get, self._name, kind)["list"]
            if found.get("processingType") not in _WRITABLE:
                raise SourceRefused(f"the list {self._name!r} is an active one, so nobody can add to it")
            self._id = str(found["listId"])
        return self._id

    def problems(self) -> Iterator[str]:
        """What is wrong with the list, in a sentence."""
        self._id = None
        try:
            self._found()
        except SourceRefused as error:
            yield f"nurture names no static list of {self._type}: {self._name!r} ({error})"

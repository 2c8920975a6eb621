"""Notes on leads, as completed tasks."""

from collections.abc import Sequence

from connector.sources.base import Note, SourceError, SourceRefused
from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.soql import MOST_IN_LIST, among, chunks, select
from connector.sources.salesforce.writing import COLLECTION, bisected, row_answers

_LONGEST_SUBJECT = 255


class Notes:
    """Leaves notes; a note's key ends its subject in brackets, because texts cannot be searched."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def leave(self, notes: Sequence[Note], *, again: bool) -> list[SourceError | None]:
        """`Source.leave_notes`."""
        there = self._there(notes) if again else set()
        left = [note for note in notes if (note.id, note.key) not in there]
        answers: list[SourceError | None] = []
        for some in chunks(left, COLLECTION):
            answers += map(_lead_gone, bisected(some, self._create))
        remaining = iter(answers)
        return [None if (note.id, note.key) in there else next(remaining) for note in notes]

    def _there(self, notes: Sequence[Note]) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for some in chunks(notes, MOST_IN_LIST):
            ids = dict.fromkeys(note.id for note in some)
            soql = select(["WhoId", "Subject"], "Task", [among("WhoId", ids), "Subject LIKE '%]'"])
            rows = self._connection.query("note", soql)
            found |= {(row["WhoId"], row["Subject"].rpartition("[")[2][:-1]) for row in rows}
        return found

    def _create(self, notes: Sequence[Note]) -> list[SourceError | None]:
        records = [
            {
                "attributes": {"type": "Task"},
                "WhoId": note.id,
                "Subject": _subject(note),
                "Description": note.text,
                "Status": "Completed",
                "Priority": "Normal",
            }
            for note in notes
        ]
        body = {"allOrNone": False, "records": records}
        answer = self._connection.call(
            "note", lambda sf: sf.restful("composite/sobjects", method="POST", json=body)
        )
        return row_answers(answer, len(notes))


def _lead_gone(answer: SourceError | None) -> SourceError | None:
    """The lead is the only record that a note refers to."""
    if answer is None or answer.code != "INVALID_CROSS_REFERENCE_KEY":
        return answer
    return SourceRefused(str(answer), answer.code, gone=True)


def _subject(note: Note) -> str:
    end = f" [{note.key}]"
    room = _LONGEST_SUBJECT - len(end)
    title = note.title if len(note.title) <= room else note.title[: room - 1] + "…"
    return title + end

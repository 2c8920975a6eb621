"""Notes and tasks on leads."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Literal

from connector.sources.base import Note, SourceBusy, SourceError, SourceRefused
from connector.sources.hubspot.batches import (
    Answers,
    errors_by_key,
    in_halves,
    one_after_another,
    pieces,
    rows,
)
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.links import HUBSPOT_DEFINED, Links, LinkType
from connector.sources.hubspot.objects import NOTES, OWNER, TASKS, LeadObject
from connector.sources.hubspot.records import Records

PURPOSE = "note"
_MOST_TEXT = 60_000  # HubSpot takes 65,536 characters, tags included
_TYPES = {"note": NOTES, "task": TASKS}
_BODIES = {NOTES: "hs_note_body", TASKS: "hs_task_body"}


class Notes:
    """Leaves notes, or tasks for the record's owner; each ends with its key."""

    def __init__(self, connection: Connection, lead: LeadObject, kind: Literal["note", "task"]):
        self._connection = connection
        self._lead = lead
        self._type = _TYPES[kind]
        self._body = _BODIES[self._type]
        self._link = LinkType(HUBSPOT_DEFINED, lead.note_links[self._type])
        self._links = Links(connection)
        self._records = Records(connection)

    def leave(self, notes: Sequence[Note], *, again: bool) -> Answers:
        """`Source.leave_notes`."""
        there = self._there(notes) if again else set()
        left = [note for note in notes if (note.id, note.key) not in there]
        owners = self._owners(left)

        def create(some: Sequence[Note]) -> Answers:
            return self._create(some, owners)

        answers = iter(
            self._told_apart(left, one_after_another(pieces(left), lambda piece: in_halves(piece, create)))
        )
        return [None if (note.id, note.key) in there else next(answers) for note in notes]

    def _told_apart(self, notes: Sequence[Note], answers: Answers) -> Answers:
        """HubSpot refuses an association, and does not say that it is because the lead is gone."""
        refused = {note.id for note, end in zip(notes, answers, strict=True) if _is_refused(end)}
        alive = self._records.by_id(PURPOSE, self._lead.type, refused, ()) if refused else {}
        return [
            SourceRefused(str(end), end.code, gone=True)
            if end is not None and note.id in refused - alive.keys()
            else end
            for note, end in zip(notes, answers, strict=True)
        ]

    def _there(self, notes: Sequence[Note]) -> set[tuple[str, str]]:
        """Read through the associations: search would not show what was left a moment ago."""
        links = self._links.of(PURPOSE, self._lead.type, self._type, [note.id for note in notes])
        ids = {record_id: [link.to for link in ends] for record_id, ends in links.items()}
        every = [each for ends in ids.values() for each in ends]
        texts = {
            each: str(row["properties"].get(self._body) or "")
            for each, row in self._records.by_id(PURPOSE, self._type, every, [self._body]).items()
        }
        return {
            (note.id, note.key)
            for note in notes
            if any(_end(note) in texts.get(each, "") for each in ids.get(note.id, ()))
        }

    def _owners(self, notes: Sequence[Note]) -> Mapping[str, str]:
        """Whose task it is."""
        if self._type != TASKS or not notes:
            return {}
        rows = self._records.by_id(PURPOSE, self._lead.type, [note.id for note in notes], [OWNER])
        return {each: str(row["properties"].get(OWNER) or "") for each, row in rows.items()}

    def _create(self, notes: Sequence[Note], owners: Mapping[str, str]) -> Answers:
        inputs = [
            self._input(str(number), note, owners.get(note.id, "")) for number, note in enumerate(notes)
        ]
        answer = self._connection.attempt(
            PURPOSE, self._connection.batch.create, self._type, {"inputs": inputs}
        )
        errors = errors_by_key(answer)
        made = {str(row.get("objectWriteTraceId")) for row in rows(answer)}
        texts = [str(row["properties"].get(self._body) or "") for row in rows(answer)]
        return [
            errors.get(str(number))
            or _unless(str(number) in made or any(_end(note) in t for t in texts), note)
            for number, note in enumerate(notes)
        ]

    def _input(self, trace: str, note: Note, owner: str) -> dict[str, Any]:
        return {
            "objectWriteTraceId": trace,
            "properties": {**self._properties(note, owner), "hs_timestamp": self._now()},
            "associations": [{"to": {"id": note.id}, "types": [self._link.spec]}],
        }

    def _properties(self, note: Note, owner: str) -> dict[str, str]:
        text = escape(note.text[:_MOST_TEXT]).replace("\n", "<br>")
        if self._type == NOTES:
            return {self._body: f"<strong>{escape(note.title)}</strong><br>{text}{_end(note)}"}
        return {
            self._body: f"{text}{_end(note)}",
            "hs_task_subject": note.title,
            "hs_task_status": "NOT_STARTED",
            "hs_task_type": "TODO",
            **({OWNER: owner} if owner else {}),
        }

    def _now(self) -> str:
        at = self._connection.server_time or datetime.now(UTC)
        return at.isoformat().replace("+00:00", "Z")


def _is_refused(answer: SourceError | None) -> bool:
    return isinstance(answer, SourceRefused)


def _end(note: Note) -> str:
    return f"<br>[{escape(note.key)}]"


def _unless(confirmed: bool, note: Note) -> SourceError | None:
    return None if confirmed else SourceBusy(f"HubSpot did not confirm a note on {note.id}", "UNCONFIRMED")

"""Carry decisions to a CRM: compare, write what differs, and look at every answer."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random

from sqlalchemy.orm import Session

from connector.model.command import WriteAssignment
from connector.model.lead import Value, same_owner
from connector.sources.base import Held, Note, Source, SourceError, SourceRefused, Update
from connector.sources.mapping import same_value
from connector.store import Store
from connector.store import outbox as box
from connector.store.endings import merge_away
from connector.store.outbox import Parcel, Taker
from connector.sync.carrying import Carrier
from connector.sync.steps import passed

Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Write:
    """Write these values, the ones that differ, unless the record changes meanwhile."""

    values: Values
    unchanged_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """The record already holds what is wanted."""


@dataclass(frozen=True, slots=True)
class Yield:
    """A person changed the owner since we looked."""

    owner: str | None


@dataclass(frozen=True, slots=True)
class Gone:
    """The record no longer exists; another one answers for it where it was merged away."""

    into: str | None = None


Verdict = Write | Nothing | Yield | Gone


def compared(command: WriteAssignment, record: Held | None, ours: Collection[str] = frozenset()) -> Verdict:
    """The three-way comparison of what was there when we decided, what is there now, and what we want.

    An owner among `ours` was set by an earlier write of ours, and by no person.
    """
    if record is None:
        return Gone()
    if record.id != command.ref.id:
        return Gone(record.id)
    held = record.values
    if "owner" not in command.values and command.follows:
        return _differing(command, record)
    wanted_owner, now_owner = command.values.get("owner"), _text(held.get("owner"))
    expected = (command.owner_before, _text(wanted_owner), *ours, *command.rivals)
    if not any(same_owner(now_owner, owner) for owner in expected):
        return Yield(now_owner)
    return _differing(command, record)


def _differing(command: WriteAssignment, record: Held) -> Write | Nothing:
    differing = {
        name: value
        for name, value in command.values.items()
        if name in record.values and not _holds(name, value, record.values[name])
    }
    return Write(differing, record.changed_at) if differing else Nothing()


def _holds(name: str, wanted: Value, held: Value) -> bool:
    return same_owner(_text(wanted), _text(held)) if name == "owner" else same_value(wanted, held)


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


class Delivery(Carrier):
    """Delivers one CRM's outbox of leads."""

    about = "lead"
    step = "deliver"

    def __init__(
        self,
        source: Source,
        store: Store,
        config_hash: str,
        now: Callable[[], datetime],
        random: Random,
        call: Callable[[Callable[[], object]], object],
        *,
        taker: Taker,
        notes: bool,
    ):
        super().__init__(source, store, now, random, call, taker=taker)
        self._config_hash = config_hash
        self._notes = notes

    @property
    def _size(self) -> int:
        return self._source.write_size

    def _deliver(self, parcels: Sequence[Parcel]) -> Counter[str]:
        ids = [parcel.command.ref.id for parcel in parcels]
        held = self._asked(lambda: self._source.read_back(ids))
        passed("deliver.compared")
        verdicts = [compared(p.command, held.get(p.command.ref.id), p.ours) for p in parcels]
        errors = self._write(parcels, verdicts)
        self._leave_notes(parcels, verdicts, errors)
        passed("deliver.written")
        ends: Counter[str] = Counter()
        with self._store.transaction() as session:
            ours = box.still(session, parcels, self._taker)
            settled: list[Parcel] = []
            for parcel, verdict, error in zip(parcels, verdicts, errors, strict=True):
                if parcel.id in ours:
                    ends[self._end(session, parcel, verdict, error, settled)] += 1
            box.settle(session, settled, self._now())
            self._tally(session, parcels)
        return ends

    def _write(self, parcels: Sequence[Parcel], verdicts: Sequence[Verdict]) -> list[SourceError | None]:
        """Write what differs; an answer for each parcel, None where nothing was to be written."""
        due = [(p, v) for p, v in zip(parcels, verdicts, strict=True) if isinstance(v, Write)]
        updates = [Update(p.command.ref.id, v.values, v.unchanged_since) for p, v in due]

        def write() -> Sequence[SourceError | None]:
            self._keep([parcel for parcel, _ in due])
            return self._source.write(updates)

        answers = iter(self._asked(write) if updates else ())
        return [next(answers) if isinstance(verdict, Write) else None for verdict in verdicts]

    def _leave_notes(
        self, parcels: Sequence[Parcel], verdicts: Sequence[Verdict], errors: list[SourceError | None]
    ) -> None:
        """Leave the notes of what was written; one that fails makes its parcel be sent again."""
        if not self._notes:
            return
        due = [
            place
            for place, parcel in enumerate(parcels)
            if parcel.command.note and errors[place] is None and isinstance(verdicts[place], Write | Nothing)
        ]
        for again in (False, True):
            places = [place for place in due if (parcels[place].sent or parcels[place].attempts > 1) == again]
            notes = [_note(parcels[place]) for place in places]
            if notes:
                self._keep([parcels[place] for place in places])
            answers = self._asked(partial(self._source.leave_notes, notes, again=again)) if notes else ()
            for place, error in zip(places, answers, strict=True):
                errors[place] = error

    def _end(
        self,
        session: Session,
        parcel: Parcel,
        verdict: Verdict,
        error: SourceError | None,
        settled: list[Parcel],
    ) -> str:
        if isinstance(verdict, Gone) and verdict.into:
            merge_away(session, parcel.command.ref, verdict.into, self._now(), self._config_hash)
            box.drop(session, parcel, "merged away")
            return "merged"
        if isinstance(verdict, Gone) or (isinstance(error, SourceRefused) and error.gone):
            box.gone(session, parcel, self._now(), self._config_hash)
            return "gone"
        if isinstance(verdict, Yield):
            box.yield_to_person(session, parcel, verdict.owner, self._now(), self._config_hash)
            return "yielded"
        if error is None:
            settled.append(parcel)
            return "written" if isinstance(verdict, Write) else "already_there"
        return self._failed(session, parcel, error)


def _note(parcel: Parcel) -> Note:
    return Note(
        parcel.command.ref.id, f"decision {parcel.decision_id}", "Lead routing", parcel.command.note or ""
    )

"""Write what was ruled on registrations, unless a person has changed the status meanwhile."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from connector.model.lead import Value
from connector.routing.registration.words import same_answer
from connector.sources.base import Held, Source, SourceError, SourceRefused, Update
from connector.sources.mapping import same_value
from connector.sources.registrations import RegistrationDesk
from connector.store import Store
from connector.store import outbox as box
from connector.store import registrations as book
from connector.store.outbox import Parcel, Taker
from connector.sync.carrying import Carrier
from connector.sync.steps import passed


class Answers(Carrier):
    """Delivers what is in one CRM's outbox about registrations."""

    about = "registration"
    step = "answers"
    _size = 100

    def __init__(
        self,
        source: Source,
        desk: RegistrationDesk,
        store: Store,
        now: Callable[[], datetime],
        random: Random,
        call: Callable[[Callable[[], object]], object],
        *,
        taker: Taker,
    ):
        super().__init__(source, store, now, random, call, taker=taker)
        self._desk = desk

    def _deliver(self, parcels: Sequence[Parcel]) -> Counter[str]:
        ids = [parcel.command.ref.id for parcel in parcels]
        held = self._asked(lambda: self._desk.read_back(ids))
        with self._store.looking() as session:
            known = book.known_to_hold(session, [parcel.command.ref for parcel in parcels])
        differing = [_differing(p, held.get(p.command.ref.id), known.get(p.command.ref, {})) for p in parcels]
        passed("answers.compared")
        due = [(p, values) for p, values in zip(parcels, differing, strict=True) if values]
        updates = [Update(parcel.command.ref.id, values) for parcel, values in due]

        def write() -> Sequence[SourceError | None]:
            self._keep([parcel for parcel, _ in due])
            return self._desk.write(updates)

        answers = iter(self._asked(write) if updates else ())
        passed("answers.written")
        ends: Counter[str] = Counter()
        with self._store.transaction() as session:
            ours = box.still(session, parcels, self._taker)
            for parcel, values in zip(parcels, differing, strict=True):
                error = next(answers) if values else None
                if parcel.id in ours:
                    ends[self._end(session, parcel, values, error)] += 1
            self._tally(session, parcels)
        return ends

    def _end(
        self, session: Session, parcel: Parcel, values: Mapping[str, Value] | None, error: SourceError | None
    ) -> str:
        if values is None or (isinstance(error, SourceRefused) and error.gone):
            box.drop(session, parcel, "gone, or changed by a person")
            return "yielded"
        if error is None:
            box.mark_settled(session, parcel, self._now())
            book.settled(session, parcel.command.ref, parcel.command.values, self._desk.reads)
            return "written" if values else "already_there"
        return self._failed(session, parcel, error)


def _differing(parcel: Parcel, held: Held | None, known: Mapping[str, Value]) -> Mapping[str, Value] | None:
    """What is to be written; None where a person has had a word since, or the record is gone.

    `known` is what we last knew of the fields in which a person may have the last word. That word is read
    with the next pull, and wins there.
    """
    command = parcel.command
    if held is None or held.id != command.ref.id:
        return None
    now = held.values.get("status")
    if now not in (command.owner_before, command.values["status"]):
        return None
    if any(
        name in held.values and not _ours(held.values[name], before, command.values.get(name))
        for name, before in known.items()
    ):
        return None
    return {
        name: value
        for name, value in command.values.items()
        if name in held.values and not same_value(value, held.values[name])
    }


def _ours(held: Value, *expected: Value) -> bool:
    return any(same_answer(held, each) for each in expected)

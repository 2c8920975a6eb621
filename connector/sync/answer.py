"""Write what was ruled on registrations, unless a person has changed the status meanwhile."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from connector.model.lead import Value
from connector.routing.registration.words import same_answer
from connector.sources.base import Held, SourceBusy, SourceError, SourceRefused, Update
from connector.sources.mapping import same_value
from connector.sources.registrations import RegistrationDesk
from connector.store import Store
from connector.store import outbox as box
from connector.store import registrations as book
from connector.store.outbox import Failure, Parcel, Taker
from connector.sync.deliver import MOST_ATTEMPTS, TakenOver
from connector.sync.retry import later
from connector.sync.steps import passed

SIZE = 100
"""How many registrations are compared and written at once."""


class Answers:
    """Delivers what is in one CRM's outbox about registrations."""

    def __init__(
        self,
        crm: str,
        desk: RegistrationDesk,
        store: Store,
        now: Callable[[], datetime],
        random: Random,
        call: Callable[[Callable[[], Any]], Any],
        taker: Taker,
        fix: Callable[[SourceError], str],
    ):
        self._crm = crm
        self._desk = desk
        self._store = store
        self._now = now
        self._random = random
        self._call = call
        self._taker = taker
        self._fix = fix

    def run(self) -> Counter[str]:
        """Deliver everything that is due; how many parcels ended how."""
        ends: Counter[str] = Counter()
        while parcels := self._take():
            passed("answers.taken")
            try:
                ends.update(self._deliver(parcels))
            except SourceError as error:
                self._put_back(parcels, error)
                raise
            except TakenOver:
                continue
        return ends

    def _take(self) -> list[Parcel]:
        with self._store.transaction() as session:
            return box.take(session, self._crm, self._now(), SIZE, self._taker, "registration")

    def _put_back(self, parcels: Sequence[Parcel], error: SourceError) -> None:
        named = error.retry_after if isinstance(error, SourceBusy) else None
        with self._store.transaction() as session:
            ours = box.still(session, parcels, self._taker)
            box.ended(session, parcels, (), self._taker)
            for parcel in parcels:
                if parcel.id in ours:
                    at = self._now() + later(1, self._random, named)
                    box.postpone(session, parcel, at, self._failure(error), counted=False)

    def _deliver(self, parcels: Sequence[Parcel]) -> Counter[str]:
        ids = [parcel.command.ref.id for parcel in parcels]
        held: Mapping[str, Held] = self._call(lambda: self._desk.read_back(ids))
        with self._store.looking() as session:
            known = book.known_to_hold(session, [parcel.command.ref for parcel in parcels])
        differing = [_differing(p, held.get(p.command.ref.id), known.get(p.command.ref, {})) for p in parcels]
        passed("answers.compared")
        updates = [
            Update(parcel.command.ref.id, values)
            for parcel, values in zip(parcels, differing, strict=True)
            if values
        ]

        def write() -> Sequence[SourceError | None]:
            with self._store.transaction() as session:
                if not box.keep(session, parcels, self._taker, sends=True):
                    raise TakenOver
            return self._desk.write(updates)

        answers = iter(self._call(write) if updates else ())
        passed("answers.written")
        ends: Counter[str] = Counter()
        with self._store.transaction() as session:
            ours = box.still(session, parcels, self._taker)
            for parcel, values in zip(parcels, differing, strict=True):
                error = next(answers) if values else None
                if parcel.id in ours:
                    ends[self._end(session, parcel, values, error)] += 1
            unsent = [parcel for parcel, values in zip(parcels, differing, strict=True) if not values]
            box.ended(session, parcels, unsent, self._taker)
        passed("answers.settled")
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
        if isinstance(error, SourceBusy) and parcel.attempts < MOST_ATTEMPTS:
            wait = later(parcel.attempts, self._random, error.retry_after)
            box.postpone(session, parcel, self._now() + wait, self._failure(error))
            return "postponed"
        box.park(session, parcel, self._failure(error))
        return "parked"

    def _failure(self, error: SourceError) -> Failure:
        return Failure(str(error), error.code, self._fix(error))


def _differing(parcel: Parcel, held: Held | None, known: Mapping[str, Value]) -> Mapping[str, Value] | None:
    """What is to be written; None where a person has had a word since, or the record is gone.

    `known` is what we last knew of the fields in which a person may have the last word.

    The person's word is read with the next pull, and wins there.
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

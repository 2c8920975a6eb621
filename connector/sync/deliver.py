"""Carry decisions to a CRM: compare, write what differs, and look at every answer."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TypeVar

from sqlalchemy.orm import Session

from connector.model.command import WriteAssignment
from connector.model.lead import Value, same_owner
from connector.sources.base import Source, SourceBusy, SourceError, SourceRefused, Update
from connector.sources.mapping import same_value
from connector.store import Store
from connector.store import outbox as box
from connector.store.outbox import Parcel
from connector.sync.retry import later

MOST_ATTEMPTS = 12
"""Failures of one record after which a person must look."""

Answer = TypeVar("Answer")
Held = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Write:
    """Write these values, the ones that differ."""

    values: Held


@dataclass(frozen=True, slots=True)
class Nothing:
    """The record already holds what is wanted."""


@dataclass(frozen=True, slots=True)
class Yield:
    """A person changed the owner since we looked."""

    owner: str | None


@dataclass(frozen=True, slots=True)
class Gone:
    """The record no longer exists."""


Verdict = Write | Nothing | Yield | Gone


def compared(command: WriteAssignment, held: Held | None) -> Verdict:
    """The three-way comparison of what was there when we decided, what is there now, and what we want."""
    if held is None:
        return Gone()
    wanted_owner, now_owner = command.values.get("owner"), _text(held.get("owner"))
    if not same_owner(now_owner, command.owner_before) and not same_owner(now_owner, _text(wanted_owner)):
        return Yield(now_owner)
    differing = {
        name: value
        for name, value in command.values.items()
        if name in held and not _holds(name, value, held[name])
    }
    return Write(differing) if differing else Nothing()


def _holds(name: str, wanted: Value, held: Value) -> bool:
    return same_owner(_text(wanted), _text(held)) if name == "owner" else same_value(wanted, held)


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


class Delivery:
    """Delivers one CRM's outbox."""

    def __init__(
        self,
        source: Source,
        store: Store,
        config_hash: str,
        now: Callable[[], datetime],
        random: Random,
        call: Callable[[Callable[[], object]], object],
    ):
        self._source = source
        self._store = store
        self._config_hash = config_hash
        self._now = now
        self._random = random
        self._call = call

    def run(self, each: Callable[[int], None]) -> Counter[str]:
        """Deliver everything that is due; how many parcels ended how."""
        ends: Counter[str] = Counter()
        while parcels := self._take():
            try:
                done = self._deliver(parcels)
            except SourceError as error:
                self._put_back(parcels, error)
                raise
            ends.update(done)
            each(len(parcels))
        return ends

    def _take(self) -> list[Parcel]:
        with self._store.transaction() as session:
            return box.take(session, self._source.crm, self._now(), self._source.write_size)

    def _put_back(self, parcels: Sequence[Parcel], error: SourceError) -> None:
        """The whole CRM is in trouble: that is no failure of these records."""
        named = error.retry_after if isinstance(error, SourceBusy) else None
        with self._store.transaction() as session:
            for parcel in parcels:
                wait = later(1, self._random, named)
                box.postpone(session, parcel, self._now() + wait, str(error), counted=False)

    def _deliver(self, parcels: Sequence[Parcel]) -> Counter[str]:
        ids = [parcel.command.ref.id for parcel in parcels]
        held = self._asked(lambda: self._source.read_back(ids))
        verdicts = [compared(p.command, held.get(p.command.ref.id)) for p in parcels]
        updates = [
            Update(p.command.ref.id, v.values)
            for p, v in zip(parcels, verdicts, strict=True)
            if isinstance(v, Write)
        ]
        answers = iter(self._asked(lambda: self._source.write(updates)) if updates else ())
        ends: Counter[str] = Counter()
        with self._store.transaction() as session:
            settled: list[Parcel] = []
            for parcel, verdict in zip(parcels, verdicts, strict=True):
                error = next(answers) if isinstance(verdict, Write) else None
                ends[self._end(session, parcel, verdict, error, settled)] += 1
            box.settle(session, settled, self._now())
        return ends

    def _asked(self, ask: Callable[[], Answer]) -> Answer:
        return self._call(ask)  # type: ignore[return-value]

    def _end(
        self,
        session: Session,
        parcel: Parcel,
        verdict: Verdict,
        error: SourceError | None,
        settled: list[Parcel],
    ) -> str:
        if isinstance(verdict, Gone) or (isinstance(error, SourceRefused) and error.gone):
            box.gone(session, parcel, self._now(), self._config_hash)
            return "gone"
        if isinstance(verdict, Yield):
            box.yield_to_person(session, parcel, verdict.owner, self._now(), self._config_hash)
            return "yielded"
        if error is None:
            settled.append(parcel)
            return "written" if isinstance(verdict, Write) else "already_there"
        if isinstance(error, SourceBusy) and parcel.attempts < MOST_ATTEMPTS:
            wait = later(parcel.attempts, self._random, error.retry_after)
            box.postpone(session, parcel, self._now() + wait, str(error))
            return "postponed"
        box.park(session, parcel, str(error))
        return "parked"

"""Carry what an outbox holds to a CRM: batch by batch, and back into the outbox what could not be carried."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random
from typing import ClassVar, TypeVar

from sqlalchemy.orm import Session

from connector.sources.base import Source, SourceBusy, SourceError
from connector.store import Store
from connector.store import outbox as box
from connector.store.outbox import Failure, Parcel, Taker
from connector.sync.retry import later
from connector.sync.steps import passed

MOST_ATTEMPTS = 12
"""Failures of one record after which a person must look."""

Answer = TypeVar("Answer")


class TakenOver(Exception):
    """Another daemon has taken over what this one had under way, which was silent for too long."""


class Carrier(ABC):
    """Carries one CRM's outbox, as far as it is about leads, or about registrations."""

    about: ClassVar[str]
    step: ClassVar[str]
    """How the moments on the way are called."""

    def __init__(
        self,
        source: Source,
        store: Store,
        now: Callable[[], datetime],
        random: Random,
        call: Callable[[Callable[[], object]], object],
        *,
        taker: Taker,
    ):
        self._source = source
        self._store = store
        self._now = now
        self._random = random
        self._call = call
        self._taker = taker
        self._seen: set[int] = set()

    @property
    @abstractmethod
    def _size(self) -> int:
        """How many are compared and written at once."""

    @abstractmethod
    def _deliver(self, parcels: Sequence[Parcel]) -> Counter[str]:
        """Compare, write what differs, and settle; how many parcels ended how."""

    def run(self, each: Callable[[int], None] = lambda count: None) -> Counter[str]:
        """Deliver everything that is due; how many parcels ended how. `each` is told of every batch."""
        ends: Counter[str] = Counter()
        self._resume()
        while parcels := self._take():
            passed(f"{self.step}.taken")
            self._seen.clear()
            try:
                done = self._deliver(parcels)
            except SourceError as error:
                self._put_back(parcels, error)
                raise
            except TakenOver:
                self._resume()
                continue
            passed(f"{self.step}.settled")
            ends.update(done)
            each(len(parcels))
        return ends

    def _take(self) -> list[Parcel]:
        with self._store.transaction() as session:
            return box.take(session, self._source.crm, self._now(), self._size, self._taker, self.about)

    def _resume(self) -> None:
        """Nothing of this daemon's can be under way between two batches."""
        with self._store.transaction() as session:
            box.resume(session, self._source.crm, lambda name: name == self._taker.name)

    def _put_back(self, parcels: Sequence[Parcel], error: SourceError) -> None:
        """The whole CRM is in trouble: that is no failure of these records."""
        named = error.retry_after if isinstance(error, SourceBusy) else None
        with self._store.transaction() as session:
            held = box.still(session, parcels, self._taker)
            self._tally(session, parcels)
            failure = self._failure(error)
            for parcel in parcels:
                if parcel.id in held:
                    wait = later(1, self._random, named)
                    box.postpone(session, parcel, self._now() + wait, failure, counted=False)

    def _keep(self, parcels: Sequence[Parcel]) -> None:
        """Right before a call that changes records: TakenOver if they are no longer ours to change."""
        with self._store.transaction() as session:
            kept = box.keep(session, parcels, self._taker, sends=True)
        if not kept:
            raise TakenOver
        self._seen |= {parcel.id for parcel in parcels}

    def _tally(self, session: Session, parcels: Sequence[Parcel]) -> None:
        """What the CRM never saw does not count as sent."""
        unsent = [parcel for parcel in parcels if parcel.id not in self._seen]
        box.ended(session, parcels, unsent, self._taker)

    def _failed(self, session: Session, parcel: Parcel, error: SourceError) -> str:
        """Try again later what the CRM was too busy for; anything else needs a person."""
        if isinstance(error, SourceBusy) and parcel.attempts < MOST_ATTEMPTS:
            wait = later(parcel.attempts, self._random, error.retry_after)
            box.postpone(session, parcel, self._now() + wait, self._failure(error))
            return "postponed"
        box.park(session, parcel, self._failure(error))
        return "parked"

    def _failure(self, error: SourceError) -> Failure:
        return Failure(str(error), error.code, self._source.fix(error))

    def _asked(self, ask: Callable[[], Answer]) -> Answer:
        return self._call(ask)  # type: ignore[return-value]

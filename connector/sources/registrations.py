"""What a CRM connection promises to those who rule on deal registrations, and what they all share."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from connector.model.lead import Ref, Value
from connector.model.registration import ANSWERS, Deal, Registration, State
from connector.sources.base import Held, SourceError, Update
from connector.sources.border import Border
from connector.sources.mapping import moment
from connector.sources.registration_settings import DealsSettings, RegistrationsSettings, StatusWords

Record = TypeVar("Record")
Made = TypeVar("Made")
Place = RegistrationsSettings | DealsSettings


@dataclass(frozen=True, slots=True)
class RecordPage(Generic[Record]):
    """A page of changed records in the order of their ids, as `base.Page` is one of leads."""

    records: tuple[Record, ...]
    until: datetime
    last_id: str | None
    done: bool

    def made(self, make: Callable[[Record], Made]) -> "RecordPage[Made]":
        """The same page of what is made of each record."""
        return RecordPage(tuple(map(make, self.records)), self.until, self.last_id, self.done)


@dataclass(frozen=True, slots=True)
class Found:
    """A record as a CRM tells it, with its fields under our names."""

    id: str
    created: datetime
    changed: datetime
    fields: Mapping[str, Value] = field(default_factory=dict)
    deleted: bool = False
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()


class RegistrationDesk(Border, ABC):
    """Reads a CRM's registrations and deals, and writes what was ruled.

    Every method may raise SourceBusy or SourceLocked. In `read_back` and `write`, `status` is a state's value
    such as `under_review`, whatever the CRM calls it; it reads as None where it means none of the states.
    """

    def __init__(self, crm: str, place: RegistrationsSettings, deals: DealsSettings | None):
        self._crm = crm
        self._place = place
        self._deals = deals
        self._words = StatusWords(place.stages)
        self._written: dict[str, str] = {"status": place.status}
        self._written |= {str(name): own for name, own in place.write.items()}
        self.has_deals = deals is not None

    def read_changed(
        self, since: datetime, until: datetime | None, after: str | None
    ) -> RecordPage[Registration]:
        """Registrations changed in a window, as `Source.read_changed` reads leads."""
        answers = {_ANSWER + name: self._written[name] for name in ANSWERS if name in self._written}
        names = {"status": self._place.status, **answers, **self._read_of(self._place)}
        return self._find(self._place, names, since, until, after).made(self._registration)

    @property
    def reads(self) -> frozenset[str]:
        """Our names of what is read of registrations."""
        return frozenset(self._read_of(self._place))

    def read_deals(self, since: datetime, until: datetime | None, after: str | None) -> RecordPage[Deal]:
        """The vendor's own deals changed in a window."""
        deals = self._deals or DealsSettings()
        return self._find(deals, self._read_of(deals), since, until, after).made(self._deal)

    def read_back(self, ids: Sequence[str]) -> Mapping[str, Held]:
        """What registrations hold now of what is written, by the id asked for; those gone are absent."""
        return {asked: self._in_our_words(held) for asked, held in self._held(ids).items()}

    def write(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        """Set values; one answer per update, in order."""
        return self._send([self._in_their_words(update) for update in updates])

    @abstractmethod
    def who_changed(self, ids: Sequence[str]) -> Mapping[str, str]:
        """The owner's name of whoever gave registrations the status that they have now, where it is told."""

    @abstractmethod
    def problems(self) -> list[str]:
        """What stands in the way: fields, record types, pipelines, words for states."""

    @abstractmethod
    def _find(
        self,
        place: Place,
        names: Mapping[str, str],
        since: datetime,
        until: datetime | None,
        after: str | None,
    ) -> RecordPage[Found]:
        """Records of a place that changed in a window, with these fields, theirs by ours."""

    @abstractmethod
    def _held(self, ids: Sequence[str]) -> Mapping[str, Held]:
        """What `_written` holds, by the id asked for."""

    @abstractmethod
    def _send(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        """Write values under the names of `_written`."""

    @abstractmethod
    def _outcomes(self, object_name: str) -> Mapping[str, str]:
        """Where an object says of itself whether it was won, closed, and when; empty where it does not."""

    def _read_of(self, place: Place) -> dict[str, str]:
        named: Mapping[Any, str] = place.read
        own = self._outcomes(place.object)
        known = own if isinstance(place, DealsSettings) else {n: own[n] for n in own if n != "closed_at"}
        return {**known, **named}

    def _registration(self, found: Found) -> Registration:
        told = found.fields
        return Registration(
            ref=Ref(self._crm, found.id),
            submitted_at=submitted_at(told, found.created),
            changed_at=found.changed,
            status=self._state(told.get("status")),
            fields=said(told),
            won=outcome(told),
            deleted=found.deleted,
            merged_into=found.merged_into,
            absorbed=found.absorbed,
            answers={name: told.get(_ANSWER + name) or None for name in ANSWERS if name in self._written},
        )

    def _deal(self, found: Found) -> Deal:
        told = found.fields
        won = truth(told.get("won"))
        is_open = not (won or truth(told.get("closed")))
        closed_at = None if is_open else min(closing(told) or found.changed, found.changed)
        ref = Ref(self._crm, found.id)
        return Deal(ref, found.changed, said(told), is_open, won, closed_at, found.deleted)

    def _state(self, word: Value) -> State | None:
        return self._words.read(None if word is None else str(word))

    def _in_our_words(self, held: Held) -> Held:
        state = self._state(held.values.get("status"))
        return replace(held, values={**held.values, "status": state.value if state else None})

    def _in_their_words(self, update: Update) -> Update:
        if "status" not in update.values:
            return update
        word = self._words.written(State(str(update.values["status"])))
        return replace(update, values={**update.values, "status": word})


def submitted_at(fields: Mapping[str, Value], created: datetime) -> datetime:
    """The time of submission that the CRM recorded; the record's creation where it names none."""
    try:
        return moment(str(fields["submitted_at"])) if fields.get("submitted_at") else created
    except ValueError:
        return created


def truth(value: Any) -> bool:
    """A CRM's yes or no."""
    return value is True or str(value).strip().casefold() in ("true", "yes", "1")


def outcome(fields: Mapping[str, Value]) -> bool | None:
    """Whether a deal was won; None while it is open."""
    if truth(fields.get("won")):
        return True
    return False if truth(fields.get("closed")) else None


def closing(fields: Mapping[str, Value]) -> datetime | None:
    """When a deal was closed; a day counts from its beginning."""
    try:
        return moment(str(fields["closed_at"])) if fields.get("closed_at") else None
    except ValueError:
        return None


_OWN_PLACE = ("status", "submitted_at", "won", "closed", "closed_at")
_ANSWER = "answer."


def said(fields: Mapping[str, Value]) -> dict[str, Value]:
    """The fields without what has a place of its own, and without what is blank."""
    others = {n: v for n, v in fields.items() if n not in _OWN_PLACE and not n.startswith(_ANSWER)}
    return {name: value for name, value in others.items() if value not in (None, "")}

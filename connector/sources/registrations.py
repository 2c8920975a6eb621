"""What a CRM connection promises to those who rule on deal registrations."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from connector.model.lead import Value
from connector.model.registration import Deal, Registration
from connector.sources.base import Held, SourceError, Update
from connector.sources.border import Border
from connector.sources.mapping import moment

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class RecordPage(Generic[Record]):
    """A page of changed records in the order of their ids, as `base.Page` is one of leads."""

    records: tuple[Record, ...]
    until: datetime
    last_id: str | None
    done: bool


class RegistrationDesk(Border, ABC):
    """Reads a CRM's registrations and deals, and writes what was ruled.

    Every method may raise SourceBusy or SourceLocked. In `read_back` and `write`, `status` is a state's value
    such as `under_review`, whatever the CRM calls it; it reads as None where it means none of the states.
    """

    has_deals: bool

    @abstractmethod
    def read_changed(
        self, since: datetime, until: datetime | None, after: str | None
    ) -> RecordPage[Registration]:
        """Registrations changed in a window, as `Source.read_changed` reads leads."""

    @abstractmethod
    def read_deals(self, since: datetime, until: datetime | None, after: str | None) -> RecordPage[Deal]:
        """The vendor's own deals changed in a window."""

    @abstractmethod
    def read_back(self, ids: Sequence[str]) -> Mapping[str, Held]:
        """What registrations hold now of what is written, by the id asked for; those gone are absent."""

    @abstractmethod
    def write(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        """Set values; one answer per update, in order."""

    @abstractmethod
    def problems(self) -> list[str]:
        """What stands in the way: fields, record types, pipelines, words for states."""


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


def said(fields: Mapping[str, Value]) -> dict[str, Value]:
    """The fields without what has a place of its own, and without what is blank."""
    own = ("submitted_at", "won", "closed", "closed_at")
    return {name: value for name, value in fields.items() if name not in own and value not in (None, "")}

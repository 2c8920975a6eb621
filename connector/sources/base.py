"""What a CRM connection promises to the rest of the connector."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from connector.model.lead import Lead, Value


class SourceError(Exception):
    """A CRM did not do what it was asked; `code` is the CRM's own code where it gave one."""

    def __init__(self, message: str, code: str = ""):
        super().__init__(message)
        self.code = code


class SourceBusy(SourceError):
    """Try later, after `retry_after` if the CRM named a time; the effect of a write is unknown."""

    def __init__(self, message: str, code: str = "", retry_after: timedelta | None = None):
        super().__init__(message, code)
        self.retry_after = retry_after


class SourceRefused(SourceError):
    """Never, for this record; `gone` says that the record no longer exists to be written."""

    def __init__(self, message: str, code: str = "", *, gone: bool = False):
        super().__init__(message, code)
        self.gone = gone


class SourceLocked(SourceError):
    """Nothing more from this CRM until a person acts: credentials, permissions, or the field mapping."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of changed leads, in the order of their ids.

    `until` is the frozen upper end of the window on the CRM's clock, `last_id` where the next page starts
    after, `done` whether this was the last page.
    """

    leads: tuple[Lead, ...]
    until: datetime
    last_id: str | None
    done: bool


@dataclass(frozen=True, slots=True)
class Update:
    """The values to set on one record, under the neutral names of the `write` table."""

    id: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Owner:
    """A user or queue of the CRM under its name, such as `user:anna@acme.com`."""

    name: str
    id: str
    active: bool = True
    may_own: bool = True


class Source(ABC):
    """One CRM connection.

    Every method may raise SourceBusy or SourceLocked. `calls` counts API calls by purpose.
    """

    read_size: ClassVar[int]
    """Most records of one page of `read_changed`."""
    write_size: ClassVar[int]
    """Most records of one `write` or `read_back`."""

    def __init__(self, crm: str, calls: Counter[str]):
        self.crm = crm
        self.calls = calls

    @abstractmethod
    def read_changed(self, since: datetime, until: datetime | None, after: str | None) -> Page:
        """Leads changed from `since` (inclusive) on whose id comes after `after`.

        The first page is asked for with no `until` and freezes it; pages by id, so records edited during
        the read are neither skipped nor repeated.
        """

    @abstractmethod
    def read_back(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Value]]:
        """What records hold now, under the names of `write`; a record that is gone is absent."""

    @abstractmethod
    def write(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        """Set values; one answer per update, in order: None for done, else what went wrong with it."""

    @abstractmethod
    def problems(self, owners: Sequence[str]) -> list[str]:
        """What stands in the way: owners that are unknown or cannot own, mapped fields that do not exist."""

    @abstractmethod
    def close(self) -> None:
        """Give back connections."""

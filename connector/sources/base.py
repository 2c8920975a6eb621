"""What a CRM connection promises to the rest of the connector."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from connector.model.lead import Lead, Value
from connector.model.progress import Progress
from connector.sources.border import Border
from connector.sources.errors import SourceBusy as SourceBusy
from connector.sources.errors import SourceError as SourceError
from connector.sources.errors import SourceLocked as SourceLocked
from connector.sources.errors import SourceRefused as SourceRefused

if TYPE_CHECKING:
    from connector.sources.registrations import RegistrationDesk


_FIXES: Mapping[str, str] = {
    "UNKNOWN_OWNER": "correct the owner in the config, or add that user or queue to the CRM; then retry",
    "CANNOT_OWN": "activate the owner in the CRM, or name another one in the config; then retry",
    "UNKNOWN_PARTNER": (
        "make exactly one record for the partner, under the name or id that partner_link looks for; then "
        "retry"
    ),
    "INVALID_VALUE": "map it to a field that can hold this value, or widen the field in the CRM; then retry",
    "NO_LIST": "correct the name in [crm.NAME.nurture], or make a static list of that name; then retry",
    "NO_CAMPAIGN": "correct the name in [crm.NAME.nurture], or make one campaign of that name; then retry",
    "CHANGED": "find out what changes this record every few seconds, and stop it for a while; then retry",
}


def fix_for(error: SourceError, fixes: Mapping[str, str]) -> str:
    """The fix for an error's code, among those that every CRM shares and a CRM's own."""
    known = fixes.get(error.code) or _FIXES.get(error.code)
    if known:
        return known
    if isinstance(error, SourceBusy):
        return "the CRM stays busy with this record; look there at what holds it, then retry"
    return "do in the CRM what its message asks for, then retry; or drop it if it cannot be"


Admit = Callable[[str, str], None]
"""Asked before every API call, with its purpose and its class ("search" or "call").

It may wait, and raises SourceBusy when the account's budget for this purpose is used up.
"""


def always(purpose: str, kind: str) -> None:
    """An Admit without limits."""


@dataclass(slots=True)
class Usage:
    """What the CRM itself last said of its daily limit: calls used and allowed; None when it has not."""

    used: int | None = None
    allowed: int | None = None


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
class Held:
    """What a record holds now: values under the names of `write`, and its change stamp.

    `id` is the record that answers to the id that was asked for; another one when it was merged away.
    """

    id: str
    values: Mapping[str, Value]
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """The values to set on one record, under the neutral names of the `write` table, and under `nurture`
    whether it is to be in the list or campaign of the crm's `nurture` table.

    With `unchanged_since`, a CRM that can refuses the write if the record was changed after that moment,
    as SourceBusy with the code CHANGED.
    """

    id: str
    values: Mapping[str, Value] = field(default_factory=dict)
    unchanged_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A text to leave on a record, once: `key` appears in it and tells whether it is there already."""

    id: str
    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Owner:
    """A user or queue of the CRM under its name, such as `user:anna@acme.com`."""

    name: str
    id: str
    active: bool = True
    may_own: bool = True


class Source(Border, ABC):
    """One CRM connection.

    Every method may raise SourceBusy or SourceLocked. `calls` counts API calls by purpose since it was last
    cleared: pull, company, compare, write, note, outcomes, partners, registrations, reconcile, directory,
    metadata.
    """

    read_size: ClassVar[int]
    """Most records of one page of `read_changed`."""
    write_size: ClassVar[int]
    """Most records of one `write`, `read_back`, `read` or `read_progress`."""

    registrations: "RegistrationDesk | None" = None
    """Where `[crm.NAME.registrations]` says that the CRM keeps deal registrations."""

    def __init__(self, crm: str, calls: Counter[str], usage: Usage):
        self.crm = crm
        self.calls = calls
        self.usage = usage

    @abstractmethod
    def limited_by(self, admit: Admit) -> None:
        """Ask `admit` before every API call from now on."""

    @abstractmethod
    def read_changed(self, since: datetime, until: datetime | None, after: str | None) -> Page:
        """Leads changed from `since` (inclusive) on whose id comes after `after`, deleted ones included
        where the CRM shows them.

        The first page is asked for with no `until` and freezes it; pages by id, so records edited during
        the read are neither skipped nor repeated.
        """

    @abstractmethod
    def read(self, ids: Sequence[str]) -> Mapping[str, Lead]:
        """Leads as they are now, by the id asked for; a record that is gone is absent, and one that was
        merged away answers with the record that absorbed it."""

    @abstractmethod
    def changed_ids(self, since: datetime, until: datetime) -> Iterator[str]:
        """Ids of every lead changed in a past window, by another way than `read_changed` if there is one."""

    @abstractmethod
    def read_back(self, ids: Sequence[str]) -> Mapping[str, Held]:
        """What records hold now, by the id asked for; a record that is gone is absent."""

    @abstractmethod
    def write(self, updates: Sequence[Update]) -> Sequence[SourceError | None]:
        """Set values; one answer per update, in order: None for done, else what went wrong with it."""

    @abstractmethod
    def leave_notes(self, notes: Sequence[Note], *, again: bool) -> Sequence[SourceError | None]:
        """Leave notes on records, one answer each; with `again`, only where the key is not there yet."""

    @abstractmethod
    def read_progress(self, ids: Sequence[str]) -> Mapping[str, Progress]:
        """How far leads have come: status, open or not, won or lost, value; gone ones are absent."""

    @abstractmethod
    def read_partners(self) -> Sequence[Mapping[str, Value]]:
        """The partner roster, where `[crm.NAME.roster]` maps one; a row per partner under the keys of
        `[[partner]]`."""

    @abstractmethod
    def problems(self, owners: Sequence[str]) -> list[str]:
        """What stands in the way: owners that are unknown or cannot own, mapped fields that do not exist
        or cannot hold what is written to them, a missing permission, an unsupported API version."""

    def fix(self, error: SourceError) -> str:
        """What a person can do so that a write that went wrong like this goes through: one sentence."""
        return fix_for(error, {})

    @abstractmethod
    def close(self) -> None:
        """Give back connections."""

"""What the contract suite needs of a CRM: a source on it, and what its people do there."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any, ClassVar, NoReturn

import pytest

from connector.model.lead import Value
from connector.sandbox.clock import SandboxClock
from connector.sandbox.faults import Fault
from connector.sandbox.server import Sandbox
from connector.sources.base import Admit, Source
from connector.sources.registry import kinds, open_source
from tests.builders import ROOT
from tests.conftest import NOW

ANKE = "user:anke.petersen@nordwind-it.example"
JONAS = "user:jonas.weber@rheintal-cloud.example"
SAM = "user:sam.selling@acme.example"
INACTIVE = "user:former.rep@acme.example"
UNKNOWN = "user:nobody@acme.example"
ALWAYS = datetime(2005, 1, 1, tzinfo=NOW.tzinfo)


class Bench(ABC):
    """One CRM under test. Ids are the CRM's own; owners are names; values stand under neutral names.

    Its clock stands still until `wait`, so everything that is made in between shares one stamp. What a CRM
    does not have, its bench leaves out, and the promises about it are skipped.
    """

    crm: ClassVar[str]
    """Its kind, which is also the connection's name."""
    secrets: ClassVar[Sequence[str]] = ()
    """What must stand in no error, repr or log."""
    wrong: ClassVar[Sequence[tuple[Mapping[str, Any], str]]] = ()
    """Keys of the table with one mistake each, and a part of the problem that must be told."""

    @abstractmethod
    def close(self) -> None:
        """Close the sources and end the CRM."""

    @abstractmethod
    def source(self, *, page: int | None = None, admit: Admit | None = None, **keys: Any) -> Source:
        """A source on the CRM; `keys` change its table, `page` makes its pages small."""

    @abstractmethod
    def now(self) -> datetime:
        """The CRM's clock."""

    @abstractmethod
    def wait(self, seconds: float = 60) -> datetime:
        """Move the clock, so that what was done before is settled; the new time."""

    @abstractmethod
    def table(self) -> dict[str, Any]:
        """The `[crm.NAME]` table: credentials, every name of `write` mapped, `deal_value` read."""

    @abstractmethod
    def add(self, *leads: Mapping[str, Any]) -> list[str]:
        """New leads of the intake, made now, in neutral names; their ids in the order of paging."""

    @abstractmethod
    def edit(self, record_id: str, **values: str) -> None:
        """A person changes a lead on the screen: neutral names, and `owner` by name."""

    @abstractmethod
    def delete(self, record_id: str) -> None:
        """A person deletes a lead."""

    @abstractmethod
    def merge(self, winner: str, loser: str) -> str:
        """A person merges two leads; the id under which they live on."""

    @abstractmethod
    def look(self, record_id: str) -> Mapping[str, Value]:
        """What a lead holds under the names of `write` and `owner`, read past the port; blank is None."""

    @abstractmethod
    def notes(self, record_id: str) -> list[str]:
        """The notes on a lead, each as one text."""

    @abstractmethod
    def intake(self) -> str | None:
        """The owner of leads that nobody took yet."""

    def many(self, count: int) -> list[str]:
        """Leads of the intake that differ by their last name only; their ids in the CRM's order."""
        return self.add(*({"last_name": f"Lead {n:05}", "company": "Globex"} for n in range(count)))

    def ago(self, **parts: float) -> datetime:
        """A moment before the CRM's now."""
        return self.now() - timedelta(**parts)

    def deal(self, record_id: str, amount: float) -> None:
        """A person makes a deal of that amount out of a lead."""
        _skip("deals")

    def end_deals(self, record_id: str, *, won: bool) -> None:
        """A person closes the deals of a lead."""
        _skip("deals")

    def give_up(self, record_id: str) -> None:
        """A person closes a lead without a deal."""
        _skip("a status of leads")

    def roster(self) -> dict[str, Any]:
        """A `roster` table that reads the programme's partner companies: id, name, tier, owner."""
        _skip("partner records")

    def partner_link(self) -> dict[str, Any]:
        """Keys of the table that make the partner a record of its own, which `look` then tells by name."""
        _skip("partner records")

    def linked(self) -> dict[str, Any]:
        """A `linked_record` table; its field may be set by `add` and `edit` as `linked`."""
        _skip("links to another CRM")

    def only_company(self, company: str) -> str:
        """A `where` that keeps the leads of one company."""
        _skip("a where")

    def expire_tokens(self) -> None:
        """End all sessions, so that the next call meets an expired token."""
        _skip("tokens")


class SandboxBench(Bench):
    """A CRM of the sandbox, over real HTTP, with faults on demand."""

    pulls: ClassVar[str]
    compares: ClassVar[str]
    writes: ClassVar[str]
    """Parts of "METHOD /path" by which a Fault finds the calls of `read_changed`, `read_back` and `write`."""
    busy: ClassVar[Sequence[Fault]]
    """Faults that pass: each must come as SourceBusy, whatever call it meets."""
    locked: ClassVar[Sequence[Fault]]
    """Faults that last until a person acts: each must come as SourceLocked."""

    def __init__(self) -> None:
        self._opened = ExitStack()
        # People, queues and partner companies; no leads.
        self.sandbox = self._opened.enter_context(Sandbox([], [], clock=SandboxClock(NOW)))

    def close(self) -> None:
        self._opened.close()

    def source(self, *, page: int | None = None, admit: Admit | None = None, **keys: Any) -> Source:
        settings: Any = kinds()[self.crm].settings.model_validate({**self.table(), **keys})
        source = open_source(self.crm, settings, ROOT)
        self._opened.callback(source.close)
        if page is not None:
            setattr(source, "read_size", page)  # noqa: B010
        if admit is not None:
            source.limited_by(admit)
        return source

    def now(self) -> datetime:
        return self.sandbox.clock.of(self.crm)

    def wait(self, seconds: float = 60) -> datetime:
        self.sandbox.clock.advance(seconds)
        return self.now()

    def fault(self, fault: Fault) -> Fault:
        """Switch a fault on."""
        return self.sandbox.run(self.sandbox.board.add, fault)

    def no_more_faults(self) -> None:
        """Switch all faults off."""
        self.sandbox.run(self.sandbox.board.clear)

    def calls(self) -> int:
        """API calls that the CRM has counted; tokens are none."""
        counted = self.sandbox.run(lambda: dict(self.sandbox.board.calls))
        return sum(n for (crm, route), n in counted.items() if crm == self.crm and "oauth" not in route)


def _skip(what: str) -> NoReturn:
    pytest.skip(f"this CRM has no {what}")

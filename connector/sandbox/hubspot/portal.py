"""The pretend HubSpot account: its records, owners, pipelines and tokens, and its clock."""

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from connector.sandbox.cards import Clock, Column, Detail, NeutralLead
from connector.sandbox.hubspot import board_view, seed, writes
from connector.sandbox.hubspot.access import Access
from connector.sandbox.hubspot.definitions import Option
from connector.sandbox.hubspot.kinds import KINDS, Kind, kind_named
from connector.sandbox.hubspot.limits import Limits
from connector.sandbox.hubspot.links import Links
from connector.sandbox.hubspot.lists import Lists
from connector.sandbox.hubspot.owners import Owners
from connector.sandbox.hubspot.pipelines import STAGES, Pipeline
from connector.sandbox.hubspot.records import Record, Source
from connector.sandbox.hubspot.settings import Settings
from connector.sandbox.hubspot.stamps import millis
from connector.sandbox.hubspot.table import Table

Automation = Callable[[Kind, Record, frozenset[str]], Mapping[str, str]]


@dataclass
class Portal:
    """One HubSpot account. `now` is its clock; nothing here looks at another one."""

    now: Clock
    portal_id: int = 147975758
    settings: Settings = field(default_factory=Settings)
    automation: Automation | None = None

    def __post_init__(self) -> None:
        at = self.now_ms()
        self.links = Links()
        self.tables = {kind.name: Table(kind, at, self.links) for kind in KINDS}
        self.owners = Owners()
        self.pipelines: dict[str, dict[str, Pipeline]] = {kind.name: {} for kind in KINDS}
        self.lists = Lists()
        self.access = Access()
        self.limits = Limits(self.settings)
        self._chores: list[tuple[int, int, Callable[[int], None]]] = []
        self._number = count()

    def now_ms(self) -> int:
        """The portal's clock in milliseconds since 1970."""
        return millis(self.now())

    def next_number(self) -> int:
        """A number that was not given out before."""
        return next(self._number)

    def table(self, kind: Kind | str) -> Table:
        """The records of a type."""
        return self.tables[kind.name if isinstance(kind, Kind) else kind_named(kind).name]

    def later(self, seconds: float, chore: Callable[[int], None]) -> None:
        """Do something once the clock has moved on; the chore is told the time at which it was due."""
        due = self.now_ms() + int(seconds * 1000)
        heapq.heappush(self._chores, (due, next(self._number), chore))

    def tick(self) -> None:
        """Do what has become due; every request and every person on the screen does so first."""
        while self._chores and self._chores[0][0] <= self.now_ms():
            due, _, chore = heapq.heappop(self._chores)
            chore(due)

    def search_delay(self, record_id: int) -> int:
        """Milliseconds until search sees a change of this record."""
        late = self.settings.late_every and record_id // 50 % self.settings.late_every == 0
        return int((self.settings.index_delay + (self.settings.late_by if late else 0)) * 1000)

    def seed_programme(self) -> None:
        """The vendor's and the partners' people as owners, partner companies, and the pipelines."""
        seed.seed_programme(self)

    def add_leads(self, leads: Iterable[NeutralLead], owners: str = "spread") -> int:
        """Load leads as contacts, "spread" over intake and people or all to the "intake" (no owner).

        Returns how many contacts there are more; a second row with the same e-mail address changes the first.
        """
        return seed.add_leads(self, leads, owners)

    def create(self, object: str, values: Mapping[str, str], by: str) -> str:
        """A person makes a record on the screen; returns its id."""
        self.tick()
        table = self.table(object)
        return str(writes.create(self, table, writes.check(self, table, values), self.person(by)).id)

    def edit(
        self, record_id: str | int, values: Mapping[str, str], by: str, object: str = "contacts"
    ) -> None:
        """A person changes a record on the screen; an owner may be given by e-mail address."""
        self.tick()
        writes.edit(self, kind_named(object), str(record_id), values, by)

    def bulk_edit(
        self, values: Mapping[str, str], by: str, count: int | None = None, object: str = "contacts"
    ) -> int:
        """A person changes the first `count` records (all if None) in one go: they share one change stamp."""
        self.tick()
        return writes.bulk_edit(self, kind_named(object), values, by, count)

    def delete(self, record_id: str | int, object: str = "contacts") -> None:
        """A person deletes a record on the screen: it goes to the recycling bin."""
        self.tick()
        table = self.table(object)
        writes.archive(self, table, writes.existing(table, str(record_id)))

    def merge(self, winner_id: str | int, loser_id: str | int, object: str = "contacts") -> str:
        """Merge two records; returns the id under which they live on."""
        self.tick()
        table = self.table(object)
        winner, loser = (writes.existing(table, str(each)) for each in (winner_id, loser_id))
        return str(writes.merge(self, table, winner, loser).id)

    def columns(self, partner: str | None = None, limit: int = 50, object: str = "contacts") -> list[Column]:
        """The board: contacts by routing status (or lead status), deals by stage."""
        self.tick()
        return board_view.columns(self, kind_named(object), partner, limit)

    def detail(self, record_id: str | int, object: str = "contacts") -> Detail:
        """One record in full, with its history."""
        self.tick()
        return board_view.detail(self, kind_named(object), str(record_id))

    def person(self, email: str) -> Source:
        """The source of a change that this person makes on the screen."""
        owner = self.owners.by_email(email)
        user_id = owner.user_id if owner else 0
        return Source("CRM_UI", f"userId:{user_id}", owner.name if owner else email, user_id)

    def add_pipeline(self, kind: Kind, pipeline: Pipeline) -> None:
        """Add a pipeline, or put a changed one in the place of the old, and let its stages be written."""
        self.pipelines[kind.name][pipeline.id] = pipeline
        self.refresh_stages(kind)

    def refresh_stages(self, kind: Kind) -> None:
        """Let the pipeline and stage properties take what the pipelines now have."""
        pipelines = self.pipelines[kind.name].values()
        names, table = STAGES[kind.name], self.table(kind)
        options = (
            tuple(Option(each.id, each.label) for each in pipelines),
            tuple(Option(stage.id, stage.label) for each in pipelines for stage in each.stages.values()),
        )
        properties = table.properties
        for name, allowed in zip((names.pipeline, names.stage), options, strict=True):
            properties[name] = replace(properties[name], options=allowed)
        for each in pipelines:
            for stage in each.stages.values():
                table.shape.chances[stage.id] = stage.metadata.get("probability", "")

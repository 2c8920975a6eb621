"""The pretend org: its records, people, clock and settings, and what people do in it on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from connector.sandbox.cards import Clock, Column, Detail, NeutralLead
from connector.sandbox.salesforce import board_view, ids, lifecycle, seed, writes
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.limits import Limits
from connector.sandbox.salesforce.permissions import FULL, Permissions
from connector.sandbox.salesforce.queries import Queries
from connector.sandbox.salesforce.rules import target_object
from connector.sandbox.salesforce.schema import (
    Field,
    Schema,
    SObject,
    custom_field,
    custom_object,
    standard_schema,
)
from connector.sandbox.salesforce.sessions import App, Sessions
from connector.sandbox.salesforce.store import Row, Store, Value, quoted
from connector.sandbox.salesforce.times import seconds
from connector.sandbox.salesforce.values import stored

ORGANIZATION_NUMBER = 1
INTEGRATION_USER = "integration@acme.example"
AUTOMATED_PROCESS = "autoproc@acme.example"


@dataclass
class Settings:
    """What may be changed while the sandbox runs."""

    session_idle_seconds: float = 7200
    daily_api_calls: int = 100_000
    page_size: int = 2000
    assignment_rule_active: bool = True
    assignment_queue: str = "Web_Intake"
    owner_automation: str = ""
    owner_automation_after: float = 0


class Org:
    """One Salesforce org; all of it is touched on one event loop only."""

    def __init__(self, now: Clock) -> None:
        self.now = now
        self.settings = Settings()
        self.integration_permissions = Permissions()
        self.store = Store()
        self.schema: Schema = standard_schema()
        for sobject in self.schema.values():
            self.store.create(sobject)
        self.queries = Queries(self.store)
        self.limits = Limits(now)
        self.apps = {"sandbox-key": App("sandbox-key", "sandbox-secret", INTEGRATION_USER)}
        self.cannot_read_leads: set[str] = set()
        self.default_record_types: dict[str, str] = {}
        self.assignment_rule_id = ""
        self.organization_id = ids.new_id("00D", ORGANIZATION_NUMBER)
        self.sessions = Sessions(now, self.organization_id)
        self.transactions: set[lifecycle.LongTransaction] = set()
        self._chores: list[tuple[int, Callable[[], None]]] = []
        seed.lay_foundations(self)

    # The clock

    def stamp(self) -> int:
        """Now, as a SystemModstamp."""
        return seconds(self.now())

    def later(self, delay: float, chore: Callable[[], None]) -> None:
        """Do something after so many seconds of the org's clock, at the next request then; at once for 0."""
        if delay <= 0:
            chore()
        else:
            self._chores.append((self.stamp() + round(delay), chore))

    def tick(self) -> None:
        """Do what is due."""
        if not self._chores:
            return
        now = self.stamp()
        due = sorted((each for each in self._chores if each[0] <= now), key=lambda each: each[0])
        self._chores = [each for each in self._chores if each[0] > now]
        for _, chore in due:
            chore()

    # Objects and fields

    def sobject(self, name: str) -> SObject:
        """The object of this name; raises SalesforceError."""
        return writes.visible(self.schema, name)

    def declare_object(self, name: str, label: str, plural: str, prefix: str) -> None:
        """Add a custom object as an admin would; its records' ids begin with `prefix`."""
        made = custom_object(name, label, plural, prefix)
        self.schema[name.lower()] = made
        self.store.create(made)

    def declare_field(self, object_name: str, name: str, type: str = "string", **more: str) -> None:
        """Add a custom field as an admin would; `more` are label, size, flags, refers_to; `values` by commas.

        A field that is there already stays as it is.
        """
        values = tuple(value for value in more.pop("values", "").split(",") if value)
        self.add_field(object_name, custom_field(name, type, values=values, **more))

    def add_field(self, object_name: str, made: Field) -> None:
        """Add a field, unless it is there already."""
        sobject = self.sobject(object_name)
        if sobject.field(made.name) is None:
            sobject.fields[made.name.lower()] = made
            self.store.add_column(sobject, made)

    def add_record_type(self, object_name: str, record_type_id: str) -> None:
        """Make a record type known; the first one of an object is its default."""
        self.default_record_types.setdefault(object_name, record_type_id)

    def record_types(self, object_name: str) -> dict[str, str]:
        """The ids of an object's record types by developer name."""
        found = self.store.find("RecordType", SobjectType=object_name)
        return {str(row["DeveloperName"]): str(row["Id"]) for row in found}

    def seen_by(self, user_id: str) -> Schema:
        """The objects and fields that a user may see."""
        return self.permissions_of(user_id).seen(self.schema)

    def permissions_of(self, user_id: str) -> Permissions:
        """What a user may do; only the integration user is ever restricted."""
        return self.integration_permissions if user_id == self.owner_id(INTEGRATION_USER) else FULL

    # Records

    def new_id(self, sobject: SObject) -> str:
        """An id for a new record."""
        return ids.new_id(sobject.prefix, self.store.next_number(sobject.name))

    def user(self, user_id: str) -> Row | None:
        """A user by id."""
        return self.store.row("User", user_id)

    def owner_id(self, name: str) -> str:
        """The id of a user by username or of a queue by developer name; an id stays. Raises LookupError."""
        user = next(self.store.find("User", Username=name), None)
        group = user or next(self.store.find("Group", DeveloperName=name), None)
        if group is None and ids.normal(name) is None:
            raise LookupError(f'There is no user or queue "{name}".')
        return str(group["Id"]) if group is not None else str(ids.normal(name))

    def owner_name(self, owner_id: Value) -> str:
        """What the screen shows for an owner."""
        for object_name in ("User", "Group"):
            row = self.store.row(object_name, str(owner_id))
            if row is not None:
                return str(row["Name"])
        return ""

    def count(self, sobject: SObject) -> int:
        """How many records of an object there are, without deleted ones."""
        alive = 'WHERE "IsDeleted" = 0' if sobject.field("IsDeleted") else ""
        return int(self.store.run(f"SELECT count(*) FROM {quoted(sobject.name)} {alive}").fetchone()[0])  # noqa: S608

    def target(self, lookup: Field, value: str) -> Row | None:
        """The record that a lookup points to; None when it is deleted or not there."""
        row = self.store.row(target_object(self, lookup, value), value)
        return None if row is None or row.get("IsDeleted") else row

    def by_key(self, object_name: str, key: str, value: object) -> list[Row]:
        """The records with this external id, or other field that may stand for one."""
        sobject = self.schema.get(object_name.lower())
        one = sobject.field(key) if sobject is not None else None
        if sobject is None or one is None or not (one.has("E") or one.has("I")):
            return []
        found = self.store.find(sobject.name, **{one.name: stored(one, value)})
        return [row for row in found if not row.get("IsDeleted")]

    def change_as_automation(self, object_name: str, before: Row, changes: Row) -> None:
        """A change that the customer's own automation makes."""
        actor = writes.Actor(self.owner_id(AUTOMATED_PROCESS), self.schema)
        writes.change(self, self.sobject(object_name), before, changes, actor)

    # What people do on the screen

    def seed_programme(self) -> None:
        """The vendor's and the partners' people, queues, accounts, and the fields of the programme."""
        seed.seed_programme(self)

    def add_leads(self, leads: Iterable[NeutralLead], owners: str = "spread", stamps_over: float = 0) -> int:
        """Load leads, "spread" over queue and people or all to the "intake"; returns how many.

        Their SystemModstamp is now, or spread over the last `stamps_over` seconds in no order.
        """
        return seed.add_leads(self, leads, owners, stamps_over)

    def edit(self, record_id: str, values: Mapping[str, object], by: str, object: str = "Lead") -> None:
        """A person changes a record on the screen; an owner may be given by username or developer name."""
        lifecycle.edit(self, record_id, values, by, object, self.stamp())

    def commit_late(self, write: Callable[[], None], after: float) -> None:
        """Let a write become visible only after so many seconds; its stamps are its own."""
        transaction = lifecycle.LongTransaction(self)
        transaction.add(write)
        self.later(after, transaction.commit)

    def open_transaction(self) -> lifecycle.LongTransaction:
        """A transaction whose changes are stamped when they are made and seen when it is committed."""
        return lifecycle.LongTransaction(self)

    def create(self, object_name: str, values: Mapping[str, object], by: str) -> str:
        """A person makes a record on the screen; returns its id."""
        return lifecycle.create(self, object_name, values, by, self.stamp())

    def delete(self, record_id: str, object: str = "Lead") -> None:
        """A person deletes a record on the screen: it goes to the recycle bin."""
        lifecycle.delete(self, record_id, object)

    def merge(self, winner_id: str, loser_id: str, object: str = "Lead") -> str:
        """Merge two records; the first survives, and its id is returned."""
        return lifecycle.merge(self, winner_id, loser_id, object)

    def convert(self, lead_id: str, by: str = "sam.selling@acme.example", amount: float | None = None) -> Row:
        """Convert a lead into an account, a contact and an opportunity; returns the lead."""
        return lifecycle.convert(self, lead_id, by, amount)

    def columns(self, partner: str | None = None, limit: int = 50, object: str = "Lead") -> list[Column]:
        """The board: leads by status, opportunities by stage."""
        return board_view.columns(self, object, partner, limit)

    def detail(self, record_id: str, object: str = "Lead") -> Detail:
        """One record in full, with its history; raises SalesforceError."""
        return board_view.detail(self, object, record_id)


__all__ = ["Org", "SalesforceError", "Settings"]

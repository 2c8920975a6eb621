"""What the integration user may see and do, as profile and permission sets would say it."""

from dataclasses import dataclass, field, replace

from connector.sandbox.salesforce.schema import Field, Schema, SObject


@dataclass
class Permissions:
    """Everything is allowed unless it is taken away here; fields are named `Lead.Budget__c`.

    `hidden` fields look as if they did not exist, `read_only` ones cannot be set, `unreadable` objects look
    as if they did not exist, and `edit` holds the objects whose records may be changed (None: all).
    """

    hidden: set[str] = field(default_factory=set)
    read_only: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    create: set[str] | None = None
    edit: set[str] | None = None
    delete: set[str] | None = None
    transfer_leads: bool = True
    edit_converted_leads: bool = False
    view_setup: bool = True
    api_enabled: bool = True

    def seen(self, schema: Schema) -> Schema:
        """The objects and fields as this user sees them."""
        if not (self.hidden or self.read_only or self.unreadable) and self._may_write_all:
            return schema
        readable = {name: one for name, one in schema.items() if one.name not in self.unreadable}
        return {name: self._narrowed(one) for name, one in readable.items()}

    @property
    def _may_write_all(self) -> bool:
        return self.create is None and self.edit is None and self.delete is None

    def _narrowed(self, sobject: SObject) -> SObject:
        kept = {
            name: self._as_allowed(sobject, one)
            for name, one in sobject.fields.items()
            if f"{sobject.name}.{one.name}" not in self.hidden
        }
        return replace(sobject, flags=self._flags(sobject), fields=kept)

    def _as_allowed(self, sobject: SObject, one: Field) -> Field:
        if f"{sobject.name}.{one.name}" not in self.read_only:
            return one
        return replace(one, flags=one.flags.replace("C", "").replace("U", ""))

    def _flags(self, sobject: SObject) -> str:
        allowed = {"C": self.create, "U": self.edit, "D": self.delete}
        return "".join(
            flag
            for flag in sobject.flags
            if allowed.get(flag) is None or sobject.name in (allowed[flag] or ())
        )


FULL = Permissions(edit_converted_leads=True)

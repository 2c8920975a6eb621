"""Which column of which table a field of a query is, and the joins that lead there."""

from dataclasses import dataclass, field

from lark import Token

from connector.sandbox.salesforce.schema import Field, Schema, SObject
from connector.sandbox.salesforce.soql.errors import no_such_field, no_such_object, no_such_relationship
from connector.sandbox.salesforce.soql.syntax import Path
from connector.sandbox.salesforce.store import quoted

BASE = "t"
# A parent of several possible objects shows only the fields of the Name object.
NAME_FIELDS = frozenset(
    (
        "id",
        "name",
        "firstname",
        "lastname",
        "alias",
        "email",
        "isactive",
        "phone",
        "profileid",
        "title",
        "type",
        "userroleid",
        "username",
    )
)


@dataclass(frozen=True)
class Parent:
    """A table that was joined, under its alias there."""

    sobject: SObject
    alias: str


@dataclass(frozen=True)
class Lookup:
    """A way to a parent: the field that points there, as SQL, and the tables that it may point to."""

    name: str
    field: Field
    sql: str
    parents: tuple[Parent, ...]

    @property
    def polymorphic(self) -> bool:
        return len(self.parents) > 1


@dataclass(frozen=True)
class Column:
    """A field of a query: where it is, as SQL, and what it is; `via` are the parents on the way."""

    sql: str
    field: Field
    owner: SObject | None
    via: tuple[Lookup, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether it is a column of the queried object itself."""
        return not self.via and self.sql == f"{BASE}.{quoted(self.field.name)}"


@dataclass
class Scope:
    """The object of a query, and the parents that its fields reach."""

    schema: Schema
    sobject: SObject
    alias: str = ""
    lookups: dict[tuple[str, ...], Lookup] = field(default_factory=dict)

    @property
    def joins(self) -> str:
        """The joins that all columns asked for so far need."""
        return "".join(
            f' LEFT JOIN {quoted(parent.sobject.name)} {parent.alias} ON {parent.alias}."Id" = {lookup.sql}'
            for lookup in self.lookups.values()
            for parent in lookup.parents
        )

    def column(self, path: Path) -> Column:
        """The column of a field; raises QueryProblem."""
        *way, name = self._own_parts(path)
        via: tuple[Lookup, ...] = ()
        for step in way:
            via = (*via, self._lookup(via, step, path.token))
        if not via:
            return self._found(self.sobject, BASE, name, path.token, via)
        last = via[-1]
        if last.polymorphic:
            return _shared(last, name, path.token, via)
        return self._found(last.parents[0].sobject, last.parents[0].alias, name, path.token, via)

    def lookup(self, token: Token) -> Lookup:
        """The way to the parents that a name such as Owner stands for; raises QueryProblem."""
        return self._lookup((), str(token), token)

    def parent_column(self, parent: Parent, name: Token) -> Column:
        """A field of one of the possible parents; raises QueryProblem."""
        return self._found(parent.sobject, parent.alias, str(name), name, ())

    def _own_parts(self, path: Path) -> list[str]:
        """A field's name in parts, without the name or alias of the object before them."""
        parts = path.parts
        known = {self.alias.lower(), self.sobject.name.lower()}
        if len(parts) > 1 and parts[0].lower() in known and self.sobject.relationship(parts[0]) is None:
            return parts[1:]
        return parts

    def _lookup(self, via: tuple[Lookup, ...], step: str, token: Token) -> Lookup:
        key = (*(each.name.lower() for each in via), step.lower())
        if key not in self.lookups:
            self.lookups[key] = self._new_lookup(via, step, token)
        return self.lookups[key]

    def _new_lookup(self, via: tuple[Lookup, ...], step: str, token: Token) -> Lookup:
        start = via[-1].parents[0] if via else Parent(self.sobject, BASE)
        pointing = start.sobject.relationship(step)
        targets = (
            [self.schema[name.lower()] for name in pointing.refers_to if name.lower() in self.schema]
            if pointing
            else []
        )
        if pointing is None or not targets or (via and via[-1].polymorphic):
            raise no_such_relationship(token, step)
        number = len(self.lookups)
        parents = tuple(Parent(target, f"j{number}_{i}") for i, target in enumerate(targets))
        return Lookup(pointing.relationship, pointing, f"{start.alias}.{quoted(pointing.name)}", parents)

    def _found(
        self, sobject: SObject, alias: str, name: str, token: Token, via: tuple[Lookup, ...]
    ) -> Column:
        found = sobject.field(name)
        if found is None:
            raise no_such_field(token, name, sobject.name)
        return Column(f"{alias}.{quoted(found.name)}", found, sobject, via)


def scope_of(schema: Schema, token: Token, alias: str = "") -> Scope:
    """Where the fields of a query on this object are looked up; raises QueryProblem."""
    sobject = schema.get(str(token).lower())
    if sobject is None:
        raise no_such_object(token)
    return Scope(schema, sobject, alias)


def _shared(lookup: Lookup, name: str, token: Token, via: tuple[Lookup, ...]) -> Column:
    """A field of the Name object: that of whichever parent there is."""
    known = [(p, p.sobject.field(name)) for p in lookup.parents]
    sources = [(parent, found) for parent, found in known if found is not None]
    if name.lower() == "type":
        return Column(_type_of(lookup), Field("Type", "Type", "picklist", 40), None, via)
    if name.lower() not in NAME_FIELDS or not sources:
        raise no_such_field(token, name, "Name")
    choices = [f"{parent.alias}.{quoted(found.name)}" for parent, found in sources]
    sql = f"coalesce({', '.join(choices)})" if len(choices) > 1 else choices[0]
    return Column(sql, sources[0][1], None, via)


def _type_of(lookup: Lookup) -> str:
    """The kind of a parent: Queue for a group that is one, else the object's name."""
    cases = " ".join(
        f"""WHEN {p.alias}."Id" IS NOT NULL THEN """
        + (f'{p.alias}."Type"' if p.sobject.name == "Group" else f"'{p.sobject.name}'")
        for p in lookup.parents
    )
    return f"(CASE {cases} END)"

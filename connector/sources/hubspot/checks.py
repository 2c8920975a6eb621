"""What stands in the way of working with an account, found before the first lead."""

from collections.abc import Iterable, Mapping, Sequence

from connector.model.decision import Outcome
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.definitions import Definition, Definitions, is_read_only, missing, options
from connector.sources.hubspot.fields import FieldMap
from connector.sources.hubspot.objects import COMPANIES, CONTACTS
from connector.sources.hubspot.partner_links import PartnerLinks
from connector.sources.hubspot.rights import Problems, right_problems, told
from connector.sources.hubspot.where import MOST_FILTERS, BadWhere, Filter, in_capitals, parsed
from connector.sources.owners import OwnerDirectory
from connector.sources.settings import HubSpotSettings

_TEXTS = frozenset({"string", "enumeration"})
HELD_BY: Mapping[str, frozenset[str]] = {
    "partner": _TEXTS,
    "status": _TEXTS,
    "score": frozenset({"string", "number"}),
    "grade": _TEXTS,
    "route": _TEXTS,
    "reason": frozenset({"string"}),
    "link": frozenset({"string"}),
    "due": frozenset({"string", "date", "datetime"}),
    "offered_to": frozenset({"string"}),
    "lead_status": _TEXTS,
    "partner_answer": _TEXTS | {"bool"},
    "decline_reason": _TEXTS,
    "claimed_by": _TEXTS,
    "breaches": frozenset({"string", "number"}),
}
"""Types of property that can hold each name of `write`."""

_NEVER_WRITTEN = frozenset({Outcome.LEFT_ALONE, Outcome.FOLLOWS, Outcome.GONE})
STATUSES = tuple(outcome.value.capitalize() for outcome in Outcome if outcome not in _NEVER_WRITTEN)
"""The values that are written as `status`."""


class Checks:
    """`Source.problems`, one kind after the other."""

    def __init__(
        self,
        connection: Connection,
        settings: HubSpotSettings,
        fields: FieldMap,
        owners: OwnerDirectory,
        definitions: Definitions,
        partners: PartnerLinks | None,
    ):
        self._connection = connection
        self._settings = settings
        self._fields = fields
        self._owners = owners
        self._definitions = definitions
        self._partners = partners

    def problems(self, names: Sequence[str]) -> list[str]:
        """Everything that is wrong, each once; SourceLocked when nothing can be asked at all."""
        self._definitions.forget()
        rights = right_problems(self._connection, self._settings)
        checks = (
            self._read_problems,
            self._write_problems,
            self._company_problems,
            self._where_problems,
            self._roster_problems,
            self._link_problems,
            lambda: iter(rights),
            lambda: self._owner_problems(names),
        )
        return list(dict.fromkeys(problem for check in checks for problem in told(check)))

    def _owner_problems(self, names: Iterable[str]) -> Problems:
        for name in names:
            problem = self._owners.problem(name)
            if problem and name.casefold().startswith("queue:"):
                problem += ", which has no queues; name a user"
            if problem:
                yield problem

    def _read_problems(self) -> Problems:
        fields, settings = self._fields, self._settings
        own = {name: fields.own[name] for name in settings.read if name in fields.own}
        if fields.linked:
            own["linked_record"] = fields.linked
        yield from self._missing(fields.lead.type, own)
        if fields.lead.type == CONTACTS:
            for own_name in fields.contact.values():
                yield f'"contact.{own_name}" in read is for object = "leads"; contacts are the leads here'
        else:
            yield from self._missing(CONTACTS, fields.contact)

    def _missing(self, object_type: str, names: Mapping[str, str]) -> Problems:
        known = self._definitions.of(object_type) if names else {}
        for name, own in names.items():
            if own not in known:
                yield str(missing(object_type, own, name))

    def _write_problems(self) -> Problems:
        known = self._definitions.of(self._fields.lead.type)
        for name, own in self._fields.written.items():
            if own not in known:
                yield str(missing(self._fields.lead.type, own, name))
            elif is_read_only(known[own]):
                yield f"the property {own} is read-only (mapped as {name})"
            elif known[own]["type"] not in HELD_BY[name]:
                yield f"the property {own} (mapped as {name}) is a {known[own]['type']}, which cannot hold it"
            elif name == "status":
                yield from _status_problems(known[own])

    def _company_problems(self) -> Problems:
        yield from self._missing(COMPANIES, self._fields.company)

    def _where_problems(self) -> Problems:
        room = MOST_FILTERS - 2 - bool(self._settings.created_after)
        yield from self._filter_problems("", self._settings.where, room, self._fields.lead.type)

    def _roster_problems(self) -> Problems:
        roster = self._settings.roster
        if roster is None:
            return
        own = {f"roster.{name}": property for name, property in roster.read.items()}
        yield from self._missing(roster.object, own)
        yield from self._filter_problems("roster: ", roster.where, MOST_FILTERS - 1, roster.object)

    def _filter_problems(self, where: str, text: str | None, room: int, object_type: str) -> Problems:
        try:
            filters = parsed(text, room)
        except BadWhere as error:
            yield f"{where}{error}"
            return
        for name in dict.fromkeys(each["propertyName"] for each in filters):
            if name not in self._definitions.of(object_type):
                yield f"{where}{object_type} have no property {name}, which where asks for"
        yield from self._case_problems(where, filters, object_type)

    def _case_problems(self, where: str, filters: Sequence[Filter], object_type: str) -> Problems:
        if not filters:
            return
        known = self._definitions.of(object_type).values()
        texts = frozenset(str(each["name"]) for each in known if each["type"] == "string")
        for name in in_capitals(filters, texts):
            yield f"{where}IN and NOT_IN find values of {name} only when they are written in lower case"

    def _link_problems(self) -> Problems:
        if self._partners is None or self._settings.partner_link is None:
            return
        yield from self._missing(COMPANIES, {"partner_link.by": self._settings.partner_link.by})
        yield from self._partners.problems()


def _status_problems(definition: Definition) -> Problems:
    allowed = options(definition)
    lacking = [status for status in STATUSES if allowed is not None and status not in allowed]
    if lacking:
        yield f"the property {definition['name']} (mapped as status) has no option {', '.join(lacking)}"

"""The partner roster, where partners are maintained as records of the org."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connector.model.lead import Value
from connector.sources.owners import OwnerDirectory
from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.soql import select, value_at
from connector.sources.settings import RosterSettings

_ID = re.compile(r"(005|00G)[A-Za-z0-9]{12}([A-Za-z0-9]{3})?")


def read_roster(
    connection: Connection, roster: RosterSettings, owners: OwnerDirectory
) -> list[Mapping[str, Value]]:
    """`Source.read_partners`: a row per record; an owner's id comes as its name."""
    rows = connection.query("partners", roster_query(roster, "ORDER BY Id"))
    return [
        {name: _value(name, value_at(row, own), owners) for name, own in roster.read.items()} for row in rows
    ]


def roster_query(roster: RosterSettings, end: str) -> str:
    """The query of the roster; fields may be those of a parent, by dots."""
    tests: Sequence[str] = [f"({roster.where})"] if roster.where else []
    return select(["Id", *roster.read.values()], roster.object, tests, end)


def _value(name: str, held: Any, owners: OwnerDirectory) -> Value:
    if name != "owner" or not isinstance(held, str):
        value: Value = held
        return value
    if _ID.fullmatch(held):
        return owners.name_of(held)
    return held if held.startswith(("user:", "queue:")) else f"user:{held}"

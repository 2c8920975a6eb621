"""One API call as a handler sees it, and the answer that a handler gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import orjson
from starlette.datastructures import QueryParams

from connector.sandbox.hubspot.access import Token
from connector.sandbox.hubspot.errors import HubSpotError, invalid, required
from connector.sandbox.hubspot.kinds import Kind, kind_named
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Source
from connector.sandbox.hubspot.shapes import is_whole, thing, things
from connector.sandbox.hubspot.table import Table

MAX_BATCH = 100


class Fault(Protocol):
    """What a fault brings along."""

    @property
    def params(self) -> Mapping[str, str]:
        """The fault's own settings."""


class Board(Protocol):
    """Decides whether something goes wrong now."""

    def hit(self, kind: str, *, crm: str, route: str = "", record: str | None = None) -> Fault | None:
        """A fault of this kind that fires now, or None."""


@dataclass(frozen=True)
class Answer:
    """A status and the JSON to send with it; None is an empty body."""

    status: int
    body: Any = None


@dataclass
class Call:
    """An authenticated request to one endpoint."""

    portal: Portal
    board: Board
    method: str
    path: str
    params: Mapping[str, str]
    query: QueryParams
    raw: bytes
    token: Token
    version: str
    now: int = field(default=0)

    @property
    def dated(self) -> bool:
        """Whether the path carries a date instead of v3 or v4."""
        return self.version.startswith("20")

    @cached_property
    def kind(self) -> Kind:
        """The object type that the path names."""
        return kind_named(self.params["type"])

    @cached_property
    def table(self) -> Table:
        """The records of that type."""
        return self.portal.table(self.kind)

    @property
    def source(self) -> Source:
        """What the history says about a change made by this call."""
        return Source("INTEGRATION", self.token.app_id, "Sandbox app")

    @cached_property
    def json(self) -> Any:
        """The body; raises HubSpot's 400 where it is no JSON."""
        try:
            return orjson.loads(self.raw)
        except orjson.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            raise HubSpotError(400, f"Invalid input JSON on {where}: {error.msg}") from None

    @property
    def body(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        return thing(self.json)

    def inputs(self, most: int = MAX_BATCH) -> list[dict[str, Any]]:
        """The inputs of a batch call: at least one, at most `most`, each an object."""
        inputs = self.body.get("inputs")
        if inputs is None:
            raise required("inputs")
        if not things(inputs):
            raise invalid("Batch input provided should have at least one object.")
        if len(inputs) > most:
            raise invalid(
                f"The maximum number of inputs supported in a batch is {most}. "
                "Please reduce the number of items and try again"
            )
        return things(inputs)

    def names(self, key: str) -> list[str]:
        """A list in the query: repeated, or with commas, or both."""
        return [name for value in self.query.getlist(key) for name in value.split(",") if name]

    def flag(self, key: str) -> bool:
        """A yes or no in the query, in any case."""
        return self.query.get(key, "").lower() == "true"

    def whole(self, key: str, default: int, most: int) -> int:
        """A number in the query, from 1 to `most`."""
        text = self.query.get(key, str(default))
        if not is_whole(text) or not 1 <= int(text) <= most:
            raise invalid(f"{key} must be between 1 and {most}, but was {text}")
        return int(text)

    def fault(self, kind: str, record: str | None = None) -> Fault | None:
        """Whether something is made to go wrong here."""
        return self.board.hit(kind, crm="hubspot", route=f"{self.method} {self.path}", record=record)


def properties_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The `properties` object of a write."""
    properties = body.get("properties")
    if properties is None:
        raise required("properties")
    return thing(properties)

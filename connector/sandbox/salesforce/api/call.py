"""One request to the API, from the network or from within a composite request, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from connector.sandbox.faults import Fault, FaultBoard
from connector.sandbox.salesforce.errors import SalesforceError, bad_json
from connector.sandbox.salesforce.sessions import Session
from connector.sandbox.salesforce.soql.plan import Context
from connector.sandbox.salesforce.writes import Actor

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

LARGEST_BODY = 50 * 1024 * 1024
LARGEST_ADDRESS = 16_384


@dataclass(frozen=True)
class Reply:
    """An answer; a body of None is none at all."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """A request whose session is known; header names are in lower case, `body` is as sent or as parsed."""

    org: Org
    board: FaultBoard
    session: Session
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    parameters: Mapping[str, str]
    origin: str
    is_part: bool = False

    @property
    def root(self) -> str:
        """The address of the API version that was asked: /services/data/v62.0."""
        return f"/services/data/v{self.parameters['version']}"

    def json(self) -> Any:
        """The body as parsed; raises SalesforceError."""
        if not isinstance(self.body, bytes):
            return self.body
        return parsed(self.body)

    def record(self) -> dict[str, Any]:
        """The body as one record; raises SalesforceError."""
        given = self.json()
        if not isinstance(given, dict):
            raise bad_json("Cannot deserialize instance of SObject from the given value")
        return given

    def actor(self) -> Actor:
        """The user of the session as a writer, with the request's own wishes."""
        permissions = self.org.permissions_of(self.session.user_id)
        return Actor(
            user_id=self.session.user_id,
            schema=permissions.seen(self.org.schema),
            auto_assign=self.headers.get("sforce-auto-assign", "TRUE"),
            fault=self.fault,
            may_transfer=permissions.transfer_leads,
            may_edit_converted=permissions.edit_converted_leads,
        )

    def fault(self, kind: str, record: str | None = None) -> Fault | None:
        """Whether a fault of this kind happens here now."""
        if not len(self.board):
            return None
        return self.board.hit(kind, crm="salesforce", route=f"{self.method} {self.path}", record=record)

    def context(self, *, with_deleted: bool = False) -> Context:
        """What a query of this call is read against."""
        schema = self.org.seen_by(self.session.user_id)
        return Context(schema, self.org.now(), self.root, with_deleted)


Handler = Callable[[Call], Reply]


def parsed(body: bytes) -> Any:
    """JSON as a value; raises SalesforceError."""
    if not body.strip():
        raise bad_json("The HTTP entity body is required, but this request has no entity body.")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        place = f"[line:{error.lineno}, column:{error.colno}]"
        raise bad_json(f"Unexpected character or end of input at {place}: {error.msg}") from None


def truth(call: Call, name: str) -> bool:
    """A query parameter that is true or false, false when it is missing."""
    return call.query.get(name, "false").lower() == "true"


def refused(error: SalesforceError) -> Reply:
    """An error as a whole answer."""
    return Reply(error.status, [error.fault.whole()])

"""The control endpoint on each CRM's port: faults, calls, clock, and what people do on the screen."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any, Protocol

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.sandbox import faults
from connector.sandbox.cards import Detail, NeutralLead
from connector.sandbox.clock import SandboxClock

ROOT = "/__sandbox__"


class State(Protocol):
    """What the control endpoint needs of a CRM's state."""

    settings: Any

    def add_leads(self, leads: Iterable[NeutralLead], owners: str = ...) -> int: ...

    def edit(self, record_id: str, values: Mapping[str, Any], by: str, object: str = ...) -> None: ...

    def delete(self, record_id: str, object: str = ...) -> None: ...

    def merge(self, winner_id: str, loser_id: str, object: str = ...) -> object: ...

    def detail(self, record_id: str, object: str = ...) -> Detail: ...


class BadRequestError(ValueError):
    """Something that the control endpoint cannot do; the message is one sentence."""


Answering = Callable[[Request], Awaitable[object]]


def control_routes(
    state: State,
    crm: str,
    main_object: str,
    board: faults.FaultBoard,
    clock: SandboxClock,
    not_found: type[Exception],
) -> list[Route]:
    """The control endpoint of one CRM; faults, calls and clock are the same on both ports."""
    desk = _Desk(state, crm, main_object, board, clock)
    table: list[tuple[str, str, Answering]] = [
        ("GET", "", desk.index),
        ("GET", "/faults", desk.faults),
        ("POST", "/faults", desk.add_fault),
        ("DELETE", "/faults", desk.clear_faults),
        ("DELETE", "/faults/{fault_id}", desk.remove_fault),
        ("GET", "/calls", desk.calls),
        ("DELETE", "/calls", desk.forget_calls),
        ("GET", "/clock", desk.time),
        ("POST", "/clock", desk.move_clock),
        ("GET", "/settings", desk.settings),
        ("PATCH", "/settings", desk.change_settings),
        ("POST", "/leads", desk.add_leads),
        ("GET", "/records/{record_id}", desk.record),
        ("PATCH", "/records/{record_id}", desk.edit),
        ("DELETE", "/records/{record_id}", desk.delete),
        ("POST", "/merge", desk.merge),
    ]
    return [
        Route(ROOT + path, _answered(handler, not_found), methods=[method]) for method, path, handler in table
    ]


def _answered(handler: Answering, not_found: type[Exception]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return _json(await handler(request))
        except (BadRequestError, faults.FaultError, orjson.JSONDecodeError) as error:
            return _json({"error": str(error)}, status=400)
        except LookupError as error:
            return _json({"error": str(error.args[0])}, status=400)
        except not_found as error:
            return _json({"error": str(error)}, status=404)

    return endpoint


def _json(body: object, status: int = 200) -> Response:
    given = orjson.dumps(body, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    return Response(given + b"\n", status_code=status, media_type="application/json")


async def _body(request: Request) -> dict[str, Any]:
    given = orjson.loads(await request.body() or b"{}")
    if not isinstance(given, dict):
        raise BadRequestError("The body must be a JSON object.")
    return given


def _needed(given: Mapping[str, Any], *names: str) -> list[str]:
    missing = [name for name in names if name not in given]
    if missing:
        raise BadRequestError(f'The body lacks "{missing[0]}".')
    return [str(given[name]) for name in names]


class _Desk:
    """Answers for one CRM."""

    def __init__(
        self, state: State, crm: str, main_object: str, board: faults.FaultBoard, clock: SandboxClock
    ) -> None:
        self._state = state
        self._crm = crm
        self._main_object = main_object
        self._board = board
        self._clock = clock

    async def index(self, request: Request) -> object:
        return {
            "crm": self._crm,
            "time": self._clock.of(self._crm),
            "faults": len(self._board),
            "kinds": faults.KINDS,
        }

    async def faults(self, request: Request) -> object:
        return {"faults": self._board.listing(), "fired": self._board.fired}

    async def add_fault(self, request: Request) -> object:
        return faults.described(self._board.add(faults.from_mapping(await _body(request))))

    async def remove_fault(self, request: Request) -> object:
        return {"removed": self._board.remove(request.path_params["fault_id"])}

    async def clear_faults(self, request: Request) -> object:
        self._board.clear()
        return {"faults": []}

    async def calls(self, request: Request) -> object:
        return {
            crm: {route: count for (where, route), count in self._board.calls.items() if where == crm}
            for crm in faults.CRMS
        }

    async def forget_calls(self, request: Request) -> object:
        self._board.calls.clear()
        return await self.calls(request)

    async def time(self, request: Request) -> object:
        return {"time": self._clock(), **{crm: self._clock.of(crm) for crm in faults.CRMS}}

    async def move_clock(self, request: Request) -> object:
        for name, value in (await _body(request)).items():
            if name == "advance":
                self._clock.advance(_seconds(value))
            elif name == "skew":
                self._clock.skew(self._crm, _seconds(value))
            else:
                raise BadRequestError(f'A clock takes "advance" or "skew" in seconds, not "{name}".')
        return await self.time(request)

    async def settings(self, request: Request) -> object:
        return asdict(self._state.settings)

    async def change_settings(self, request: Request) -> object:
        change(self._state.settings, await _body(request))
        return await self.settings(request)

    async def add_leads(self, request: Request) -> object:
        leads = (await _body(request)).get("leads", [])
        return {"added": self._state.add_leads(leads, owners="intake")}

    async def record(self, request: Request) -> object:
        return self._detail(request)

    async def edit(self, request: Request) -> object:
        by = request.query_params.get("by", "sam.selling@acme.example")
        values = await _body(request)
        self._state.edit(request.path_params["record_id"], values, by=by, object=self._object(request))
        return self._detail(request)

    async def delete(self, request: Request) -> object:
        self._state.delete(request.path_params["record_id"], object=self._object(request))
        return {"deleted": request.path_params["record_id"]}

    async def merge(self, request: Request) -> object:
        winner, loser = _needed(await _body(request), "winner", "loser")
        return {"survivor": self._state.merge(winner, loser, object=self._object(request)) or winner}

    def _object(self, request: Request) -> str:
        return request.query_params.get("object", self._main_object)

    def _detail(self, request: Request) -> object:
        return asdict(self._state.detail(request.path_params["record_id"], object=self._object(request)))


def change(settings: Any, values: Mapping[str, Any]) -> None:
    """Set attributes of a settings dataclass, each to the type that it has; raises BadRequestError."""
    known = {field.name: type(getattr(settings, field.name)) for field in fields(settings)}
    for name, value in values.items():
        if name not in known:
            raise BadRequestError(f'There is no setting "{name}"; there are {", ".join(known)}.')
        setattr(settings, name, _as_type(name, known[name], value))


def _as_type(name: str, wanted: type, value: Any) -> object:
    if wanted is bool:
        return str(value).lower() in ("1", "true", "yes", "on")
    try:
        return wanted(value)
    except (TypeError, ValueError):
        words = "a number" if wanted in (int, float) else f"a {wanted.__name__}"
        raise BadRequestError(f'{name} must be {words}, not "{value}".') from None


def _seconds(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise BadRequestError(f'Seconds must be a number, not "{value}".') from None

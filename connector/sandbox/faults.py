"""Faults on demand: what goes wrong, at which call, and how often it did."""

import difflib
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace

HTTP_KINDS = (
    "401",
    "403",
    "423",
    "429",
    "477",
    "500",
    "502",
    "503",
    "504",
    "524",
    "slow",
    "reset_before",
    "reset_after",
    "truncated",
    "malformed_json",
)
RECORD_KINDS = ("row_lock", "batch_lock", "row_fail", "batch_fail")
PEOPLE_KINDS = ("owner_change", "human_edit")
STATE_KINDS = ("late_rows", "index_lag", "same_stamp", "clock_skew", "owner_reset", "native_sync")
KINDS = HTTP_KINDS + RECORD_KINDS + PEOPLE_KINDS + STATE_KINDS
CRMS = ("salesforce", "hubspot")


class FaultError(ValueError):
    """A fault that cannot be understood; the message is one sentence for the person who asked."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, always or at some of the calls that it matches.

    `route` is a part of "METHOD /path"; `nth` counts the matching calls from 1 (and goes on for `times`
    calls, 1 by default), `every` is each n-th, `probability` is drawn from `seed`; none of them is always.
    `times` ends it. `params` are the kind's own (`retry_after`, `seconds`, `when`, `reason`, `record`, ...).
    """

    kind: str
    crm: str | None = None
    route: str | None = None
    nth: int | None = None
    every: int | None = None
    probability: float | None = None
    seed: int = 0
    times: int | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    id: str = ""

    def matches(self, crm: str, route: str, record: str | None) -> bool:
        """Whether a call or a record is one of those that this fault is about."""
        return (
            self.crm in (None, crm)
            and (self.route is None or self.route in route)
            and ("record" not in self.params or self.params["record"] == record)
        )


class FaultBoard:
    """The faults that are switched on, how often each was asked and fired, and the calls by route."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.fired: dict[str, int] = {}
        self.seen: dict[str, int] = {}
        self.calls: Counter[tuple[str, str]] = Counter()
        self._faults: dict[str, Fault] = {}
        self._dice: dict[str, random.Random] = {}
        self._added = 0
        self._switch: Callable[[Fault, bool], None] | None = None
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> Fault:
        """Switch a fault on; returns it with the id under which it is counted."""
        self._added += 1
        known = replace(fault, id=fault.id or f"f{self._added}")
        self._faults[known.id] = known
        self._dice[known.id] = random.Random(known.seed)  # noqa: S311
        self.seen[known.id] = self.fired[known.id] = 0
        self._tell(known, True)
        return known

    def remove(self, fault_id: str) -> bool:
        """Switch one fault off; what it counted stays readable. False when there is none."""
        fault = self._faults.pop(fault_id, None)
        if fault is not None:
            self._tell(fault, False)
        return fault is not None

    def clear(self) -> None:
        """Switch all faults off."""
        for fault_id in tuple(self._faults):
            self.remove(fault_id)

    def on_switch(self, switch: Callable[[Fault, bool], None]) -> None:
        """Call this whenever a fault goes on (True) or off; at once for those that are on."""
        self._switch = switch
        for fault in self:
            switch(fault, True)

    def count(self, fault: Fault, times: int) -> None:
        """Count what a fault did that nobody asked the board about."""
        self.fired[fault.id] += times

    def has(self, kind: str, crm: str) -> bool:
        """Whether a fault of this kind is on for a CRM."""
        return any(fault.kind == kind and fault.crm in (None, crm) for fault in self)

    def hit(self, kind: str, *, crm: str, route: str = "", record: str | None = None) -> Fault | None:
        """The fault of this kind that happens now, if any; asking counts as a call."""
        return next(iter(self.hits((kind,), crm=crm, route=route, record=record)), None)

    def hits(
        self, kinds: Iterable[str], *, crm: str, route: str = "", record: str | None = None
    ) -> list[Fault]:
        """All faults of these kinds that happen now, in the order in which they were added."""
        asked = [
            fault
            for fault in self._faults.values()
            if fault.kind in kinds and fault.matches(crm, route, record)
        ]
        return [fault for fault in asked if self._fires(fault)]

    def listing(self) -> list[dict[str, object]]:
        """Every fault that is on, with how often it was asked and how often it happened."""
        return [
            {**described(fault), "seen": self.seen[fault.id], "fired": self.fired[fault.id]} for fault in self
        ]

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults.values()))

    def __len__(self) -> int:
        return len(self._faults)

    def _tell(self, fault: Fault, on: bool) -> None:
        if self._switch is not None:
            self._switch(fault, on)

    def _fires(self, fault: Fault) -> bool:
        self.seen[fault.id] += 1
        fires = self._due(fault, self.seen[fault.id]) and self.fired[fault.id] < _most(fault)
        self.fired[fault.id] += fires
        return fires

    def _due(self, fault: Fault, call: int) -> bool:
        if fault.nth is not None:
            return call >= fault.nth
        if fault.every is not None:
            return call % fault.every == 0
        if fault.probability is not None:
            return self._dice[fault.id].random() < fault.probability
        return True


def _most(fault: Fault) -> float:
    if fault.times is not None:
        return fault.times
    return 1 if fault.nth is not None else float("inf")


def described(fault: Fault) -> dict[str, object]:
    """A fault as plain data, without what was not set."""
    own = {name: getattr(fault, name) for name in _OWN if getattr(fault, name) is not None}
    return {"id": fault.id, **own, **fault.params}


_OWN = tuple(f.name for f in fields(Fault) if f.name not in ("id", "params"))
_NUMBERS = {"nth": int, "every": int, "probability": float, "seed": int, "times": int}


def parse(text: str) -> Fault:
    """A fault from `kind=429,crm=hubspot,route=/search,nth=3`; raises FaultError."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    broken = [name for name, equals, _ in pairs if not equals]
    if broken:
        raise FaultError(
            f'"{broken[0].strip()}" is not NAME=VALUE; write a fault like kind=429,crm=hubspot,nth=3.'
        )
    return from_mapping({name.strip(): value.strip() for name, _, value in pairs})


def from_mapping(given: Mapping[str, object]) -> Fault:
    """A fault from names and values; names of its own are read, all others become its params."""
    known = {name: _read(name, str(value)) for name, value in given.items() if name in _OWN}
    params = {name: str(value) for name, value in given.items() if name not in (*_OWN, "id")}
    _check_word("kind", str(known.get("kind", "")), KINDS)
    if "crm" in known:
        _check_word("crm", str(known["crm"]), CRMS)
    return Fault(**known, params=params, id=str(given.get("id", "")))  # type: ignore[arg-type]


def _read(name: str, value: str) -> str | int | float:
    if name not in _NUMBERS:
        return value
    try:
        number: int | float = _NUMBERS[name](value)
    except ValueError:
        raise FaultError(f'{name} must be a number, not "{value}".') from None
    if number < 0 or (name in ("nth", "every") and number < 1):
        raise FaultError(f"{name} must be {0 if name == 'probability' else 1} or more, not {number}.")
    if name == "probability" and number > 1:
        raise FaultError(f"probability must be at most 1, not {number}.")
    return number


def _check_word(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value in allowed:
        return
    near = difflib.get_close_matches(value, allowed, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"use one of {', '.join(allowed)}."
    raise FaultError(f'There is no {name} "{value}"; {hint}' if value else f"A fault needs a {name}; {hint}")

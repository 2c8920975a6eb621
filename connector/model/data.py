"""Values of the model as JSON and back, by their types."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from connector.model.lead import Ref

_PLAIN = frozenset({str, int, float, bool, NoneType})
_A_MICROSECOND = timedelta(microseconds=1)


def plain(value: Any) -> Any:
    """A value of the model as JSON values; of a dataclass only what differs from its defaults.

    TypeError for anything that `typed` could not read back.
    """
    if value is None or isinstance(value, str | int | float):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Ref):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value // _A_MICROSECOND
    if is_dataclass(value):
        return {f.name: plain(held) for f, held in _said(value)}
    if isinstance(value, Mapping):
        if all(type(key) is str for key in value):
            return {key: held if type(held) in _PLAIN else plain(held) for key, held in value.items()}
        if all(isinstance(key, str | Ref) for key in value):
            return {str(key): plain(held) for key, held in value.items()}
        return [[plain(key), plain(held)] for key, held in value.items()]
    if isinstance(value, Set):
        return sorted((plain(held) for held in value), key=repr)
    if isinstance(value, Sequence):
        return [plain(held) for held in value]
    raise TypeError(f"{type(value).__name__} has no form as data yet; teach connector.model.data")


def _said(value: Any) -> Iterable[tuple[Field[Any], Any]]:
    return ((f, held) for f in fields(value) if (held := getattr(value, f.name)) != _default(f))


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def typed(kind: Any, data: Any) -> Any:
    """Read back what `plain` wrote, as a value of this type."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        kinds = [one for one in inner if one is not NoneType]
        return typed(kinds[0], data) if data is not None and len(kinds) == 1 else data
    if kind is Any or origin is Literal or data is None:
        return data
    base = origin or kind
    if issubclass(base, Mapping):
        return _mapping(base, inner, data)
    if issubclass(base, tuple) and inner and inner[-1] is not Ellipsis:
        return tuple(typed(one, held) for one, held in zip(inner, data, strict=True))
    if issubclass(base, Sequence | Set) and not issubclass(base, str):
        held = (typed(inner[0] if inner else Any, one) for one in data)
        return tuple(held) if issubclass(base, tuple) else _container(base)(held)
    return _scalar(base, data)


def _mapping(base: type, inner: tuple[Any, ...], data: Any) -> dict[Any, Any]:
    key, kind = inner if len(inner) == 2 else (inner[0] if inner else str, Any)
    pairs = data.items() if isinstance(data, Mapping) else data
    return {typed(key, one): typed(kind, held) for one, held in pairs}


def _container(base: type) -> type:
    return frozenset if issubclass(base, Set) else list


def _scalar(base: Any, data: Any) -> Any:
    if base is Ref:
        return Ref.parse(data)
    if issubclass(base, datetime | date | time):
        return base.fromisoformat(data)
    if issubclass(base, timedelta):
        return data * _A_MICROSECOND
    if issubclass(base, Enum):
        return base(data)
    if is_dataclass(base):
        kinds = types_of(cast("Any", base))
        return base(**{name: typed(kinds[name], held) for name, held in data.items()})  # type: ignore[operator]
    return data


@cache
def types_of(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's fields."""
    return get_type_hints(kind)

"""The distribution methods, by the name that `pick` uses."""

from collections.abc import Mapping
from typing import Any

from connector.routing.methods.base import Method
from connector.routing.methods.best_fit import BestFit
from connector.routing.methods.by_group import ByGroup
from connector.routing.methods.by_value import ByValue
from connector.routing.methods.cherry_pick import CherryPick
from connector.routing.methods.fastest import Fastest
from connector.routing.methods.first_in_list import FirstInList
from connector.routing.methods.least_loaded import LeastLoaded
from connector.routing.methods.most_skilled import MostSkilled
from connector.routing.methods.named import Named
from connector.routing.methods.round_robin import RoundRobin
from connector.routing.methods.top_performer import TopPerformer

METHODS: Mapping[str, type[Method[Any]]] = {
    "round_robin": RoundRobin,
    "least_loaded": LeastLoaded,
    "most_skilled": MostSkilled,
    "top_performer": TopPerformer,
    "best_fit": BestFit,
    "by_value": ByValue,
    "by_group": ByGroup,
    "fastest": Fastest,
    "named": Named,
    "first_in_list": FirstInList,
    "cherry_pick": CherryPick,
}

__all__ = ["METHODS", "Method", "name_of", "schema"]


def name_of(method: Method[Any]) -> str:
    """The name by which `pick` knows a method."""
    return next(name for name, kind in METHODS.items() if type(method) is kind)


def schema() -> dict[str, Any]:
    """What `pick` may be, as a JSON Schema: a name, or a table of a name and that method's options."""
    tables = [_table(name, method) for name, method in METHODS.items()]
    plain = [table["properties"]["method"]["const"] for table in tables if table["required"] == ["method"]]
    return {"anyOf": [{"enum": plain}, *tables]}


def _inlined(part: Any, definitions: Mapping[str, Any]) -> Any:
    """A part of a schema with the types that it refers to written out, so that it may stand anywhere."""
    if isinstance(part, list):
        return [_inlined(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(definitions[part["$ref"].rpartition("/")[2]], definitions)
    return {key: _inlined(value, definitions) for key, value in part.items() if key != "$defs"}


def _table(name: str, method: type[Method[Any]]) -> dict[str, Any]:
    written = method.takes.model_json_schema()
    options: dict[str, Any] = _inlined(written, written.get("$defs", {}))
    options["properties"] = {"method": {"const": name}, **options.get("properties", {})}
    options["required"] = ["method", *options.get("required", [])]
    return options

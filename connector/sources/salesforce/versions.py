"""Versions of Salesforce's API: what the connector needs, and since when there is it."""

from collections.abc import Mapping, Sequence
from typing import Any

from connector.sources.salesforce.connection import Connection

SINCE: Mapping[str, float] = {
    "deleted records in queries, and getUpdated": 31.0,
    "requests with conditions inside a composite request": 38.0,
    "200 records changed by one call": 42.0,
}
"""First version with each thing that the connector uses; Salesforce has switched all before 31.0 off."""


def version_problem(connection: Connection) -> str | None:
    """Why the configured version cannot be used, or None."""
    wanted = float(connection.version)
    lacking = [what for what, since in SINCE.items() if wanted < since]
    if lacking:
        return f"api_version {wanted} lacks {lacking[-1]}; use {max(SINCE.values())} or later"
    # The library's way to the address above the version's own: /services/data/
    offered = connection.call("metadata", lambda sf: sf.restful("../"))
    numbers = _numbers(offered or ())
    if wanted in numbers:
        return None
    span = f"{min(numbers)} to {max(numbers)}" if numbers else "none"
    return f"this org does not offer api_version {wanted}; it offers {span}"


def _numbers(offered: Sequence[Mapping[str, Any]]) -> list[float]:
    return [float(each["version"]) for each in offered]

"""The distribution methods, by the name that `pick` uses."""

from collections.abc import Mapping

from connector.routing.methods.base import Method, Pick
from connector.routing.methods.first_in_list import FirstInList
from connector.routing.methods.round_robin import RoundRobin

METHODS: Mapping[str, type[Method]] = {
    "round_robin": RoundRobin,
    "first_in_list": FirstInList,
}

__all__ = ["METHODS", "Method", "Pick"]

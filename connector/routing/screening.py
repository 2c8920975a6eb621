"""Reasons to turn a lead away before anyone spends time on it."""

from collections.abc import Iterable, Iterator

from connector.routing.facts import Facts
from connector.routing.policy import Screen


def against(screens: Iterable[Screen], facts: Facts) -> Iterator[Screen]:
    """The screens that turn the lead away, in the order of the file."""
    return (screen for screen in screens if screen.condition.holds(facts) != screen.required)

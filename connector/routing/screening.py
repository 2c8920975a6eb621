"""Reasons to turn a lead away before anyone spends time on it."""

from collections.abc import Iterable

from connector.routing.facts import Facts
from connector.routing.policy import Screen


def first_screen(screens: Iterable[Screen], facts: Facts) -> Screen | None:
    """The first screen that turns the lead away, or None."""
    return next((screen for screen in screens if screen.condition.holds(facts) != screen.required), None)

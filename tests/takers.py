"""Daemons that take writes from an outbox, on clocks that stand still or move when told to."""

from collections.abc import Callable
from datetime import datetime

from connector.store.outbox import Taker
from connector.store.steady import SteadyClock
from tests.conftest import NOW


def a_taker(name: str = "host/1/a", now: Callable[[], datetime] = lambda: NOW) -> Taker:
    """A daemon whose ticks pass as its clock does."""
    return Taker(name, SteadyClock(now, lambda: now().timestamp()))

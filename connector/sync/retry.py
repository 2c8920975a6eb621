"""How often and how long to try again when a CRM is busy."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_base

from connector.sources.base import SourceBusy

ATTEMPTS = 6
"""Tries of one call within a cycle; after that its work is postponed to a later one."""

FIRST, LONGEST = timedelta(milliseconds=250), timedelta(seconds=20)
_LATER_FIRST, _LATER_LONGEST = timedelta(seconds=15), timedelta(hours=1)


class _Backoff(wait_base):
    """Decorrelated jitter (M. Brooker, AWS Architecture Blog, 2015), or the CRM's own `retry_after`."""

    def __init__(self, random: Random):
        self._random = random
        self._last = FIRST.total_seconds()

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        named = error.retry_after if isinstance(error, SourceBusy) else None
        if named is not None:
            return named.total_seconds()
        first = FIRST.total_seconds()
        self._last = min(LONGEST.total_seconds(), self._random.uniform(first, 3 * self._last))
        return self._last


class _TooLong:
    """Ends the tries when a CRM names a wait that is better spent elsewhere."""

    def __call__(self, retry_state: RetryCallState) -> bool:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        named = error.retry_after if isinstance(error, SourceBusy) else None
        return named is not None and named > LONGEST


def retrying(pause: Callable[[float], None], random: Random) -> Retrying:
    """A policy for one call to a CRM: tries again on SourceBusy, and raises the last one at the end."""
    return Retrying(
        retry=retry_if_exception_type(SourceBusy),
        wait=_Backoff(random),
        stop=stop_after_attempt(ATTEMPTS) | _TooLong(),  # type: ignore[operator]
        sleep=pause,
        reraise=True,
    )


def later(attempts: int, random: Random, named: timedelta | None = None) -> timedelta:
    """When to take up a write again that failed `attempts` times: doubling from 15 seconds to an hour."""
    if named is not None:
        return named
    doubled = _LATER_FIRST * 2 ** min(attempts - 1, 10)
    wait: timedelta = min(_LATER_LONGEST, doubled) * random.uniform(0.8, 1.2)
    return wait

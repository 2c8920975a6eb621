"""Whether the token may do what is coming, tried out before the first lead."""

from collections.abc import Callable, Iterator
from functools import partial

from connector.sources.base import SourceLocked
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.objects import COMPANIES, CONTACTS, DEALS
from connector.sources.settings import HubSpotSettings

_NOT_SIGNED_IN = frozenset({"INVALID_AUTHENTICATION", "EXPIRED_AUTHENTICATION", "401"})
NOBODY = "0"
"""The id of no record: an update of it changes nothing, and is refused to who may not write."""

Problems = Iterator[str]


def told(check: Callable[[], Problems]) -> Problems:
    """The problems that a check finds; a missing permission is one more."""
    try:
        yield from check()
    except SourceLocked as error:
        if error.code in _NOT_SIGNED_IN:
            raise
        yield str(error)


def right_problems(connection: Connection, settings: HubSpotSettings) -> list[str]:
    """The permissions that are missing; SourceLocked when there is none at all."""
    trials = list(_trials(connection, settings))
    found = [list(told(partial(_tried, trial))) for trial in trials]
    problems = [problem for each in found for problem in each]
    if all(found):
        raise SourceLocked("; ".join(dict.fromkeys(problems)), "MISSING_SCOPES")
    return problems


def _trials(connection: Connection, settings: HubSpotSettings) -> Iterator[Callable[[], object]]:
    needed = dict.fromkeys((settings.object, CONTACTS, DEALS))
    if settings.read_company or settings.partner_link:
        needed[COMPANIES] = None
    for object_type in needed:
        yield partial(connection.call, "metadata", connection.single.get_page, object_type, limit=1)
    nobody = {"inputs": [{"id": NOBODY, "properties": {}}]}
    yield partial(connection.call, "metadata", connection.batch.update, settings.object, nobody)


def _tried(trial: Callable[[], object]) -> Problems:
    trial()
    return iter(())

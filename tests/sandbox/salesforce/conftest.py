"""A pretend org on a port of its own, with a clock that a test moves by hand."""

from collections.abc import Iterator

import pytest

from connector.sandbox.salesforce import Org
from tests.sandbox.salesforce.serving import Client, Clock, Served, Server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One HTTP server for all tests."""
    with Server() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    """The org's clock."""
    return Clock()


@pytest.fixture
def served(server: Server, clock: Clock) -> Served:
    """An org with its programme, and no leads."""
    org = Org(clock)
    org.seed_programme()
    return Served(server, org)


@pytest.fixture
def org(served: Served) -> Org:
    """The org itself; tests touch it only in between two requests."""
    return served.org


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    """A client that is logged in as the integration user."""
    client = Client(served.url)
    yield client
    client.http.close()

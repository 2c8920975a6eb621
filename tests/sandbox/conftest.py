"""The whole sandbox with a few leads, standing still in time."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import Sandbox

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
TOKEN = {"Authorization": "Bearer pat-na1-sandbox"}


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    """One sandbox for the tests of a module."""
    with Sandbox(seed=1, leads=40, clock=SandboxClock(START)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    """The module's sandbox without faults, and with no calls counted."""
    running.run(running.board.clear)
    running.run(running.board.calls.clear)
    yield running
    running.run(running.board.clear)


@pytest.fixture
def http() -> Iterator[requests.Session]:
    """A plain HTTP client with HubSpot's token."""
    with requests.Session() as session:
        session.headers.update(TOKEN)
        yield session

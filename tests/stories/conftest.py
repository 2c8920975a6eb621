"""A world for each story."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import Sandbox
from tests.conftest import NOW
from tests.stories.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Sandbox(seed=7, leads=60, clock=SandboxClock(NOW)) as sandbox:
        yield World(sandbox, tmp_path)

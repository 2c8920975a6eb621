"""What every proof starts from, and the totals of all of them at the end."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.server import Sandbox
from tests.chaos.nursery import Nursery
from tests.chaos.run import Fire
from tests.chaos.tally import Tally, together

_tallies: list[dict[str, Any]] = []


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as running:
        yield running


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Both CRMs with their people and no leads yet."""
    with Sandbox([], []) as running:
        yield running


@pytest.fixture
def tally(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[Tally]:
    """Counts what happens in a proof, and says so at its end."""
    counting = Tally()
    yield counting
    request.node.user_properties.append(("tally", counting.as_data()))
    with capsys.disabled():
        print(f"\n{request.node.name}: {counting.told()}")  # noqa: T201  # the totals are what a proof is for


@pytest.fixture
def fire(nursery: Nursery, sandbox: Sandbox, tmp_path: Path, tally: Tally) -> Fire:
    """A programme on SQLite; the processes are still to be started."""
    return Fire(tmp_path, nursery, sandbox, f"sqlite:///{tmp_path}/connector.db", tally)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collect the totals of each proof."""
    if report.when == "teardown":
        _tallies.extend(data for name, data in report.user_properties if name == "tally")  # type: ignore[misc]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The totals of all proofs in one line."""
    if _tallies:
        whole = together(_tallies)
        runs = f"{len(_tallies)} proofs, {whole.found} times judged by the CRMs' own records"
        terminalreporter.write_line(f"all together: {runs}: {whole.told()}")

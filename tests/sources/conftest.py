"""The CRMs that the contract suite is asked of."""

from collections.abc import Iterator
from importlib import import_module

import pytest

from tests.sources.contract import Bench, SandboxBench

SANDBOX_CRMS = ("salesforce", "hubspot")


@pytest.fixture(params=SANDBOX_CRMS)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """One CRM: the class `BENCH` of `bench_<name>.py`."""
    yield from _opened(request.param)


@pytest.fixture(params=SANDBOX_CRMS)
def sandbox_bench(request: pytest.FixtureRequest) -> Iterator[SandboxBench]:
    """One CRM of the sandbox, where faults can be switched on."""
    yield from _opened(request.param)


def _opened(name: str) -> Iterator[SandboxBench]:
    made: SandboxBench = import_module(f"tests.sources.bench_{name}").BENCH()
    yield made
    made.close()

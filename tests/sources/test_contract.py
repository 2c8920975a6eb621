"""What `sources/base.py` promises, asked of every CRM over real HTTP."""

from collections.abc import Iterator
from importlib import import_module

import pytest

from tests.sources.contract import Bench

CRMS = ("salesforce", "hubspot")


@pytest.fixture(params=CRMS)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """One CRM: the class `BENCH` of `bench_<name>.py`."""
    made: Bench = import_module(f"tests.sources.bench_{request.param}").BENCH()
    yield made
    made.close()

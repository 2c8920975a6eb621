"""The CRMs that the contract suite is asked of."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import responses

from tests.sources.contract import Bench, SandboxBench
from tests.sources.salesforce_wire import DATA, DATE, HOST, LEAD, TOKEN

SANDBOX_CRMS = ("salesforce", "hubspot", "hubspot_leads")


@pytest.fixture(params=(*SANDBOX_CRMS, "csv"))
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """One CRM: the class `BENCH` of `bench_<name>.py`."""
    yield from _opened(request.param)


@pytest.fixture(params=SANDBOX_CRMS)
def sandbox_bench(request: pytest.FixtureRequest) -> Iterator[SandboxBench]:
    """One CRM of the sandbox, where faults can be switched on."""
    yield from _opened(request.param)


def _opened(name: str) -> Iterator[Any]:
    made = import_module(f"tests.sources.bench_{name}").BENCH()
    yield made
    made.close()


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    """A network on which Salesforce gives tokens and describes Lead, and answers the rest as told."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.post(TOKEN, json={"access_token": "tok-1", "instance_url": HOST})
        mock.get(f"{DATA}/sobjects/Lead/describe", json=LEAD, headers=DATE)
        yield mock

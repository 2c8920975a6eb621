"""Ways into HubSpot: tokens that last, and tokens that are renewed in time, once, for everyone."""

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from connector.sandbox.faults import Fault
from connector.sources.base import Source, SourceBusy, SourceLocked, Update
from connector.sources.hubspot import HubSpotSource
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.tokens import RefreshedToken
from connector.sources.settings import HubSpotSettings
from tests.sources.bench_hubspot import HubSpotBench
from tests.sources.contract import ALWAYS, ANKE

CLIENT = ("sandbox-client", "sandbox-secret")
REFRESH = "refresh-sandbox"


@pytest.fixture
def bench() -> Iterator[HubSpotBench]:
    made = HubSpotBench()
    yield made
    made.close()


class Watch:
    """A watch that moves with the sandbox's clock."""

    def __init__(self, bench: HubSpotBench):
        self._bench = bench

    def __call__(self) -> float:
        return self._bench.now().timestamp()


def oauth(bench: HubSpotBench, secret: str = CLIENT[1], refresh: str = REFRESH, **keys: Any) -> Source:
    """A source that signs in with a refresh token, on the sandbox's time."""
    settings = HubSpotSettings.model_validate({**bench.table(), **keys})
    login = RefreshedToken(CLIENT[0], secret, refresh, Watch(bench))
    connection = Connection(login=login, version=settings.api_version, base_url=settings.base_url)
    return bench.closing(HubSpotSource("hubspot", settings, connection))


def issued(bench: HubSpotBench) -> int:
    """How many access tokens HubSpot was asked for."""
    counted = bench.sandbox.run(lambda: dict(bench.sandbox.board.calls))
    return sum(n for (_, route), n in counted.items() if "oauth" in route)


@pytest.mark.parametrize("version", ["v3", "2026-03", "2026-09"])
def test_a_refresh_token_is_enough_to_work_on_every_version(bench: HubSpotBench, version: str) -> None:
    (lead,) = bench.many(1)
    bench.wait()
    source = oauth(bench, api_version=version)
    assert len(source.read_changed(ALWAYS, None, None).leads) == 1
    assert list(source.write([Update(lead, {"owner": ANKE})])) == [None]
    assert issued(bench) == 1


def test_a_token_is_renewed_before_it_expires(bench: HubSpotBench) -> None:
    bench.many(1)
    source = oauth(bench)
    for _ in range(7):
        source.read_changed(ALWAYS, None, None)
        bench.wait(600)
    assert issued(bench) == 3  # half-hour tokens, in an hour and ten minutes
    assert source.calls.total() == 7  # none was refused


def test_a_token_that_was_revoked_is_renewed_once_and_the_call_repeated(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    bench.wait()
    source = oauth(bench)
    source.read([lead])
    bench.sandbox.run(lambda: bench.portal.access.tokens.clear())
    assert list(source.write([Update(lead, {"reason": "r"})])) == [None]
    assert bench.look(lead)["reason"] == "r"
    assert issued(bench) == 2


def test_many_threads_renew_one_token_once(bench: HubSpotBench) -> None:
    leads = bench.many(8)
    bench.wait()
    source = oauth(bench)
    source.read(leads[:1])
    bench.sandbox.run(lambda: bench.portal.access.tokens.clear())
    found: list[str] = []
    threads = [threading.Thread(target=lambda lead=lead: found.extend(source.read([lead]))) for lead in leads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(leads)
    assert issued(bench) == 2


def test_a_refresh_token_that_is_worth_nothing_names_the_settings_to_check(bench: HubSpotBench) -> None:
    for source in (oauth(bench, refresh="worthless-4711"), oauth(bench, secret="wrong-4711")):
        with pytest.raises(SourceLocked, match=r"check login\.client_id") as caught:
            source.read_changed(ALWAYS, None, None)
        assert "4711" not in repr(caught.value)


def test_a_token_endpoint_in_trouble_is_busy(bench: HubSpotBench) -> None:
    for kind in ("503", "429", "reset_before", "malformed_json"):
        bench.fault(Fault(kind, route="/oauth/"))
        with pytest.raises(SourceBusy):
            oauth(bench).read_changed(ALWAYS, None, None)
        bench.no_more_faults()


def test_a_lasting_401_ends_after_one_renewal(bench: HubSpotBench) -> None:
    bench.fault(Fault("401", route="/crm/"))
    source = oauth(bench)
    with pytest.raises(SourceLocked):
        source.read_changed(ALWAYS, None, None)
    assert issued(bench) == 2
    assert source.calls["pull"] == 2


def test_a_replaced_refresh_token_is_used_from_then_on_and_said() -> None:
    time, seen = [0.0], []

    def fetch(form: Mapping[str, str]) -> Mapping[str, Any]:
        seen.append(form["refresh_token"])
        return {"access_token": f"access-{len(seen)}", "refresh_token": "second-secret", "expires_in": 1800}

    login = RefreshedToken("id", "client-secret", "first-secret", lambda: time[0])
    with capture_logs() as told:
        assert login.token(fetch) == "access-1"
    assert [entry["event"] for entry in told] == ["hubspot.refresh_token_replaced"]
    assert "-secret" not in str(told)
    time[0] = 1499.0
    assert login.token(fetch) == "access-1"
    time[0] = 1500.0
    assert login.token(fetch) == "access-2"
    assert login.renew("access-2", fetch)
    assert seen == ["first-secret", "second-secret", "second-secret"]


def test_the_table_names_an_oauth_login_by_references(bench: HubSpotBench, tmp_path: Path) -> None:
    bench.many(1)
    for name, value in (("id", CLIENT[0]), ("secret", CLIENT[1]), ("refresh", REFRESH)):
        (tmp_path / name).write_text(value, encoding="utf-8")
    login = {
        "flow": "oauth",
        "client_id": f"file:{tmp_path}/id",
        "client_secret": f"file:{tmp_path}/secret",
        "refresh_token": f"file:{tmp_path}/refresh",
    }
    assert len(bench.source(login=login).read_changed(ALWAYS, None, None).leads) == 1

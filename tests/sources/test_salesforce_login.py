"""Logging in to Salesforce: by client credentials and by JWT, renewed once, telling no secret."""

import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connector.sandbox.faults import Fault
from connector.sandbox.salesforce.sessions import App
from connector.sources.base import SourceBusy, SourceError, SourceLocked, Update
from tests.sources.bench_salesforce import KEY, SalesforceBench
from tests.sources.contract import ANKE
from tests.sources.salesforce_wire import DATA, HOST, NONE, TOKEN, a_source

INTEGRATION = "integration@acme.example"


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def org(private_key: rsa.RSAPrivateKey) -> Iterator[SalesforceBench]:
    """An org with an app that knows the public key."""
    bench = SalesforceBench()
    public = private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    app = App("sandbox-key", "sandbox-secret", INTEGRATION, public.decode(), {INTEGRATION})
    bench.org.apps["sandbox-key"] = app
    yield bench
    bench.close()


def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def by_jwt(reference: str, **keys: Any) -> dict[str, Any]:
    said = {"flow": "jwt_bearer", "domain": "acme.my", "key": KEY, "username": INTEGRATION}
    return {"login": {**said, "private_key": reference, **keys}}


def locked(ask: Callable[[], object]) -> str:
    """Everything that the error with which something fails would show."""
    with pytest.raises(SourceLocked) as caught:
        ask()
    return "".join(traceback.format_exception(caught.value)) + repr(caught.value)


@pytest.mark.parametrize("sandbox", [False, True])
def test_a_key_from_a_file_signs_in(
    org: SalesforceBench, private_key: rsa.RSAPrivateKey, tmp_path: Path, sandbox: bool
) -> None:
    (lead,) = org.many(1)
    path = tmp_path / "server.key"
    path.write_text(pem(private_key))
    source = org.source(**by_jwt(f"file:{path}", sandbox=sandbox))
    assert source.read([lead]).keys() == {lead}


def test_a_key_from_the_environment_may_stand_on_one_line(
    org: SalesforceBench, private_key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lead,) = org.many(1)
    monkeypatch.setenv("SF_PRIVATE_KEY", pem(private_key).replace("\n", "\\n"))
    assert org.source(**by_jwt("env:SF_PRIVATE_KEY")).read([lead]).keys() == {lead}


@pytest.mark.parametrize(("sandbox", "audience"), [(False, "login"), (True, "test")])
def test_the_audience_is_the_one_of_sandboxes_or_of_production(
    wire: responses.RequestsMock,
    private_key: rsa.RSAPrivateKey,
    monkeypatch: pytest.MonkeyPatch,
    sandbox: bool,
    audience: str,
) -> None:
    from connector.sources.salesforce.connection import Connection
    from connector.sources.salesforce.login import JwtBearer

    wire.get(f"{DATA}/query/", json=NONE)
    login = JwtBearer("acme.my", "the-app", INTEGRATION, pem(private_key), sandbox=sandbox)
    Connection(login=login, version="66.0", base_url=None).query("pull", "SELECT Id FROM Lead")
    form = dict(part.split("=") for part in str(wire.calls[0].request.body).split("&"))
    assert wire.calls[0].request.url == TOKEN
    claims = jwt.decode(form["assertion"], options={"verify_signature": False})
    assert (claims["iss"], claims["sub"]) == ("the-app", INTEGRATION)
    assert claims["aud"] == f"https://{audience}.salesforce.com"


@pytest.mark.parametrize(
    "broken", ["no key at all", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_a_key_that_cannot_be_read_is_told_without_showing_it(
    org: SalesforceBench, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setenv("SF_PRIVATE_KEY", broken)
    told = locked(lambda: org.source(**by_jwt("env:SF_PRIVATE_KEY")).read(["00Q"]))
    assert "login.private_key is not an RSA private key in PEM" in told
    assert "AAAA" not in told
    assert "no key at all" not in told


def test_a_user_who_did_not_approve_the_app_is_told_without_its_key(
    org: SalesforceBench, private_key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SF_PRIVATE_KEY", pem(private_key))
    org.org.apps["sandbox-key"].approved.clear()
    org.org.apps["sandbox-key"].approved.add("somebody@else.example")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        told = locked(lambda: org.source(**by_jwt("env:SF_PRIVATE_KEY")).read(["00Q"]))
    assert "user hasn't approved this consumer" in told
    assert "sandbox-key" not in told
    assert not warned


def test_a_key_that_the_app_does_not_know_is_refused(
    org: SalesforceBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    monkeypatch.setenv("SF_PRIVATE_KEY", pem(other))
    assert "invalid_grant" in locked(lambda: org.source(**by_jwt("env:SF_PRIVATE_KEY")).read(["00Q"]))


def test_an_inactive_run_as_user_is_told(org: SalesforceBench) -> None:
    org.sandbox.run(
        lambda: org.org.edit(
            org.org.owner_id(INTEGRATION), {"IsActive": False}, by=INTEGRATION, object="User"
        )
    )
    assert "inactive_user" in locked(lambda: org.source().read(["00Q"]))


def test_eight_threads_renew_an_expired_token_once(org: SalesforceBench) -> None:
    leads = org.many(8)
    source = org.source()
    source.read(leads)
    org.expire_tokens()
    before = org.org.sessions.given
    start = threading.Barrier(8)
    failed: list[SourceError] = []

    def work(lead: str) -> None:
        start.wait()
        try:
            source.read([lead])
        except SourceError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(lead,)) for lead in leads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert org.org.sessions.given == before + 1


def test_a_token_that_expires_between_two_calls_costs_no_owner(org: SalesforceBench) -> None:
    """An active assignment rule would give every one of these to its queue."""
    leads = org.many(200)
    org.wait()
    source = org.source()
    assert org.org.settings.assignment_rule_active
    for some in (leads[:100], leads[100:]):
        org.expire_tokens()
        assert set(source.write([Update(lead, {"owner": ANKE}) for lead in some])) == {None}
    assert {org.look(lead)["owner"] for lead in leads} == {ANKE}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ({"status": 503, "body": "<html>"}, SourceBusy),
        ({"status": 200, "body": "<html>"}, SourceBusy),
        ({"status": 200, "json": {"strange": 1}}, SourceBusy),
        ({"status": 400, "json": {"error": "unknown_error", "error_description": "retry"}}, SourceBusy),
        (
            {"status": 400, "json": {"error": "invalid_grant", "error_description": "login rate exceeded"}},
            SourceBusy,
        ),
        ({"status": 400, "json": {"error": "invalid_client", "error_description": "x"}}, SourceLocked),
        ({"status": 403, "body": "<html>"}, SourceLocked),
    ],
)
def test_a_login_that_fails_has_a_meaning_too(
    wire: responses.RequestsMock, reply: Any, expected: type[SourceError]
) -> None:
    wire.replace(responses.POST, TOKEN, **reply)
    with pytest.raises(expected):
        a_source().read(["1"])
    assert not [call for call in wire.calls if str(call.request.url).startswith(f"{HOST}/services/data")]


def test_a_login_that_is_refused_for_a_while_works_again(org: SalesforceBench) -> None:
    (lead,) = org.many(1)
    source = org.source()
    org.fault(Fault("503", route="oauth2/token"))
    with pytest.raises(SourceBusy):
        source.read([lead])
    org.no_more_faults()
    assert source.read([lead]).keys() == {lead}

"""What goes wrong on the wire, as a client sees it."""

import contextlib
import http.client
import json
import time
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
import requests

from connector.sandbox.faults import Fault, parse
from connector.sandbox.server import Sandbox
from tests.sandbox.conftest import START, TOKEN

OWNERS = "/crm/v3/owners"
SEARCH = "/crm/v3/objects/contacts/search"
CONTACTS = "/crm/v3/objects/contacts"


def _add(sandbox: Sandbox, text: str) -> Fault:
    return sandbox.run(sandbox.board.add, parse(text))


def _fired(sandbox: Sandbox, fault: Fault) -> int:
    return sandbox.board.fired[fault.id]


def test_a_session_expires_once(sandbox: Sandbox, http: requests.Session) -> None:
    fault = _add(sandbox, "kind=401,crm=salesforce,nth=1")
    answer = http.get(sandbox.salesforce_url + "/services/data/v62.0/limits", timeout=5)
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    assert _fired(sandbox, fault) == 1


@pytest.mark.parametrize(
    ("reason", "code", "message"),
    [
        ("daily", "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        ("concurrent", "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
        ("permission", "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"),
    ],
)
def test_salesforce_refuses_with_403(
    sandbox: Sandbox, http: requests.Session, reason: str, code: str, message: str
) -> None:
    _add(sandbox, f"kind=403,crm=salesforce,reason={reason}")
    answer = http.get(sandbox.salesforce_url + "/services/data/v62.0/limits", timeout=5)
    assert (answer.status_code, answer.json()) == (403, [{"message": message, "errorCode": code}])


def test_a_refused_token_request_has_the_shape_of_oauth(sandbox: Sandbox, http: requests.Session) -> None:
    _add(sandbox, "kind=401,crm=salesforce,route=/services/oauth2/token")
    answer = http.post(sandbox.salesforce_url + "/services/oauth2/token", timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("kind=401", OWNERS, {"category": "INVALID_AUTHENTICATION"}),
        ("kind=401,reason=expired", OWNERS, {"category": "EXPIRED_AUTHENTICATION"}),
        ("kind=403", OWNERS, {"category": "MISSING_SCOPES"}),
        ("kind=429", OWNERS, {"policyName": "TEN_SECONDLY_ROLLING", "errorType": "RATE_LIMIT"}),
        ("kind=429,reason=daily", OWNERS, {"message": "You have reached your daily limit."}),
        ("kind=429,route=/search", SEARCH, {"category": "RATE_LIMITS"}),
    ],
)
def test_hubspot_refuses_in_its_own_words(
    sandbox: Sandbox, http: requests.Session, text: str, path: str, expected: dict[str, str]
) -> None:
    fault = _add(sandbox, f"crm=hubspot,{text}")
    answer = http.request("POST" if path == SEARCH else "GET", sandbox.hubspot_url + path, json={}, timeout=5)
    assert answer.status_code == int(fault.kind)
    assert answer.json().items() >= expected.items()
    assert "Retry-After" not in answer.headers
    assert answer.headers["X-HubSpot-Correlation-Id"] == answer.json()["correlationId"]
    assert answer.headers["Content-Type"].startswith("application/json")


def test_a_search_limit_names_no_policy(sandbox: Sandbox, http: requests.Session) -> None:
    _add(sandbox, "kind=429,crm=hubspot")
    assert "policyName" not in http.post(sandbox.hubspot_url + SEARCH, json={}, timeout=5).json()


def test_retry_after_comes_in_seconds_or_as_a_date(sandbox: Sandbox, http: requests.Session) -> None:
    _add(sandbox, "kind=429,nth=1,retry_after=7")
    _add(sandbox, "kind=503,nth=2,retry_after=date:90")
    first, second = (http.get(sandbox.hubspot_url + OWNERS, timeout=5) for _ in range(2))
    assert first.headers["Retry-After"] == "7"
    assert (parsedate_to_datetime(second.headers["Retry-After"]) - START).total_seconds() == 90


@pytest.mark.parametrize("status", ["500", "502", "503", "504", "524"])
def test_a_server_error_is_a_web_page(sandbox: Sandbox, http: requests.Session, status: str) -> None:
    _add(sandbox, f"kind={status}")
    for url in (sandbox.hubspot_url + OWNERS, sandbox.salesforce_url + "/services/data/v62.0/limits"):
        answer = http.get(url, timeout=5)
        assert answer.status_code == int(status)
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "<html>" in answer.text


def _contacts(sandbox: Sandbox) -> int:
    return sandbox.run(lambda: len(sandbox.portal.table("contacts")))


def test_an_error_before_the_effect_changes_nothing(sandbox: Sandbox, http: requests.Session) -> None:
    _add(sandbox, "kind=502,route=POST,nth=1")
    before = _contacts(sandbox)
    assert http.post(sandbox.hubspot_url + CONTACTS, json={"properties": {}}, timeout=5).status_code == 502
    assert _contacts(sandbox) == before


@pytest.mark.parametrize("text", ["kind=502,when=after,nth=1", "kind=524,nth=1"])
def test_an_error_after_the_effect_hides_what_was_done(
    sandbox: Sandbox, http: requests.Session, text: str
) -> None:
    _add(sandbox, text)
    before = _contacts(sandbox)
    answer = http.post(sandbox.hubspot_url + CONTACTS, json={"properties": {"firstname": "Ada"}}, timeout=5)
    assert answer.status_code in (502, 524)
    assert _contacts(sandbox) == before + 1


def _raw(sandbox: Sandbox, method: str, path: str, body: object = None) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(sandbox.hubspot_url).netloc, timeout=5)
    with contextlib.closing(connection):
        headers = {**TOKEN, "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        return connection.getresponse()


def test_a_reset_before_the_effect_cuts_the_connection(sandbox: Sandbox) -> None:
    fault = _add(sandbox, "kind=reset_before,crm=hubspot,nth=1")
    before = _contacts(sandbox)
    with pytest.raises(ConnectionResetError):
        _raw(sandbox, "POST", CONTACTS, {"properties": {"firstname": "Ada"}})
    assert (_contacts(sandbox), _fired(sandbox, fault)) == (before, 1)


def test_a_reset_after_the_effect_hides_what_was_done(sandbox: Sandbox) -> None:
    fault = _add(sandbox, "kind=reset_after,crm=hubspot,nth=1")
    before = _contacts(sandbox)
    with pytest.raises(ConnectionResetError):
        _raw(sandbox, "POST", CONTACTS, {"properties": {"firstname": "Ada"}})
    assert (_contacts(sandbox), _fired(sandbox, fault)) == (before + 1, 1)


def test_after_a_reset_the_sandbox_goes_on(sandbox: Sandbox, http: requests.Session) -> None:
    _add(sandbox, "kind=reset_before,nth=2")
    assert http.get(sandbox.hubspot_url + OWNERS, timeout=5).ok
    with pytest.raises(requests.ConnectionError):
        http.get(sandbox.hubspot_url + OWNERS, timeout=5)
    assert http.get(sandbox.hubspot_url + OWNERS, timeout=5).ok


def test_a_truncated_body_is_shorter_than_it_says(sandbox: Sandbox) -> None:
    _add(sandbox, "kind=truncated,nth=1")
    connection = http.client.HTTPConnection(urlsplit(sandbox.hubspot_url).netloc, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", OWNERS, headers=TOKEN)
        answer = connection.getresponse()
        with pytest.raises(http.client.IncompleteRead) as caught:
            answer.read()
    assert len(caught.value.partial) < int(answer.headers["Content-Length"])
    assert caught.value.partial.startswith(b"{")


def test_malformed_json_has_the_right_length_and_cannot_be_read(
    sandbox: Sandbox, http: requests.Session
) -> None:
    _add(sandbox, "kind=malformed_json,nth=1")
    answer = http.get(sandbox.hubspot_url + OWNERS, timeout=5)
    assert (answer.status_code, len(answer.content)) == (200, int(answer.headers["Content-Length"]))
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_a_slow_answer_takes_its_time_and_holds_up_nobody_else(
    sandbox: Sandbox, http: requests.Session
) -> None:
    fault = _add(sandbox, "kind=slow,seconds=30,route=/owners,nth=1")
    with pytest.raises(requests.ReadTimeout):
        http.get(sandbox.hubspot_url + OWNERS, timeout=0.2)
    begun = time.monotonic()
    assert http.get(sandbox.hubspot_url + OWNERS, timeout=5).ok
    assert time.monotonic() - begun < 5
    assert _fired(sandbox, fault) == 1


def test_a_slow_answer_may_come_after_the_effect(sandbox: Sandbox, http: requests.Session) -> None:
    _add(sandbox, "kind=slow,seconds=30,when=after,nth=1")
    before = _contacts(sandbox)
    with pytest.raises(requests.ReadTimeout):
        http.post(sandbox.hubspot_url + CONTACTS, json={"properties": {"firstname": "Ada"}}, timeout=0.5)
    assert _contacts(sandbox) == before + 1


def test_calls_are_counted_by_route_without_ids(sandbox: Sandbox, http: requests.Session) -> None:
    for record in ("1", "2", "3"):
        http.get(f"{sandbox.hubspot_url}{CONTACTS}/{record}", timeout=5)
    counted = {route: n for (crm, route), n in sandbox.board.calls.items() if crm == "hubspot"}
    assert list(counted.values()) == [3]
    assert "{" in next(iter(counted))


def test_calls_that_a_fault_answered_are_counted_too(sandbox: Sandbox, http: requests.Session) -> None:
    _add(sandbox, "kind=503")
    http.get(f"{sandbox.hubspot_url}{CONTACTS}/1", timeout=5)
    assert sum(sandbox.board.calls.values()) == 1


def test_pages_and_control_never_suffer(sandbox: Sandbox, http: requests.Session) -> None:
    _add(sandbox, "kind=reset_before")
    for url in (sandbox.hubspot_url, sandbox.salesforce_url):
        assert http.get(url + "/pipeline", timeout=5).ok
        assert http.get(url + "/__sandbox__/faults", timeout=5).ok
    assert not sandbox.board.calls

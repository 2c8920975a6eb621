"""What every answer carries, and the shape of errors that come before any record is looked at."""

from typing import Any

import pytest
import requests

from connector.sandbox.salesforce import Org
from tests.sandbox.salesforce.serving import Client, Clock, Served, error


def test_every_answer_carries_the_orgs_own_date(client: Client, clock: Clock) -> None:
    clock.advance(3600)
    for path in ("/limits", "/nowhere"):
        assert client.call("GET", path).headers["Date"] == "Mon, 23 Nov 2026 13:00:00 GMT"


def test_every_answer_says_how_many_calls_were_made(client: Client, org: Org) -> None:
    org.settings.daily_api_calls = 5000
    used = [client.call("GET", "/query?q=SELECT+Id+FROM+Lead").headers["Sforce-Limit-Info"] for _ in range(2)]
    assert used == ["api-usage=1/5000", "api-usage=2/5000"]
    refused = client.call("GET", "/sobjects/Lead/00Q000000000001EAA").headers["Sforce-Limit-Info"]
    assert refused == "api-usage=3/5000"


def test_the_versions_are_told_to_anybody_and_count_for_nothing(served: Served, org: Org) -> None:
    for path in ("/services/data", "/services/data/"):
        answer = requests.get(served.url + path, timeout=10)
        assert "Sforce-Limit-Info" not in answer.headers
    versions = answer.json()
    assert {"label": "Summer '24", "url": "/services/data/v61.0", "version": "61.0"} in versions
    assert {"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"} in versions
    assert org.limits.used == 0


def test_a_version_lists_its_resources(client: Client) -> None:
    assert client.call("GET", "/").json()["composite"] == "/services/data/v62.0/composite"


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        ("/services/data/v62.0/nowhere", (404, "NOT_FOUND")),
        ("/services/data/v62.0/sobjects/Nope/describe", (404, "NOT_FOUND")),
        ("/services/data/v62.0/sobjects/Nope/00Q000000000001EAA", (404, "NOT_FOUND")),
        ("/services/data/v99.0/limits", (404, "NOT_FOUND")),
        ("/services/data/vv62.0/limits", (404, "NOT_FOUND")),
        ("/services/data/v20.0/limits", (410, "UNSUPPORTED_API_VERSION")),
    ],
)
def test_an_unknown_path_answers_an_array_with_one_error(
    client: Client, path: str, refusal: tuple[int, str]
) -> None:
    answer = client.call("GET", path)
    assert error(answer) == refusal
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"


def test_a_path_outside_of_the_api_is_not_found(served: Served) -> None:
    assert error(requests.get(f"{served.url}/index.html", timeout=10)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/sobjects/Lead"), ("DELETE", "/query"), ("GET", "/composite")]
)
def test_a_wrong_method_is_refused_and_told_the_right_ones(client: Client, method: str, path: str) -> None:
    answer = client.call(method, path)
    assert error(answer) == (405, "METHOD_NOT_ALLOWED")
    assert answer.json()[0]["message"].startswith(f"HTTP Method '{method}' not allowed. Allowed are ")


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": }', b"\xff", b'"text"'])
def test_broken_json_is_refused_with_its_place(client: Client, body: bytes) -> None:
    answer = client.call("POST", "/sobjects/Lead", data=body)
    assert error(answer) == (400, "JSON_PARSER_ERROR")


def test_a_body_beyond_the_limit_is_refused_unread(client: Client) -> None:
    length = {"Content-Length": str(51 * 1024 * 1024)}
    answer = client.call("POST", "/sobjects/Lead", data=b"", headers=length)
    assert error(answer) == (413, "EXCEEDED_MAX_SIZE_REQUEST")
    assert client.call("GET", "/limits").status_code == 200


def test_a_body_of_unknown_length_is_read_up_to_the_limit(client: Client) -> None:
    chunk = b" " * (1024 * 1024)
    answer = client.call("POST", "/sobjects/Lead", data=(chunk for _ in range(51)))
    assert error(answer) == (413, "EXCEEDED_MAX_SIZE_REQUEST")


def test_a_slash_at_the_end_makes_no_difference(client: Client) -> None:
    for path in ("/limits", "/sobjects/Lead/describe", "/query"):
        query: dict[str, Any] = {"params": {"q": "SELECT Id FROM Lead"}}
        without, with_slash = (client.call("GET", each, **query) for each in (path, f"{path}/"))
        assert without.status_code == with_slash.status_code == 200
        assert without.json().keys() == with_slash.json().keys()


def test_calls_run_out_and_come_back_after_a_day(client: Client, org: Org, clock: Clock) -> None:
    org.settings.daily_api_calls = 3
    assert client.call("GET", "/limits").json()["DailyApiRequests"] == {"Max": 3, "Remaining": 2}
    for _ in range(2):
        client.call("GET", "/limits")
    answer = client.call("GET", "/limits")
    assert error(answer) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert answer.json()[0]["message"] == "TotalRequests Limit exceeded."
    assert answer.headers["Sforce-Limit-Info"] == "api-usage=3/3"
    org.settings.session_idle_seconds = 10**6
    clock.advance(25 * 3600)
    assert client.call("GET", "/limits").status_code == 200


def test_other_integrations_can_use_up_the_calls(served: Served, client: Client, org: Org) -> None:
    served.run(org.limits.use_up, org.settings.daily_api_calls, left=1)
    assert client.call("GET", "/limits").status_code == 200
    assert error(client.call("GET", "/limits")) == (403, "REQUEST_LIMIT_EXCEEDED")

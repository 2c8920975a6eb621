"""What goes over the wire to Salesforce, to the letter."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
import requests
import responses

from connector.sources.base import SourceBusy, SourceError, SourceLocked, SourceRefused, Update
from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.errors import by_code, first_error
from connector.sources.salesforce.source import SalesforceSource
from connector.sources.settings import SalesforceSettings

HOST = "https://acme.my.salesforce.com"
TOKEN = f"{HOST}/services/oauth2/token"
DATA = f"{HOST}/services/data/v66.0"
SINCE = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
DATE = {"Date": "Mon, 02 Nov 2026 09:00:07 GMT"}


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.post(TOKEN, json={"access_token": "tok-1", "instance_url": HOST})
        mock.get(f"{DATA}/sobjects/Lead/describe", json={"fields": []})
        yield mock


def a_source(**keys: Any) -> SalesforceSource:
    settings = SalesforceSettings.model_validate(
        {
            "kind": "salesforce",
            "login": {"flow": "client_credentials", "domain": "acme.my", "key": "env:K", "secret": "env:S"},
            "take_from": ["queue:Intake"],
            "write": {"partner": "Partner__c"},
            **keys,
        }
    )
    connection = Connection(domain="acme.my", key="k", secret="s", version="66.0", base_url=None)
    return SalesforceSource("salesforce", settings, connection)


def owners(wire: responses.RequestsMock) -> None:
    """One queue, one user; answers to the three questions about owners."""
    pages: list[list[dict[str, object]]] = [
        [{"Id": "00G000000000001EAA", "DeveloperName": "Intake"}],
        [{"QueueId": "00G000000000001EAA"}],
        [
            {
                "Id": "005000000000001EAA",
                "Username": "anna@x.example",
                "IsActive": True,
                "UserType": "PowerPartner",
            }
        ],
    ]
    for records in pages:
        wire.get(f"{DATA}/query/", json={"records": records, "done": True})


def queries(wire: responses.RequestsMock) -> list[str]:
    return [
        parse_qs(urlsplit(call.request.url or "").query)["q"][0]
        for call in wire.calls
        if "/query/" in str(call.request.url)
    ]


def test_every_request_turns_the_orgs_own_assignment_rules_off_even_after_a_new_token(
    wire: responses.RequestsMock,
) -> None:
    owners(wire)
    wire.patch(
        f"{DATA}/composite/sobjects", status=401, json=[{"errorCode": "INVALID_SESSION_ID", "message": "x"}]
    )
    wire.patch(f"{DATA}/composite/sobjects", json=[{"id": "00Q1", "success": True, "errors": []}])
    wire.replace(responses.POST, TOKEN, json={"access_token": "tok-2", "instance_url": HOST})
    answers = a_source().write([Update("00Q1", {"owner": "user:anna@x.example", "partner": "Anna"})])
    assert answers == [None]
    patches = [call.request for call in wire.calls if call.request.method == "PATCH"]
    assert [request.headers["Sforce-Auto-Assign"] for request in patches] == ["FALSE", "FALSE"]
    body = patches[1].body
    assert orjson.loads(body if isinstance(body, bytes) else str(body)) == {
        "allOrNone": False,
        "records": [
            {
                "attributes": {"type": "Lead"},
                "id": "00Q1",
                "Partner__c": "Anna",
                "OwnerId": "005000000000001EAA",
            }
        ],
    }


def test_a_lasting_401_ends_after_one_new_token(wire: responses.RequestsMock) -> None:
    wire.get(f"{DATA}/query/", status=401, json=[{"errorCode": "INVALID_SESSION_ID", "message": "x"}])
    with pytest.raises(SourceLocked, match="INVALID_SESSION_ID"):
        a_source().read_changed(SINCE, None, None)
    assert len([call for call in wire.calls if call.request.url == TOKEN]) == 2


def test_a_window_is_inclusive_below_frozen_above_and_paged_by_id(wire: responses.RequestsMock) -> None:
    wire.get(f"{DATA}/query/", json={"records": [], "done": True, "totalSize": 0}, headers=DATE)
    source = a_source(created_after="2026-10-01")
    page = source.read_changed(SINCE, None, None)
    assert page.until == datetime(2026, 11, 2, 9, 0, 7, tzinfo=UTC)
    source.read_changed(SINCE, page.until, "00Q7")
    first, second = queries(wire)
    assert "WHERE SystemModstamp >= 2026-11-01T08:30:00+00:00 AND CreatedDate >= 2026-10-01T00:00:00" in first
    assert "SystemModstamp <= 2026-11-02T09:00:07+00:00 AND Id > '00Q7'" in second
    assert second.endswith("ORDER BY Id LIMIT 2000")
    assert "OFFSET" not in second


def test_a_short_page_is_not_the_last(wire: responses.RequestsMock) -> None:
    record = {
        "Id": "00Q1",
        "OwnerId": "00G000000000001EAA",
        "CreatedDate": "2026-11-01T08:00:00.000+0000",
        "SystemModstamp": "2026-11-01T09:00:00.000+0000",
        "IsConverted": False,
        "Company": "Globex",
    }
    wire.get(f"{DATA}/query/", json={"records": [record], "done": False, "totalSize": 2}, headers=DATE)
    owners(wire)
    page = a_source().read_changed(SINCE, None, None)
    assert (page.done, page.last_id) == (False, "00Q1")
    assert page.leads[0].owner == "queue:Intake"
    assert page.leads[0].fields["company"] == "Globex"


def test_each_row_of_an_answer_of_200_is_looked_at(wire: responses.RequestsMock) -> None:
    owners(wire)
    rows = [
        {"id": "1", "success": True, "errors": []},
        {"success": False, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "x", "fields": []}]},
        {"success": False, "errors": [{"statusCode": "STRING_TOO_LONG", "message": "x", "fields": ["A"]}]},
        {"success": False, "errors": [{"statusCode": "ENTITY_IS_DELETED", "message": "x"}]},
    ]
    wire.patch(f"{DATA}/composite/sobjects", json=rows)
    updates = [Update(str(n), {"partner": "Anna"}) for n in range(4)]
    done, busy, refused, gone = a_source().write(updates)
    assert done is None
    assert isinstance(busy, SourceBusy)
    assert isinstance(refused, SourceRefused)
    assert not refused.gone
    assert isinstance(gone, SourceRefused)
    assert gone.gone


def test_an_owner_that_is_not_there_stops_only_its_own_record(wire: responses.RequestsMock) -> None:
    owners(wire)
    wire.patch(f"{DATA}/composite/sobjects", json=[{"id": "2", "success": True, "errors": []}])
    first, second = a_source().write(
        [Update("1", {"owner": "user:gone@x.example"}), Update("2", {"owner": "USER:ANNA@x.example"})]
    )
    assert isinstance(first, SourceRefused)
    assert "there is no user:gone@x.example in Salesforce" in str(first)
    assert second is None


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ({"status": 503, "body": "<html>down</html>"}, SourceBusy),
        ({"status": 500, "body": "oops"}, SourceBusy),
        ({"status": 401, "body": "<html>proxy</html>"}, SourceLocked),
        ({"status": 200, "body": "not json"}, SourceBusy),
        ({"body": requests.ConnectionError("reset")}, SourceBusy),
        ({"body": requests.Timeout("slow")}, SourceBusy),
        (
            {
                "status": 403,
                "json": [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit"}],
            },
            SourceBusy,
        ),
        (
            {"status": 400, "json": [{"errorCode": "INVALID_FIELD", "message": "No such column"}]},
            SourceLocked,
        ),
        ({"status": 404, "json": [{"errorCode": "NOT_FOUND", "message": "gone"}]}, SourceRefused),
    ],
)
def test_every_answer_gets_one_of_three_meanings(
    wire: responses.RequestsMock, reply: Any, expected: type[SourceError]
) -> None:
    wire.get(f"{DATA}/query/", **reply)
    with pytest.raises(expected) as caught:
        a_source().read_changed(SINCE, None, None)
    assert type(caught.value) is expected


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([{"errorCode": "A", "message": "m"}], "A"),
        ({"error": "B", "error_description": "m"}, "B"),
        ([{"statusCode": "C"}], "C"),
        ([], ""),
        ("text", ""),
        (None, ""),
    ],
)
def test_error_bodies_of_any_shape_are_read(body: Any, code: str) -> None:
    assert first_error(body)[0] == code


def test_only_the_daily_limit_waits_long() -> None:
    daily = by_code("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    passing = by_code("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.")
    assert isinstance(daily, SourceBusy)
    assert isinstance(passing, SourceBusy)
    assert daily.retry_after == timedelta(minutes=15)
    assert passing.retry_after is None

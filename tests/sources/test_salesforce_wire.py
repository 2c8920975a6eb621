"""What goes over the wire to Salesforce, to the letter: sessions, reading, errors."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import responses

from connector.sources.base import SourceBusy, SourceError, SourceLocked, Update
from connector.sources.salesforce.errors import by_code, first_error
from tests.sources.salesforce_wire import (
    DATA,
    DATE,
    HOST,
    NONE,
    SINCE,
    TOKEN,
    a_source,
    owners,
    queries,
    sent,
)


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
    assert sent(wire, "/composite/sobjects")[1] == {
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
    wire.get(f"{DATA}/queryAll/", status=401, json=[{"errorCode": "INVALID_SESSION_ID", "message": "x"}])
    with pytest.raises(SourceLocked, match="INVALID_SESSION_ID"):
        a_source().read_changed(SINCE, None, None)
    assert len([call for call in wire.calls if call.request.url == TOKEN]) == 2


def test_a_window_is_inclusive_below_frozen_above_and_paged_by_id(wire: responses.RequestsMock) -> None:
    wire.get(f"{DATA}/queryAll/", json=NONE, headers=DATE)
    source = a_source(created_after="2026-10-01")
    page = source.read_changed(SINCE, None, None)
    assert page.until == datetime(2026, 11, 2, 9, 0, 7, tzinfo=UTC)
    source.read_changed(SINCE, page.until, "00Q7")
    first, second = queries(wire)
    assert "WHERE SystemModstamp >= 2026-11-01T08:30:00+00:00 AND CreatedDate >= 2026-10-01T00:00:00" in first
    assert "SystemModstamp <= 2026-11-02T09:00:07+00:00 AND CreatedDate >= " in second
    assert " AND Id > '00Q7' ORDER BY Id" in second
    assert second.endswith("ORDER BY Id LIMIT 2000")
    assert "OFFSET" not in second


def test_a_short_page_is_not_the_last(wire: responses.RequestsMock) -> None:
    record = {
        "Id": "00Q1",
        "OwnerId": "00G000000000001EAA",
        "CreatedDate": "2026-11-01T08:00:00.000+0000",
        "SystemModstamp": "2026-11-01T09:00:00.000+0000",
        "IsConverted": False,
        "IsDeleted": True,
        "MasterRecordId": "00Q9",
        "Company": "Globex",
    }
    answer = {"records": [record], "done": False, "totalSize": 2, "nextRecordsUrl": "/x"}
    wire.get(f"{DATA}/queryAll/", json=answer, headers=DATE)
    owners(wire)
    page = a_source().read_changed(SINCE, None, None)
    assert (page.done, page.last_id) == (False, "00Q1")
    assert page.leads[0].owner == "queue:Intake"
    assert page.leads[0].fields["company"] == "Globex"
    assert (page.leads[0].deleted, page.leads[0].merged_into) == (True, "00Q9")


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
        ({"status": 404, "json": [{"errorCode": "NOT_FOUND", "message": "gone"}]}, SourceLocked),
        ({"status": 400, "json": [{"errorCode": "BRAND_NEW", "message": "?"}]}, SourceBusy),
        ({"status": 200, "json": {"strange": True}}, SourceBusy),
        ({"status": 200, "json": []}, SourceBusy),
        ({"status": 410, "body": "gone"}, SourceLocked),
        ({"status": 524, "body": "slow"}, SourceBusy),
    ],
)
def test_every_answer_gets_one_of_three_meanings(
    wire: responses.RequestsMock, reply: Any, expected: type[SourceError]
) -> None:
    wire.get(f"{DATA}/queryAll/", **reply)
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


def test_the_limit_is_read_from_refusals_too_and_so_is_the_wait(wire: responses.RequestsMock) -> None:
    headers = {**DATE, "Sforce-Limit-Info": "api-usage=99998/100000; per-app-api-usage=17/250(appName=x)"}
    full = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests Limit exceeded."}]
    wire.get(f"{DATA}/queryAll/", status=403, json=full, headers={**headers, "Retry-After": "9"})
    source = a_source()
    with pytest.raises(SourceBusy) as caught:
        source.read(["1"])
    assert caught.value.retry_after == timedelta(seconds=9)
    assert (source.usage.used, source.usage.allowed) == (99998, 100000)


def test_a_wait_may_be_named_as_a_date(wire: responses.RequestsMock) -> None:
    until = {**DATE, "Retry-After": "Mon, 02 Nov 2026 09:00:37 GMT"}
    wire.get(f"{DATA}/queryAll/", status=503, body="<html>", headers=until)
    with pytest.raises(SourceBusy) as caught:
        a_source().read(["1"])
    assert caught.value.retry_after == timedelta(seconds=30)


def test_fields_that_are_standard_but_hidden_are_not_asked_for(wire: responses.RequestsMock) -> None:
    wire.get(f"{DATA}/queryAll/", json=NONE, headers=DATE)
    a_source().read_changed(SINCE, None, None)
    (soql,) = queries(wire)
    assert "Company" in soql
    assert "AnnualRevenue" not in soql
    with pytest.raises(SourceLocked, match=r"no field Budget__c \(mapped as budget\)"):
        a_source(read={"budget": "Budget__c"}).read_changed(SINCE, None, None)

"""What goes over the wire to Salesforce, to the letter: writing."""

from typing import Any

import orjson
import pytest
import requests
import responses

from connector.sources.base import SourceBusy, SourceLocked, SourceRefused, Update
from tests.sources.salesforce_wire import DATA, DATE, LEAD, NONE, SINCE, a_field, a_source, owners, sent


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


def test_a_batch_that_is_refused_whole_is_halved_until_the_bad_row_is_alone(
    wire: responses.RequestsMock,
) -> None:
    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        records = orjson.loads(str(request.body) if isinstance(request.body, str) else request.body or b"")[
            "records"
        ]
        if any(record["id"] == "bad" for record in records):
            return 400, {}, '[{"errorCode": "JSON_PARSER_ERROR", "message": "Unexpected character"}]'
        rows = [{"id": record["id"], "success": True, "errors": []} for record in records]
        return 200, {}, orjson.dumps(rows).decode()

    wire.add_callback(responses.PATCH, f"{DATA}/composite/sobjects", callback=answer)
    ids = [*map(str, range(13)), "bad", *map(str, range(13, 20))]
    answers = a_source().write([Update(each, {"partner": "P"}) for each in ids])
    assert [each for each, answer in zip(ids, answers, strict=True) if answer is not None] == ["bad"]
    assert isinstance(answers[13], SourceRefused)
    assert len(sent(wire, "/composite/sobjects")) < 12


def test_a_row_that_says_a_field_is_missing_locks_the_source(wire: responses.RequestsMock) -> None:
    rows = [
        {"id": "1", "success": True, "errors": []},
        {"success": False, "errors": [{"statusCode": "INVALID_FIELD_FOR_INSERT_UPDATE", "message": "x"}]},
    ]
    wire.patch(f"{DATA}/composite/sobjects", json=rows)
    with pytest.raises(SourceLocked):
        a_source().write([Update("1", {"partner": "A"}), Update("2", {"partner": "A"})])


def test_a_code_that_nobody_knows_is_tried_again(wire: responses.RequestsMock) -> None:
    rows = [{"success": False, "errors": [{"statusCode": "BRAND_NEW", "message": "x"}]}]
    wire.patch(f"{DATA}/composite/sobjects", json=rows)
    assert isinstance(a_source().write([Update("1", {"partner": "A"})])[0], SourceBusy)


def test_conditional_writes_name_the_moment_and_turn_assignment_rules_off_in_every_part(
    wire: responses.RequestsMock,
) -> None:
    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        body = request.body if isinstance(request.body, bytes) else str(request.body)
        parts = orjson.loads(body)["compositeRequest"]
        given = [{"referenceId": part["referenceId"], "httpStatusCode": 204, "body": None} for part in parts]
        if len(parts) > 2:
            given[1] |= {
                "httpStatusCode": 412,
                "body": [{"errorCode": "PRECONDITION_FAILED", "message": "x"}],
            }
            given[2] |= {"httpStatusCode": 404, "body": [{"errorCode": "ENTITY_IS_DELETED", "message": "x"}]}
        return 200, {}, orjson.dumps({"compositeResponse": given[::-1]}).decode()

    wire.add_callback(responses.POST, f"{DATA}/composite", callback=answer)
    source = a_source(conditional_writes=True)
    answers = source.write([Update(f"00Q{n}", {"partner": "A"}, SINCE) for n in range(27)])
    first, second = sent(wire, "/composite")
    assert (len(first["compositeRequest"]), len(second["compositeRequest"])) == (25, 2)
    assert first["compositeRequest"][0] == {
        "method": "PATCH",
        "url": "/services/data/v66.0/sobjects/Lead/00Q0",
        "referenceId": "r0",
        "httpHeaders": {
            "Sforce-Auto-Assign": "FALSE",
            "If-Unmodified-Since": "Sun, 01 Nov 2026 08:30:00 GMT",
        },
        "body": {"Partner__c": "A"},
    }
    assert isinstance(answers[1], SourceBusy)
    assert answers[1].code == "CHANGED"
    assert isinstance(answers[2], SourceRefused)
    assert answers[2].gone
    assert [answer for n, answer in enumerate(answers) if n not in (1, 2)] == [None] * 25
    assert source.calls["write"] == 2


def test_what_was_written_before_the_trouble_began_is_told(wire: responses.RequestsMock) -> None:
    given = [{"referenceId": f"r{n}", "httpStatusCode": 204, "body": None} for n in range(25)]
    wire.post(f"{DATA}/composite", json={"compositeResponse": given})
    wire.post(f"{DATA}/composite", status=503, body="<html>down</html>")
    answers = a_source(conditional_writes=True).write([Update(str(n), {"partner": "A"}) for n in range(60)])
    assert answers[:25] == [None] * 25
    assert all(isinstance(answer, SourceBusy) for answer in answers[25:])
    assert len(answers) == 60


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("reason", "a reason that is much too long", "Reason__c", "a reason that is mu…"),
        ("reason", "x" * 20, "Reason__c", "x" * 20),
        ("status", "Assigned", "Stage__c", "Assigned"),
        ("score", 42, "Score__c", 42),
        ("score", "42.5", "Score__c", 42.5),
        ("due", "2026-11-03T23:30:00-03:00", "Due__c", "2026-11-04"),
        ("partner", "", "Partner__c", None),
        ("partner", None, "Partner__c", None),
        ("partner", 7, "Partner__c", "7"),
    ],
)
def test_a_value_is_sent_as_its_field_takes_it(
    wire: responses.RequestsMock, name: str, value: Any, field: str, expected: Any
) -> None:
    wire.patch(f"{DATA}/composite/sobjects", json=[{"id": "1", "success": True, "errors": []}])
    assert a_source().write([Update("1", {name: value})]) == [None]
    (record,) = sent(wire, "/composite/sobjects")[0]["records"]
    assert record[field] == expected


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("partner", "x" * 21, "Lead.Partner__c (mapped as partner) holds 20 characters, not 21"),
        ("status", "Old", "restricted picklist without 'Old'"),
        ("score", "high", "holds numbers, not 'high'"),
        ("due", "soon", "holds times, not 'soon'"),
    ],
)
def test_a_value_that_its_field_cannot_hold_is_refused_before_it_is_sent(
    wire: responses.RequestsMock, name: str, value: Any, told: str
) -> None:
    wire.patch(f"{DATA}/composite/sobjects", json=[{"id": "2", "success": True, "errors": []}])
    refused, done = a_source().write([Update("1", {name: value}), Update("2", {"reason": "r"})])
    assert isinstance(refused, SourceRefused)
    assert told in str(refused)
    assert done is None
    assert [record["id"] for record in sent(wire, "/composite/sobjects")[0]["records"]] == ["2"]


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("Nowhere__c", "Lead has no field Nowhere__c (mapped as partner)"),
        ("Locked__c", "may not write Lead.Locked"),
    ],
)
def test_a_mapping_that_cannot_work_locks_the_source_and_is_named(
    wire: responses.RequestsMock, field: str, told: str
) -> None:
    with pytest.raises(SourceLocked) as caught:
        a_source(write={"partner": field}).write([Update("1", {"partner": "A"})])
    assert told in str(caught.value)


def test_an_admin_who_lengthens_a_field_is_noticed_within_the_hour(wire: responses.RequestsMock) -> None:
    wire.patch(f"{DATA}/composite/sobjects", json=[{"id": "1", "success": True, "errors": []}], headers=DATE)
    source = a_source()
    too_long = Update("1", {"partner": "x" * 30})
    assert isinstance(source.write([too_long])[0], SourceRefused)
    longer = {**LEAD, "fields": [a_field("Partner__c", length=40)]}
    wire.replace(responses.GET, f"{DATA}/sobjects/Lead/describe", json=longer, headers=DATE)
    assert isinstance(source.write([too_long])[0], SourceRefused)
    later = {"Date": "Mon, 02 Nov 2026 10:00:08 GMT"}
    wire.get(f"{DATA}/queryAll/", json=NONE, headers=later)
    source.read(["1"])
    assert source.write([too_long]) == [None]

"""getUpdated and getDeleted, and how far their answers are complete."""

from typing import Any

import pytest
import requests

from connector.sandbox.salesforce import Org
from tests.sandbox.salesforce.serving import Client, Clock, Served, error

DORA = "dora.direct@acme.example"


def ask(client: Client, what: str, start: str, end: str, object_name: str = "Lead") -> requests.Response:
    return client.call("GET", f"/sobjects/{object_name}/{what}/", params={"start": start, "end": end})


def updated(client: Client, start: str = "12:00", end: str = "13:00") -> Any:
    return ask(client, "updated", f"2026-11-23T{start}:00+00:00", f"2026-11-23T{end}:00+00:00").json()


def test_records_that_changed_are_told_once_and_deleted_ones_apart(client: Client, clock: Clock) -> None:
    early, gone, changed = client.lead(), client.lead(), client.lead()
    clock.advance(600)
    client.change(changed, City="Graz")
    client.call("DELETE", f"/sobjects/Lead/{gone}")
    clock.advance(3600)
    assert updated(client) == {"ids": [early, changed], "latestDateCovered": "2026-11-23T13:00:00.000+0000"}
    assert updated(client, "12:05")["ids"] == [changed]
    told = ask(client, "deleted", "2026-11-23T12:00:00Z", "2026-11-23T13:00:00Z").json()
    assert told == {
        "deletedRecords": [{"id": gone, "deletedDate": "2026-11-23T12:10:00.000+0000"}],
        "earliestDateAvailable": "2026-11-08T13:10:00.000+0000",
        "latestDateCovered": "2026-11-23T13:00:00.000+0000",
    }


def test_seconds_of_the_span_are_cut_off(client: Client, clock: Clock) -> None:
    clock.advance(30)
    lead = client.lead()
    clock.advance(120)
    told = ask(client, "updated", "2026-11-23T12:00:59Z", "2026-11-23T12:01:59Z").json()
    assert told == {"ids": [lead], "latestDateCovered": "2026-11-23T12:01:00.000+0000"}


def test_what_is_covered_ends_where_an_open_transaction_began(
    served: Served, client: Client, org: Org, clock: Clock
) -> None:
    lead = client.lead()
    clock.advance(600)
    slow = served.run(org.open_transaction)
    slow.edit(lead, {"City": "Graz"}, by=DORA)
    clock.advance(3600)
    assert updated(client)["latestDateCovered"] == "2026-11-23T12:10:00.000+0000"
    served.run(slow.commit)
    after = updated(client, "12:10")
    assert after == {"ids": [lead], "latestDateCovered": "2026-11-23T13:00:00.000+0000"}


@pytest.mark.parametrize(
    ("what", "start", "end"),
    [
        ("updated", "2026-11-23T12:00:00Z", "2026-11-23T11:00:00Z"),
        ("updated", "2026-10-01T12:00:00Z", "2026-11-23T11:00:00Z"),
        ("deleted", "2026-11-07T12:00:00Z", "2026-11-23T11:00:00Z"),
        ("deleted", "2026-11-23T11:00:00Z", "2026-11-23T11:01:00Z"),
        ("updated", "2026-11-23T12:00:00+00%3A", "2026-11-23T11:00:00Z"),
        ("updated", "", ""),
    ],
)
def test_a_span_must_be_in_order_and_not_too_old(client: Client, what: str, start: str, end: str) -> None:
    assert error(ask(client, what, start, end)) == (400, "INVALID_REPLICATION_DATE")


def test_an_object_without_replication_is_refused(client: Client) -> None:
    answer = ask(client, "updated", "2026-11-23T11:00:00Z", "2026-11-23T12:00:00Z", "Organization")
    assert error(answer) == (400, "INVALID_TYPE")

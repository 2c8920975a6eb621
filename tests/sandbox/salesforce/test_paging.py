"""Long answers: locators, small pages, equal stamps, and what changes in the middle of reading."""

from collections.abc import Iterator
from typing import Any

import pytest

from connector.sandbox.cards import NeutralLead
from connector.sandbox.salesforce import Org
from tests.sandbox.salesforce.serving import Client, Clock, Served, error

DORA = "dora.direct@acme.example"
SOQL = "SELECT Id, City FROM Lead ORDER BY Id"


def some_leads(count: int) -> Iterator[NeutralLead]:
    for number in range(count):
        yield {"last_name": f"L{number}", "company": "C", "city": "Wien"}


def follow(client: Client, first: Any) -> Iterator[Any]:
    page = first
    yield page
    while not page["done"]:
        page = client.call("GET", page["nextRecordsUrl"]).json()
        yield page


def ids(pages: Iterator[Any]) -> list[str]:
    return [record["Id"] for page in pages for record in page["records"]]


@pytest.fixture
def many(served: Served, org: Org) -> int:
    """More leads than one page holds, all with the same stamp."""
    return served.run(org.add_leads, some_leads(4500), owners="intake")


@pytest.mark.usefixtures("many")
def test_pages_follow_each_other_until_done(client: Client) -> None:
    first = client.query(SOQL)
    assert (first["totalSize"], first["done"], len(first["records"])) == (4500, False, 2000)
    assert first["nextRecordsUrl"].startswith("/services/data/v62.0/query/01g")
    assert first["nextRecordsUrl"].endswith("-2000")
    pages = list(follow(client, first))
    assert [len(page["records"]) for page in pages] == [2000, 2000, 500]
    assert "nextRecordsUrl" not in pages[-1]
    found = ids(iter(pages))
    assert found == sorted(set(found))


@pytest.mark.usefixtures("many")
def test_the_client_may_ask_for_smaller_pages_within_bounds(client: Client) -> None:
    for asked, given in (("500", 500), ("3", 200), ("9999", 2000)):
        first = client.query(SOQL, headers={"Sforce-Query-Options": f"batchSize={asked}"})
        assert len(first["records"]) == given


@pytest.mark.usefixtures("many")
def test_pages_may_be_smaller_than_asked_for(client: Client, org: Org) -> None:
    org.settings.page_size = 700
    pages = list(follow(client, client.query(SOQL)))
    assert [len(page["records"]) for page in pages] == [700] * 6 + [300]
    assert len(set(ids(iter(pages)))) == 4500


@pytest.mark.usefixtures("many")
def test_query_all_pages_on_with_deleted_rows(served: Served, client: Client, org: Org) -> None:
    last = client.query("SELECT Id FROM Lead ORDER BY Id DESC LIMIT 1")["records"][0]["Id"]
    served.run(org.delete, last)
    first = client.call("GET", "/queryAll", params={"q": SOQL}).json()
    assert "/query/01g" in first["nextRecordsUrl"]
    assert ids(follow(client, first))[-1] == last


@pytest.mark.parametrize("locator", ["01gSb0000000009MAA-2000", "nonsense", "01g"])
def test_a_locator_that_leads_nowhere_is_refused(client: Client, locator: str) -> None:
    assert error(client.call("GET", f"/query/{locator}")) == (400, "INVALID_QUERY_LOCATOR")


@pytest.mark.usefixtures("many")
def test_thousands_of_rows_with_one_stamp_are_all_found_by_keyset(client: Client) -> None:
    """The rows of a mass update share a second; reading on by stamp alone would lose most of them."""
    found: list[str] = []
    while True:
        where = f" AND Id > '{found[-1]}'" if found else ""
        window = "SystemModstamp >= 2026-11-23T12:00:00Z AND SystemModstamp < 2026-11-23T12:00:01Z"
        some = client.ids(f"SELECT Id FROM Lead WHERE {window}{where} ORDER BY Id LIMIT 1000")  # noqa: S608
        if not some:
            break
        found += some
    assert len(set(found)) == len(found) == 4500


@pytest.mark.usefixtures("many")
def test_a_record_edited_between_two_pages_shows_its_new_value(
    served: Served, client: Client, org: Org
) -> None:
    first = client.query(SOQL)
    last = client.query("SELECT Id FROM Lead ORDER BY Id DESC LIMIT 1")["records"][0]["Id"]
    served.run(org.edit, last, {"City": "Graz"}, by=DORA)
    *_, final = follow(client, first)
    assert final["records"][-1]["City"] == "Graz"


def test_a_slow_transaction_shows_its_rows_late_with_their_old_stamp(
    served: Served, client: Client, org: Org, clock: Clock
) -> None:
    lead, other = client.lead(), client.lead()
    clock.advance(10)
    slow = served.run(org.open_transaction)
    slow.edit(lead, {"City": "Graz"}, by=DORA)
    slow.create("Lead", {"LastName": "Late", "Company": "C"}, by=DORA)
    clock.advance(60)
    client.change(other, City="Linz")
    newest = "SELECT City, SystemModstamp FROM Lead ORDER BY SystemModstamp DESC, Id"
    assert client.query(newest)["totalSize"] == 2
    served.run(slow.commit)
    rows = [(row["City"], row["SystemModstamp"]) for row in client.query(newest)["records"]]
    early, late = "2026-11-23T12:00:10.000+0000", "2026-11-23T12:01:10.000+0000"
    assert rows == [("Linz", late), ("Graz", early), (None, early)]


def test_a_write_can_be_let_in_late(served: Served, client: Client, org: Org, clock: Clock) -> None:
    lead = client.lead(City="Wien")
    served.run(org.commit_late, lambda: org.edit(lead, {"City": "Graz"}, by=DORA), after=30)
    clock.advance(29)
    assert client.read("Lead", lead, "City") == "Wien"
    clock.advance(1)
    assert client.read("Lead", lead, "City") == "Graz"

"""SOQL that meets children, deleted rows, new fields, and limits of length."""

import csv
import os
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.salesforce import Org, SalesforceError
from connector.sandbox.salesforce.soql.parser import parse
from tests.sandbox.salesforce.five_leads import add_five_leads
from tests.sandbox.salesforce.serving import Client, Served, error


@pytest.fixture
def leads(client: Client, org: Org) -> list[str]:
    """Five leads, a minute apart, of the queue, of a person and of a partner."""
    return add_five_leads(client, org)


def names(client: Client, where: str) -> str:
    found = client.query(f"SELECT LastName FROM Lead WHERE {where}")  # noqa: S608
    return " ".join(record["LastName"] for record in found["records"])


def test_children_are_nested_and_null_where_there_are_none(client: Client, leads: list[str]) -> None:
    for subject in ("Call", "Mail", "Visit"):
        client.create("Task", {"WhoId": leads[1], "Subject": subject, "Status": "Completed"})
    inner = "SELECT Subject, Owner.Name FROM Tasks WHERE Subject != 'Mail' ORDER BY Subject DESC"
    for limit, found in (("", ["Visit", "Call"]), (" LIMIT 1", ["Visit"])):
        soql = f"SELECT LastName, ({inner}{limit}) FROM Lead ORDER BY Id LIMIT 2"  # noqa: S608
        first, second = client.query(soql)["records"]
        assert first["Tasks"] is None
        assert (second["Tasks"]["totalSize"], second["Tasks"]["done"]) == (len(found), True)
        assert [task["Subject"] for task in second["Tasks"]["records"]] == found
        assert second["Tasks"]["records"][0]["Owner"]["Name"] == "Lead Connector"


def test_an_address_is_one_value_and_null_when_there_is_none(client: Client) -> None:
    lead = client.lead(City="Wien", Country="AT")
    assert client.read("Lead", lead, "Address") == {
        "city": "Wien",
        "country": "AT",
        "geocodeAccuracy": None,
        "latitude": None,
        "longitude": None,
        "postalCode": None,
        "state": None,
        "street": None,
    }
    assert client.read("Lead", client.lead(), "Address") is None


def test_a_multiple_choice_includes_all_of_a_value_or_one_of_several(
    served: Served, org: Org, client: Client
) -> None:
    served.run(org.declare_field, "Lead", "Products__c", "multipicklist", values="A,B,C")
    for chosen in ("A;B", "B", "C"):
        client.lead(LastName=chosen, Products__c=chosen)
    assert names(client, "Products__c INCLUDES ('A;B', 'C')") == "A;B C"
    assert names(client, "Products__c EXCLUDES ('B')") == "C"


def test_deleted_rows_are_seen_by_query_all_and_by_all_rows_only(client: Client, leads: list[str]) -> None:
    client.call("DELETE", f"/sobjects/Lead/{leads[0]}")
    soql = "SELECT Id, IsDeleted FROM Lead WHERE LastName = 'Abel'"
    assert client.query(soql)["totalSize"] == 0
    assert client.query(soql + " ALL ROWS")["records"][0]["IsDeleted"] is True
    all_rows = client.call("GET", "/queryAll", params={"q": soql}).json()
    assert all_rows["records"][0]["Id"] == leads[0]


def test_a_query_longer_than_an_address_may_be_is_refused(client: Client) -> None:
    ids = ",".join(f"'00Q{number:015}'" for number in range(900))
    soql = f"SELECT Id FROM Lead WHERE Id IN ({ids})"  # noqa: S608
    answer = client.call("GET", "/query", params={"q": soql})
    assert error(answer) == (414, "URI_TOO_LONG")


def test_three_hundred_ids_fit_in_an_address(client: Client, leads: list[str]) -> None:
    ids = ",".join(f"'{each}'" for each in leads * 60)
    soql = f"SELECT Id FROM Lead WHERE Id IN ({ids})"  # noqa: S608
    assert client.query(soql)["totalSize"] == 5


def test_the_address_and_the_headers_together_have_a_limit_too(client: Client) -> None:
    answer = client.call("GET", "/limits", headers={"X-Padding": "x" * 16_300})
    assert error(answer) == (431, "REQUEST_HEADER_FIELDS_TOO_LARGE")


def cases() -> list[Any]:
    folder = os.environ.get("CONNECTOR_DATA")
    table = Path(folder or ".") / "soql" / "soql_cases.tsv"
    if not folder or not table.exists():
        reason = "CONNECTOR_DATA names no folder with SOQL cases"
        return [pytest.param("valid", "", marks=pytest.mark.skip(reason=reason))]
    with table.open(newline="") as lines:
        return [tuple(row) for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


@pytest.mark.parametrize(("verdict", "soql"), cases())
def test_the_grammar_agrees_with_the_collected_cases(verdict: str, soql: str) -> None:
    if verdict == "valid":
        assert parse(soql).select
        return
    with pytest.raises(SalesforceError) as refused:
        parse(soql)
    assert refused.value.code == "MALFORMED_QUERY"

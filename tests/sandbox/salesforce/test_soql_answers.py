"""What a query finds, in which order and shape, and how it is refused: all of it on the same five leads."""

from collections.abc import Iterator

import pytest

from connector.sandbox.salesforce import Org
from tests.sandbox.salesforce.five_leads import add_five_leads
from tests.sandbox.salesforce.serving import Client, Clock, Served, Server, error


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """One org for all these tests, on a server of its own; they only read."""
    org = Org(Clock())
    org.seed_programme()
    with Server() as server:
        yield Served(server, org)


@pytest.fixture(scope="module")
def org(served: Served) -> Org:
    """The org itself."""
    return served.org


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[Client]:
    """A client that is logged in."""
    client = Client(served.url)
    yield client
    client.http.close()


@pytest.fixture(scope="module")
def leads(served: Served, client: Client) -> list[str]:
    """Five leads, a minute apart, of the queue, of a person and of a partner."""
    return add_five_leads(client, served.org)


def names(client: Client, where: str) -> str:
    found = client.query(f"SELECT LastName FROM Lead WHERE {where}")  # noqa: S608
    return " ".join(record["LastName"] for record in found["records"])


def test_a_record_has_its_type_its_address_and_null_where_nothing_is(
    client: Client, leads: list[str]
) -> None:
    fields = "Id, Email, Website, IsConverted, CreatedDate"
    found = client.query(f"SELECT {fields} FROM Lead WHERE Id = '{leads[2]}'")  # noqa: S608
    assert found == {
        "totalSize": 1,
        "done": True,
        "records": [
            {
                "attributes": {"type": "Lead", "url": f"/services/data/v62.0/sobjects/Lead/{leads[2]}"},
                "Id": leads[2],
                "Email": None,
                "Website": None,
                "IsConverted": False,
                "CreatedDate": "2026-11-23T12:03:00.000+0000",
            }
        ],
    }


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("NumberOfEmployees > 10", "Cleo Eve"),
        ("NumberOfEmployees >= 10.0 AND NumberOfEmployees < 250", "Abel Eve"),
        ("NumberOfEmployees = null", "Bea"),
        ("NumberOfEmployees != null AND (LastName = 'Abel' OR LastName = 'Dan')", "Abel Dan"),
        ("Budget__c != 'Approved'", "Bea Cleo Dan"),
        ("Budget__c NOT IN ('Approved', 'Planned')", "Bea Dan"),
        ("Budget__c IN ('Planned', null)", "Bea Cleo"),
        ("Budget__c NOT IN ('Planned', null)", "Abel Dan Eve"),
        ("NOT Budget__c = 'Approved'", "Bea Cleo Dan"),
        ("NOT (NumberOfEmployees > 5)", "Bea Dan"),
        ("Company = 'ZEBRA AG'", "Bea Cleo"),
        ("Company = 'O\\'Reilly Media'", "Abel"),
        ("Email LIKE '%@EXAMPLE.com'", "Bea Dan Eve"),
        ("Company LIKE 'Ant\\_Hill 100\\%'", "Dan"),
        ("Company LIKE '_ebra%'", "Bea Cleo"),
        ("Company = 'Caf\\u00e9 Ümlaut'", "Eve"),
        ("IsConverted = true", ""),
        ("CreatedDate = TODAY AND CreatedDate > 2026-11-23T13:03:00+01:00", "Dan Eve"),
        ("CreatedDate >= 2026-11-23T12:05:00.000Z", "Eve"),
        ("CreatedDate = LAST_N_DAYS:3 AND CreatedDate < TOMORROW", "Abel Bea Cleo Dan Eve"),
        ("CreatedDate < TODAY OR CreatedDate = NEXT_MONTH", ""),
        ("Owner.Name = 'Dora Direct'", "Cleo"),
        ("Owner.Type = 'Queue'", "Abel Bea"),
        ("(Owner.Name = 'Dora Direct' AND Email = null) AND IsConverted = false", "Cleo"),
        ("PartnerAccount.Name LIKE 'Nordwind%'", "Dan Eve"),
        ("OwnerId IN (SELECT Id FROM User WHERE UserType = 'PowerPartner')", "Dan Eve"),
        ("OwnerId NOT IN (SELECT Id FROM User)", "Abel Bea"),
        ("Email = ''", "Cleo"),
        ("lead.lastname = 'abel'", "Abel"),
    ],
)
def test_a_condition_finds_what_salesforce_would(
    client: Client, leads: list[str], where: str, found: str
) -> None:
    assert names(client, where) == found


def test_ids_are_found_in_fifteen_characters_as_in_eighteen(client: Client, leads: list[str]) -> None:
    assert names(client, f"Id IN ('{leads[0][:15]}', '{leads[1]}')") == "Abel Bea"
    assert names(client, f"Id > '{leads[3][:15]}'") == "Eve"


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("ORDER BY LastName DESC", "Eve Dan Cleo Bea Abel"),
        ("ORDER BY NumberOfEmployees, Id", "Bea Dan Abel Eve Cleo"),
        ("ORDER BY NumberOfEmployees DESC", "Bea Cleo Eve Abel Dan"),
        ("ORDER BY NumberOfEmployees DESC NULLS LAST", "Cleo Eve Abel Dan Bea"),
        ("ORDER BY Company ASC, LastName DESC", "Dan Eve Abel Cleo Bea"),
        ("ORDER BY Owner.Name, Id", "Dan Eve Cleo Abel Bea"),
        ("ORDER BY SystemModstamp DESC LIMIT 2", "Eve Dan"),
        ("ORDER BY Id LIMIT 2 OFFSET 3", "Dan Eve"),
    ],
)
def test_rows_come_in_the_order_asked_for(client: Client, leads: list[str], order: str, found: str) -> None:
    assert names(client, f"IsConverted = false {order}") == found


def test_parents_are_nested_and_a_missing_parent_is_null(client: Client, org: Org, leads: list[str]) -> None:
    soql = (
        "SELECT Owner.Name, Owner.Type, PartnerAccount.Name, RecordType.DeveloperName FROM Lead ORDER BY Id"
    )
    first, *_, last = client.query(soql)["records"]
    queue = org.owner_id("Web_Intake")
    root = "/services/data/v62.0/sobjects"
    assert first["Owner"] == {
        "attributes": {"type": "Name", "url": f"{root}/Group/{queue}"},
        "Name": "Web Intake",
        "Type": "Queue",
    }
    assert first["PartnerAccount"] is None
    assert last["Owner"]["Type"] == "User"
    assert last["PartnerAccount"]["Name"] == "Nordwind IT GmbH"
    assert last["PartnerAccount"]["attributes"]["type"] == "Account"
    assert first["RecordType"]["DeveloperName"] == "Direct_Lead"


def test_a_parent_shows_fields_by_its_type(client: Client, org: Org, leads: list[str]) -> None:
    cases = "WHEN User THEN Email, LastName WHEN Group THEN DeveloperName"
    first, *_, last = client.query(f"SELECT TYPEOF Owner {cases} END FROM Lead ORDER BY Id")["records"]  # noqa: S608
    queue = org.owner_id("Web_Intake")
    url = f"/services/data/v62.0/sobjects/Group/{queue}"
    assert first["Owner"] == {"attributes": {"type": "Group", "url": url}, "DeveloperName": "Web_Intake"}
    assert (last["Owner"]["LastName"], "DeveloperName" in last["Owner"]) == ("Petersen", False)
    cases = "WHEN Group THEN Name"
    first, *_, last = client.query(f"SELECT TYPEOF Owner {cases} END FROM Lead ORDER BY Id")["records"]  # noqa: S608
    assert (first["Owner"]["Name"], last["Owner"]) == ("Web Intake", None)
    cases = "WHEN Group THEN Name ELSE Username"
    *_, last = client.query(f"SELECT TYPEOF Owner {cases} END FROM Lead ORDER BY Id")["records"]  # noqa: S608
    assert last["Owner"]["Username"] == "anke.petersen@nordwind-it.example"


def test_the_owner_of_a_lead_has_only_the_fields_of_a_name(client: Client) -> None:
    answer = client.call("GET", "/query", params={"q": "SELECT Owner.DeveloperName FROM Lead"})
    assert error(answer) == (400, "INVALID_FIELD")
    assert "No such column 'DeveloperName' on entity 'Name'" in answer.json()[0]["message"]


def test_counts_come_as_salesforce_gives_them(client: Client, org: Org, leads: list[str]) -> None:
    assert client.query("SELECT COUNT() FROM Lead WHERE Email != null") == {
        "totalSize": 4,
        "done": True,
        "records": [],
    }
    assert client.query("SELECT COUNT(Id) FROM Lead")["records"] == [
        {"attributes": {"type": "AggregateResult"}, "expr0": 5}
    ]


def test_groups_are_counted_filtered_and_sorted(client: Client, leads: list[str]) -> None:
    soql = (
        "SELECT Owner.Name, COUNT(Id) n, MAX(NumberOfEmployees) FROM Lead GROUP BY Owner.Name "
        "HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC, Owner.Name"
    )
    found = [{k: v for k, v in row.items() if k != "attributes"} for row in client.query(soql)["records"]]
    assert found == [
        {"Name": "Anke Petersen", "n": 2, "expr0": 40},
        {"Name": "Web Intake", "n": 2, "expr0": 10},
    ]


def test_fields_of_all_kinds_need_a_small_limit(client: Client, leads: list[str]) -> None:
    standard = client.query("SELECT FIELDS(STANDARD) FROM Lead")["records"][0]
    assert {"Id", "Company", "Address", "SystemModstamp"} <= set(standard)
    assert not [name for name in standard if name.endswith("__c")]
    custom = client.query("SELECT Id, FIELDS(CUSTOM) FROM Lead LIMIT 200")["records"][0]
    assert "Partner__c" in custom
    assert "Company" not in custom
    answer = client.call("GET", "/query", params={"q": "SELECT FIELDS(ALL) FROM Lead"})
    assert error(answer) == (400, "MALFORMED_QUERY")


@pytest.mark.parametrize(
    ("soql", "code", "message"),
    [
        (
            "SELECT Id, Foo__c FROM Lead",
            "INVALID_FIELD",
            "\nSELECT Id, Foo__c FROM Lead\n           ^\nERROR at Row:1:Column:12\nNo such column 'Foo__c' "
            "on entity 'Lead'. If you are attempting to use a custom field, be sure to append the '__c' "
            "after the custom field name. Please reference your WSDL or the describe call for the "
            "appropriate names.",
        ),
        (
            "SELECT Id\nFROM XYZZY",
            "INVALID_TYPE",
            "\nFROM XYZZY\n     ^\nERROR at Row:2:Column:6\nsObject type 'XYZZY' is not supported.",
        ),
        ("SELECT Id FROM Lead LIMIT", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT * FROM Lead", "MALFORMED_QUERY", "ERROR at Row:1:Column:8\nunexpected token: '*'"),
        ("SELECT Id, FROM Lead", "MALFORMED_QUERY", "unexpected token: 'FROM'"),
        ("SELECT Id FROM Lead WHERE Name = 'O'Brien'", "MALFORMED_QUERY", "unexpected token: 'Brien'"),
        (
            "SELECT Id FROM Lead WHERE Name = 'x",
            "MALFORMED_QUERY",
            "mismatched character '<EOF>' expecting '''",
        ),
        (
            "SELECT Id FROM Lead WHERE IsDeleted = true AND Name = 'a' OR Name = 'b'",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        ("SELECT Id, id FROM Lead", "INVALID_FIELD", "duplicate field selected: Id"),
        (
            "SELECT Boss.Name FROM Lead",
            "INVALID_FIELD",
            "Didn't understand relationship 'Boss' in field path.",
        ),
        (
            "SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01'",
            "INVALID_FIELD",
            "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be",
        ),
        (
            "SELECT Id FROM Lead WHERE Email = 5",
            "INVALID_FIELD",
            "value of filter criterion for field 'Email' must be of type string and should be enclosed",
        ),
        (
            "SELECT Id FROM Lead WHERE Description = 'x'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered in a query call",
        ),
        ("SELECT Id FROM Lead ORDER BY Description", "INVALID_FIELD", "can not be sorted"),
        (
            "SELECT Id FROM Lead WHERE OwnerId = '123'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field: 123",
        ),
        (
            "SELECT Id FROM Lead OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
        (
            "SELECT Status, COUNT(Id) FROM Lead",
            "MALFORMED_QUERY",
            "Field must be grouped or aggregated: Status",
        ),
        ("SELECT COUNT(Id) FROM Lead LIMIT 5", "MALFORMED_QUERY", "cannot also use LIMIT"),
        ("SELECT Id FROM Lead WHERE Name = 'a\\q'", "MALFORMED_QUERY", "invalid string escape sequence"),
        (
            "SELECT Id, (SELECT Id FROM Toys) FROM Lead",
            "INVALID_FIELD",
            "Didn't understand relationship 'Toys'",
        ),
        (
            "SELECT TYPEOF Owner WHEN User THEN Nope END FROM Lead",
            "INVALID_FIELD",
            "column 'Nope' on entity 'User'",
        ),
        (
            "SELECT Id FROM Lead WHERE DISTANCE(Address, GEOLOCATION(37.7,-122.4), 'mi') < 20",
            "FUNCTIONALITY_NOT_ENABLED",
            "The sandbox does not emulate DISTANCE() in SOQL",
        ),
        ("", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
    ],
)
def test_a_bad_query_is_refused_with_its_place(client: Client, soql: str, code: str, message: str) -> None:
    answer = client.call("GET", "/query", params={"q": soql})
    assert error(answer) == (400, code)
    assert message in answer.json()[0]["message"]

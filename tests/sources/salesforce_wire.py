"""A pretend network on which Salesforce answers as told, for what goes over the wire to the letter."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import requests
import responses

from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.login import ClientCredentials
from connector.sources.salesforce.source import SalesforceSource
from connector.sources.settings import SalesforceSettings

HOST = "https://acme.my.salesforce.com"
TOKEN = f"{HOST}/services/oauth2/token"
DATA = f"{HOST}/services/data/v66.0"
SINCE = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
DATE = {"Date": "Mon, 02 Nov 2026 09:00:07 GMT"}
NONE = {"records": [], "done": True, "totalSize": 0}


def a_field(name: str, **facts: Any) -> dict[str, Any]:
    """A field as Salesforce describes it: 255 characters of text unless said otherwise."""
    return {
        "name": name,
        "type": "string",
        "length": 255,
        "updateable": True,
        "restrictedPicklist": False,
        "picklistValues": [],
        "referenceTo": [],
        "relationshipName": None,
        **facts,
    }


LEAD = {
    "updateable": True,
    "createable": True,
    "recordTypeInfos": [],
    "fields": [
        a_field("Company"),
        a_field("Partner__c", length=20),
        a_field("Reason__c", length=20),
        a_field(
            "Stage__c",
            type="picklist",
            restrictedPicklist=True,
            picklistValues=[{"active": True, "value": "Assigned"}, {"active": False, "value": "Old"}],
        ),
        a_field("Score__c", type="double", length=0),
        a_field("Due__c", type="date", length=0),
        a_field("Locked__c", updateable=False),
    ],
}


def a_source(**keys: Any) -> SalesforceSource:
    settings = SalesforceSettings.model_validate(
        {
            "kind": "salesforce",
            "login": {"flow": "client_credentials", "domain": "acme.my", "key": "env:K", "secret": "env:S"},
            "take_from": ["queue:Intake"],
            "write": {
                "partner": "Partner__c",
                "reason": "Reason__c",
                "status": "Stage__c",
                "score": "Score__c",
                "due": "Due__c",
            },
            **keys,
        }
    )
    login = ClientCredentials("acme.my", "k", "s")
    connection = Connection(login=login, version="66.0", base_url=None)
    return SalesforceSource("salesforce", settings, connection)


QUEUES = [{"Id": "00G000000000001EAA", "DeveloperName": "Intake"}]
ANNA = {
    "Id": "005000000000001EAA",
    "Username": "anna@x.example",
    "IsActive": True,
    "UserType": "PowerPartner",
}


def owners(wire: responses.RequestsMock) -> None:
    """One queue and one user, however often it is asked who there is."""

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        soql = parse_qs(urlsplit(request.url or "").query)["q"][0]
        tables: dict[str, list[dict[str, Any]]] = {
            "FROM Group": QUEUES,
            "FROM QueueSobject": [{"QueueId": QUEUES[0]["Id"]}],
            "FROM User": [ANNA],
        }
        rows = next(rows for part, rows in tables.items() if part in soql)
        return 200, DATE, orjson.dumps({"records": rows, "done": True, "totalSize": len(rows)}).decode()

    wire.add_callback(responses.GET, f"{DATA}/query/", callback=answer)


def sent(wire: responses.RequestsMock, path: str) -> list[Any]:
    """The bodies sent to a path, as parsed."""
    bodies = [call.request.body for call in wire.calls if str(call.request.url).endswith(path)]
    return [orjson.loads(body if isinstance(body, bytes) else str(body)) for body in bodies]


def queries(wire: responses.RequestsMock) -> list[str]:
    return [
        parse_qs(urlsplit(call.request.url or "").query)["q"][0]
        for call in wire.calls
        if "/queryAll/" in str(call.request.url)
    ]

"""Sees over HTTP what each CRM holds and remembers; it shares no code with the product."""

import json
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

INTEGRATION = "integration@acme.example"
"""The user by which the connector signs in to Salesforce."""


def _ask(url: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
    request = urllib.request.Request(url, body, dict(headers))
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


class Org:
    """A Salesforce org, asked with SOQL."""

    def __init__(self, base: str, key: str, secret: str):
        self._base = base
        login = b64encode(f"{key}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Host": "oracle.my.salesforce.com"}
        form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
        token = _ask(f"{base}/services/oauth2/token", form, headers)["access_token"]
        self._headers = {"Authorization": f"Bearer {token}"}

    def query(self, soql: str) -> Iterator[dict[str, Any]]:
        """The rows of all pages."""
        path = "/services/data/v66.0/query?" + urllib.parse.urlencode({"q": soql})
        while path:
            answer = _ask(self._base + path, None, self._headers)
            yield from answer["records"]
            path = "" if answer["done"] else answer["nextRecordsUrl"]

    def integration(self) -> str:
        """The id of the user by which the connector signs in."""
        users = self.query("SELECT Id, Username FROM User")
        return next(str(row["Id"]) for row in users if row["Username"] == INTEGRATION)

    def owners(self) -> dict[str, str]:
        """Names such as `user:anna@x.example` and `queue:Web_Intake`, by id."""
        owners = {row["Id"]: f"user:{row['Username']}" for row in self.query("SELECT Id, Username FROM User")}
        queues = self.query("SELECT Id, DeveloperName FROM Group WHERE Type = 'Queue'")
        return owners | {row["Id"]: f"queue:{row['DeveloperName']}" for row in queues}


class Portal:
    """A HubSpot account, asked by its list endpoints, which no index serves."""

    def __init__(self, base: str, token: str):
        self._base = base
        self._headers = {"Authorization": f"Bearer {token}"}

    def ask(self, path: str) -> Any:
        """One answer."""
        return _ask(self._base + path, None, self._headers)

    def records(self, kind: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """All records of a kind, page by page."""
        after = ""
        while True:
            asked = {"limit": "50", **query, **({"after": after} if after else {})}
            answer = self.ask(f"/crm/v3/objects/{kind}?" + urllib.parse.urlencode(asked))
            yield from answer["results"]
            after = (answer.get("paging") or {}).get("next", {}).get("after", "")
            if not after:
                return

    def owners(self) -> dict[str, str]:
        """Names such as `user:anna@x.example`, by id."""
        people = self.ask("/crm/v3/owners/?limit=500")["results"]
        return {str(row["id"]): f"user:{row['email']}" for row in people}

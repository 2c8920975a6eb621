"""Reads records back from a CRM over plain HTTP, for proof: it shares no code with delivery."""

import json
import re
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_SF = "/services/data/v66.0"


class SalesforceReader:
    """Looks at Leads with SOQL over plain HTTP."""

    def __init__(self, base_url: str, key: str, secret: str):
        self._base = base_url
        basic = b64encode(f"{key}:{secret}".encode()).decode()
        host = {"Host": "readback.my.salesforce.com"}
        form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
        answer = _ask(f"{base_url}/services/oauth2/token", form, {"Authorization": f"Basic {basic}", **host})
        self._headers = {"Authorization": f"Bearer {answer['access_token']}"}
        self._owners = self._read_owners()

    def ids(self, record_types: Sequence[str]) -> set[str]:
        """The ids of all leads of these record types; of all leads when none is named."""
        names = ", ".join(f"'{name}'" for name in record_types)
        where = f" WHERE RecordType.DeveloperName IN ({names})" if names else ""
        return {row["Id"] for row in self._query(f"SELECT Id FROM Lead{where}")}  # noqa: S608

    def values(self, fields: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """What every lead holds, by id: owner name, and `fields` (CRM field by our name)."""
        columns = ", ".join(["Id", "OwnerId", *fields.values()])
        return {
            row["Id"]: {
                "owner": self._owners.get(row["OwnerId"]),
                **{name: row[own] for name, own in fields.items()},
            }
            for row in self._query(f"SELECT {columns} FROM Lead")  # noqa: S608
        }

    def _read_owners(self) -> dict[str, str]:
        users = {r["Id"]: f"user:{r['Username']}" for r in self._query("SELECT Id, Username FROM User")}
        queues = self._query("SELECT Id, DeveloperName FROM Group WHERE Type = 'Queue'")
        return users | {row["Id"]: f"queue:{row['DeveloperName']}" for row in queues}

    def _query(self, soql: str) -> Iterator[dict[str, Any]]:
        path = f"{_SF}/query?" + urllib.parse.urlencode({"q": soql})
        while path:
            answer = _ask(self._base + path, None, self._headers)
            yield from answer["records"]
            path = "" if answer["done"] else answer["nextRecordsUrl"]


class HubSpotReader:
    """Looks at contacts through the list endpoint over plain HTTP."""

    def __init__(self, base_url: str, token: str):
        self._base = base_url
        self._headers = {"Authorization": f"Bearer {token}"}
        owners = _ask(f"{base_url}/crm/v3/owners/?limit=100", None, self._headers)["results"]
        self._owners = {row["id"]: f"user:{row['email']}" for row in owners}

    def ids(self, record_types: Sequence[str]) -> set[str]:
        """The ids of all contacts; HubSpot has no record types."""
        return {row["id"] for row in self._list(("email",))}

    def values(self, fields: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """What every contact holds, by id: owner name, and `fields` (property by our name)."""
        return {
            row["id"]: {
                "owner": self._owners.get(row["properties"]["hubspot_owner_id"] or ""),
                **{name: row["properties"][own] for name, own in fields.items()},
            }
            for row in self._list(("hubspot_owner_id", *fields.values()))
        }

    def _list(self, properties: Sequence[str]) -> Iterator[dict[str, Any]]:
        after = ""
        while True:
            query = {
                "limit": "100",
                "properties": ",".join(properties),
                **({"after": after} if after else {}),
            }
            path = "/crm/v3/objects/contacts?" + urllib.parse.urlencode(query)
            answer = _ask(self._base + path, None, self._headers)
            yield from answer["results"]
            after = (answer.get("paging") or {}).get("next", {}).get("after", "")
            if not after:
                return


def _ask(url: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
    request = urllib.request.Request(url, body, dict(headers))  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.loads(answer.read())


def reads_back(wanted: Mapping[str, Any], held: Mapping[str, Any] | None) -> bool:
    """Whether a record holds every value that was written to it."""
    return held is not None and all(_same(value, held.get(name)) for name, value in wanted.items())


def _same(wanted: Any, held: Any) -> bool:
    if wanted in (None, "") or held in (None, ""):
        return wanted in (None, "") and held in (None, "")
    if isinstance(wanted, int | float):
        return float(held) == float(wanted)
    if _TIME.match(str(wanted)) and _TIME.match(str(held)):
        return datetime.fromisoformat(str(wanted)) == datetime.fromisoformat(str(held))
    return str(wanted).casefold() == str(held).casefold()

"""How much the pretend Salesforce holds, and how fast it answers over HTTP from a process of its own."""

import base64
import http.client
import json
import multiprocessing
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import uvicorn

from connector.sandbox.cards import NeutralLead
from connector.sandbox.faults import FaultBoard
from connector.sandbox.salesforce import Org, salesforce_app

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
DAYS = 30
API = "/services/data/v62.0"
CITIES = ("Berlin", "Lyon", "Madrid", "Oslo", "Austin", "Pune", "Sydney", "Milano")
COUNTRIES = ("Germany", "France", "Spain", "Norway", "United States", "India", "Australia", "Italy")
FIELDS = (
    "Id, FirstName, LastName, Title, Email, Phone, Company, Website, Street, City, State, PostalCode, "
    "Country, Industry, NumberOfEmployees, AnnualRevenue, LeadSource, OwnerId, Owner.Name, Partner__c, "
    "Routing_Status__c, Expected_Amount__c, Share_OK__c, CreatedDate, SystemModstamp"
)
PAGES, BATCHES = 200, 100
OFF = {"Sforce-Auto-Assign": "FALSE"}


def leads(count: int) -> Iterator[NeutralLead]:
    """Leads with twenty fields each, of which six are different in every one."""
    for number in range(count):
        place = number % len(CITIES)
        yield {
            "first_name": f"First{number % 5000}",
            "last_name": f"Last{number % 20000}",
            "title": "Head of IT",
            "email": f"person{number}@company{number % 90000}.example",
            "phone": f"+49 30 {number:08d}",
            "company": f"Company {number % 90000} GmbH",
            "website": f"https://www.company{number % 90000}.example",
            "street": f"Street {number}",
            "city": CITIES[place],
            "country": COUNTRIES[place],
            "postal_code": f"{number % 99999:05d}",
            "industry": "Manufacturing",
            "employees": number % 5000,
            "lead_source": "Webinar",
            "budget": "Approved",
            "need": "Replace",
            "timeline": "This year",
            "authority": True,
            "expected_amount": number % 100000,
            "sharing_consent": True,
            "created_at": (NOW - timedelta(minutes=number % 40000)).isoformat(),
        }


def serve(count: int, pipe: Connection) -> None:
    """Fill an org, tell what it took, and answer until the process is ended."""
    before, began = memory(), time.perf_counter()
    org = Org(lambda: NOW)
    org.seed_programme()
    org.add_leads(leads(count), stamps_over=DAYS * 86_400)
    taken = time.perf_counter() - began
    listening = socket.create_server(("127.0.0.1", 0))
    pipe.send((taken, memory() - before, listening.getsockname()[1]))
    config = uvicorn.Config(salesforce_app(org, FaultBoard()), log_level="warning", date_header=False)
    uvicorn.Server(config).run(sockets=[listening])


def memory() -> int:
    """Resident bytes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


class Client:
    """The API over one kept connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        key = base64.b64encode(b"sandbox-key:sandbox-secret").decode()
        headers = {"Authorization": f"Basic {key}", "Content-Type": "application/x-www-form-urlencoded"}
        answer = self._send("POST", "/services/oauth2/token", "grant_type=client_credentials", headers)
        token = json.loads(answer)["access_token"]
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **OFF}

    def call(self, method: str, path: str, body: Any = None) -> tuple[float, bytes]:
        """Milliseconds until the whole answer was there, and the answer."""
        given = None if body is None else json.dumps(body)
        began = time.perf_counter()
        content = self._send(method, API + path, given, self._headers)
        return (time.perf_counter() - began) * 1000, content

    def query(self, soql: str) -> tuple[float, list[dict[str, Any]]]:
        """Milliseconds of a query, and its records."""
        taken, content = self.call("GET", f"/query?q={quote_plus(soql)}")
        return taken, json.loads(content)["records"]

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> bytes:
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status in (200, 201, 204), content
        return content


def window(since: timedelta, above: str = "", order: str = "Id") -> str:
    """A page of the walk by id through everything that changed since."""
    low, high = (NOW - since).strftime("%Y-%m-%dT%H:%M:%SZ"), "2026-11-22T10:00:00Z"
    after = f" AND Id > '{above}'" if above else ""
    changed = f"SystemModstamp >= {low} AND SystemModstamp < {high} AND IsConverted = false{after}"
    return f"SELECT {FIELDS} FROM Lead WHERE {changed} ORDER BY {order} LIMIT 2000"  # noqa: S608


def walk(client: Client, since: timedelta, pages: int) -> list[float]:
    """The times of the first so many pages."""
    times, above = [], ""
    for _ in range(pages):
        taken, records = client.query(window(since, above))
        times.append(taken)
        if not records:
            break
        above = records[-1]["Id"]
    return times


def ids(client: Client, count: int) -> list[str]:
    """The ids of the first leads."""
    found: list[str] = []
    while len(found) < count:
        above = found[-1] if found else "000000000000000"
        _, records = client.query(f"SELECT Id FROM Lead WHERE Id > '{above}' ORDER BY Id LIMIT 2000")  # noqa: S608
        found += [record["Id"] for record in records]
    return found[:count]


def write_back(client: Client, known: list[str]) -> list[float]:
    """The times of collection updates of 200 leads with five fields each."""
    times = []
    for first in range(0, len(known), 200):
        values = {"Partner__c": "Acme", "Routing_Status__c": "assigned", "Routing_Reason__c": "best fit"}
        more = {"Routing_Score__c": first, "Routing_Route__c": "DACH", "attributes": {"type": "Lead"}}
        records = [{"id": each, **values, **more} for each in known[first : first + 200]]
        times.append(client.call("PATCH", "/composite/sobjects", {"records": records})[0])
    return times


def write_on_condition(client: Client, known: list[str]) -> list[float]:
    """The times of composite requests with 25 updates on condition each."""
    times = []
    headers = {**OFF, "If-Unmodified-Since": "Sun, 22 Nov 2026 10:00:00 GMT"}
    for first in range(0, len(known), 25):
        parts = [
            {
                "method": "PATCH",
                "url": f"{API}/sobjects/Lead/{each}",
                "referenceId": f"r{number}",
                "httpHeaders": headers,
                "body": {"Partner__c": "Globex", "Routing_Reason__c": "same company"},
            }
            for number, each in enumerate(known[first : first + 25])
        ]
        times.append(client.call("POST", "/composite", {"compositeRequest": parts})[0])
    return times


def read_back(client: Client, known: list[str]) -> list[float]:
    """The times of reading 2,000 leads by id."""
    fields = ["Id", "OwnerId", "Partner__c", "Routing_Status__c", "SystemModstamp"]
    chunks = [known[first : first + 2000] for first in range(0, len(known), 2000)]
    return [client.call("POST", "/composite/sobjects/Lead", {"ids": c, "fields": fields})[0] for c in chunks]


def main(*, short: bool = False) -> None:
    """Print the figures, for a million leads."""
    count = 20_000 if short else 1_000_000
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(count, there), daemon=True)
    process.start()
    loading, held, port = here.recv()
    try:
        print(f"salesforce: {count:,} leads loaded in {loading:.1f} s, {held / 2**20:,.0f} MiB", end="")
        print(f" ({held / count:,.0f} bytes each)")
        measure(Client(port), count)
    finally:
        process.terminate()
        process.join()


def measure(client: Client, count: int) -> None:
    """Read and write as the connector does, and report."""
    everything = walk(client, timedelta(days=DAYS + 1), PAGES)
    report("first page of everything", everything[:1])
    report("2,000-row pages of everything by id", everything[1:])
    report("pages of a day by id", walk(client, timedelta(days=1), 10))
    report("page of a minute by id", walk(client, timedelta(minutes=1), 1))
    by_stamp = [client.query(window(timedelta(days=5), order="SystemModstamp, Id"))[0] for _ in range(10)]
    report("2,000-row pages by stamp", by_stamp)
    known = ids(client, min(200 * BATCHES, count))
    report("collection updates of 200", write_back(client, known))
    report("composites of 25 updates on condition", write_on_condition(client, known[: 25 * BATCHES]))
    report("reads of 2,000 by id", read_back(client, known))


def report(name: str, times: list[float]) -> None:
    """One line: median, worst, and how many a second one connection gets."""
    median = statistics.median(times)
    line = f"median {median:.1f} ms, worst {max(times):.1f} ms, {1000 / median:,.0f} a second"
    print(f"salesforce: {name}: {line}")


if __name__ == "__main__":
    main(short="--short" in sys.argv)

"""How much the pretend HubSpot holds, and how fast it answers over HTTP from a process of its own."""

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

import uvicorn

from connector.sandbox.cards import NeutralLead
from connector.sandbox.faults import FaultBoard
from connector.sandbox.hubspot import Portal, hubspot_app
from connector.sandbox.hubspot.access import SANDBOX_TOKEN

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
CITIES = ("Berlin", "Lyon", "Madrid", "Oslo", "Austin", "Pune", "Sydney", "Milano")
COUNTRIES = ("Germany", "France", "Spain", "Norway", "United States", "India", "Australia", "Italy")
SHOWN: tuple[str, ...] = (
    "email",
    "firstname",
    "lastname",
    "company",
    "country",
    "city",
    "industry",
    "company_size",
)
SHOWN += ("hubspot_owner_id", "partner", "routing_status", "lead_source", "budget", "timeline")
PAGES, BATCHES = 200, 100


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
    """Fill a portal, tell what it took, and answer until the process is ended."""
    before, began = memory(), time.perf_counter()
    portal = Portal(lambda: NOW)
    portal.seed_programme()
    portal.add_leads(leads(count))
    taken = time.perf_counter() - began
    listening = socket.create_server(("127.0.0.1", 0))
    pipe.send((taken, memory() - before, listening.getsockname()[1]))
    config = uvicorn.Config(hubspot_app(portal, FaultBoard()), log_level="warning", date_header=False)
    uvicorn.Server(config).run(sockets=[listening])


def memory() -> int:
    """Resident bytes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


class Client:
    """The API over one kept connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def post(self, path: str, body: Any) -> tuple[float, bytes]:
        """Milliseconds until the whole answer was there, and the answer."""
        headers = {"Authorization": f"Bearer {SANDBOX_TOKEN}", "Content-Type": "application/json"}
        began = time.perf_counter()
        self._connection.request("POST", path, json.dumps(body), headers)
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status in (200, 201), content
        return (time.perf_counter() - began) * 1000, content


def window(above: str, days: int) -> dict[str, Any]:
    """A page of the walk by id through everything that changed in the last days."""
    high = int(NOW.timestamp() * 1000)
    low = high - days * 86_400_000
    between = {
        "propertyName": "lastmodifieddate",
        "operator": "BETWEEN",
        "value": str(low),
        "highValue": str(high),
    }
    after = {"propertyName": "hs_object_id", "operator": "GT", "value": above}
    return {
        "filterGroups": [{"filters": [between, after]}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(SHOWN),
        "limit": 200,
    }


def walk(client: Client, days: int, pages: int) -> list[float]:
    """The times of the first so many pages."""
    times, above = [], "0"
    for _ in range(pages):
        taken, content = client.post("/crm/v3/objects/contacts/search", window(above, days))
        times.append(taken)
        results = json.loads(content)["results"]
        if not results:
            break
        above = results[-1]["id"]
    return times


def write_back(client: Client, batches: int) -> list[float]:
    """The times of batch updates of 100 contacts with five properties each."""
    times = []
    for batch in range(batches):
        first = 100451 + batch * 100 * 50
        values = {"partner": "Acme", "routing_status": "assigned", "routing_reason": "best fit"}
        values |= {"routing_score": str(batch), "routing_route": "DACH"}
        inputs = [{"id": str(first + 50 * number), "properties": values} for number in range(100)]
        times.append(client.post("/crm/v3/objects/contacts/batch/update", {"inputs": inputs})[0])
    return times


def main(*, short: bool = False) -> None:
    """Print the figures, for a million contacts."""
    count = 20_000 if short else 1_000_000
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(count, there), daemon=True)
    process.start()
    loading, held, port = here.recv()
    try:
        client = Client(port)
        print(f"hubspot: {count:,} contacts loaded in {loading:.1f} s, {held / 2**20:,.0f} MiB", end="")
        print(f" ({held / count:,.0f} bytes each)")
        everything = walk(client, days=365, pages=PAGES)
        report("first page of everything", everything[:1])
        report("200-object pages of everything", everything[1:])
        report("first page of a day", walk(client, days=1, pages=1))
        report("batch updates of 100", write_back(client, min(BATCHES, count // 100)))
        report("200-object pages after the writes", walk(client, days=365, pages=PAGES))
    finally:
        process.terminate()
        process.join()


def report(name: str, times: list[float]) -> None:
    """One line: median, worst, and how many a second one connection gets."""
    median = statistics.median(times)
    line = f"median {median:.1f} ms, worst {max(times):.1f} ms, {1000 / median:,.0f} a second"
    print(f"hubspot: {name}: {line}")


if __name__ == "__main__":
    main(short="--short" in sys.argv)

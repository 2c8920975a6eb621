"""How fast leads are made up, and in how much memory: `python -m tests.benchmarks.sandbox_people`."""

import time
import tracemalloc
from datetime import UTC, datetime

from connector.sandbox.people import hubspot_leads, salesforce_leads

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def main(*, short: bool = False) -> None:
    """Print leads per second for each CRM, and the peak of memory after the pools of names were made."""
    count = 10_000 if short else 1_000_000
    for crm, made in (("Salesforce", salesforce_leads), ("HubSpot", hubspot_leads)):
        begun = time.perf_counter()
        for _ in made(1, count, NOW):
            pass
        seconds = time.perf_counter() - begun
        print(f"{count:,} leads for {crm} made up in {seconds:.1f} s, {count / seconds:,.0f} a second")
    tracemalloc.start()
    for _ in salesforce_leads(2, count // 10, NOW):
        pass
    print(
        f"peak memory of {count // 10:,} leads in a stream: {tracemalloc.get_traced_memory()[1] / 1e6:.1f} MB"
    )
    tracemalloc.stop()


if __name__ == "__main__":
    main()

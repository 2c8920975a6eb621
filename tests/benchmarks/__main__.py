"""make bench: speed, memory and API calls, measured on this machine."""

import argparse
from collections.abc import Callable

from tests.benchmarks import (
    decisions,
    known_people,
    main_job,
    matching,
    registrations,
    sandbox_hubspot,
    sandbox_people,
    sandbox_salesforce,
    store,
)

PARTS: dict[str, Callable[..., None]] = {
    "decisions": decisions.main,
    "matching": matching.main,
    "known_people": known_people.main,
    "main_job": main_job.main,
    "registrations": registrations.main,
    "sandbox_salesforce": sandbox_salesforce.main,
    "sandbox_hubspot": sandbox_hubspot.main,
    "sandbox_people": sandbox_people.main,
    "store": store.main,
}


def main() -> None:
    """Run every benchmark, or those that are named, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}; default: all")
    given = parser.parse_args()
    unknown = set(given.parts) - PARTS.keys()
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    for name in given.parts or PARTS:
        print(f"-- {name}")
        PARTS[name](short=given.short)


if __name__ == "__main__":
    main()

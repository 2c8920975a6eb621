"""make bench: speed, memory and API calls, measured on this machine."""

import argparse

from tests.benchmarks import main_job


def main() -> None:
    """Run every benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="small sizes, to see that it works")
    short = parser.parse_args().short
    main_job.main(short=short)


if __name__ == "__main__":
    main()

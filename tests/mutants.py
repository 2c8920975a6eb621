"""mutmut, made quick: strict types judge all mutants at once, the rest meet tests collected once."""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from _pytest.config import _prepareconfig
from mutmut import __main__ as mutmut
from mutmut.configuration import config
from mutmut.mutation.data import MutantLineSpans
from mutmut.mutation.file_mutation import FailedTypeCheckMutant, MutatedMethodLocation
from mutmut.runners.harness import PytestRunner
from mutmut.state import state
from mutmut.type_checking import TypeCheckingError, run_type_checker
from mutmut.utils.file_utils import change_cwd, walk_mutatable_files
from mutmut.utils.format_utils import get_mutant_name
from mutmut.workers.isolation import ForkRunner, ForkServerRunner

SOUND = "orig"  # the copy of a function that no mutation changed
KILLERS = Path("mutants/killers.tsv")  # which test killed a mutant of which function
FRESH = (
    "MUTANT_FRESH" in os.environ
)  # import the tests anew for each, with what they read when they are imported
SECONDS = float(
    os.environ.get("MUTANT_SECONDS", 5)
)  # that a mutant has to get past; tests have time as measured


def forbidden_by_type() -> dict[str, FailedTypeCheckMutant]:
    """The mutants that strict mypy refuses; what it says of a sound copy too is due to the copying."""
    with change_cwd("mutants"):
        errors = run_type_checker(config().type_check_command)
    found = {}
    for path in walk_mutatable_files():
        spans = MutantLineSpans.load(path)
        here = [error for error in errors if error.file_path == (Path("mutants") / path).absolute()]
        for place, error in _misplaced(path, spans, here) if spans else ():
            name = get_mutant_name(path, place.function_name)
            found[name] = FailedTypeCheckMutant(place, name, error)
    return found


def _misplaced(
    path: Path, spans: MutantLineSpans, errors: list[TypeCheckingError]
) -> Iterator[tuple[MutatedMethodLocation, TypeCheckingError]]:
    placed = [
        (MutatedMethodLocation(path, name, span.start, span.end), error)
        for error in errors
        for name, span in spans.span_by_function_name.items()
        if span.start <= error.line_number <= span.end
    ]
    sound = set()
    for place, error in placed:
        function, _, number = place.function_name.rpartition("__mutmut_")
        if number == SOUND:
            sound.add((function, error.error_description))
    for place, error in placed:
        function, _, number = place.function_name.rpartition("__mutmut_")
        if number != SOUND and (function, error.error_description) not in sound:
            yield place, error


class CollectedOnce(PytestRunner):
    """The tests, ready to run in a fork; mutmut alone would look for each by its name every time."""

    def collect(self) -> None:
        with change_cwd("mutants"):
            given = [*config().pytest_add_cli_args, *config().pytest_add_cli_args_test_selection]
            prepared = _prepareconfig(["--rootdir=.", "--tb=no", "-q", *given])
            prepared._do_configure()
            self._session = pytest.Session.from_config(prepared)
            prepared.hook.pytest_sessionstart(session=self._session)
            prepared.hook.pytest_collection(session=self._session)
        self._items = {item.nodeid: item for item in self._session.items}
        self._reach = Counter(
            test for tests in state().tests_by_mangled_function_name.values() for test in tests
        )

    def likely(self, mutant: str, tests: Iterable[str]) -> list[str]:
        """First those that killed its neighbours, then the nearest: quick ones that reach few functions.

        They end where SECONDS are spent; one is always among them.
        """
        function = _function(mutant)
        lines = KILLERS.read_text().splitlines() if KILLERS.exists() else []
        kills = Counter(test for line in lines for killed, test in [line.split("\t")] if killed == function)
        reach, time = _reach(), state().duration_by_test
        ordered = sorted(tests, key=lambda test: (-kills[test], reach[test] * (time[test] + 0.004)))
        spent = list(accumulate(time[test] + 0.004 for test in ordered))
        return [test for test, until in zip(ordered, spent, strict=True) if until <= max(SECONDS, spent[0])]

    def run_tests(self, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        """0 where every test passes, as mutmut takes it for a survivor; the first failure ends it."""
        if mutant_name is None or FRESH:
            return min(super().run_tests(mutant_name=mutant_name, tests=tests), 1)
        items = [self._items[test] for test in self.likely(mutant_name, tests)]
        for item, following in zip(items, [*items[1:], None], strict=True):
            with change_cwd("mutants"):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._session.testsfailed:
                with KILLERS.open("a") as file:
                    file.write(f"{_function(mutant_name)}\t{item.nodeid}\n")
                return 1
        return 0


class Forks(ForkRunner):
    """mutmut's own forks, of a process that has the tests ready and has run none: nothing is remembered."""

    test_runner: CollectedOnce

    def __init__(self, max_workers: int) -> None:
        super().__init__(max_workers, CollectedOnce())
        aside = ForkServerRunner(1, PytestRunner, {})
        self.collect_stats = aside.collect_stats  # type: ignore[method-assign]
        self.run_clean_tests = aside.run_clean_tests  # type: ignore[method-assign]
        self.run_forced_fail = aside.run_forced_fail  # type: ignore[method-assign]
        self.list_all_tests = aside.list_all_tests  # type: ignore[method-assign]

    def startup(self) -> None:
        if not FRESH:
            self.test_runner.collect()
        super().startup()

    def submit(self, mutant_name: str, tests: list[str], cpu_time_limit: int, estimated_time: float) -> None:
        likely = self.test_runner.likely(mutant_name, tests)
        time = sum(state().duration_by_test[test] for test in likely)
        super().submit(mutant_name, likely, ceil(cpu_time_limit * (time + 1) / (estimated_time + 1)), time)


def forks(max_workers: int = 1, **_: Any) -> Forks:
    return Forks(max_workers)


@cache
def _reach() -> Counter[str]:
    """How many functions each test reaches."""
    return Counter(test for tests in state().tests_by_mangled_function_name.values() for test in tests)


def _function(mutant: str) -> str:
    return mutant.rpartition("__mutmut_")[0]


if __name__ == "__main__":
    sys.path[0] = str(Path.cwd())  # not this folder: tests are found in mutants/ first, and here only then
    vars(mutmut).update(get_mutant_runner=forks, filter_mutants_with_type_checker=forbidden_by_type)
    mutmut.cli()

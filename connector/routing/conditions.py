"""Structured conditions, such as `country = ["DE"]`, compiled once and explained clause by clause."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import re2  # type: ignore[import-untyped]

from connector.model.durations import duration
from connector.routing.facts import NUMBERS, TRUTHS, Fact, Facts, fold

Test = Callable[[Facts], bool]
Path = tuple[str | int, ...]

COMBINERS = ("all", "any", "none")


class BadCondition(ValueError):
    """A condition that cannot be understood: `path` to the fault, `wrong` word, right `choices`."""

    def __init__(self, path: Path, message: str, wrong: str = "", choices: Iterable[str] = ()):
        super().__init__(message)
        self.path = path
        self.wrong = wrong
        self.choices = tuple(choices)


class BadConditions(ValueError):
    """Everything in one condition that cannot be understood."""

    def __init__(self, faults: Sequence[BadCondition]):
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison of a condition, as written, with its compiled test."""

    field: str
    operator: str
    operand: Any
    test: Test

    def told(self, facts: Facts) -> dict[str, Any]:
        """The clause, the value that it met ("missing" when there is none) and whether it held."""
        value = facts.shown.get(self.field, "missing")
        return {
            "field": self.field,
            "operator": self.operator,
            "operand": self.operand,
            "value": value if isinstance(value, str | int | float | bool) else value.isoformat(),
            "holds": self.test(facts),
        }


@dataclass(frozen=True, slots=True)
class Condition:
    """A whole condition: `holds` decides, `clauses` explain.

    `asks` gives the values, as they compare, that fields must have for it to hold at all.
    """

    holds: Test
    clauses: tuple[Clause, ...]
    asks: Mapping[str, frozenset[Fact]] = field(default_factory=dict)

    def told(self, facts: Facts) -> list[dict[str, Any]]:
        """Every clause with the value that it met."""
        return [clause.told(facts) for clause in self.clauses]

    def fields(self) -> frozenset[str]:
        """The fields that the condition looks at."""
        return frozenset(clause.field for clause in self.clauses)


ALWAYS = Condition(lambda facts: True, ())


def understand_condition(written: Mapping[str, Any], fields: Iterable[str]) -> Condition:
    """Compile a condition over `fields`; BadConditions says everything that cannot be understood.

    Entries are joined by "and". A clause over a missing value is false, negated or not, except under
    `missing`; so it stays false inside `none` as well.
    """
    reader = _Reader(frozenset(fields))
    test = reader.all_of(written, (), negated=False)
    if reader.faults:
        raise BadConditions(reader.faults)
    return Condition(test, tuple(reader.clauses), _asked(written))


def _asked(written: Mapping[str, Any]) -> dict[str, frozenset[Fact]]:
    """What the plain comparisons of a condition ask for: its entries are joined by "and"."""
    plain = {name: value for name, value in written.items() if name not in COMBINERS}
    return {name: _wanted(value) for name, value in plain.items() if not isinstance(value, Mapping)}


def _wanted(operand: Any) -> frozenset[Fact]:
    return frozenset(fold(value) for value in (operand if isinstance(operand, list) else [operand]))


class _Reader:
    """Compiles one condition, keeping its clauses in order and every fault in it."""

    def __init__(self, fields: frozenset[str]):
        self._fields = fields
        self.clauses: list[Clause] = []
        self.faults: list[BadCondition] = []

    def all_of(self, written: Mapping[str, Any], path: Path, *, negated: bool) -> Test:
        """The test of entries joined by "and"; when `negated`, of their negation."""
        tests: list[Test] = []
        for key, value in written.items():
            try:
                tests.append(self._entry(key, value, (*path, key), negated=negated))
            except BadCondition as fault:
                self.faults.append(fault)
        return _every(tests, negated=negated)

    def _entry(self, key: str, value: Any, here: Path, *, negated: bool) -> Test:
        if key in COMBINERS:
            return self._combined(key, value, here, negated=negated)
        if key not in self._fields:
            choices = (*sorted(self._fields), *COMBINERS)
            raise BadCondition(here, f"there is no field {key!r}", key, choices)
        written = _written_as(value, here)
        clauses = [_clause(key, operator, operand, here, negated=negated) for operator, operand in written]
        self.clauses += clauses
        return _every([clause.test for clause in clauses], negated=negated)

    def _combined(self, key: str, value: Any, here: Path, *, negated: bool) -> Test:
        if not isinstance(value, list) or not all(isinstance(part, Mapping) for part in value):
            example = f"{key} = [{{ country = 'DE' }}]"
            raise BadCondition(here, f"{key!r} takes a list of conditions, such as {example}")
        # Negation is pushed down to the clauses, so that a missing value is false there too: this equals
        # three-valued logic that asks whether the whole is true.
        inside = negated != (key == "none")
        parts = [self.all_of(part, (*here, index), negated=inside) for index, part in enumerate(value)]
        every = (key == "all") != negated if key != "none" else not negated
        return _all(parts) if every else _any(parts)


def _all(tests: Sequence[Test]) -> Test:
    return lambda facts: all(test(facts) for test in tests)


def _any(tests: Sequence[Test]) -> Test:
    return lambda facts: any(test(facts) for test in tests)


def _every(tests: Sequence[Test], *, negated: bool) -> Test:
    """Tests joined by "and", or, being negations already, by "or"."""
    if len(tests) == 1:
        return tests[0]
    return _any(tests) if negated else _all(tests)


def _written_as(value: Any, path: Path) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        if not value:
            raise BadCondition(path, "an empty table compares with nothing; write a value or an operator")
        return value.items()
    return [("is", value)]


def _clause(field: str, operator: str, operand: Any, path: Path, *, negated: bool = False) -> Clause:
    here = path if operator == "is" else (*path, operator)
    if operator == "is":
        test = _is(field, operand, here)
    elif operator in _OPERATORS:
        test = _OPERATORS[operator](field, operand, here)
    else:
        raise BadCondition(here, f"there is no operator {operator!r}", operator, OPERATORS)
    if not negated:
        return Clause(field, operator, operand, test)
    if operator in ("missing", "present"):
        return Clause(field, f"not {operator}", operand, lambda facts: not test(facts))
    return Clause(field, f"not {operator}", operand, lambda facts: field in facts.folded and not test(facts))


def _is(field: str, operand: Any, path: Path) -> Test:
    for value in operand if isinstance(operand, list) else [operand]:
        _check_kind(field, value, path)
    folded = _wanted(operand)
    return lambda facts: facts.folded.get(field) in folded


def _check_kind(field: str, value: Any, path: Path) -> None:
    if not isinstance(value, str | int | float | bool):
        raise BadCondition(path, f"{field!r} compares with text, a number, true or false, or a list of these")
    if field in NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise BadCondition(path, f"{field!r} is a number; write {value!r} without quotes")
    if field in TRUTHS and not isinstance(value, bool):
        raise BadCondition(path, f"{field!r} is true or false, not {value!r}")


def _is_not(field: str, operand: Any, path: Path) -> Test:
    test = _is(field, operand, path)
    return lambda facts: field in facts.folded and not test(facts)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[str, Any, Path], Test]:
    def build(field: str, operand: Any, path: Path) -> Test:
        if isinstance(operand, bool) or not isinstance(operand, int | float):
            raise BadCondition(path, f"this operator needs a number, not {operand!r}")

        def test(facts: Facts) -> bool:
            value = _numeric(facts.folded.get(field))
            return value is not None and compare(value, operand)

        return test

    return build


def _numeric(value: Fact | None) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None


def _textual(compare: Callable[[str, str], bool]) -> Callable[[str, Any, Path], Test]:
    def build(field: str, operand: Any, path: Path) -> Test:
        parts = operand if isinstance(operand, list) else [operand]
        if not parts or not all(isinstance(part, str) and part for part in parts):
            raise BadCondition(path, "this operator needs a text or a list of texts")
        folded = [part.casefold() for part in parts]

        def test(facts: Facts) -> bool:
            value = facts.folded.get(field)
            return value is not None and any(compare(str(value), part) for part in folded)

        return test

    return build


def _missing(field: str, operand: Any, path: Path) -> Test:
    if not isinstance(operand, bool):
        raise BadCondition(path, "write missing = true or missing = false")
    return lambda facts: (field not in facts.folded) == operand


def _present(field: str, operand: Any, path: Path) -> Test:
    if not isinstance(operand, bool):
        raise BadCondition(path, "write present = true or present = false")
    return lambda facts: (field in facts.folded) == operand


def _aged(
    compare: Callable[[timedelta, timedelta], bool],
) -> Callable[[str, Any, Path], Test]:
    def build(field: str, operand: Any, path: Path) -> Test:
        try:
            limit = duration(operand)
        except ValueError as error:
            raise BadCondition(path, str(error)) from None

        def test(facts: Facts) -> bool:
            then = moment(facts.shown.get(field))
            return then is not None and compare(facts.now - then, limit)

        return test

    return build


def moment(value: Fact | None) -> datetime | None:
    """A time, or a text in ISO 8601 as both CRMs give dates; one without a zone is UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _matches(field: str, operand: Any, path: Path) -> Test:
    """RE2 needs time in proportion to the text, whatever the pattern; Python's own `re` can take for ever."""
    parts = operand if isinstance(operand, list) else [operand]
    if not parts or not all(isinstance(part, str) and part for part in parts):
        raise BadCondition(path, "this operator needs a regular expression or a list of them")
    patterns = [_pattern(part, path) for part in parts]

    def test(facts: Facts) -> bool:
        value = facts.shown.get(field)
        if value is None:
            return False
        text = str(value).encode(errors="replace").decode()
        return any(pattern.search(text) for pattern in patterns)

    return test


def _pattern(written: str, path: Path) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        return re2.compile(written, options)
    except re2.error as error:
        why = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise BadCondition(path, f"{written!r} is not a regular expression that RE2 knows: {why}") from None


_OPERATORS: Mapping[str, Callable[[str, Any, Path], Test]] = {
    "not": _is_not,
    "at_least": _ordered(lambda a, b: a >= b),
    "at_most": _ordered(lambda a, b: a <= b),
    "above": _ordered(lambda a, b: a > b),
    "below": _ordered(lambda a, b: a < b),
    "contains": _textual(lambda value, part: part in value),
    "starts_with": _textual(lambda value, part: value.startswith(part)),
    "matches": _matches,
    "missing": _missing,
    "present": _present,
    "older_than": _aged(lambda age, limit: age > limit),
    "newer_than": _aged(lambda age, limit: age < limit),
    "within": _aged(lambda age, limit: abs(age) <= limit),
}

OPERATORS = tuple(_OPERATORS)
AGES = ("older_than", "newer_than", "within")
"""The operators that compare with the moment of deciding."""

"""From WHERE and HAVING to SQL, with each field's own rules for what it may be compared to."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from lark import Token

from connector.sandbox.salesforce import ids
from connector.sandbox.salesforce.schema import DECIMALS, IDS
from connector.sandbox.salesforce.schema import Field as SchemaField
from connector.sandbox.salesforce.soql.columns import Column, Scope
from connector.sandbox.salesforce.soql.dates import span
from connector.sandbox.salesforce.soql.errors import QueryProblem, malformed
from connector.sandbox.salesforce.soql.syntax import (
    Among,
    Compare,
    Condition,
    Expression,
    Function,
    Includes,
    Junction,
    Literal,
    Negation,
    Query,
)
from connector.sandbox.salesforce.store import Value
from connector.sandbox.salesforce.times import parse_moment, seconds

LONGEST_LITERAL = 4000
ESCAPES = {
    "n": "\n",
    "N": "\n",
    "r": "\r",
    "R": "\r",
    "t": "\t",
    "T": "\t",
    "b": "\b",
    "B": "\b",
    "f": "\f",
    "F": "\f",
}
ACCEPTED = {
    "boolean": ("TRUE", "FALSE"),
    "int": ("INTEGER", "DECIMAL", "NULL"),
    "date": ("DATE", "DATE_LITERAL", "NULL"),
    "datetime": ("DATETIME", "DATE_LITERAL", "NULL"),
    **dict.fromkeys(DECIMALS, ("INTEGER", "DECIMAL", "NULL")),
}
WIRE_NAMES = {"datetime": "dateTime", "id": "id", "reference": "reference"}
SWAPPED = {">": ">=", "<=": "<"}


@dataclass(frozen=True)
class Sql:
    """A piece of SQL with its parameters."""

    text: str
    parameters: tuple[Value, ...] = ()


@dataclass
class Conditions:
    """Writes conditions as SQL; columns in `unindexed` are written so that no index on them is used."""

    scope: Scope
    now: datetime
    rows: Callable[[Query], Sql]
    function: Callable[[Function], tuple[str, SchemaField]]
    unindexed: set[str] = field(default_factory=set)

    def sql(self, condition: Condition) -> Sql:
        """A condition as SQL, in which what is unknown counts as false; raises QueryProblem."""
        if isinstance(condition, Junction):
            return joined(" AND " if condition.every else " OR ", map(self.sql, condition.parts))
        if isinstance(condition, Negation):
            inner = self.sql(condition.of)
            return Sql(f"({inner.text}) IS NOT TRUE", inner.parameters)
        if isinstance(condition, Among):
            return self._among(condition)
        if isinstance(condition, Includes):
            return self._includes(condition)
        return self._compare(condition)

    def _left(self, expression: Expression) -> Column:
        if isinstance(expression, Function):
            sql, like = self.function(expression)
            return Column(sql, like, None)
        column = self.scope.column(expression)
        if column.field.has("X") or not column.field.stored:
            raise QueryProblem(
                "INVALID_FIELD",
                f"field '{column.field.name}' can not be filtered in a query call",
                expression.token,
            )
        return column

    def indexed(self, column: Column) -> str:
        """A column as it is to be written: a plus sign keeps SQLite from using its index."""
        return f"+{column.sql}" if column.is_own and column.field.name in self.unindexed else column.sql

    def _compare(self, compare: Compare) -> Sql:
        column = self._left(compare.left)
        place = compare.left.token
        check_type(column.field, compare.value, place)
        sql, operator = self.indexed(column), compare.operator
        if compare.value.kind == "DATE_LITERAL":
            return self._in_span(sql, operator, column.field, compare.value)
        if operator == "LIKE":
            return _like(sql, column.field, compare.value, place)
        given = value(column.field, compare.value, place)
        if given is None or operator == "!=":
            return self._equality(sql, operator, given, place)
        return Sql(f"{sql} {operator} ?", (given,))

    def _equality(self, sql: str, operator: str, given: Value, place: Token) -> Sql:
        if operator not in ("=", "!="):
            raise QueryProblem(
                "INVALID_QUERY_FILTER_OPERATOR", f"operator '{operator}' can not be used with null", place
            )
        return Sql(f"{sql} IS {'' if operator == '=' else 'NOT '}?", (given,))

    def _in_span(self, sql: str, operator: str, of: SchemaField, literal: Literal) -> Sql:
        try:
            first, end = span(str(literal.token), self.now.date())
        except (OverflowError, ValueError):
            message = f"date literal is out of range: {literal.token}"
            raise QueryProblem("NUMBER_OUTSIDE_VALID_RANGE", message, literal.token) from None
        low, high = _day_value(of, first), _day_value(of, end)
        if operator == "=":
            return Sql(f"({sql} >= ? AND {sql} < ?)", (low, high))
        if operator == "!=":
            return Sql(f"({sql} >= ? AND {sql} < ?) IS NOT TRUE", (low, high))
        return Sql(f"{sql} {SWAPPED.get(operator, operator)} ?", (high if operator in SWAPPED else low,))

    def _among(self, among: Among) -> Sql:
        column = self._left(among.left)
        sql = self.indexed(column)
        inner = self.rows(among.query) if among.query is not None else _listed(column.field, among)
        # In SOQL null is a value like any other: NOT IN finds it, and so does IN when it is listed.
        if any(literal.kind == "NULL" for literal in among.values):
            inner_or_null = Sql(f"({sql} IN ({inner.text}) OR {sql} IS NULL)", inner.parameters)
            return (
                Sql(f"{inner_or_null.text} IS NOT TRUE", inner.parameters) if among.negated else inner_or_null
            )
        if among.negated:
            return Sql(f"({sql} IS NULL OR {sql} NOT IN ({inner.text}))", inner.parameters)
        return Sql(f"{sql} IN ({inner.text})", inner.parameters)

    def _includes(self, includes: Includes) -> Sql:
        column = self._left(includes.left)
        if column.field.type != "multipicklist":
            raise QueryProblem(
                "INVALID_QUERY_FILTER_OPERATOR",
                f"operator 'includes' can not be used on field '{column.field.name}'",
                includes.left.token,
            )
        found = joined(" OR ", (_has_all(column.sql, each) for each in includes.values))
        return Sql(f"({found.text}) IS NOT TRUE", found.parameters) if includes.negated else found


def joined(word: str, parts: Iterable[Sql]) -> Sql:
    """Several conditions as one, in parentheses."""
    given = list(parts)
    return Sql(
        "(" + word.join(each.text for each in given) + ")",
        tuple(parameter for each in given for parameter in each.parameters),
    )


def check_type(of: SchemaField, literal: Literal, place: Token) -> None:
    """Refuse a literal that a field of this type is never compared to; raises QueryProblem."""
    accepted = ACCEPTED.get(of.type, ("STRING", "NULL"))
    if literal.kind in accepted:
        return
    quotes = "should be enclosed in quotes" if "STRING" in accepted else "should not be enclosed in quotes"
    kind = WIRE_NAMES.get(of.type, of.type if of.type in ACCEPTED else "string")
    raise QueryProblem(
        "INVALID_FIELD",
        f"value of filter criterion for field '{of.name}' must be of type {kind} and {quotes}",
        place,
    )


def value(of: SchemaField, literal: Literal, place: Token) -> Value:
    """A literal as it would be stored in this field; raises QueryProblem."""
    text = str(literal.token)
    if literal.kind == "STRING":
        return _id(text[1:-1], place) if of.type in IDS else unescaped(text[1:-1], place) or None
    if literal.kind == "DATETIME":
        return _moment(text, place)
    if literal.kind == "DATE":
        return _day(text, place)
    if literal.kind in ("INTEGER", "DECIMAL"):
        # SQLite's whole numbers end at 64 bits.
        return int(text) if literal.kind == "INTEGER" and abs(int(text)) < 2**63 else float(text)
    return {"TRUE": 1, "FALSE": 0}.get(literal.kind)


def unescaped(text: str, place: Token, keep: str = "") -> str:
    """A string literal's text; the escapes of the characters in `keep` stay as they are."""
    if len(text) > LONGEST_LITERAL:
        raise malformed("string literal exceeds the maximum length of 4,000 characters", place)

    def one(match: re.Match[str]) -> str:
        code, letter = match[1], match[2]
        if code:
            return chr(int(code, 16))
        if letter in "\\'\"":
            return match[0] if letter in keep else letter
        if letter in ESCAPES:
            return ESCAPES[letter]
        if letter in keep:
            return match[0]
        raise malformed(f"invalid string escape sequence: '\\{letter}'", place)

    return re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", one, text, flags=re.DOTALL)


def _id(text: str, place: Token) -> str | None:
    if not text:
        return None
    if len(text) not in (15, 18) or not text.isalnum():
        raise QueryProblem("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}", place)
    return ids.with_checksum(text) if len(text) == 15 else text


def _moment(text: str, place: Token) -> int:
    try:
        return parse_moment(text.upper())
    except ValueError:
        raise malformed(f"Invalid datetime: {text}", place) from None


def _day(text: str, place: Token) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise malformed(f"Invalid date: {text}", place) from None


def _day_value(of: SchemaField, day: date) -> Value:
    return day.isoformat() if of.type == "date" else seconds(datetime.combine(day, time(), UTC))


def _like(sql: str, of: SchemaField, literal: Literal, place: Token) -> Sql:
    if of.type in ACCEPTED or of.type in IDS:
        raise QueryProblem(
            "INVALID_QUERY_FILTER_OPERATOR", f"operator 'like' can not be used on field '{of.name}'", place
        )
    pattern = unescaped(str(literal.token)[1:-1], place, keep="_%\\")
    return Sql(f"{sql} LIKE ? ESCAPE '\\'", (pattern,))


def _listed(of: SchemaField, among: Among) -> Sql:
    place = among.left.token
    for literal in among.values:
        check_type(of, literal, place)
    values = tuple(value(of, literal, place) for literal in among.values)
    return Sql(", ".join("?" * len(values)), values)


def _has_all(sql: str, literal: Literal) -> Sql:
    """A;B as one value of INCLUDES: both are chosen."""
    chosen = unescaped(str(literal.token)[1:-1], literal.token).split(";")
    return joined(" AND ", (Sql(f"instr(';' || {sql} || ';', ?) > 0", (f";{each};",)) for each in chosen))

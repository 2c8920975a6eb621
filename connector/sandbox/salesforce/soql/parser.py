"""From the text of a query to its clauses, with Salesforce's words for what cannot be read."""

from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.soql.errors import query_error
from connector.sandbox.salesforce.soql.syntax import (
    Aliased,
    Among,
    Children,
    Compare,
    Condition,
    Expression,
    Function,
    Includes,
    Junction,
    Literal,
    Negation,
    Order,
    Path,
    Query,
    Selected,
    TypeOf,
)

LONGEST = 100_000


def parse(text: str) -> Query:
    """The clauses of a query; raises SalesforceError with the place of the mistake."""
    if len(text) > LONGEST:
        raise SalesforceError(
            "QUERY_TOO_COMPLICATED", "SOQL statements cannot be longer than 100,000 characters."
        )
    try:
        parsed: Query = _grammar().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as problem:
        raise _refusal(problem, text) from None
    return parsed


def prepare() -> None:
    """Read the grammar now, so that the first query does not wait for it."""
    _grammar()


@cache
def _grammar() -> Lark:
    grammar = (files(__package__) / "soql.lark").read_text(encoding="utf-8")
    return Lark(grammar, start="query", parser="lalr", maybe_placeholders=True, transformer=_Reader())


def _refusal(problem: UnexpectedInput, text: str) -> SalesforceError:
    if isinstance(problem, UnexpectedEOF) or _at_end(problem):
        lines = text.split("\n")
        return query_error(
            "MALFORMED_QUERY", "unexpected token: '<EOF>'", text, len(lines), max(1, len(lines[-1]))
        )
    found = str(problem.token) if isinstance(problem, UnexpectedToken) else _word(text, problem)
    if found.startswith("'"):
        message = f"line {problem.line}:{problem.column - 1} mismatched character '<EOF>' expecting '''"
        return SalesforceError("MALFORMED_QUERY", message)
    return query_error("MALFORMED_QUERY", f"unexpected token: '{found}'", text, problem.line, problem.column)


def _at_end(problem: UnexpectedInput) -> bool:
    return isinstance(problem, UnexpectedToken) and problem.token.type == "$END"


def _word(text: str, problem: UnexpectedInput) -> str:
    """The word, or the one character, at which reading stopped."""
    rest = text[problem.pos_in_stream :] if isinstance(problem, UnexpectedCharacters) else ""
    end = next((i for i, c in enumerate(rest) if not (c.isalnum() or c == "_")), len(rest))
    return rest[: max(1, end)]


@v_args(inline=True)
class _Reader(Transformer[Token, Query]):
    """Makes the clauses from the parse tree, bottom up; method names are the grammar's."""

    def query(
        self,
        select: tuple[Selected, ...],
        object_name: Token,
        alias: str,
        scope: object,
        where: Condition | None,
        security: object,
        group_by: tuple[Expression, ...],
        having: Condition | None,
        order_by: tuple[Order, ...],
        limit: int | None,
        offset: int | None,
        purpose: object,
        all_rows: bool,
    ) -> Query:
        return Query(
            select, object_name, alias, where, group_by, having, order_by, limit, offset or 0, all_rows
        )

    def select_list(self, *items: Selected) -> tuple[Selected, ...]:
        return items

    def field(self, name: Token) -> Path:
        return Path(name)

    def function(self, name: Token, *arguments: Path | Function | Literal | None) -> Function:
        return Function(name, tuple(each for each in arguments if each is not None))

    def aliased(self, of: Expression, alias: Token) -> Aliased:
        return Aliased(of, alias)

    def children(self, query: Query) -> Children:
        return Children(query)

    def typeof(self, name: Token, *parts: tuple[Any, ...]) -> TypeOf:
        *cases, otherwise = parts
        return TypeOf(name, tuple((word, tuple(names)) for word, *names in cases), otherwise)

    def type_case(self, word: Token, *names: Token) -> tuple[Token, ...]:
        return word, *names

    def type_else(self, *names: Token) -> tuple[Token, ...]:
        return names

    def value(self, token: Token) -> Literal:
        return Literal(token)

    def alias(self, name: Token | None = None) -> str:
        return str(name or "")

    def where(self, condition: Condition | None = None) -> Condition | None:
        return condition

    def having(self, condition: Condition | None = None) -> Condition | None:
        return condition

    def all_of(self, *parts: Condition) -> Junction:
        return Junction(True, parts)

    def any_of(self, *parts: Condition) -> Junction:
        return Junction(False, parts)

    def negation(self, of: Condition) -> Negation:
        return Negation(of)

    def compare(self, left: Expression, operator: Token, value: Literal) -> Compare:
        return Compare(left, "!=" if operator == "<>" else str(operator), value)

    def like(self, left: Expression, value: Literal) -> Compare:
        return Compare(left, "LIKE", value)

    def among(self, left: Path, *values: Literal) -> Among:
        return Among(left, False, values)

    def not_among(self, left: Path, *values: Literal) -> Among:
        return Among(left, True, values)

    def among_rows(self, left: Path, query: Query) -> Among:
        return Among(left, False, query=query)

    def not_among_rows(self, left: Path, query: Query) -> Among:
        return Among(left, True, query=query)

    def includes(self, left: Path, *values: Literal) -> Includes:
        return Includes(left, False, values)

    def excludes(self, left: Path, *values: Literal) -> Includes:
        return Includes(left, True, values)

    def group_by(self, *by: Expression) -> tuple[Expression, ...]:
        return by

    def order_by(self, *items: Order) -> tuple[Order, ...]:
        return items

    def order_item(self, by: Expression, direction: Token | None, edge: Token | None) -> Order:
        return Order(by, (direction or "").upper() == "DESC", (edge or "").upper() == "LAST")

    def limit(self, number: Token | None = None) -> int | None:
        return None if number is None else int(number)

    def offset(self, number: Token | None = None) -> int | None:
        return None if number is None else int(number)

    def all_rows(self, words: Token | None = None) -> bool:
        return words is not None

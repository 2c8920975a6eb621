"""A query as read: the clauses of SOQL as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from lark import Token


@dataclass(frozen=True)
class Path:
    """A field, perhaps of a parent: `Owner.Name`."""

    token: Token

    @property
    def parts(self) -> list[str]:
        return str(self.token).split(".")


@dataclass(frozen=True)
class Literal:
    """A value; `kind` is the name of its terminal in the grammar."""

    token: Token

    @property
    def kind(self) -> str:
        return str(self.token.type)


@dataclass(frozen=True)
class Function:
    """An aggregate such as COUNT(Id), FIELDS(ALL), or any other call."""

    token: Token
    arguments: tuple[Path | Function | Literal, ...]

    @property
    def name(self) -> str:
        return str(self.token).upper()


Expression = Path | Function


@dataclass(frozen=True)
class Aliased:
    """An expression of the select list with a name of its own."""

    of: Expression
    alias: Token


@dataclass(frozen=True)
class Children:
    """A query of child records within the select list."""

    query: Query


@dataclass(frozen=True)
class TypeOf:
    """Fields by the type of a polymorphic parent, and those for any other type."""

    token: Token
    cases: tuple[tuple[Token, tuple[Token, ...]], ...]
    otherwise: tuple[Token, ...]


Selected = Path | Function | Aliased | Children | TypeOf


@dataclass(frozen=True)
class Compare:
    """One comparison; `operator` is upper-case and one of = != < <= > >= LIKE."""

    left: Expression
    operator: str
    value: Literal


@dataclass(frozen=True)
class Among:
    """IN or NOT IN a list of values or the rows of a query."""

    left: Path
    negated: bool
    values: tuple[Literal, ...] = ()
    query: Query | None = None


@dataclass(frozen=True)
class Includes:
    """INCLUDES or EXCLUDES of a multi-select picklist."""

    left: Path
    negated: bool
    values: tuple[Literal, ...]


@dataclass(frozen=True)
class Junction:
    """Conditions that must all hold, or of which one must."""

    every: bool
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Negation:
    """A condition that must not hold."""

    of: Condition


Condition = Compare | Among | Includes | Junction | Negation


@dataclass(frozen=True)
class Order:
    """One entry of ORDER BY."""

    by: Expression
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Query:
    """A whole query."""

    select: tuple[Selected, ...]
    object: Token
    alias: str = ""
    where: Condition | None = None
    group_by: tuple[Expression, ...] = ()
    having: Condition | None = None
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False

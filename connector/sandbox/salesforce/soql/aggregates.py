"""COUNT, SUM and the other aggregates, and the functions that make groups of dates."""

from dataclasses import dataclass

from connector.sandbox.salesforce.schema import Field
from connector.sandbox.salesforce.soql.columns import Scope
from connector.sandbox.salesforce.soql.errors import malformed
from connector.sandbox.salesforce.soql.projection import Reading, shown
from connector.sandbox.salesforce.soql.syntax import Aliased, Expression, Function, Path, Query, Selected

AGGREGATES = {
    "COUNT": "count({})",
    "COUNT_DISTINCT": "count(DISTINCT {})",
    "SUM": "sum({})",
    "AVG": "avg({})",
    "MIN": "min({})",
    "MAX": "max({})",
}
NUMBER = Field("expr", "Number", "double", 18, 2, "N")
COUNT = Field("expr", "Count", "int", 9, 0, "N")
DAY = Field("expr", "Day", "date", 0, 0, "N")
DATE_PARTS = {
    "CALENDAR_YEAR": ("%Y", COUNT),
    "CALENDAR_MONTH": ("%m", COUNT),
    "DAY_IN_MONTH": ("%d", COUNT),
    "HOUR_IN_DAY": ("%H", COUNT),
    "DAY_ONLY": ("%Y-%m-%d", DAY),
}


def is_aggregate(item: Selected) -> bool:
    """Whether this entry of a select list makes the query an aggregate one."""
    of = item.of if isinstance(item, Aliased) else item
    return isinstance(of, Function) and of.name in AGGREGATES


def function_sql(function: Function, scope: Scope) -> tuple[str, Field]:
    """A function as SQL, and what its value is like; raises QueryProblem."""
    if function.name == "COUNT" and not function.arguments:
        return "count(*)", COUNT
    argument = function.arguments[0] if len(function.arguments) == 1 else None
    if not isinstance(argument, Path) or function.name not in (*AGGREGATES, *DATE_PARTS):
        raise malformed(f"unexpected token: '{function.token}'", function.token)
    column = scope.column(argument)
    if function.name in DATE_PARTS:
        pattern, kind = DATE_PARTS[function.name]
        given = f"{column.sql}, 'unixepoch'" if column.field.type == "datetime" else column.sql
        text = f"strftime('{pattern}', {given})"
        return (f"CAST({text} AS INTEGER)" if kind is COUNT else text), kind
    like = {"COUNT": COUNT, "COUNT_DISTINCT": COUNT, "MIN": column.field, "MAX": column.field}
    return AGGREGATES[function.name].format(column.sql), like.get(function.name, NUMBER)


@dataclass
class Grouped:
    """The columns of an aggregate query by the key of each in the answer, and what it groups by."""

    keys: list[tuple[str, Reading | None]]
    columns: list[str]
    by: list[str]

    @classmethod
    def of(cls, query: Query, scope: Scope) -> "Grouped":
        """What an aggregate query selects; raises QueryProblem."""
        made = cls([], [], [_sql(each, scope)[0] for each in query.group_by])
        unnamed = 0
        for item in query.select:
            expression, alias = (item.of, str(item.alias)) if isinstance(item, Aliased) else (item, "")
            if not isinstance(expression, Path | Function):
                raise malformed("unexpected token", query.object)
            sql, like = _sql(expression, scope)
            if isinstance(expression, Path) and sql not in made.by:
                raise malformed(f"Field must be grouped or aggregated: {expression.token}", expression.token)
            if not alias:
                alias = like.name if isinstance(expression, Path) else f"expr{unnamed}"
                unnamed += isinstance(expression, Function)
            made.columns.append(shown(sql, like))
            made.keys.append((alias, (lambda row, at: bool(row[at])) if like.type == "boolean" else None))
        return made


def _sql(expression: Expression, scope: Scope) -> tuple[str, Field]:
    if isinstance(expression, Function):
        return function_sql(expression, scope)
    column = scope.column(expression)
    return column.sql, column.field

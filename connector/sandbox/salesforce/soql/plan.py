"""From a parsed query to the SQL that answers it: rows by id first, then page by page what was selected."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from connector.sandbox.salesforce.schema import Field, Schema, children_of
from connector.sandbox.salesforce.soql.aggregates import Grouped, function_sql, is_aggregate
from connector.sandbox.salesforce.soql.children import ChildQuery
from connector.sandbox.salesforce.soql.columns import BASE, Column, scope_of
from connector.sandbox.salesforce.soql.conditions import Conditions, Sql
from connector.sandbox.salesforce.soql.errors import QueryProblem, malformed, no_such_relationship
from connector.sandbox.salesforce.soql.projection import Projection
from connector.sandbox.salesforce.soql.syntax import (
    Aliased,
    Among,
    Children,
    Compare,
    Condition,
    Expression,
    Function,
    Junction,
    Order,
    Path,
    Query,
    Selected,
    TypeOf,
)
from connector.sandbox.salesforce.store import is_indexed, quoted

GREATEST_OFFSET = 2000
GREATEST_LIMIT = 2**31 - 1
MOST_FOR_ALL_FIELDS = 200
ROW_ID = f"{BASE}.rowid"


@dataclass(frozen=True)
class Context:
    """What a query is read against: what this user may see, when it is, and the API address asked."""

    schema: Schema
    now: datetime
    url: str
    with_deleted: bool = False


class Plan:
    """A query that was checked against the schema; raises QueryProblem while it is made."""

    def __init__(self, query: Query, context: Context) -> None:
        _refuse_what_is_not_emulated(query)
        self.query = query
        self.scope = scope_of(context.schema, query.object, query.alias)
        self._context = context
        self._conditions = Conditions(self.scope, context.now, self._inner, self._function)
        self._check_numbers()
        self.projection = Projection(self.scope, context.url)
        self.children: list[ChildQuery] = []
        self.counts_only = _is_plain_count(query)
        self.grouped = self._grouped() if not self.counts_only and self._is_aggregate() else None
        if not self.counts_only and self.grouped is None:
            self._select(query.select)

    def narrowing(self) -> dict[str, Sql]:
        """What the query asks of each indexed column of its own, where all of it must hold."""
        found: dict[str, list[Condition]] = {}
        for part in _parts(self.query.where):
            if isinstance(part, Compare | Among) and isinstance(part.left, Path):
                column = self.scope.column(part.left)
                if column.is_own and is_indexed(column.field):
                    found.setdefault(column.field.name, []).append(part)
        return {name: self._conditions.sql(Junction(True, tuple(parts))) for name, parts in found.items()}

    def leading_order(self) -> str:
        """The column of its own by which the query orders first; empty when there is none."""
        by = self.query.order_by[0].by if self.query.order_by else None
        column = self.scope.column(by) if isinstance(by, Path) else None
        return column.field.name if column is not None and column.is_own else ""

    def probe(self, condition: Sql, most: int) -> Sql:
        """Counts, up to a limit, the rows that a condition on one column leaves."""
        table = quoted(self.scope.sobject.name)
        return Sql(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} {BASE} WHERE {condition.text} LIMIT {most})",  # noqa: S608
            condition.parameters,
        )

    def row_ids(self, unindexed: Iterable[str] = ()) -> Sql:
        """Selects the rows that the query finds, in its order, without the indexes of `unindexed` columns."""
        self._conditions.unindexed = set(unindexed)
        where = self._where()
        order = self._order(self.query.order_by)
        rows = (
            f" LIMIT {self._limit} OFFSET {self.query.offset}"
            if self._limit >= 0 or self.query.offset
            else ""
        )
        table = quoted(self.scope.sobject.name)
        return Sql(
            f"SELECT {ROW_ID} FROM {table} {BASE}{self.scope.joins}{where.text}{order}{rows}",  # noqa: S608
            where.parameters,
        )

    def count(self) -> Sql:
        """Counts the rows that the query finds."""
        rows = self.row_ids()
        return Sql(f"SELECT count(*) FROM ({rows.text})", rows.parameters)  # noqa: S608

    def page(self) -> str:
        """Selects what was asked for of rows whose rowids are given as a JSON array."""
        columns, table = ", ".join(self.projection.columns), quoted(self.scope.sobject.name)
        return (
            f"SELECT {columns} FROM json_each(?) wanted CROSS JOIN {table} {BASE} "  # noqa: S608
            f"ON {ROW_ID} = wanted.value{self.scope.joins}"
        )

    def children_rows(self, link: str) -> Sql:
        """Selects parent and rowid of the children of parents whose ids are given as a JSON array."""
        where, order = self._where(), self._order(self.query.order_by)
        pointing, table = f"{BASE}.{quoted(link)}", quoted(self.scope.sobject.name)
        return Sql(
            f"SELECT {pointing}, {ROW_ID} FROM {table} {BASE}{self.scope.joins}{where.text} "  # noqa: S608
            f"AND {pointing} IN (SELECT value FROM json_each(?)){order}",
            where.parameters,
        )

    def groups(self, grouped: Grouped) -> Sql:
        """Selects the rows of an aggregate query."""
        where = self._where()
        having = self._conditions.sql(self.query.having) if self.query.having else Sql("1")
        by = f" GROUP BY {', '.join(grouped.by)}" if grouped.by else ""
        order = self._order(self.query.order_by)
        limit = f" LIMIT {self._limit}" if self._limit >= 0 else ""
        table = quoted(self.scope.sobject.name)
        return Sql(
            f"SELECT {', '.join(grouped.columns)} FROM {table} {BASE}{self.scope.joins}{where.text}{by} "  # noqa: S608
            f"HAVING {having.text}{order}{limit}",
            where.parameters + having.parameters,
        )

    @property
    def _limit(self) -> int:
        return -1 if self.query.limit is None else self.query.limit

    def _where(self) -> Sql:
        asked = self._conditions.sql(self.query.where) if self.query.where else Sql("1")
        deletable = self.scope.sobject.field("IsDeleted") is not None
        if not deletable or self._context.with_deleted or self.query.all_rows:
            return Sql(f" WHERE {asked.text}", asked.parameters)
        return Sql(f' WHERE {asked.text} AND {BASE}."IsDeleted" = 0', asked.parameters)

    def _order(self, orders: tuple[Order, ...]) -> str:
        items = [self._order_item(order) for order in orders]
        return f" ORDER BY {', '.join(items)}" if items else ""

    def _order_item(self, order: Order) -> str:
        if isinstance(order.by, Function):
            return self._function(order.by)[0] + (" DESC" if order.descending else "")
        column = self._sortable(order.by)
        direction = " DESC" if order.descending else ""
        sql = self._conditions.indexed(column)
        if not column.via and not column.field.has("N"):
            return sql + direction
        return f"{sql}{direction} NULLS {'LAST' if order.nulls_last else 'FIRST'}"

    def _sortable(self, path: Path) -> Column:
        column = self.scope.column(path)
        if column.field.has("X") or not column.field.stored or column.field.type == "multipicklist":
            message = f"field '{column.field.name}' can not be sorted in a query call"
            raise QueryProblem("INVALID_FIELD", message, path.token)
        return column

    def _select(self, items: Iterable[Selected]) -> None:
        seen: set[str] = set()
        for item in items:
            if isinstance(item, Children):
                self.children.append(self._child(item.query))
            elif isinstance(item, TypeOf):
                self._select_by_type(item)
        for item in items:
            for path in self._paths(item):
                column = self.scope.column(path)
                name = ".".join((*(lookup.name for lookup in column.via), column.field.name))
                if name.lower() in seen:
                    raise QueryProblem("INVALID_FIELD", f"duplicate field selected: {name}", path.token)
                seen.add(name.lower())
                self.projection.add(column)

    def _child(self, query: Query) -> ChildQuery:
        for name, child, one in children_of(self._context.schema, self.scope.sobject):
            if name.lower() == str(query.object).lower():
                inner = replace(query, object=query.object.update(value=child.name))
                return ChildQuery(name, one.name, Plan(inner, self._context))
        raise no_such_relationship(query.object, str(query.object))

    def _select_by_type(self, item: TypeOf) -> None:
        lookup = self.scope.lookup(item.token)
        cases = {str(word).lower(): names for word, names in item.cases}
        for parent in lookup.parents:
            names = cases.get(parent.sobject.name.lower(), item.otherwise)
            columns = [self.scope.parent_column(parent, name) for name in names]
            self.projection.add_by_type(lookup, parent, columns)

    def _paths(self, item: Selected) -> list[Path]:
        if isinstance(item, Children | TypeOf):
            return []
        if isinstance(item, Path):
            return [item]
        if isinstance(item, Function) and item.name == "FIELDS":
            return self._all_fields(item)
        if isinstance(item, Function) and item.name in ("TOLABEL", "CONVERTCURRENCY"):
            return [argument for argument in item.arguments if isinstance(argument, Path)]
        if isinstance(item, Aliased):
            raise malformed("only aggregate expressions use field aliasing", item.alias)
        raise malformed(f"unexpected token: '{item.token}'", item.token)

    def _all_fields(self, function: Function) -> list[Path]:
        kinds = {"ALL": (True, False), "STANDARD": (False,), "CUSTOM": (True,)}
        word = str(function.arguments[0].token).upper() if len(function.arguments) == 1 else ""
        if word not in kinds:
            raise malformed("FIELDS() must be given ALL, STANDARD or CUSTOM", function.token)
        if word != "STANDARD" and not 0 <= self._limit <= MOST_FOR_ALL_FIELDS:
            raise malformed("The SOQL FIELDS function must have a LIMIT of at most 200", function.token)
        named = [one.name for one in self.scope.sobject if one.custom in kinds[word]]
        return [Path(function.token.update(value=name)) for name in named]

    def _is_aggregate(self) -> bool:
        return bool(self.query.group_by) or any(is_aggregate(item) for item in self.query.select)

    def _grouped(self) -> Grouped:
        if self.query.limit is not None and not self.query.group_by:
            raise malformed("Non-grouped query that uses overall aggregate functions cannot also use LIMIT")
        return Grouped.of(self.query, self.scope)

    def _function(self, function: Function) -> tuple[str, Field]:
        return function_sql(function, self.scope)

    def _inner(self, query: Query) -> Sql:
        """The one column of a query that another compares with."""
        plan = Plan(query, replace(self._context, with_deleted=False))
        if len(query.select) != 1 or not isinstance(query.select[0], Path):
            raise malformed("semi join sub-selects can only query one field", query.object)
        column = plan.scope.column(query.select[0])
        rows = plan.row_ids()
        return Sql(rows.text.replace(f"SELECT {ROW_ID}", f"SELECT {column.sql}", 1), rows.parameters)

    def _check_numbers(self) -> None:
        if self.query.offset > GREATEST_OFFSET:
            raise QueryProblem(
                "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {GREATEST_OFFSET}"
            )
        if self.query.offset < 0 or not -1 <= self._limit <= GREATEST_LIMIT or self.query.limit == -1:
            raise malformed("LIMIT and OFFSET must be positive whole numbers")


def _parts(condition: Condition | None) -> list[Condition]:
    """The conditions that must all hold."""
    if isinstance(condition, Junction) and condition.every:
        return [each for part in condition.parts for each in _parts(part)]
    return [] if condition is None else [condition]


def _is_plain_count(query: Query) -> bool:
    only = query.select[0] if len(query.select) == 1 else None
    return isinstance(only, Function) and only.name == "COUNT" and not only.arguments and not query.group_by


def _refuse_what_is_not_emulated(query: Query) -> None:
    for function in _functions(query):
        if function.name in ("DISTANCE", "GEOLOCATION", "FORMAT", "GROUPING", "ROLLUP", "CUBE"):
            raise _not_emulated(f"{function.name}()", str(function.token))


def _functions(query: Query) -> list[Function]:
    compared = [part.left for part in _all_parts(query.where) if isinstance(part, Compare)]
    selected = [item.of if isinstance(item, Aliased) else item for item in query.select]
    everything: list[Selected | Expression] = [*selected, *compared, *query.group_by]
    return [each for each in everything if isinstance(each, Function)]


def _all_parts(condition: Condition | None) -> list[Condition]:
    if isinstance(condition, Junction):
        return [each for part in condition.parts for each in _all_parts(part)]
    return [] if condition is None else [condition]


def _not_emulated(what: str, near: str) -> QueryProblem:
    return QueryProblem(
        "FUNCTIONALITY_NOT_ENABLED", f"The sandbox does not emulate {what} in SOQL (at '{near}')."
    )

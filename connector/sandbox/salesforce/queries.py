"""Running queries: the rows are found once, then handed out page by page under a locator."""

import sqlite3
from array import array
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import orjson

from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.ids import new_id
from connector.sandbox.salesforce.soql.aggregates import Grouped
from connector.sandbox.salesforce.soql.errors import QueryProblem
from connector.sandbox.salesforce.soql.parser import parse
from connector.sandbox.salesforce.soql.plan import Context, Plan
from connector.sandbox.salesforce.store import Store

LOCATOR_PREFIX = "01g"
LOCATORS_KEPT = 500
# Up to so many rows it pays to start from an index and sort; beyond, to walk in the order asked for.
SELECTIVE = 20_000
TOO_COMPLICATED = "Query is either selecting too many fields or the filter conditions are too complicated."
SQLITE_HAS_ENOUGH = ("parser stack overflow", "Expression tree is too large", "too many SQL variables")


@dataclass(frozen=True)
class Page:
    """A part of a query's answer; `locator` leads to the next one."""

    total: int
    records: list[Any]
    locator: str | None = None


@dataclass(frozen=True)
class _Found:
    plan: Plan
    rows: "array[int]"


class Queries:
    """The queries whose answers have further pages."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: OrderedDict[str, _Found] = OrderedDict()
        self._given = 0

    def first(self, soql: str, context: Context, size: int) -> Page:
        """Run a query; raises SalesforceError."""
        query = parse(soql)
        try:
            return self._answer(Plan(query, context), size)
        except QueryProblem as problem:
            raise problem.located(soql) from None
        except (RecursionError, sqlite3.OperationalError) as error:
            if not _is_too_complicated(error):
                raise
            raise SalesforceError("QUERY_TOO_COMPLICATED", TOO_COMPLICATED) from None

    def more(self, locator: str, size: int) -> Page:
        """The page that a locator `01g…-2000` names; raises SalesforceError."""
        name, _, offset = locator.partition("-")
        found = self._found.get(name)
        if found is None or not offset.isdigit() or int(offset) > len(found.rows):
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(name, found, int(offset), size)

    def _answer(self, plan: Plan, size: int) -> Page:
        if plan.counts_only:
            count = plan.count()
            return Page(self._store.run(count.text, count.parameters).fetchone()[0], [])
        if plan.grouped is not None:
            records = self._groups(plan, plan.grouped)
            return Page(len(records), records)
        found = _Found(plan, self._rows(plan))
        if len(found.rows) <= size:
            return self._page("", found, 0, size)
        return self._page(self._keep(found), found, 0, size)

    def _rows(self, plan: Plan) -> "array[int]":
        sql = plan.row_ids(self._unindexed(plan))
        return array("q", (row[0] for row in self._store.run(sql.text, sql.parameters)))

    def _unindexed(self, plan: Plan) -> set[str]:
        """The indexed columns to look at only after the rows were found by another way.

        SQLite keeps no statistics here, and would take the owner's index for a hundred thousand leads.
        """
        narrowing = plan.narrowing()
        probes = {name: plan.probe(condition, SELECTIVE) for name, condition in narrowing.items()}
        sizes = {
            name: self._store.run(sql.text, sql.parameters).fetchone()[0] for name, sql in probes.items()
        }
        best = min(sizes, key=lambda name: sizes[name], default="")
        ordered = plan.leading_order()
        return {*sizes, ordered} - {best if sizes.get(best, SELECTIVE) < SELECTIVE else ordered}

    def _groups(self, plan: Plan, grouped: Grouped) -> list[Any]:
        sql = plan.groups(grouped)
        return [
            {"attributes": {"type": "AggregateResult"}}
            | {
                key: row[at] if reading is None else reading(row, at)
                for at, (key, reading) in enumerate(grouped.keys)
            }
            for row in self._store.run(sql.text, sql.parameters)
        ]

    def _keep(self, found: _Found) -> str:
        self._given += 1
        name = new_id(LOCATOR_PREFIX, self._given)
        self._found[name] = found
        while len(self._found) > LOCATORS_KEPT:
            self._found.popitem(last=False)
        return name

    def _page(self, name: str, found: _Found, offset: int, size: int) -> Page:
        wanted = found.rows[offset : offset + size]
        rows = self._store.run(found.plan.page(), (orjson.dumps(wanted.tolist()).decode(),)).fetchall()
        records: list[Any] = [found.plan.projection.shape.record(row) for row in rows]
        for child in found.plan.children:
            for record, below in zip(records, child.of([row[0] for row in rows], self._store), strict=True):
                record[child.name] = below
        end = offset + size
        return Page(len(found.rows), records, f"{name}-{end}" if end < len(found.rows) else None)


def _is_too_complicated(error: Exception) -> bool:
    return isinstance(error, RecursionError) or str(error).startswith(SQLITE_HAS_ENOUGH)

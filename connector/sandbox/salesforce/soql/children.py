"""Child records within a record: the answer to a query in the select list of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from connector.sandbox.salesforce.store import Store

if TYPE_CHECKING:
    from connector.sandbox.salesforce.soql.plan import Plan


@dataclass(frozen=True)
class ChildQuery:
    """A query of the children of a page's records; `link` is the field by which they point to them."""

    name: str
    link: str
    plan: Plan

    def of(self, parents: Sequence[str], store: Store) -> list[Any]:
        """The children of each parent, as its record shows them; null for a parent without any."""
        found = self._rows(parents, store)
        records = self._records([row for rows in found.values() for row in rows], store)
        return [_shown([records[row] for row in found[parent]]) for parent in parents]

    def _rows(self, parents: Sequence[str], store: Store) -> dict[str, list[int]]:
        """The rowids of the children by parent, in the order asked for and no more than asked for."""
        sql = self.plan.children_rows(self.link)
        rows: dict[str, list[int]] = defaultdict(list)
        for parent, row in store.run(sql.text, (*sql.parameters, orjson.dumps(parents).decode())):
            rows[parent].append(row)
        query = self.plan.query
        end = None if query.limit is None else query.offset + query.limit
        return defaultdict(list, {parent: found[query.offset : end] for parent, found in rows.items()})

    def _records(self, rows: list[int], store: Store) -> dict[int, Any]:
        found = store.run(self.plan.page(), (orjson.dumps(rows).decode(),))
        return dict(zip(rows, map(self.plan.projection.shape.record, found), strict=True))


def _shown(records: list[Any]) -> Any:
    return {"totalSize": len(records), "done": True, "records": records} if records else None

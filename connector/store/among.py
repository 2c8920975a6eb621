"""Rows of some records, found by the index that they have."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_

from connector.model.lead import Ref


def among(crm: Any, record_id: Any, refs: Iterable[Ref]) -> ColumnElement[bool]:
    """Whether the two columns name one of these records.

    SQLite looks at every row of a table for `(crm, id) IN (VALUES …)`; one CRM at a time, it uses the index.
    """
    by_crm: defaultdict[str, list[str]] = defaultdict(list)
    for ref in refs:
        by_crm[ref.crm].append(ref.id)
    return or_(false(), *(and_(crm == name, record_id.in_(ids)) for name, ids in by_crm.items()))


def unindexed(column: Any) -> Any:
    """A text column that shall not choose the index: what it is compared with is true of very many rows."""
    return column + ""

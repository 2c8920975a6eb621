"""Many rows at once, in as few statements as there can be.

Given many rows, the ORM makes a statement for every stretch of rows that leave the same columns empty, which
for a batch of decisions is a statement for every second row: with PostgreSQL each is a journey to the server.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

Rows = Sequence[Mapping[str, Any]]


def insert_all(session: Session, table: type[Any], rows: Rows) -> None:
    """Insert rows that name the same columns."""
    if rows:
        session.execute(insert(table.__table__), rows)


def insert_numbered(session: Session, table: type[Any], rows: Rows) -> list[int]:
    """Insert rows that name the same columns; their new ids, in order."""
    if not rows:
        return []
    statement = insert(table.__table__).returning(table.__table__.c.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, rows))


def write_whole(session: Session, table: type[Any], rows: Rows, **instead: Any) -> None:
    """Insert rows that name the same columns, or replace those that have their keys.

    `instead` are other values for some columns of rows that are replaced; `excluded` names the new ones.
    """
    if not rows:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    new = dialect.insert(table.__table__)
    keys = [column.name for column in table.__table__.primary_key]
    rest = {name: new.excluded[name] for name in rows[0] if name not in keys}
    kept = {name: change(new.excluded) for name, change in instead.items()}
    session.execute(new.on_conflict_do_update(index_elements=keys, set_=rest | kept), rows)


def change_all(session: Session, table: type[Any], rows: Rows) -> None:
    """Change the rows that have these keys; those that name the same columns go together."""
    if rows:
        session.execute(update(table), sorted(rows, key=sorted))

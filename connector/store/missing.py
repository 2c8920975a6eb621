"""Rows that are written whether they are there already or not."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import SQLModel


def insert_missing(session: Session, table: type[SQLModel], **values: Any) -> None:
    """Insert a row unless one with its key is there, whoever wrote that."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(table).values(**values).on_conflict_do_nothing())


def write_whole(session: Session, table: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name every column, or replace those that have their keys."""
    if not rows:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    new = dialect.insert(table)
    keys = [column.name for column in table.__table__.primary_key]
    rest = {name: new.excluded[name] for name in rows[0] if name not in keys}
    session.execute(new.on_conflict_do_update(index_elements=keys, set_=rest), rows)

"""A row that several daemons may want to be the first to write."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import SQLModel


def insert_missing(session: Session, table: type[SQLModel], **values: Any) -> None:
    """Insert a row unless one with its key is there, whoever wrote that."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(table).values(**values).on_conflict_do_nothing())

"""What Alembic runs: the revisions, on the connection and in the transaction that it is given."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from connector.store.tables import SchemaRow


def render(kind: str, value: Any, autogen: Any) -> str | Literal[False]:
    """Write column types in a new revision so that they need no package but SQLAlchemy."""
    if kind != "type":
        return False
    if isinstance(value, AutoString):
        return "sa.String()"
    if isinstance(value, sa.JSON):
        autogen.imports.add("from sqlalchemy.dialects.postgresql import JSONB")
        return 'sa.JSON().with_variant(JSONB(), "postgresql")'
    if isinstance(getattr(value, "impl", value), sa.DateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SchemaRow.metadata,
    render_as_batch=True,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()

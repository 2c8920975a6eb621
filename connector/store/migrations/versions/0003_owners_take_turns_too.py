"""An assignment keeps every turn that it took; credits keep how far they ever were from zero."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

DATA: sa.types.TypeEngine[Any] = sa.JSON().with_variant(JSONB(), "postgresql")
ASSIGNMENT = sa.table(
    "assignment",
    *(sa.column(name, kind) for name, kind in {"id": sa.Integer(), "entry": DATA, "turns": DATA}.items()),
    *(sa.column(name, sa.String()) for name in ("rotation", "partner")),
)


def upgrade() -> None:
    """Every assignment so far took one turn at most, the partner's."""
    op.add_column("assignment", sa.Column("turns", DATA, nullable=True))
    op.add_column("credit", sa.Column("farthest", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE credit SET farthest = abs(units)")
    connection = op.get_bind()
    statement = (
        ASSIGNMENT.update().where(ASSIGNMENT.c.id == sa.bindparam("of")).values(turns=sa.bindparam("taken"))
    )
    for rows in _batches(connection):
        connection.execute(statement, [{"of": row.id, "taken": _turns(row)} for row in rows])
    with op.batch_alter_table("assignment") as table:
        table.alter_column("turns", existing_type=DATA, nullable=False)
        table.drop_column("rotation")
        table.drop_column("entry")
    with op.batch_alter_table("credit") as table:
        table.alter_column("farthest", existing_type=sa.BigInteger(), server_default=None)


def _batches(connection: sa.Connection, size: int = 1000) -> Iterator[list[Any]]:
    after = 0
    while rows := connection.execute(
        ASSIGNMENT.select().where(ASSIGNMENT.c.id > after).order_by(ASSIGNMENT.c.id).limit(size)
    ).all():
        yield list(rows)
        after = rows[-1].id


def _turns(row: Any) -> list[dict[str, Any]]:
    if not row.rotation:
        return []
    return [{"rotation": row.rotation, "picked": row.partner, "entry": row.entry, "of": "partners"}]

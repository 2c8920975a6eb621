"""Assignments say whether they were claimed; writes know whose claims came too late."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """So far nobody could claim."""
    data = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("assignment", sa.Column("claimed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("outbox", sa.Column("rivals", data, nullable=False, server_default="[]"))
    with op.batch_alter_table("assignment") as table:
        table.alter_column("claimed", existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table("outbox") as table:
        table.alter_column("rivals", existing_type=data, server_default=None)

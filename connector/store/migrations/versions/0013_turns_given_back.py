"""An assignment says whether its turn was given back when the partner declined."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """So far none was."""
    op.add_column(
        "assignment", sa.Column("turn_returned", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    with op.batch_alter_table("assignment") as table:
        table.alter_column("turn_returned", existing_type=sa.Boolean(), server_default=None)

"""What a person ordered waits for no pause of a partner or a route."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Writes so far are bound to no pause, since there was none."""
    op.add_column("outbox", sa.Column("ordered", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("outbox") as table:
        table.alter_column("ordered", existing_type=sa.Boolean(), server_default=None)

"""Whether a registration was ever answered in its CRM; in shadow it is only ruled."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """What has something written was answered."""
    op.add_column(
        "registration", sa.Column("answered", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute("UPDATE registration SET answered = (written IS NOT NULL)")
    with op.batch_alter_table("registration") as table:
        table.alter_column("answered", existing_type=sa.Boolean(), server_default=None)

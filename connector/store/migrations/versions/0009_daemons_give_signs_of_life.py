"""Daemons give signs of life, for reports and for one another."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Daemons are known from their next sign of life on."""
    op.create_table(
        "daemon",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("started", sa.Float(), nullable=False),
        sa.Column("seen", sa.Float(), nullable=False),
        sa.Column("config_hash", sa.String(), nullable=False),
    )

"""What safety limits count and keep back, what a person released, and alerts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"

DATA = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Nothing was kept back so far."""
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("facts", DATA, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_alert_until", "alert", ["until"])
    op.create_table(
        "write_release",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=True),
        sa.Column("crm", sa.String(), nullable=True),
        sa.Column("writes", sa.Integer(), nullable=False),
        sa.Column("more_left", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "sent",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("writes", "owner_changes", "released")),
    )
    op.create_index("ix_sent_at", "sent", ["at"])
    op.add_column("outbox", sa.Column("kept_back", sa.String(), nullable=True))
    op.add_column("outbox", sa.Column("released", sa.Integer(), nullable=True))
    op.create_index("outbox_kept_back", "outbox", ["kept_back", "state"])

"""What decisions rested on is kept apart from them, to compute them again and to erase a person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Nothing is known of what earlier decisions rested on; a replay passes over them."""
    op.create_table(
        "decision_batch",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ledger", sa.String(), nullable=False),
        sa.Column("first_decision", sa.Integer(), nullable=False),
        sa.Column("last_decision", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_decision_batch_at", "decision_batch", ["at"])
    op.create_table(
        "decision_input",
        sa.Column("decision_id", sa.Integer(), primary_key=True),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
    )

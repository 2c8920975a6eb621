"""What partners and channel managers are told."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Nobody was told anything so far."""
    moment = sa.DateTime(timezone=True)
    names = ("kind", "receiver", "partner", "crm", "lead_id", "state")
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), primary_key=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("event_id", "assignment_id")),
        *(sa.Column(name, sa.String(), nullable=False) for name in names),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *(sa.Column(name, moment, nullable=False) for name in ("next_at", "created_at")),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("error", sa.String(), nullable=True),
    )
    op.create_index("notice_once", "notice", ["event_id", "kind", "receiver"], unique=True)
    op.create_index("notice_due", "notice", ["state", "next_at"])
    op.create_index("ix_notice_ended_at", "notice", ["ended_at"])
    op.create_table(
        "notice_mark",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("event_id", sa.Integer(), nullable=False),
    )

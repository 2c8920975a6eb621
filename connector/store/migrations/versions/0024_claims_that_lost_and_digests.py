"""Notices of decisions and of periods, beside those of steps."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """What was decided before is not told now, and no digest is about the time before."""
    op.add_column("notice", sa.Column("decision_id", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("notice", sa.Column("period", sa.String(), nullable=False, server_default=""))
    op.drop_index("notice_once", "notice")
    names = ["event_id", "decision_id", "period", "partner", "kind", "receiver"]
    op.create_index("notice_once", "notice", names, unique=True)
    op.add_column("notice_mark", sa.Column("decision_id", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("notice_mark", sa.Column("began_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE notice_mark SET decision_id = COALESCE((SELECT MAX(id) FROM decision), 0)")
    with op.batch_alter_table("notice") as notice:
        notice.alter_column("decision_id", existing_type=sa.Integer(), server_default=None)
        notice.alter_column("period", existing_type=sa.String(), server_default=None)
    with op.batch_alter_table("notice_mark") as mark:
        mark.alter_column("decision_id", existing_type=sa.Integer(), server_default=None)

"""Assignments have a state and a deadline, and every step in their lives is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

ENDED = {
    "declined": "declined",
    "breached": "expired",
    "won": "won",
    "lost": "lost",
    "converted": "converted",
    **dict.fromkeys(("closed", "released", "merged", "deleted", "gone"), "released"),
}
"""The state by how an assignment ended; every other way took the lead away from its partner."""


def upgrade() -> None:
    """Assignments so far get the state that their end tells; of their steps nothing was kept."""
    op.add_column("assignment", sa.Column("state", sa.String(), nullable=False, server_default="assigned"))
    for name in ("accepted_at", "touched_at", "accept_by"):
        op.add_column("assignment", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("assignment", sa.Column("reminded", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE assignment SET state = 'recalled' WHERE NOT open")
    for how, state in ENDED.items():
        op.execute(f"UPDATE assignment SET state = '{state}' WHERE ended_because = '{how}'")  # noqa: S608
    with op.batch_alter_table("assignment") as table:
        table.alter_column("state", existing_type=sa.String(), server_default=None)
        table.alter_column("reminded", existing_type=sa.Integer(), server_default=None)
    op.create_index("assignment_under_way", "assignment", ["crm", "ledger", "state", "id"])
    op.add_column("lead", sa.Column("taken_back", sa.String(), nullable=True))
    op.create_table(
        "assignment_event",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("crm", "lead_id", "ledger", "partner")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=True),
        sa.Column("because", sa.String(), nullable=True),
    )
    op.create_index("ix_assignment_event_assignment_id", "assignment_event", ["assignment_id"])
    op.create_index("assignment_event_of_lead", "assignment_event", ["crm", "lead_id"])
    op.create_table(
        "unexplained",
        sa.Column("crm", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), primary_key=True),
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
    )

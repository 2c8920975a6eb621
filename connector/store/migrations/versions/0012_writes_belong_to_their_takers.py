"""A write under way belongs to a daemon and a time; a failed one says what to do."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Whatever was tried before may have reached the CRM; what was under way is taken up by whoever comes."""
    op.create_table(
        "steady_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("partner", "route", "sending_by", "code", "fix"):
        op.add_column("outbox", sa.Column(name, sa.String(), nullable=True))
    op.add_column("outbox", sa.Column("sending_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox", sa.Column("sent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(sa.text("UPDATE outbox SET sent = true WHERE attempts > 0"))
    op.execute(
        sa.text(
            "UPDATE outbox SET partner = lead.partner, route = lead.route FROM lead "
            "WHERE lead.crm = outbox.crm AND lead.id = outbox.lead_id "
            "AND outbox.state IN ('pending', 'postponed', 'sending', 'parked')"
        )
    )
    with op.batch_alter_table("outbox") as table:
        table.alter_column("sent", existing_type=sa.Boolean(), server_default=None)

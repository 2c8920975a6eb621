"""Deal registrations, their history, and whose customer somebody is; writes say what they are about."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Every write so far was about a lead."""
    op.create_table(
        "customer_right",
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("partner", sa.String(), nullable=True),
        sa.Column("company", sa.String(), nullable=True),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("products", _JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("tier", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("ref"),
    )
    with op.batch_alter_table("customer_right", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_right_kind"), ["kind"], unique=False)

    op.create_table(
        "customer_right_key",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", "ref"),
    )
    with op.batch_alter_table("customer_right_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_right_key_ref"), ["ref"], unique=False)

    op.create_table(
        "registration",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("fields", _JSON, nullable=False),
        sa.Column("won", sa.Boolean(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("merged_into", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("content_changed", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("valid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner", sa.String(), nullable=True),
        sa.Column("amount", sa.Float(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits_for", sa.String(), nullable=True),
        sa.Column("life", _JSON, nullable=True),
        sa.Column("written", _JSON, nullable=True),
        sa.PrimaryKeyConstraint("crm", "id"),
    )
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registration_valid_at"), ["valid_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_registration_waits_for"), ["waits_for"], unique=False)
        batch_op.create_index("registration_due", ["next_at"], unique=False)
        batch_op.create_index("registration_of_partner", ["partner", "state"], unique=False)
        batch_op.create_index("registration_pending", ["pending"], unique=False)

    op.create_table(
        "registration_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reasons", _JSON, nullable=False),
        sa.Column("config_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("registration_event", schema=None) as batch_op:
        batch_op.create_index("event_of_registration", ["crm", "registration_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_registration_event_at"), ["at"], unique=False)

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about", sa.String(), nullable=False, server_default="lead"))
    with op.batch_alter_table("outbox") as table:
        table.alter_column("about", existing_type=sa.String(), server_default=None)

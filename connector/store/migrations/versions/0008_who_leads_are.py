"""Who leads are is kept apart from decisions; a record may go with another one of the same person."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Nothing is filled in: leads that partners have are recognised at the next start, if the rules ask."""
    texts = ("email", "phone", "last_name", "domain", "brand", "company", "country", "begins")
    op.create_table(
        "identity",
        sa.Column("crm", sa.String(), primary_key=True),
        sa.Column("id", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=True) for name in texts),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_identity_email", "identity", ["email"])
    op.create_index("ix_identity_phone", "identity", ["phone"])
    op.create_index("identity_brand", "identity", ["brand", "given_at"])
    op.create_index("identity_begins", "identity", ["begins", "given_at"])
    op.add_column("lead", sa.Column("goes_with", sa.String(), nullable=True))
    op.create_index("ix_lead_goes_with", "lead", ["goes_with"])

"""The rules that decisions name by their hash are kept whole, with who used them from when on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Rules of earlier decisions are not known; those in use now are noted at the next start."""
    data: sa.JSON = sa.JSON().with_variant(JSONB(), "postgresql")
    op.create_table(
        "config_version",
        sa.Column("hash", sa.String(), primary_key=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("files", data, nullable=False),
        sa.Column("roster", data, nullable=False),
    )
    op.create_table(
        "config_use",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("app_version", sa.String(), nullable=False),
    )

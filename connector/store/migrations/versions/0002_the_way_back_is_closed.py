"""Connectors from before there were migrations refuse this database from now on."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """They look at the one row of this table and know only 1."""
    op.execute("UPDATE schema_version SET version = 2")

"""A registration's answers are read back, so that a person's change of one is heard."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"

_DATA: sa.types.TypeEngine[Any] = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """What the fields hold is learnt with the next reading of each registration."""
    op.add_column("registration", sa.Column("answers", _DATA, nullable=True))
    op.add_column("registration", sa.Column("status_by", sa.String(), nullable=True))
    op.add_column("registration", sa.Column("overwritten", sa.String(), nullable=True))

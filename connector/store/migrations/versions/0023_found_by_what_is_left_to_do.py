"""Writes to be sent and leads that routes gave are found however much there was before."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

TO_SEND = sa.text("state IN ('pending', 'postponed', 'sending')")


def upgrade() -> None:
    """One index holds only what is still to be sent; the other begins where a route's cap begins to look."""
    op.create_index(
        "outbox_to_send", "outbox", ["crm", "about", "id"], sqlite_where=TO_SEND, postgresql_where=TO_SEND
    )
    op.create_index("assignment_of_route", "assignment", ["ledger", "route", "since"])

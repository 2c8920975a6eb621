"""Companies are looked up by domain, and by brand together with how the name begins, so that few are read."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """What `begins` holds after the two letters of the country is how the name begins."""
    op.drop_index("identity_begins", table_name="identity")
    op.create_index("identity_begins", "identity", ["begins", "domain", "given_at"])
    op.create_index("identity_domain", "identity", ["domain", "given_at"])
    op.execute(
        "UPDATE identity SET brand ="
        " CASE WHEN begins IS NULL THEN NULL ELSE brand || ':' || substr(begins, 4) END"
    )

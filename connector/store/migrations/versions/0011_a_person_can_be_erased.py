"""Decisions and rules in use are guarded against changes; leads and decisions say when they were erased."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

SAME = ("id", "crm", "lead_id", "at", "ledger", "outcome", "config_hash")
FUNCTION = """
CREATE FUNCTION kept_for_good() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% rows are never changed or deleted', TG_TABLE_NAME; END $$
"""


def upgrade() -> None:
    """Nothing was erased so far."""
    op.add_column("lead", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("decision", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    if not on_sqlite:
        op.execute(FUNCTION)
    differs = "IS NOT" if on_sqlite else "IS DISTINCT FROM"
    changed = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in SAME)
    _guard(on_sqlite, "decision", "UPDATE", f"WHEN (NEW.erased_at IS NULL OR {changed})")
    for table, event in (("decision", "DELETE"), *((t, e) for t in TABLES for e in ("UPDATE", "DELETE"))):
        _guard(on_sqlite, table, event, "")


TABLES = ("config_version", "config_use")


def _guard(on_sqlite: bool, table: str, event: str, when: str) -> None:
    refuse = (
        f"BEGIN SELECT RAISE(ABORT, '{table} rows are never changed or deleted'); END"
        if on_sqlite
        else "EXECUTE FUNCTION kept_for_good()"
    )
    each = "" if on_sqlite else "FOR EACH ROW "
    name = f"{table}_no_{event.lower()}"
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {each}{when} {refuse}")

"""What is written once: the databases themselves refuse to change or delete it."""

from sqlalchemy import Connection, text

_KEPT = ("config_version", "config_use")
_SAME = ("id", "crm", "lead_id", "at", "ledger", "outcome", "config_hash")
_ON_SQLITE = "CREATE TRIGGER {name} BEFORE {event} ON {table} {when} BEGIN SELECT RAISE(ABORT, '{why}'); END"
_ON_POSTGRESQL = (
    "CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION kept_for_good()"
)
_FUNCTION = """
CREATE FUNCTION kept_for_good() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% rows are never changed or deleted', TG_TABLE_NAME; END $$
"""


def guard(connection: Connection) -> None:
    """Let the database refuse changes of decisions, but for erasing a person in them, and of used rules."""
    on_sqlite = connection.dialect.name == "sqlite"
    if not on_sqlite:
        connection.execute(text(_FUNCTION))
    template = _ON_SQLITE if on_sqlite else _ON_POSTGRESQL
    for table, event, when in _rules("IS NOT" if on_sqlite else "IS DISTINCT FROM"):
        why = f"{table} rows are never changed or deleted"
        name = f"{table}_no_{event.lower()}"
        connection.exec_driver_sql(template.format(name=name, event=event, table=table, when=when, why=why))


def _rules(differs: str) -> list[tuple[str, str, str]]:
    changed = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in _SAME)
    only_erased = f"WHEN (NEW.erased_at IS NULL OR {changed})"
    kept = [(table, event, "") for table in _KEPT for event in ("UPDATE", "DELETE")]
    return [("decision", "UPDATE", only_erased), ("decision", "DELETE", ""), *kept]

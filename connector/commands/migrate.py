"""Bring the database's tables to what this version needs."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json

if TYPE_CHECKING:
    from connector.store.schema import Upgrade


@click.command
@CONFIG
@AS_JSON
@click.option("--check", "only_check", is_flag=True, help="Say what there is to do, and do nothing.")
@click.pass_context
def migrate(context: click.Context, config_path: Path, as_json: bool, only_check: bool) -> None:
    """Upgrade the database of [store] url to this version; a SQLite file is copied beside itself first."""
    from connector.config import load
    from connector.store import schema
    from connector.store.engine import look, upgrade

    config = load(config_path)
    if only_check:
        revision = look(config.settings.store.url, config.folder)
        told, ready = _state(revision, schema.HEAD)
        _tell(as_json, told, {"schema": revision, "needs": schema.HEAD, "ready": ready})
        context.exit(0 if ready else NEEDS_A_PERSON)
    done = upgrade(config.settings.store.url, config.folder)
    steps, copy = list(done.steps), str(done.copy) if done.copy else None
    _tell(as_json, _done(done), {"before": done.before, "after": done.after, "steps": steps, "copy": copy})


def _state(revision: str | None, needed: str) -> tuple[str, bool]:
    if revision is None:
        return "there is no database yet; the first start makes it", True
    if revision == needed:
        return f"the database is at schema {revision}, as it should be", True
    return (
        f"the database is at schema {revision}, this connector needs {needed}; run connector migrate",
        False,
    )


def _done(done: "Upgrade") -> str:
    if done.before is None:
        return f"made the database, at schema {done.after}"
    if not done.steps:
        return f"the database is at schema {done.after} already; there was nothing to do"
    lines = [f"upgraded the database from schema {done.before} to {done.after}"]
    lines += [f"  {step.replace('_', ' ')}" for step in done.steps]
    if done.copy:
        lines.append(f"as it was before, it is kept in {done.copy}")
    return "\n".join(lines)


def _tell(as_json: bool, told: str, data: dict[str, object]) -> None:
    if as_json:
        print_json(data)
    else:
        click.echo(told)

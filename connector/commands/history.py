"""Who changed what and when."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json

if TYPE_CHECKING:
    from connector.store.versions import Use


@click.command
@click.argument("config_hash", metavar="[HASH]", required=False)
@CONFIG
@AS_JSON
@click.pass_context
def history(context: click.Context, config_hash: str | None, config_path: Path, as_json: bool) -> None:
    """List every change of the rules in use; with a HASH, show what that change was, line by line."""
    from connector.config import load
    from connector.reports.history import changes_in
    from connector.store import Store
    from connector.store.versions import rules_of, uses

    config = load(config_path)
    store = Store.open(config.settings.store, config.folder)
    with store.looking() as session:
        used = uses(session)
        wanted = rules_of(session, config_hash) if config_hash else None
        before = _before(used, wanted.hash) if wanted else None
        earlier = rules_of(session, before) if before else None
    store.close()
    if config_hash and wanted is None:
        click.echo(f"no rules with the hash {config_hash} were ever in use, or several begin so", err=True)
        context.exit(NEEDS_A_PERSON)
    if wanted:
        lines = changes_in(earlier, wanted)
        if as_json:
            print_json({"hash": wanted.hash, "before": before, "changes": lines})
        else:
            click.echo("\n".join(lines))
    elif as_json:
        print_json([_data(use) for use in used])
    else:
        for use in used:
            click.echo(_line(use))


def _before(used: "list[Use]", config_hash: str) -> str | None:
    """The rules that were in use before these were for the first time."""
    hashes = [use.hash for use in used]
    place = hashes.index(config_hash) if config_hash in hashes else 0
    return hashes[place - 1] if place else None


def _line(use: "Use") -> str:
    made = f"{use.decisions} decisions"
    return f"{use.at:%Y-%m-%d %H:%M:%S} UTC  {use.hash}  by {use.by}, connector {use.app_version}, {made}"


def _data(use: "Use") -> dict[str, object]:
    return {
        "hash": use.hash,
        "at": use.at.isoformat(),
        "by": use.by,
        "version": use.app_version,
        "decisions": use.decisions,
    }

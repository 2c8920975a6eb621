"""Load a backup into an empty database."""

from pathlib import Path

import click

from connector.commands.common import AS_JSON, CONFIG, print_json


@click.command
@click.argument("path", type=click.Path(path_type=Path))
@CONFIG
@AS_JSON
def restore(path: Path, config_path: Path, as_json: bool) -> None:
    """Load the backup PATH into the empty database of [store] url, SQLite or PostgreSQL."""
    from connector.config import load
    from connector.store.backup import restore as restored
    from connector.store.engine import opening

    config = load(config_path)
    with opening(config.settings.store.url, config.folder) as engine:
        decisions = restored(path, engine)
        engine.dispose()
    if as_json:
        print_json({"decisions": decisions})
    else:
        click.echo(f"loaded {decisions} decisions from {path}; start the daemon")

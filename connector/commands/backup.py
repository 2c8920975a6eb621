"""A consistent copy of the database, while everything runs."""

from pathlib import Path

import click

from connector.commands.common import AS_JSON, CONFIG, print_json


@click.command
@click.argument("path", type=click.Path(path_type=Path))
@CONFIG
@AS_JSON
def backup(path: Path, config_path: Path, as_json: bool) -> None:
    """Copy the database into the new file PATH, as of one moment; daemons may go on."""
    from connector.config import load
    from connector.store import Store
    from connector.store.backup import back_up

    config = load(config_path)
    store = Store.open(config.settings.store, config.folder)
    decisions = back_up(store.engine, path)
    store.close()
    if as_json:
        print_json({"path": str(path), "bytes": path.stat().st_size, "decisions": decisions})
    else:
        click.echo(f"{path}: {decisions} decisions, {path.stat().st_size / 1e6:.1f} MB, checked")
